import { quantileSorted } from 'simple-statistics';
import { type Interval, requireConfidence, requireSample } from './interval.ts';
import { seededRandom } from './seeded-random.ts';

export interface BootstrapOptions {
  /** An integer from 0 to 2^53 - 1. */
  seed: number;
  /** Default 10,000. */
  resamples?: number;
  /** Asked for, between 0 and 1; default 0.95. */
  confidence?: number;
}

/**
 * Percentile bootstrap of the median: rounds are drawn with replacement, the median of each resample is taken,
 * and the interval is the middle `confidence` of those medians. 30 values and 10,000 resamples take about 5 ms.
 *
 * What it is worth for few rounds, over 6,000 samples of each of a normal, a log-normal, a Student t(3) and a
 * two-peaked population, when 95 % is asked for (`orderStatisticInterval` beside it):
 *
 *     rounds           3     4     5      6      7      8     9     10     13    15    20    25    30
 *     bootstrap, %    75    87    94  92-94     87  89-93    96  94-95     91    96    93    96    94
 *     ranks, %        75    87    94     97     98     99    96     98     98    96    96    96    96
 *
 * For an odd number of rounds it is an order-statistic interval too, with a rank that an approximation chose
 * (7 rounds: the 2nd and the 6th, which cover 87.5 %); at 15 rounds even the seed moves an end by a rank.
 * Hence every printed interval uses the exact ranks, and this function is for comparison with tools that
 * bootstrap. BCa is no way out: its acceleration comes from the jackknife, inconsistent for a median.
 *
 * Source: B. Efron, "The jackknife, the bootstrap and other resampling plans", SIAM 1982: chapter 10 for the
 * percentile method, chapter 3 for the median under the jackknife.
 *
 * @param values one value per round, in any unit and order; at least two
 * @returns the interval; its `confidence` is the one asked for, which the table above qualifies
 * @throws {RangeError} on fewer than two values, a value that is not finite, or bad options
 * @example
 * // P(the median of a resample of 1..9 is 1) = 0.0014 and P(it is at most 2) = 0.0304: 2.5 % fall on 2.
 * bootstrapInterval([1, 2, 3, 4, 5, 6, 7, 8, 9], { seed: 1 }); // => { low: 2, high: 8, confidence: 0.95 }
 */
export function bootstrapInterval(values: ArrayLike<number>, options: BootstrapOptions): Interval {
  const { seed, resamples = 10_000, confidence = 0.95 } = options;
  requireSample('bootstrapInterval', values, 2);
  requireConfidence('bootstrapInterval', confidence);
  if (!Number.isSafeInteger(resamples) || resamples < 1)
    throw new RangeError(`bootstrapInterval: ${resamples} resamples`);
  const random = seededRandom(seed);
  const n = values.length;
  const sorted = Float64Array.from(values).sort();
  const upper = n >> 1;
  const lower = (n - 1) >> 1;
  // Drawing ranks of the sorted sample and counting them gives each resample's median without sorting it.
  const drawn = new Uint16Array(n);
  const medians = new Float64Array(resamples);
  for (let r = 0; r < resamples; r++) {
    drawn.fill(0);
    for (let i = 0; i < n; i++) drawn[(random() * n) | 0]!++;
    let rank = 0;
    let seen = drawn[0]!;
    while (seen <= lower) seen += drawn[++rank]!;
    const low = sorted[rank]!;
    while (seen <= upper) seen += drawn[++rank]!;
    medians[r] = (low + sorted[rank]!) / 2;
  }
  // quantileSorted only indexes, so that a typed array serves; its type asks for an array.
  const ordered = medians.sort() as unknown as number[];
  const tail = (1 - confidence) / 2;
  return { low: quantileSorted(ordered, tail), high: quantileSorted(ordered, 1 - tail), confidence };
}
