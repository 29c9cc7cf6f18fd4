/**
 * Chance that a seed repeats, for whatever in ordering/ tries things at random: Tommy Ettinger's mulberry32, one word of
 * state. Good enough for coins; benchmarks/statistics has the generator for statistics.
 */
export type Random = () => number;

/** @returns a function whose calls give numbers from 0 (inclusive) to 1 (exclusive) */
export function randomFrom(seed: number): Random {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
