import { requireSample } from './interval.ts';

/**
 * Geometric mean, by logarithms: the product itself leaves the doubles with a few dozen IOPS figures. For ratios it is the only mean for
 * which that of A/B is the reciprocal of that of B/A.
 *
 * Source: P. J. Fleming, J. J. Wallace, "How not to lie with statistics: the correct way to summarize benchmark results", Comm. ACM
 * 29 (1986) 218-221.
 *
 * @param values positive
 * @throws {RangeError} when there is none, or one is not positive and finite
 * @example
 * geomean([2, 8]); // => 4
 */
export function geomean(values: readonly number[]): number {
  requireSample('geomean', values, 1);
  let logs = 0;
  for (const value of values) {
    if (!(value > 0)) throw new RangeError(`geomean: ${value} is not positive`);
    logs += Math.log(value);
  }
  return Math.exp(logs / values.length);
}
