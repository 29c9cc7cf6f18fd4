import type { Job } from '../datasets/workload.ts';
import { READ } from '../ordering/history.ts';

/** The block sizes of a job's reads or of its writes, and how often each comes. */
export class Lengths {
  /** The smallest; offsets are multiples of it. */
  readonly least: number;
  /** There is only one. */
  readonly single: boolean;
  private readonly bytes: Float64Array;
  /** Per size: the share of it and of those before it. */
  private readonly upTo: Float64Array;

  constructor(job: Job, kind: number) {
    const all = [{ bytes: job.bs, percent: 100 }];
    const shares = job.split ? (kind === READ ? job.split.read : job.split.write) : all;
    this.bytes = Float64Array.from(shares, (share) => share.bytes);
    this.least = Math.min(...this.bytes);
    this.single = shares.length === 1;
    this.upTo = new Float64Array(shares.length);
    let sum = 0;
    for (const [i, share] of shares.entries()) this.upTo[i] = sum += share.percent / 100;
  }

  /** The size for a uniform u in [0, 1). */
  at(u: number): number {
    let i = 0;
    const last = this.bytes.length - 1;
    while (i < last && u >= this.upTo[i]!) i++;
    return this.bytes[i]!;
  }
}
