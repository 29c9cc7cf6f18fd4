import { median } from 'simple-statistics';
import { type Interval, requireConfidence, requireSample } from './interval.ts';
import { seededRandom } from './seeded-random.ts';

/** Below it the interval covers less than it says: 92 % with 4 and 4 values (docs/decisions). */
export const BOOTSTRAP_LEAST = 5;

/**
 * Ratio of the medians of two unpaired samples, with the percentile interval of a seeded bootstrap: both samples are
 * drawn from with replacement, each from itself, and the ratio is taken anew. For paired samples `ratioInterval` is
 * the better one: it takes out what a round does to both.
 *
 * Source: B. Efron, R. J. Tibshirani, "An Introduction to the Bootstrap", Chapman & Hall 1993, chapters 8 and 13; for
 * ratios of benchmarks T. Kalibera, R. Jones, arXiv 2007.10899.
 *
 * @param base one value per round, positive
 * @param other the second sample in the same unit; the ratio is other / base
 * @param seed the same seed gives the same interval
 * @returns the interval is absent when a sample has fewer than 5 values
 * @throws {RangeError} when a sample is empty or a value is not positive and finite
 * @example
 * bootstrapRatio([10, 10, 10, 10, 10], [20, 20, 20, 20, 20]); // => { value: 2, interval: { low: 2, high: 2, confidence: 0.95 } }
 */
export function bootstrapRatio(
  base: readonly number[],
  other: readonly number[],
  seed = 1,
  confidence = 0.95,
  resamples = 10_000,
): { value: number; interval?: Interval } {
  requireConfidence('bootstrapRatio', confidence);
  const [below, above] = [positive(base), positive(other)];
  const value = median([...other]) / median([...base]);
  if (Math.min(base.length, other.length) < BOOTSTRAP_LEAST) return { value };
  const random = seededRandom(seed);
  const ratios = new Float64Array(resamples);
  const counts = new Uint32Array(Math.max(base.length, other.length));
  for (let i = 0; i < resamples; i++) {
    const a = resampledMedian(below, random, counts);
    ratios[i] = resampledMedian(above, random, counts) / a;
  }
  ratios.sort();
  // Outwards, to whole ranks: never narrower than asked for.
  const tail = Math.floor(((1 - confidence) / 2) * (resamples - 1));
  return { value, interval: { low: ratios[tail]!, high: ratios[resamples - 1 - tail]!, confidence } };
}

function positive(values: readonly number[]): Float64Array {
  requireSample('bootstrapRatio', values, 1);
  for (const value of values)
    if (!(value > 0)) throw new RangeError(`bootstrapRatio: ${value} is not positive`);
  return Float64Array.from(values).sort();
}

/** The median of n draws from the sorted values: how often each was drawn says which stands in the middle. */
function resampledMedian(sorted: Float64Array, random: () => number, counts: Uint32Array): number {
  const n = sorted.length;
  counts.fill(0);
  for (let i = 0; i < n; i++) counts[Math.floor(random() * n)]!++;
  const lower = (n - 1) >> 1;
  let at = 0;
  let seen = counts[0]!;
  while (seen <= lower) seen += counts[++at]!;
  const first = sorted[at]!;
  if (n % 2 === 1) return first;
  while (seen <= lower + 1) seen += counts[++at]!;
  return (first + sorted[at]!) / 2;
}
