/**
 * What a job submits next: kind, file, offset and length, one operation after the other, from its seed alone. As in fio
 * the random patterns visit every block once before any block again unless the job chooses otherwise, and sequential
 * reads and writes of one job (`rw`) each go through the file on their own.
 */
import type { Job } from '../datasets/workload.ts';
import { DISCARD, FLUSH, FUA, READ, WRITE } from '../ordering/history.ts';
import { type Ranks, ranksOf } from './distribution.ts';
import { Lengths } from './lengths.ts';
import { Permutation } from './permutation.ts';
import { Schedule } from './schedule.ts';
import { Visited } from './visited.ts';

/** Where a job's operations come from, one after the other. */
export interface Source {
  kind: number;
  flags: number;
  device: number;
  offset: number;
  bytes: number;
  due: number;
  advance(): void;
  flush(file: number): void;
}

export class Generator implements Source {
  /** Of the operation that `advance` produced last. */
  kind = READ;
  /** FUA where it is a WRITE and the job asks for it. */
  flags = 0;
  device = 0;
  offset = 0;
  /** Its length; 0 for a FLUSH. */
  bytes = 0;
  /** When the next operation is due, nanoseconds after the job began; 0 without a rate. */
  due = 0;

  private readonly job: Job;
  private readonly start: number;
  private readonly random: boolean;
  private readonly readShare: number;
  /** What a job does that neither reads nor writes alone: trims, or a trim and then a write of each block. */
  private readonly trims: boolean;
  private readonly trimsFirst: boolean;
  private readonly writeFlags: number;
  private readonly lengths: Lengths[];
  private readonly permutation: Permutation;
  private readonly ranks: Ranks | undefined;
  private readonly visited: Visited[];
  private readonly schedule: Schedule | undefined;
  /** Per file and, of sequential jobs, direction: the next byte, or how many blocks a permuted pass has given. */
  private readonly position: Float64Array;
  /** Per file of the job: the writes since its last flush. */
  private readonly sinceFlush: Int32Array;
  /** The file whose turn it was last. */
  private turn: number;
  private state: number;

  constructor(job: Job, seed: number) {
    this.job = job;
    this.start = job.offset ?? 0;
    this.state = scramble(seed ^ job.randseed) || 1;
    this.lengths = [new Lengths(job, READ), new Lengths(job, WRITE)];
    const least = Math.min(...this.lengths.map((lengths) => lengths.least));
    const blocks = Math.floor(job.size / least);
    if (job.size < job.bs || blocks > 2 ** 32) {
      throw new RangeError(`${job.name}: ${blocks} blocks, a job has 1 to 2^32`);
    }
    this.random = job.pattern.startsWith('rand');
    this.readShare = readShare(job);
    this.trims = job.pattern.endsWith('trim');
    this.trimsFirst = job.pattern.endsWith('trimwrite');
    this.writeFlags = job.fua ? FUA : 0;
    this.permutation = new Permutation(blocks, this.draw(), this.draw());
    this.ranks = ranksOf(job.choice, blocks);
    const remembers = this.random && job.split !== undefined && job.choice === undefined;
    this.visited = remembers ? job.files.map(() => new Visited(blocks)) : [];
    this.schedule = job.rate && new Schedule(job.rate);
    this.position = new Float64Array(2 * job.files.length);
    this.sinceFlush = new Int32Array(job.files.length);
    this.turn = job.files.length - 1;
  }

  /** Produces the next operation. A flush that is due comes before anything else. */
  advance(): void {
    if (this.flushIsDue()) this.flush(this.turn);
    else if (this.trimsFirst && this.kind === DISCARD) this.writeTrimmed();
    else this.advanceData(this.turn + 1 < this.job.files.length ? this.turn + 1 : 0);
    if (this.schedule) this.due = this.flushIsDue() ? 0 : this.schedule.next();
  }

