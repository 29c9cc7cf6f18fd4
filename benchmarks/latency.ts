import { build, encodeIntoCompressedBase64 } from 'hdr-histogram-js';
import type { LatencyRecord } from '../datasets/schema.ts';
import { addHistograms, type Buckets } from './histogram.ts';
import { percentileNeeds } from './statistics/percentile-needs.ts';

/** Nanoseconds in an hour: the end of every histogram's range. */
export const HIGHEST_LATENCY = 3_600_000_000_000;
/** Significant decimal digits: a bucket is at most 1/1024 of its values wide. */
const DIGITS = 3;

/** A percentile in nanoseconds, or the number of latencies that there are and the number that it needs. */
export type Percentile = { value: number } | { refused: number; needs: number };

/** The latencies of one kind of operation over all rounds, in nanoseconds. */
export interface MergedLatencies extends Buckets {
  /** The largest one, exact, in nanoseconds; 0 when n is 0. */
  max: number;
  /**
   * The quantile q (0.99 is p99) in nanoseconds: the smallest recorded value, to 3 digits and rounded up, that
   * at least the share q does not exceed. Undefined when n is below `percentileNeeds(q)`.
   */
  percentile(q: number): number | undefined;
}

/**
 * The record of one trial's latencies of one kind.
 *
 * The histogram covers 0 ns to an hour; a longer latency counts as an hour there and keeps its true value in
 * `max` and `mean`. Fractions of a nanosecond are cut off. One value costs about 130 ns: call it after the
 * trial, not in it.
 *
 * @param values nanoseconds, from index 0; an array of any greater length that is filled up to n
 * @param n how many of them count
 * @returns undefined when n is 0: a histogram of nothing has no percentiles
 * @throws {RangeError} when n exceeds the array, or a value is negative or not finite
 */
export function latencyRecord(values: Float64Array | number[], n = values.length): LatencyRecord | undefined {
  if (!Number.isSafeInteger(n) || n < 0 || n > values.length)
    throw new RangeError(`latencyRecord: ${n} of ${values.length} values`);
  if (n === 0) return undefined;
  const histogram = emptyHistogram();
  let min = Number.POSITIVE_INFINITY;
  let max = 0;
  let sum = 0;
  for (let i = 0; i < n; i++) {
    const value = values[i]!;
    // The histogram would count a NaN in its total and in no bucket, and so shift every percentile.
    if (!(value >= 0 && value < Number.POSITIVE_INFINITY))
      throw new RangeError(`latencyRecord: value ${i} is ${value}, not a latency`);
    if (value < min) min = value;
    if (value > max) max = value;
    sum += value;
    histogram.recordValue(Math.min(value, HIGHEST_LATENCY));
  }
  return { n, min, max, mean: sum / n, histogram: encodeIntoCompressedBase64(histogram) };
}

/**
 * All rounds' latencies of one kind as one: the histograms are added up. Percentiles of rounds are never
 * averaged, since the mean of five p99 is no p99 of anything.
 *
 * @throws {Error} when a histogram can't be decoded or holds another number of values than its record says
 */
export function mergeLatencies(records: readonly LatencyRecord[]): MergedLatencies {
  const buckets = addHistograms(
    records.map((record) => record.histogram),
    records.map((record) => record.n),
  );
  const max = records.reduce((most, record) => Math.max(most, record.max), 0);
  return {
    ...buckets,
    max,
    percentile: (q) =>
      // The bucket's upper end may lie above every value in it; the exact maximum may not be passed.
      buckets.n < percentileNeeds(q) ? undefined : Math.min(quantile(buckets, q), max),
  };
}

/** The quantile q as one that is printed; undefined where there is nothing to take it from. */
export function percentileOf(latencies: MergedLatencies, q: number): Percentile | undefined {
  if (latencies.n === 0) return undefined;
  const value = latencies.percentile(q);
  return value === undefined ? { refused: latencies.n, needs: percentileNeeds(q) } : { value };
}

function quantile({ n, values, counts }: Buckets, q: number): number {
  // 0.99 of 700 values is 693, whatever the last bit of the product says.
  const wanted = Math.ceil(q * n * (1 - 2 ** -51));
  let at = 0;
  for (let sum = counts[0]!; sum < wanted; sum += counts[at]!) at++;
  return values[at]!;
}

function emptyHistogram() {
  return build({
    bitBucketSize: 32,
    autoResize: false,
    lowestDiscernibleValue: 1,
    highestTrackableValue: HIGHEST_LATENCY,
    numberOfSignificantValueDigits: DIGITS,
    useWebAssembly: false,
  });
}
