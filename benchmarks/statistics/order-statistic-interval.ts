import { type Interval, requireConfidence, requireSample } from './interval.ts';

/**
 * Exact interval for the median of a population, from two order statistics of the sample: [x(k), x(n+1-k)]
 * covers the median with probability 1 - 2 P(Bin(n, 1/2) < k), whatever the distribution. k is the largest
 * rank that still reaches the confidence asked for.
 *
 * Below 6 values no rank reaches 95 %. The answer is then the whole range, and `confidence` says what that is
 * worth: 50 % for 2 values, 75 % for 3, 87.5 % for 4, 93.75 % for 5.
 *
 * Chosen over the percentile bootstrap for every interval over rounds: docs/decisions/0001 has the
 * coverage of both. Nothing here is random, so the same rounds always give the same interval.
 *
 * Source: W. R. Thompson, "On confidence ranges for the median and other expectation distributions for
 * populations of unknown distribution form", Ann. Math. Statist. 7 (1936) 122-128.
 *
 * @param values one value per round, in any unit and order; at least two
 * @param confidence asked for, between 0 and 1
 * @throws {RangeError} on fewer than two values, a value that is not finite, or a confidence outside (0, 1)
 * @example
 * // P(Bin(9, 1/2) < 2) = 10/512, so the 2nd and the 8th of nine values reach 1 - 20/512.
 * orderStatisticInterval([7, 3, 5, 9, 1, 8, 2, 6, 4]); // => { low: 2, high: 8, confidence: 0.9609375 }
 */
export function orderStatisticInterval(values: ArrayLike<number>, confidence = 0.95): Interval {
  requireSample('orderStatisticInterval', values, 2);
  requireConfidence('orderStatisticInterval', confidence);
  const n = values.length;
  const sorted = Float64Array.from(values).sort();
  // `tail` is P(Bin(n, 1/2) < k). The terms are kept as logarithms: 2^-n is no double from n = 1,075 on.
  let logTerm = -n * Math.LN2;
  let tail = Math.exp(logTerm);
  let k = 1;
  while (2 * (k + 1) <= n) {
    logTerm += Math.log((n - k + 1) / k);
    const wider = tail + Math.exp(logTerm);
    if (1 - 2 * wider < confidence) break;
    tail = wider;
    k++;
  }
  return { low: sorted[k - 1]!, high: sorted[n - k]!, confidence: 1 - 2 * tail };
}