  /** Makes the next operation a FLUSH of the job's file `file`. */
  flush(file: number): void {
    this.sinceFlush[file] = 0;
    this.kind = FLUSH;
    this.flags = 0;
    this.device = this.job.files[file]!;
    this.offset = 0;
    this.bytes = 0;
  }

  private advanceData(file: number): void {
    this.turn = file;
    this.device = this.job.files[file]!;
    this.kind = this.nextKind();
    this.flags = this.kind === WRITE ? this.writeFlags : 0;
    if (this.kind === WRITE) this.sinceFlush[file]!++;
    this.place(file, this.kind === READ ? READ : WRITE);
  }

  /** As in fio each trimmed block is written before the next one is trimmed. */
  private writeTrimmed(): void {
    this.kind = WRITE;
    this.flags = this.writeFlags;
    this.sinceFlush[this.turn]!++;
  }

  private flushIsDue(): boolean {
    return this.job.fsync > 0 && this.sinceFlush[this.turn]! >= this.job.fsync;
  }

  private nextKind(): number {
    if (this.schedule) return this.schedule.take();
    if (this.trims || this.trimsFirst) return DISCARD;
    return this.readShare === 1 || (this.readShare > 0 && this.fraction() < this.readShare) ? READ : WRITE;
  }

  /** Where in the file, and how many bytes. */
  private place(file: number, direction: typeof READ | typeof WRITE): void {
    const { job } = this;
    const lengths = this.lengths[direction]!;
    let at: number;
    if (!this.random) {
      const stream = 2 * file + direction;
      at = this.position[stream]!;
      if (at + lengths.least > job.size) at = 0;
      this.bytes = this.drawLength(lengths, job.size - at);
      this.position[stream] = at + this.bytes;
    } else if (this.visited.length > 0) {
      const visited = this.visited[file]!;
      visited.seek(Math.floor(this.fraction() * this.permutation.size));
      at = visited.first * lengths.least;
      this.bytes = visited.take(this.drawLength(lengths, job.size - at) / lengths.least) * lengths.least;
    } else {
      at = this.block(file, lengths) * lengths.least;
      this.bytes = this.drawLength(lengths, job.size - at);
    }
    this.offset = this.start + at;
  }

  private block(file: number, lengths: Lengths): number {
    const { permutation } = this;
    if (this.job.choice?.kind === 'uniform') {
      return Math.floor(this.fraction() * Math.floor(this.job.size / lengths.least));
    }
    if (this.ranks) return permutation.within(this.ranks.rank(this.fraction()));
    for (;;) {
      const at = this.position[2 * file]!;
      this.position[2 * file] = at + 1;
      const block = permutation.map(at);
      if (block < permutation.size) return block;
    }
  }

  /** A length that fits into what is left of the file; the least one always does. */
  private drawLength(lengths: Lengths, left: number): number {
    if (lengths.single) return lengths.least;
    for (;;) {
      const bytes = lengths.at(this.fraction());
      if (bytes <= left) return bytes;
    }
  }

  /** xorshift32 (Marsaglia 2003). */
  private draw(): number {
    let x = this.state;
    x ^= x << 13;
    x ^= x >>> 17;
    x ^= x << 5;
    this.state = x;
    return x >>> 0;
  }

  private fraction(): number {
    return this.draw() / 0x1_0000_0000;
  }
}

/** Seeds that differ in one bit must not begin alike (the finalizer of MurmurHash3). */
function scramble(seed: number): number {
  let x = Math.imul(seed ^ (seed >>> 16), 0x85ebca6b);
  x = Math.imul(x ^ (x >>> 13), 0xc2b2ae35);
  return x ^ (x >>> 16);
}

function readShare(job: Job): number {
  if (job.pattern === 'read' || job.pattern === 'randread') return 1;
  if (job.pattern !== 'rw' && job.pattern !== 'randrw') return 0;
  return job.readPercent / 100;
}
