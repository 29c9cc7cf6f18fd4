import type { LatencyGrid } from '../datasets/schema.ts';

const MOST_COLUMNS = 64;
const MOST_ROWS = 40;

/**
 * A trial's latencies over its time, on a grid small enough for its record. Time is that of the acknowledgement; a row is half
 * an octave. What is shorter than 40 rows below the longest one counts in the lowest row: the grid is for the stalls.
 *
 * @param at nanoseconds of each acknowledgement since the measured window began
 * @param latencies of the same operations, nanoseconds
 * @param n how many of them count; at least 1
 */
export function latencyGrid(
  kind: LatencyGrid['kind'],
  at: Float64Array,
  latencies: Float64Array,
  n: number,
): LatencyGrid {
  let last = 0;
  let shortest = Number.POSITIVE_INFINITY;
  let longest = 0;
  for (let i = 0; i < n; i++) {
    last = Math.max(last, at[i]!);
    shortest = Math.min(shortest, latencies[i]!);
    longest = Math.max(longest, latencies[i]!);
  }
  let columnMs = 2 ** Math.ceil(Math.log2(Math.max(last, 1) / 1e6 / MOST_COLUMNS));
  // What is acknowledged just at the end of the last column begins another one.
  if (columnAt(last, columnMs) >= MOST_COLUMNS) columnMs *= 2;
  const low = Math.max(rowAt(shortest), rowAt(longest) - MOST_ROWS + 1);
  const counts: number[][] = Array.from({ length: columnAt(last, columnMs) + 1 }, () => []);
  for (let i = 0; i < n; i++) {
    const column = counts[columnAt(at[i]!, columnMs)]!;
    const row = Math.max(0, rowAt(latencies[i]!) - low);
    while (column.length <= row) column.push(0);
    column[row]!++;
  }
  return { kind, columnMs, low, counts };
}

function columnAt(ns: number, columnMs: number): number {
  return Math.max(0, Math.floor(ns / 1e6 / columnMs));
}

/** The half octave of a latency; 0 and 1 ns share the first. */
function rowAt(latency: number): number {
  return Math.max(0, Math.floor(2 * Math.log2(Math.max(1, latency))));
}
