import type { Interval } from './interval.ts';

/** Of a normal distribution, 97.5 %. */
const Z = 1.959963984540054;

/**
 * Wilson's score interval of a share: what 95 % of so many trials with so many hits say about the probability of a hit. Unlike the
 * textbook's p ± z s it stays between 0 and 1, and is no point where nothing or everything was hit.
 *
 * Source: E. B. Wilson, J. Am. Stat. Assoc. 22 (1927) 209-212; for why this one L. D. Brown, T. T. Cai, A. DasGupta, Statist. Sci. 16 (2001) 101.
 *
 * @throws {RangeError} when the trials are none, or the hits are not among them
 * @example
 * wilson(0, 100); // => { low: 0, high: 0.0370, confidence: 0.95 }
 * wilson(90, 100); // => { low: 0.8256, high: 0.9448, confidence: 0.95 }
 */
export function wilson(hits: number, trials: number): Interval {
  if (
    !(Number.isSafeInteger(trials) && trials > 0 && Number.isSafeInteger(hits) && hits >= 0 && hits <= trials)
  )
    throw new RangeError(`wilson: ${hits} of ${trials}`);
  const share = hits / trials;
  const squared = Z * Z;
  const middle = share + squared / (2 * trials);
  const half = Z * Math.sqrt((share * (1 - share)) / trials + squared / (4 * trials * trials));
  const scale = 1 + squared / trials;
  return {
    low: Math.max(0, (middle - half) / scale),
    high: Math.min(1, (middle + half) / scale),
    confidence: 0.95,
  };
}
