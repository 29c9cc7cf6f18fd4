/**
 * A submitter's side of the history: it stamps what is written, notes each operation when it is submitted and again
 * when it was acknowledged, checks what reads brought, and counts. Off, it only counts.
 */
import type { Job } from '../datasets/workload.ts';
import {
  FLUSH,
  type History,
  PENDING,
  READ,
  SEEN_FOREIGN,
  SEEN_TORN,
  SEEN_UNCHECKED,
  WRITE,
} from '../ordering/history.ts';
import { FSYNCS_PER_OP } from './fsync-log.ts';
import { ENODEV } from './libc.ts';
import { stamp, versionOf } from './stamps.ts';

/** What a read brought that no version tells: the first words of the unit. */
export interface Oddity {
  row: number;
  unit: number;
  words: number[];
}

/** An operation that failed or was cut short. */
export interface OpFailure {
  kind: number;
  device: number;
  offset: number;
  bytes: number;
  /** -errno, or the bytes transferred. */
  result: number;
}

/** What a submitter says at the end of a trial. */
export interface SubmitterReport {
  /** Nanoseconds of the trial's clock: the job began, its measured window began (later by ramp_time) and ended. */
  origin: number;
  start: number;
  end: number;
  /** Reads and writes acknowledged between start and end. */
  inWindow: number;
  reads: number;
  writes: number;
  flushes: number;
  /** Flushes at the very end (end_fsync): the last operations of the submitter. As in fio they count nowhere else. */
  closing: number;
  bytes: number;
  /** Nanoseconds of the measured window in which it waited and had no free tag. */
  blocked: number;
  /** Operations that it tried itself and had to leave to a queue; undefined in a design that has it try none. */
  punts?: number;
  oddities: Oddity[];
  /** The first operation that failed; how many did, those of detached devices not counted; and how many of those (ENODEV). */
  failure?: OpFailure;
  failed: number;
  detached: number;
  /** The history was full and the submitter stopped early. */
  cut: boolean;
}

/** Oddities kept per trial and submitter; a foreign read is fatal, so a few tell all. */
const MAX_ODDITIES = 16;

export interface RecorderPlan {
  history: History | undefined;
  submitter: number;
  /** Segment of the history in which fsyncs for this submitter are noted, or -1. */
  notes: number;
  job: Job;
  unitBytes: number;
  /** False on the null backend: reads bring nothing. */
  dataHeld: boolean;
  /** Devices are detached under this trial: an operation that finds none (ENODEV) is no failure. */
  detaches?: boolean;
  /** Words of the run and of the trial, as stamps.ts has them. */
  base: number;
  trial: number;
  /** The submitter's view of the data memory and where tag t's buffer begins, in words. */
  data: Uint32Array;
  bufferWords: number;
}

export class Recorder {
  readonly report: SubmitterReport = {
    origin: 0,
    start: 0,
    end: 0,
    inWindow: 0,
    reads: 0,
    writes: 0,
    flushes: 0,
    closing: 0,
    bytes: 0,
    blocked: 0,
    oddities: [],
    failed: 0,
    detached: 0,
    cut: false,
  };
  private readonly plan: RecorderPlan;
  /** Of the largest block. */
  private readonly unitsPerOp: number;
  private readonly unitWords: number;
  private row: number;
  private readonly lastRow: number;
  private seenNext: number;
  private readonly seenLast: number;

  constructor(plan: RecorderPlan) {
    this.plan = plan;
    this.unitsPerOp = plan.job.bs / plan.unitBytes;
    this.unitWords = plan.unitBytes / 4;
    const { history, submitter } = plan;
    this.row = history ? submitter * history.rowsEach : 0;
    this.lastRow = history ? this.row + history.rowsEach : Number.POSITIVE_INFINITY;
    this.seenNext = history ? submitter * history.seenEach : 0;
    this.seenLast = history ? this.seenNext + history.seenEach : Number.POSITIVE_INFINITY;
    if (history) history.count[submitter] = 0;
  }

