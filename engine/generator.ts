/**
 * What a job submits next: kind, file and offset, one operation after the other, from its seed alone. As in fio the
 * random patterns visit every block once before any block again, and sequential reads and writes of one job (`rw`) each
 * go through the file on their own.
 */
import type { Job } from '../datasets/workload.ts';
import { FLUSH, READ, WRITE } from '../ordering/history.ts';

export class Generator {
  /** Of the operation that `advance` produced last. */
  kind = READ;
  device = 0;
  offset = 0;

  private readonly job: Job;
  private readonly blocks: number;
  private readonly random: boolean;
  private readonly readShare: number;
  private readonly bits: number;
  private readonly mask: number;
  private readonly multiplier: number;
  private readonly addend: number;
  /** The next position: of file f at 2 f, and of its sequential writes at 2 f + 1. */
  private readonly position: Float64Array;
  /** Per file of the job: the writes since its last flush. */
  private readonly sinceFlush: Int32Array;
  /** The file whose turn it was last. */
  private turn: number;
  private state: number;

  constructor(job: Job, seed: number) {
    this.job = job;
    this.blocks = Math.floor(job.size / job.bs);
    if (this.blocks < 1 || this.blocks > 2 ** 32) {
      throw new RangeError(`${job.name}: ${this.blocks} blocks, a job has 1 to 2^32`);
    }
    this.random = job.pattern.startsWith('rand');
    this.readShare = readShare(job);
    this.bits = Math.max(2, Math.ceil(Math.log2(this.blocks)));
    this.mask = 2 ** this.bits - 1;
    this.state = scramble(seed ^ job.randseed) || 1;
    this.multiplier = (this.draw() << 2) | 1;
    this.addend = this.draw();
    this.position = new Float64Array(2 * job.files.length);
    this.sinceFlush = new Int32Array(job.files.length);
    this.turn = job.files.length - 1;
  }

  /** Produces the next operation. A flush that is due comes before anything else. */
  advance(): void {
    const { job } = this;
    const last = this.turn;
    if (job.fsync > 0 && this.sinceFlush[last]! >= job.fsync) {
      this.sinceFlush[last] = 0;
      this.kind = FLUSH;
      this.device = job.files[last]!;
      this.offset = 0;
      return;
    }
    this.turn = last + 1 < job.files.length ? last + 1 : 0;
    const file = this.turn;
    this.device = job.files[file]!;
    this.kind =
      this.readShare === 1 || (this.readShare > 0 && this.fraction() < this.readShare) ? READ : WRITE;
    if (this.kind === WRITE) this.sinceFlush[file]!++;
    this.offset = this.block(file) * job.bs;
  }

  private block(file: number): number {
    const stream = 2 * file + (!this.random && this.kind === WRITE ? 1 : 0);
    for (;;) {
      const at = this.position[stream]!;
      this.position[stream] = at + 1;
      if (!this.random) return at % this.blocks;
      const block = this.permute(at);
      if (block < this.blocks) return block;
    }
  }

  /** A bijection on [0, 2^bits) that differs from pass to pass: odd multiplication and xor-shift, both invertible. */
  private permute(at: number): number {
    const pass = Math.floor(at / (this.mask + 1));
    let x = (at + pass) & this.mask;
    const shift = (this.bits >> 1) | 1;
    for (let i = 0; i < 3; i++) {
      x = (Math.imul(x, this.multiplier) + this.addend + Math.imul(pass, 0x9e3779b1)) & this.mask;
      x = (x ^ (x >>> shift)) >>> 0;
    }
    return x;
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
  if (job.pattern === 'write' || job.pattern === 'randwrite') return 0;
  return job.readPercent / 100;
}
