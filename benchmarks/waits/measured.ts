/** Which rows of a history count, and from when on: the one place that knows of ramps, closing flushes and open loops. */
import type { Job } from '../../datasets/workload.ts';
import { logSegment } from '../../engine/fsync-log.ts';
import type { SubmitterReport } from '../../engine/recorder.ts';
import { Schedule } from '../../engine/schedule.ts';
import { FLUSH, type History, PENDING } from '../../ordering/history.ts';

/** Operations that succeeded and were acknowledged in the measured window, in order of submitters and submission. */
export interface Measured {
  rows: Uint32Array;
  /** By place in `rows`: the submission, or in an open loop when the operation was due. */
  from: Float64Array;
}

/** @param reports one for each job; what stands behind their rows in the history is the harness's own */
export function measuredOf(
  history: History,
  jobs: readonly Job[],
  reports: readonly SubmitterReport[],
): Measured {
  const most = history.count.reduce((n, count) => n + count, 0);
  const rows = new Uint32Array(most);
  const from = new Float64Array(most);
  let n = 0;
  for (const [submitter, { origin, start, closing }] of reports.entries()) {
    const { rate } = jobs[submitter]!;
    const schedule = rate && new Schedule(rate);
    const first = submitter * history.rowsEach;
    for (let row = first; row < first + history.count[submitter]! - closing; row++) {
      const begun = schedule ? origin + schedule.begun(history.kind[row]!) : history.sb[row]!;
      if (history.result[row]! < 0 || history.ak[row]! < start) continue;
      rows[n] = row;
      from[n++] = begun;
    }
  }
  return { rows: rows.subarray(0, n), from: from.subarray(0, n) };
}

/** The calls of fsync in a trial, whatever asked for them. */
export interface FsyncCalls {
  /** A row for each: a FLUSH, or the note of one that no FLUSH tells of. */
  rows: Uint32Array;
  /** By place in `rows`: 1 where it counts, as it belongs to the measured window. */
  counts: Uint8Array;
}

/**
 * FLUSHes that one call served share its times, one that was skipped has none, and a note repeats the times of a FLUSH that the
 * same call served.
 */
export function fsyncCalls(history: History, jobs: number, reports: readonly SubmitterReport[]): FsyncCalls {
  const calls = new Map<string, { row: number; counts: boolean }>();
  const add = (row: number, counts: boolean): void => {
    const key = `${history.device[row]} ${history.st[row]}`;
    const call = calls.get(key);
    if (call === undefined) calls.set(key, { row, counts });
    else call.counts ||= counts;
  };
  for (const [submitter, { start, closing }] of reports.entries()) {
    const first = submitter * history.rowsEach;
    const last = first + history.count[submitter]!;
    for (let row = first; row < last; row++) {
      if (history.kind[row] !== FLUSH || history.st[row] === 0 || history.result[row] === PENDING) continue;
      add(row, history.ak[row]! >= start && row < last - closing);
    }
    const notes = logSegment(history, jobs, submitter);
    for (let row = notes * history.rowsEach, i = 0; notes >= 0 && i < history.count[notes]!; row++, i++)
      add(row, history.ak[row]! >= start);
  }
  const found = [...calls.values()];
  return {
    rows: Uint32Array.from(found, (call) => call.row),
    counts: Uint8Array.from(found, (call) => Number(call.counts)),
  };
}
