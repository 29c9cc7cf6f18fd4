import { linearRegression, mean } from 'simple-statistics';
import { requireSample } from './interval.ts';

export interface Steadiness {
  steady: boolean;
  /** Largest less smallest value, as a share of the mean. */
  range: number;
  /** How much the fitted line rises or falls from the first value to the last, as a share of the mean. */
  excursion: number;
}

/** Values that the question is asked of. */
export const STEADY_WINDOWS = 5;
const MOST_RANGE = 0.2;
const MOST_EXCURSION = 0.1;

/**
 * Whether a measure has come to rest: over five windows in a row the values lie within 20 % of their mean, and the straight line
 * fitted to them rises or falls by at most 10 % of it. The first asks that the values are alike, the second that there is no
 * trend left in them.
 *
 * Source: SNIA, "Solid State Storage Performance Test Specification" (PTS) 2.0.2, definition of steady state.
 *
 * @param values one per window, in order of time, in any unit: the last five of them count
 * @returns not steady for a mean of zero
 * @throws {RangeError} on fewer than five values, or one that is not finite
 * @example
 * // Mean 100; 109 - 91 is 18 % of it. The line rises by 1.8 a window, 7.2 from the first to the last.
 * steadyState([100, 91, 100, 109, 100]); // => { steady: true, range: 0.18, excursion: 0.072 }
 */
export function steadyState(values: readonly number[]): Steadiness {
  requireSample('steadyState', values, STEADY_WINDOWS);
  const last = values.slice(-STEADY_WINDOWS);
  const middle = mean(last);
  if (middle === 0) return { steady: false, range: 0, excursion: 0 };
  const range = (Math.max(...last) - Math.min(...last)) / middle;
  const { m } = linearRegression(last.map((value, window) => [window, value]));
  const excursion = Math.abs((m * (STEADY_WINDOWS - 1)) / middle);
  return { steady: range <= MOST_RANGE && excursion <= MOST_EXCURSION, range, excursion };
}
