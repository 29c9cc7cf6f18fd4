/**
 * When the operations of an open loop should begin: reads and writes at equal intervals each, the first at once, as in fio.
 * So the moment of each follows from its number, and whoever has a job's history can say how late each was.
 */
import type { Job } from '../datasets/workload.ts';
import { FLUSH, READ, WRITE } from '../ordering/history.ts';

export class Schedule {
  private readonly gaps: number[];
  private readonly taken = [0, 0];
  private last = 0;

  constructor(rate: NonNullable<Job['rate']>) {
    this.gaps = [gap(rate.read), gap(rate.write)];
  }

  /** When the next read or write is due, nanoseconds after the beginning. */
  next(): number {
    return Math.min(this.at(READ), this.at(WRITE));
  }

  /** The kind of the next one, which is counted as begun. */
  take(): number {
    const kind = this.at(READ) <= this.at(WRITE) ? READ : WRITE;
    this.begun(kind);
    return kind;
  }

  /** An operation of this kind has begun. Returns when it should have; a FLUSH belongs to the write that made it due. */
  begun(kind: number): number {
    if (kind === FLUSH) return this.last;
    this.last = this.at(kind);
    this.taken[kind]!++;
    return this.last;
  }

  private at(kind: number): number {
    // Not 0 * Infinity, which is no number.
    return this.gaps[kind] === Number.POSITIVE_INFINITY
      ? Number.POSITIVE_INFINITY
      : this.taken[kind]! * this.gaps[kind]!;
  }
}

function gap(rate: number): number {
  return rate > 0 ? 1e9 / rate : Number.POSITIVE_INFINITY;
}
