import type { MergedLatencies } from '../benchmarks/latency.ts';

export interface SurvivalPoint {
  /** Nanoseconds, to 3 digits and rounded up; at least 1, so that a logarithmic axis can hold it. */
  latency: number;
  /** The share of operations that took longer than the point before; never 0. */
  share: number;
}

export interface Survival {
  n: number;
  /** Latencies rise, shares fall from 1 to 1/n (to k/n when the slowest k are in one bucket of the histogram). */
  points: SurvivalPoint[];
  /** The percentiles asked for, as the table prints them; those with too few latencies to bound them are left out. */
  marks: SurvivalPoint[];
}

/**
 * The tail of latencies, 1-CDF: for each latency the share of operations that took at least so long.
 *
 * Drawn as steps that fall at each point (vega's `step-before`), it is the curve of the histogram. Where
 * that has more points than the limit, points are left out so that the drawn share is too small by a factor of
 * n^(1/(limit-2)) at most: 1.07 with 200 points and a million latencies, the width of a line. The first and the
 * last point always stay, and so does every point at the end of a step that is larger than that.
 *
 * @param quantiles of the marks: 0.99 is p99
 * @param limit of points, at least 3
 */
export function survival(
  { n, max, values, counts, percentile }: MergedLatencies,
  quantiles: readonly number[] = [],
  limit = 200,
): Survival {
  // The bucket's upper end may lie above every value in it; the exact maximum may not be passed.
  const drawn = (value: number): number => Math.max(1, Math.min(value, max));
  const points: SurvivalPoint[] = [];
  let before = 0;
  for (let at = 0; at < values.length; at++) {
    const latency = drawn(values[at]!);
    // 0 ns and 1 ns share the lowest point.
    if (points.at(-1)?.latency !== latency) points.push({ latency, share: (n - before) / n });
    before += counts[at]!;
  }
  const marks = quantiles.flatMap((q) => {
    const latency = percentile(q);
    return latency === undefined ? [] : [{ latency: drawn(latency), share: 1 - q }];
  });
  return { n, points: thin(points, limit), marks };
}

/**
 * Between two points that stay, the drawn share is that of the second one. So from each point that stays the next
 * one is the farthest to which the share falls by the factor at most, counted from the first point in between.
 */
function thin(points: SurvivalPoint[], limit: number): SurvivalPoint[] {
  if (points.length <= limit) return points;
  const factor = (1 / points.at(-1)!.share) ** (1 / (limit - 2));
  const kept = [points[0]!];
  for (let start = 1; start < points.length; ) {
    let end = start;
    while (end + 1 < points.length && points[start]!.share / points[end + 1]!.share <= factor) end++;
    kept.push(points[end]!);
    start = end + 1;
  }
  return kept;
}
