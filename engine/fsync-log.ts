/**
 * The notes of fsyncs that no FLUSH row tells of: those that a PREFLUSH, an emulated FUA or a front's flush request asked for. The
 * checker wants to know of each, as any of them may be what made a write durable. One segment of FSYNC rows for each
 * submitter, behind the rows of the jobs and of the read-back; whoever calls fsync for a submitter's operation writes there.
 */
import { FSYNC, type History } from '../ordering/history.ts';

/** Fsyncs that one operation can ask for: one before its data and one after it. */
export const FSYNCS_PER_OP = 2;

/** The segment of a submitter's notes; -1 where the workload writes without flags and the history has none. */
export function logSegment(history: History | undefined, jobs: number, submitter: number): number {
  return history !== undefined && history.submitters > jobs + 1 ? jobs + 1 + submitter : -1;
}

/** Notes one fsync. A submitter issues nothing more before its segment is full (Recorder.hasRoom), so there is always a row. */
export function noteFsync(
  history: History,
  segment: number,
  device: number,
  queue: number,
  worker: number,
  st: number,
  co: number,
  result: number,
): void {
  const row = segment * history.rowsEach + Atomics.add(history.count, segment, 1);
  history.kind[row] = FSYNC;
  history.flags[row] = 0;
  history.device[row] = device;
  history.queue[row] = queue;
  history.worker[row] = worker;
  history.unit[row] = 0;
  history.units[row] = 0;
  history.result[row] = result;
  history.sb[row] = history.se[row] = history.st[row] = st;
  history.co[row] = history.ak[row] = co;
}
