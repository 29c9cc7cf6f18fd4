/**
 * The history of one trial: one row per operation, columns over one shared buffer. Each submitter owns a fixed
 * range of rows and fills it in submission order, so that a row number is also a version: the write of row r
 * stamps its blocks with version r + 1, and version 0 is what the file held before the trial.
 */

export const READ = 0;
export const WRITE = 1;
export const FLUSH = 2;
export const DISCARD = 3;
export const WRITE_ZEROES = 4;
/**
 * No operation but a note: an fsync of a device's file that no FLUSH row tells of, because a PREFLUSH, an emulated FUA or a
 * front's flush request asked for it. Its row has device, queue, worker, result, st and co; sb and se repeat st, ak repeats co.
 */
export const FSYNC = 5;
export const KIND_NAMES = ['READ', 'WRITE', 'FLUSH', 'DISCARD', 'WRITE_ZEROES', 'FSYNC'] as const;

/** Flags of a WRITE: durable at its own acknowledgement; everything acknowledged before it is durable before its data is. */
export const FUA = 1;
export const PREFLUSH = 2;
/** Of a WRITE_ZEROES: the blocks stay allocated. */
export const NOUNMAP = 4;
/** The backend wrote it through (RWF_DSYNC): durable as soon as its call had returned. Set with the result. */
export const DSYNC = 8;

/** `result` of an operation that was submitted and never acknowledged. */
export const PENDING = -0x8000_0000;
/** `queue` of an operation that went through no queue (reference rows). */
export const NO_QUEUE = 0xffff;

/** What a read saw in place of a version. */
export const SEEN_FOREIGN = 0xffff_ffff;
export const SEEN_TORN = 0xffff_fffe;
export const SEEN_ZEROES = 0xffff_fffd;
export const SEEN_UNCHECKED = 0xffff_fffc;
export const MAX_VERSION = 0xffff_fff0;

/** Bytes a row takes over all columns: six stamps and nine others, `seen` not counted. */
export const ROW_BYTES = 6 * 8 + 3 * 4 + 4 * 2 + 2;

export interface History {
  submitters: number;
  /**
   * Rows that each submitter owns; submitter s has rows [s * rowsEach, s * rowsEach + count[s]). Behind the jobs' stand those
   * of the read-back and, where a job writes with flags, one segment of FSYNC notes for each job.
   */
  rowsEach: number;
  /** Entries of `seen` that each submitter owns, from s * seenEach. */
  seenEach: number;
  /** Rows used, one per submitter. */
  count: Int32Array;
  kind: Uint8Array;
  /** FUA, PREFLUSH, NOUNMAP, DSYNC. */
  flags: Uint8Array;
  device: Uint16Array;
  queue: Uint16Array;
  worker: Uint16Array;
  /** First unit (logical block of the device's file) and the number of units. A FLUSH has 0 units. */
  unit: Uint32Array;
  units: Uint16Array;
  /** Bytes transferred, 0 for a flush, -errno for a failure, PENDING before the acknowledgement. */
  result: Int32Array;
  /** For a READ: index into `seen` of its first unit's entry. */
  seenAt: Uint32Array;
  /** Five time stamps in nanoseconds of the monotonic clock: submit begins, submit ends (after the push), backend
   * call begins, backend call returned (or CQE seen), acknowledged (after settle, before the submitter sees it). */
  sb: Float64Array;
  se: Float64Array;
  st: Float64Array;
  co: Float64Array;
  ak: Float64Array;
  /**
   * When the gate let it go to its queue; 0 where it did not wait: there is no gate, or its submitter took it straight through.
   * No rule needs it, it tells where time went.
   */
  go: Float64Array;
  /** Per unit of a READ: the version it returned, or one of SEEN_*. */
  seen: Uint32Array;
}

/** Bytes of the buffer that holds a history of this size. */
export function historyBytes(submitters: number, rowsEach: number, seenEach: number): number {
  const rows = submitters * rowsEach;
  return 64 + align(submitters * 4) + 13 * 8 + rows * ROW_BYTES + submitters * seenEach * 4 + 64;
}

/** The columns of a history over `buffer`, whose size is `historyBytes` of the same numbers. */
export function openHistory(
  buffer: SharedArrayBuffer | ArrayBuffer,
  submitters: number,
  rowsEach: number,
  seenEach: number,
): History {
  if (submitters * rowsEach >= MAX_VERSION) throw new RangeError('a history has at most 2^32 - 16 rows');
  const rows = submitters * rowsEach;
  let at = 0;
  const take = (bytes: number): number => {
    const start = at;
    at += align(bytes);
    return start;
  };
  return {
    submitters,
    rowsEach,
    seenEach,
    count: new Int32Array(buffer, take(submitters * 4), submitters),
    sb: new Float64Array(buffer, take(rows * 8), rows),
    se: new Float64Array(buffer, take(rows * 8), rows),
    st: new Float64Array(buffer, take(rows * 8), rows),
    co: new Float64Array(buffer, take(rows * 8), rows),
    ak: new Float64Array(buffer, take(rows * 8), rows),
    go: new Float64Array(buffer, take(rows * 8), rows),
    unit: new Uint32Array(buffer, take(rows * 4), rows),
    result: new Int32Array(buffer, take(rows * 4), rows),
    seenAt: new Uint32Array(buffer, take(rows * 4), rows),
    device: new Uint16Array(buffer, take(rows * 2), rows),
    queue: new Uint16Array(buffer, take(rows * 2), rows),
    worker: new Uint16Array(buffer, take(rows * 2), rows),
    units: new Uint16Array(buffer, take(rows * 2), rows),
    kind: new Uint8Array(buffer, take(rows), rows),
    flags: new Uint8Array(buffer, take(rows), rows),
    seen: new Uint32Array(buffer, take(submitters * seenEach * 4), submitters * seenEach),
  };
}

function align(bytes: number): number {
  return (bytes + 7) & ~7;
}

/** The submitter that owns a row. */
export function submitterOf(history: History, row: number): number {
  return Math.floor(row / history.rowsEach);
}

/** True when the row's operation changes what its units hold. */
export function isMod(kind: number): boolean {
  return kind === WRITE || kind === DISCARD || kind === WRITE_ZEROES;
}
