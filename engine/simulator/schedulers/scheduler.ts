/** The choice of who goes on: one small file for each way to choose, after Shuttle's `scheduler/`. */

/** Made anew for each run; one made of the same numbers makes the same choices. */
export interface Scheduler {
  /** One of `able`: the actors that can go on, by number, ascending, never none. `running` is the one that went last. */
  choose(able: readonly number[], running: number): number;
}

/** Numbers from 0 (inclusive) to 1 (exclusive). */
export type Random = () => number;

export function below(random: Random, n: number): number {
  return Math.floor(random() * n);
}
