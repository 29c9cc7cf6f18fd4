/** What an fsync finds when it begins: writes on their way, and bytes that a crash would take. */
import { DSYNC, type History, PENDING, WRITE } from '../../ordering/history.ts';
import { orderOf } from '../../ordering/order.ts';
import type { FsyncCalls } from './measured.ts';

export interface FlushIssue {
  /** Writes of the device that the gate had let go and that had not completed, for each call that counts. */
  inFlight: number[];
  /** Bytes of writes to the device that had completed, and that no fsync which had returned by then had begun after. */
  dirtyBytes: number[];
}

/** One sweep through time over the writes of the jobs and all calls of fsync. Devices have files of their own. */
export function flushIssue(history: History, jobs: number, { rows: calls, counts }: FsyncCalls): FlushIssue {
  const writes = writesOf(history, jobs);
  // At one moment a return comes first and a completion last: a write is covered by what began after it, and strictly.
  const [returns, begins, goes] = [0, calls.length, 2 * calls.length];
  const completes = goes + writes.length;
  const time = new Float64Array(completes + writes.length);
  for (let i = 0; i < calls.length; i++) {
    const row = calls[i]!;
    time[returns + i] = history.co[row]!;
    time[begins + i] = history.st[row]!;
  }
  for (let i = 0; i < writes.length; i++) {
    const row = writes[i]!;
    time[goes + i] = surelyGone(history, row);
    time[completes + i] = isDone(history, row) ? history.co[row]! : Number.POSITIVE_INFINITY;
  }
  const found: FlushIssue = { inFlight: [], dirtyBytes: [] };
  // By device; a history has at most 2^16.
  const inFlight = new Float64Array(2 ** 16);
  const written = new Float64Array(2 ** 16);
  const covered = new Float64Array(2 ** 16);
  /** By call: what had been written to its device when it began. */
  const atBegin = new Float64Array(calls.length);
  for (const event of orderOf(time)) {
    if (time[event] === Number.POSITIVE_INFINITY) break;
    if (event < begins) {
      const device = history.device[calls[event]!]!;
      // One that failed covers nothing.
      if (history.result[calls[event]!]! >= 0) covered[device] = Math.max(covered[device]!, atBegin[event]!);
    } else if (event < goes) {
      const call = event - begins;
      const device = history.device[calls[call]!]!;
      atBegin[call] = written[device]!;
      if (counts[call] === 1) {
        found.inFlight.push(inFlight[device]!);
        found.dirtyBytes.push(written[device]! - covered[device]!);
      }
    } else if (event < completes) inFlight[history.device[writes[event - goes]!]!]!++;
    else {
      const row = writes[event - completes]!;
      const device = history.device[row]!;
      inFlight[device]!--;
      // What was written through is durable by itself.
      if ((history.flags[row]! & DSYNC) === 0) written[device]! += Math.max(0, history.result[row]!);
    }
  }
  return found;
}

/**
 * From when on an operation has certainly passed the gate. Between the beginning of its submission and the gate its submitter may
 * have lost the CPU, and a FLUSH may have come and gone meanwhile.
 */
function surelyGone(history: History, row: number): number {
  if (history.go[row] !== 0) return history.go[row]!;
  const [ended, begun] = [history.se[row]!, history.st[row]!];
  return begun === 0 ? ended : Math.min(ended, begun);
}

function isDone(history: History, row: number): boolean {
  return history.result[row] !== PENDING && history.st[row] !== 0;
}

/** Of all of the trial: what a ramp wrote lies there as well. One that failed before any call was never on its way. */
function writesOf(history: History, jobs: number): number[] {
  const rows: number[] = [];
  for (let submitter = 0; submitter < jobs; submitter++) {
    const first = submitter * history.rowsEach;
    for (let row = first; row < first + history.count[submitter]!; row++) {
      if (history.kind[row] !== WRITE) continue;
      if (history.result[row] === PENDING || isDone(history, row)) rows.push(row);
    }
  }
  return rows;
}
