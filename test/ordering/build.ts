/**
 * Histories by hand. Times are whole microseconds, five to an operation as in history.ts: submit begins, submit ends,
 * backend call begins, backend call returned, acknowledged. An operation is named by the row that adding it returns.
 */
import type { World } from '../../ordering/check.ts';
import type { Verdict } from '../../ordering/contracts.ts';
import {
  DISCARD,
  FLUSH,
  FSYNC,
  type History,
  historyBytes,
  openHistory,
  PENDING,
  READ,
  SEEN_FOREIGN,
  SEEN_TORN,
  SEEN_UNCHECKED,
  SEEN_ZEROES,
  WRITE,
  WRITE_ZEROES,
} from '../../ordering/history.ts';

export const UNIT_BYTES = 4096;
export const JOBS = 4;
export const ROWS_EACH = 64;
const SEEN_EACH = 128;

export type Times = readonly [sb: number, se: number, st: number, co: number, ak: number];

/** What a unit of a read returned: the row of a write, or a word. */
export type Seen = number | 'old' | 'zeroes' | 'torn' | 'foreign' | 'unchecked';

export interface Operation {
  job?: number;
  device?: number;
  queue?: number;
  worker?: number;
  unit?: number;
  units?: number;
  flags?: number;
  at: Times;
  /** When the gate let it go, microseconds; default: it did not wait. */
  go?: number;
  /** Default: succeeded whole. */
  end?: 'pending' | 'failed' | 'short';
  sees?: readonly Seen[];
}

export interface Trial {
  history: History;
  read(operation: Operation): number;
  write(operation: Operation): number;
  flush(operation: Operation): number;
  discard(operation: Operation): number;
  writeZeroes(operation: Operation): number;
  /** The note of an fsync that no flush tells of; of its times only the call's count. */
  fsync(operation: Operation): number;
}

/** A trial with room for JOBS submitters of ROWS_EACH rows. Defaults of an operation: job, device, queue, unit 0. */
export function newTrial(): Trial {
  const history = openHistory(
    new ArrayBuffer(historyBytes(JOBS, ROWS_EACH, SEEN_EACH)),
    JOBS,
    ROWS_EACH,
    SEEN_EACH,
  );
  const seenUsed = new Array<number>(JOBS).fill(0);
  const push = (kind: number, operation: Operation): number => {
    const { job = 0, device = 0, queue = 0, worker = 0, unit = 0, units = 1, flags = 0 } = operation;
    const { at, go = 0, end, sees = [] } = operation;
    const row = job * ROWS_EACH + history.count[job]++;
    history.kind[row] = kind;
    history.flags[row] = flags;
    const none = kind === FLUSH || kind === FSYNC;
    history.device[row] = device;
    history.queue[row] = queue;
    history.worker[row] = worker;
    history.go[row] = go * 1000;
    history.unit[row] = none ? 0 : unit;
    history.units[row] = none ? 0 : units;
    history.result[row] = resultOf(end, history.units[row] * UNIT_BYTES);
    [history.sb[row], history.se[row], history.st[row], history.co[row], history.ak[row]] = at.map(
      (microseconds) => microseconds * 1000,
    ) as [number, number, number, number, number];
    history.seenAt[row] = job * SEEN_EACH + seenUsed[job];
    for (const seen of sees) history.seen[job * SEEN_EACH + seenUsed[job]++] = versionOf(seen);
    return row;
  };
  return {
    history,
    read: (operation) => push(READ, operation),
    write: (operation) => push(WRITE, operation),
    flush: (operation) => push(FLUSH, operation),
    discard: (operation) => push(DISCARD, operation),
    writeZeroes: (operation) => push(WRITE_ZEROES, operation),
    fsync: ({ at: [, , st, co], ...rest }) => push(FSYNC, { ...rest, at: [st, st, st, co, co] }),
  };
}

/** A world of devices with a file each. */
export function worldOf(changes: Partial<World> = {}): World {
  return {
    inodeOf: (device) => device,
    dataHeld: true,
    start: 0,
    unitBytes: UNIT_BYTES,
    deviceNames: ['disk', 'other', 'third'],
    ...changes,
  };
}

/** The sum of a verdict without zeroes, as in `{ proved: 1 }`. */
export function sumOf(verdict: Verdict): Partial<Verdict> {
  const { witness: _, ...sum } = verdict;
  return Object.fromEntries(Object.entries(sum).filter(([, count]) => count > 0));
}

function resultOf(end: Operation['end'], bytes: number): number {
  if (end === 'pending') return PENDING;
  if (end === 'failed') return -5;
  return end === 'short' ? Math.max(0, bytes - 512) : bytes;
}

function versionOf(seen: Seen): number {
  if (typeof seen === 'number') return seen + 1;
  return { old: 0, zeroes: SEEN_ZEROES, torn: SEEN_TORN, foreign: SEEN_FOREIGN, unchecked: SEEN_UNCHECKED }[
    seen
  ];
}