  /** True when a further operation can be noted. */
  hasRoom(): boolean {
    const { history, notes, job } = this.plan;
    if (notes >= 0 && history!.count[notes]! + FSYNCS_PER_OP * job.iodepth > history!.rowsEach) return false;
    return this.row < this.lastRow && this.seenNext + this.unitsPerOp <= this.seenLast;
  }

  /** Notes an operation and stamps its data; call it before the submission. Returns its row. */
  prepare(kind: number, flags: number, device: number, offset: number, bytes: number, tag: number): number {
    const { history, unitBytes } = this.plan;
    const row = this.row++;
    if (history === undefined) return row;
    history.kind[row] = kind;
    history.flags[row] = flags;
    history.device[row] = device;
    history.unit[row] = offset / unitBytes;
    history.units[row] = bytes / unitBytes;
    history.result[row] = PENDING;
    history.st[row] = 0;
    history.co[row] = 0;
    history.ak[row] = 0;
    history.go[row] = 0;
    if (kind === WRITE) {
      const { data, bufferWords, trial } = this.plan;
      stamp(data, tag * bufferWords, bytes, offset, trial, device, row + 1);
    } else if (kind === READ) {
      history.seenAt[row] = this.seenNext;
      this.seenNext += bytes / unitBytes;
    }
    return row;
  }

  /** The submission began at sb and ended at se. */
  submitted(row: number, sb: number, se: number): void {
    const { history, submitter } = this.plan;
    if (history === undefined) return;
    history.sb[row] = sb;
    history.se[row] = se;
    history.count[submitter]!++;
  }

  /** The operation was acknowledged: notes the rest, checks what a read brought, counts. */
  finished(
    row: number,
    kind: number,
    tag: number,
    offset: number,
    bytes: number,
    device: number,
    result: number,
  ): void {
    const { report } = this;
    const whole = kind === FLUSH ? result >= 0 : result === bytes;
    if (kind === READ && this.plan.history !== undefined) {
      if (whole) this.check(row, tag, offset, bytes, device);
      else this.uncheck(row, bytes);
    }
    if (!whole) {
      this.note({ kind, device, offset, bytes, result });
      return;
    }
    report.bytes += bytes;
    if (kind === READ) report.reads++;
    else if (kind === FLUSH) report.flushes++;
    else report.writes++;
  }

  /** What failed counts nowhere else: it would pass for speed. */
  private note(failure: OpFailure): void {
    const { report, plan } = this;
    if (failure.result === -ENODEV && plan.detaches === true) report.detached++;
    else {
      report.failed++;
      report.failure ??= failure;
    }
  }

  /** A read that brought less than it was asked for says nothing of its units; what an earlier trial left there must go. */
  private uncheck(row: number, bytes: number): void {
    const { history, unitBytes } = this.plan;
    const seenAt = history!.seenAt[row]!;
    history!.seen.fill(SEEN_UNCHECKED, seenAt, seenAt + bytes / unitBytes);
  }

  private check(row: number, tag: number, offset: number, bytes: number, device: number): void {
    const { history, unitBytes, data, bufferWords, base, trial, dataHeld } = this.plan;
    const seenAt = history!.seenAt[row]!;
    for (let unit = 0, units = bytes / unitBytes; unit < units; unit++) {
      const at = tag * bufferWords + unit * this.unitWords;
      const version = dataHeld
        ? versionOf(data, at, unitBytes, offset + unit * unitBytes, base, trial, device)
        : SEEN_UNCHECKED;
      history!.seen[seenAt + unit] = version;
      if ((version === SEEN_FOREIGN || version === SEEN_TORN) && this.report.oddities.length < MAX_ODDITIES) {
        this.report.oddities.push({ row, unit, words: Array.from(data.subarray(at, at + 4)) });
      }
    }
  }
}
