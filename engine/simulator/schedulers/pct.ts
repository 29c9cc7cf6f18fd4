/**
 * pct: probabilistic concurrency testing. Everybody has a random priority, and whoever can go on and has the highest
 * goes on, until at one of `depth - 1` random moments it gets the lowest. A bug that needs `depth` orderings among n
 * actors in k choices is found with probability of at least 1 / (n k^(depth-1)) a run, and most bugs need two or three:
 * far fewer turns of luck than a random walk wants.
 *
 * An I/O is an actor of its own here and comes and goes, so a priority is drawn when an actor is first seen. Of two
 * that were put last the later one is the lower, as in Shuttle and Coyote, where the paper draws that order too.
 *
 * Source: Burckhardt, Kothari, Musuvathi, Nagarakatte: A Randomized Scheduler with Probabilistic Guarantees of Finding
 * Bugs, ASPLOS 2010; Shuttle, scheduler/pct.rs.
 */
import { below, type Random, type Scheduler } from './scheduler.ts';

/** `choices`: about how many choices the run will ask for; the moments lie among the first so many. */
export function pct(random: Random, depth: number, choices: number): Scheduler {
  const moments = new Set<number>();
  while (moments.size < Math.min(depth - 1, choices)) moments.add(below(random, choices));
  const priorities = new Map<number, number>();
  let lowest = 0;
  let made = 0;

  const highest = (able: readonly number[]): number => {
    let best = able[0]!;
    for (const actor of able) {
      if (!priorities.has(actor)) priorities.set(actor, random());
      if (priorities.get(actor)! > priorities.get(best)!) best = actor;
    }
    return best;
  };

  return {
    choose(able) {
      const first = highest(able);
      if (!moments.has(made++)) return first;
      priorities.set(first, --lowest);
      return highest(able);
    },
  };
}
