/**
 * Is a history of one register linearizable? The search of Wing and Gong with Lowe's cache of configurations, as Porcupine has it: an
 * operation may come next when no other one that is left ended before it began. Registers are checked one at a time: a history is
 * linearizable when each of its registers is (P-compositionality: Horn, Kroening: Faster Linearizability Checking, 2015).
 */

/** One operation on a register: it takes effect at one moment between its two times. */
export interface Step {
  begin: number;
  end: number;
  /** A write's value; undefined for a read. */
  writes?: number;
  /** A read's. */
  reads?: number;
}

/** More would not fit into the bits of a number. */
const MOST_STEPS = 30;

export function isLinearizable(steps: readonly Step[], initial: number): boolean {
  if (steps.length > MOST_STEPS)
    throw new RangeError(`${steps.length} operations are too many for this search`);
  const seen = new Set<string>();
  const all = 2 ** steps.length - 1;
  const search = (done: number, value: number): boolean => {
    if (done === all) return true;
    const key = `${done} ${value}`;
    if (seen.has(key)) return false;
    seen.add(key);
    const left = steps.filter((_, i) => ((done >> i) & 1) === 0);
    const firstEnd = Math.min(...left.map(({ end }) => end));
    return steps.some(({ begin, writes, reads }, i) => {
      if (((done >> i) & 1) === 1 || begin > firstEnd) return false;
      if (writes === undefined && reads !== value) return false;
      return search(done | (1 << i), writes ?? value);
    });
  };
  return search(0, initial);
}
