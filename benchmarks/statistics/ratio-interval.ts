import { median } from 'simple-statistics';
import type { Interval } from './interval.ts';
import { orderStatisticInterval } from './order-statistic-interval.ts';

/** How many times as large one measure is as another, without unit. */
export interface Ratio {
  value: number;
  /** Absent when only one round has both. */
  interval?: Interval;
  /** Rounds in which both were measured. */
  rounds: number;
}

/**
 * Ratio B/A of a measure, paired by round: the median over rounds of log(B/A), and the exact order-statistic
 * interval of that median, both taken back by exp. A round's two trials share the machine's state of that
 * minute, which the quotient takes out; the logarithm makes B/A and A/B the same statement. Rounds in which
 * one of the two is missing say nothing about the pair and are left out.
 *
 * Source: T. Kalibera, R. Jones, "Quantifying performance changes with effect size confidence intervals",
 * arXiv 2007.10899, for an interval of the ratio in place of a test; for the interval see
 * `orderStatisticInterval`.
 *
 * @param base A, one per round, `undefined` where it is missing
 * @param other B, in the same order of rounds and the same unit
 * @param confidence asked for, between 0 and 1
 * @returns undefined when no round has both
 * @throws {RangeError} when the lengths differ or a measure is not a positive finite number
 * @example
 * // Quotients by round: 2, 3, 1.5, left out, 2.5. Between the two middle ones lies sqrt(2 * 2.5) = 2.236.
 * ratioInterval([10, 10, 20, undefined, 20], [20, 30, 30, 10, 50]);
 * // => { value: 2.236, interval: { low: 1.5, high: 3, confidence: 0.875 }, rounds: 4 }
 */
export function ratioInterval(
  base: readonly (number | undefined)[],
  other: readonly (number | undefined)[],
  confidence = 0.95,
): Ratio | undefined {
  if (base.length !== other.length)
    throw new RangeError(`ratioInterval: ${base.length} rounds against ${other.length}`);
  const logs: number[] = [];
  for (let round = 0; round < base.length; round++) {
    const a = base[round];
    const b = other[round];
    if (a === undefined || b === undefined) continue;
    if (!(a > 0 && b > 0 && Number.isFinite(a) && Number.isFinite(b)))
      throw new RangeError(`ratioInterval: round ${round} has ${a} and ${b}, not two positive numbers`);
    logs.push(Math.log(b / a));
  }
  if (logs.length === 0) return undefined;
  const ratio: Ratio = { value: Math.exp(median(logs)), rounds: logs.length };
  if (logs.length > 1) {
    const { low, high, confidence: reached } = orderStatisticInterval(logs, confidence);
    ratio.interval = { low: Math.exp(low), high: Math.exp(high), confidence: reached };
  }
  return ratio;
}
