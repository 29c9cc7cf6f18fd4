import { requireConfidence } from './interval.ts';

/**
 * The smallest sample from which a quantile has a two-sided order-statistic interval at all: the largest of n
 * values lies above the quantile q with probability 1 - q^n, and that must reach 1 - (1 - confidence) / 2.
 * Below it not even the maximum bounds the quantile, so that printing one would be a guess. For q < 1/2 the
 * minimum is the end that comes last, and the same holds with 1 - q.
 *
 * The formula counts independent values. Latencies inside a trial are autocorrelated, so this is a floor.
 *
 * Source: H. A. David, H. N. Nagaraja, "Order Statistics", 3rd ed., Wiley 2003, section 7.1.
 *
 * @param q the quantile as a fraction between 0 and 1: 0.99 is p99
 * @param confidence two-sided, between 0 and 1
 * @returns a number of values
 * @throws {RangeError} when q or the confidence is outside (0, 1)
 * @example
 * // 0.99^368 = 0.0248 <= 0.025 < 0.0250 = 0.99^367
 * percentileNeeds(0.99); // => 368
 * percentileNeeds(0.5); // => 6
 */
export function percentileNeeds(q: number, confidence = 0.95): number {
  if (!(q > 0 && q < 1)) throw new RangeError(`percentileNeeds: quantile ${q} is not between 0 and 1`);
  requireConfidence('percentileNeeds', confidence);
  return Math.ceil(Math.log((1 - confidence) / 2) / Math.log(Math.max(q, 1 - q)));
}
