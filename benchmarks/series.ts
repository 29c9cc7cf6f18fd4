/** What a trial did over time, counted afterwards in its history: nothing is sampled while it runs. */
import type { Series } from '../datasets/schema.ts';
import type { SubmitterReport } from '../engine/recorder.ts';
import { FLUSH, type History } from '../ordering/history.ts';
import { STEADY_WINDOWS, steadyState } from './statistics/steady-state.ts';

/** Windows that a series has at least: its length is the largest of 1, 2 or 5 times a power of ten that gives so many. */
const LEAST_WINDOWS = 20;
/** Milliseconds; below it the wake-up of a thread is as long as a window. */
const LEAST_WINDOW = 1;

/**
 * The series of a trial: reads and writes acknowledged in each whole window from the first job's beginning on, warm-up included; the last window, which
 * the end of the trial cuts, is left out. Undefined for a trial of fewer than two windows.
 *
 * @param reports one for each job, in the order of the history's submitters
 * @param steady whether the warm-up ended in a steady state, where somebody looked at it while it went on; where the jobs have
 *   ramps of their own, the fifths of these tell
 */
export function seriesOf(
  history: History,
  reports: readonly SubmitterReport[],
  steady: boolean | undefined,
): Series | undefined {
  if (reports.length === 0) return undefined;
  const origin = Math.min(...reports.map((report) => report.origin));
  const length = Math.max(...reports.map((report) => report.end)) - origin;
  const milliseconds = windowOf(length / 1e6);
  const operations = countIn(
    history,
    reports,
    origin,
    milliseconds * 1e6,
    Math.floor(length / (milliseconds * 1e6)),
  );
  if (operations.length < 2) return undefined;
  const warmUp = Math.min(...reports.map((report) => report.start)) - origin;
  const rested = steady ?? (warmUp > 0 ? restedAfter(history, reports, origin, warmUp) : undefined);
  return {
    seconds: milliseconds / 1000,
    operations,
    warmUp: warmUp / 1e9,
    ...(rested === undefined ? {} : { steady: rested }),
  };
}

/** Whether a warm-up of fixed length ended in a steady state, by its five fifths. */
function restedAfter(
  history: History,
  reports: readonly SubmitterReport[],
  origin: number,
  warmUp: number,
): boolean {
  return steadyState(countIn(history, reports, origin, warmUp / STEADY_WINDOWS, STEADY_WINDOWS)).steady;
}

/** Reads and writes acknowledged in each of so many windows of `window` nanoseconds from `from` on. */
function countIn(
  history: History,
  reports: readonly SubmitterReport[],
  from: number,
  window: number,
  windows: number,
): number[] {
  const counts = new Array<number>(windows).fill(0);
  for (const [submitter, { closing }] of reports.entries()) {
    const first = submitter * history.rowsEach;
    for (let row = first; row < first + history.count[submitter]! - closing; row++) {
      if (history.kind[row] === FLUSH || history.result[row]! < 0) continue;
      const at = Math.floor((history.ak[row]! - from) / window);
      if (at >= 0 && at < counts.length) counts[at]!++;
    }
  }
  return counts;
}

/** Of a trial's length, both in milliseconds. */
function windowOf(length: number): number {
  const most = Math.max(LEAST_WINDOW, length / LEAST_WINDOWS);
  const power = 10 ** Math.floor(Math.log10(most));
  return power * ([5, 2].find((step) => step * power <= most) ?? 1);
}
