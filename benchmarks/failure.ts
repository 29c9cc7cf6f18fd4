/** What ended a trial, in words: the record holds it beside what was measured until then. */
import { errorName } from '../engine/libc.ts';
import type { OpFailure } from '../engine/recorder.ts';
import type { TrialOutcome } from '../engine/trial.ts';
import { KIND_NAMES } from '../ordering/history.ts';
import type { Cell } from './plan.ts';

/** Why a trial is no measurement; undefined when it is one. */
export function failureOf(cell: Cell, outcome: TrialOutcome): string | undefined {
  if (outcome.stalled !== undefined) return `stalled: nothing completed any more.\n${outcome.stalled}`;
  const { reports } = outcome;
  const first = reports.find((report) => report.failure !== undefined)?.failure;
  if (first === undefined) return undefined;
  const others = reports.reduce((sum, report) => sum + report.failed, 0) - 1;
  const more = others === 0 ? '' : `; ${others} operation${others === 1 ? '' : 's'} more failed`;
  return `${describeFailure(first, cell)}${more}`;
}

/** An operation's failure in words, with the likely cause and what to do. */
function describeFailure({ kind, device, offset, bytes, result }: OpFailure, cell: Cell): string {
  const what = `${KIND_NAMES[kind]} of ${bytes} bytes at ${offset} of ${cell.workload.files[device]?.name}`;
  if (result >= 0)
    return `${what} was cut short: ${result} bytes. The file system is full, or the file ends there`;
  const name = errorName(result);
  const remedy: Record<string, string> = {
    ENOSPC: 'the file system is full: free some space, or name another folder with --dir',
    EIO: 'the device below reports an I/O error: look into dmesg',
    EINVAL: cell.direct
      ? 'O_DIRECT does not take this block size or offset here: use a multiple of the logical block size'
      : 'the file system does not take this operation',
  };
  return `${what} failed: ${name}, ${remedy[name] ?? 'see errno(3)'}`;
}
