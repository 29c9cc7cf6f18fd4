/**
 * What a client's job submits next (ordering/clients): the steps of its script one after the other, for ever, each when those that
 * it waits for were acknowledged. It stands where a Generator stands for other jobs.
 */
import type { Job } from '../datasets/workload.ts';
import type { Client, Step } from '../ordering/clients/client.ts';
import { CLIENTS } from '../ordering/clients/index.ts';
import { FLUSH, READ } from '../ordering/history.ts';

/** Bytes of a client's unit. */
const UNIT = 4096;

export class Script {
  kind = READ;
  flags = 0;
  device = 0;
  offset = 0;
  bytes = 0;
  readonly due = 0;
  /** The thread of the file system that submits it: so many CPUs on from the submitter's own. */
  thread = 0;

  private readonly job: Job;
  private readonly steps: readonly Step[];
  /** Of the step that comes next, from the beginning of the job. */
  private next = 0;
  /** By number of a step, modulo its length: 1 while it is outstanding. No step begins while the one so far back still is. */
  private readonly outstanding: Uint8Array;
  /** By tag of the job, from 0: the number of its step. */
  private readonly stepOf: Float64Array;

  constructor(job: Job) {
    this.job = job;
    this.steps = clientNamed(job.client!).script;
    const farthest = Math.max(...this.steps.flatMap(({ after }) => after));
    this.outstanding = new Uint8Array(2 ** Math.ceil(Math.log2(farthest + 1)));
    this.stepOf = new Float64Array(job.iodepth);
  }

  /** True when what the next step waits for was acknowledged. */
  ready(): boolean {
    const { outstanding, next } = this;
    const last = outstanding.length - 1;
    const { after } = this.steps[next % this.steps.length]!;
    if (outstanding[next & last] === 1) return false;
    for (let i = 0; i < after.length; i++) {
      const before = next - after[i]!;
      if (before >= 0 && outstanding[before & last] === 1) return false;
    }
    return true;
  }

  advance(): void {
    const { kind, flags, thread, unit, units } = this.steps[this.next++ % this.steps.length]!;
    this.kind = kind;
    this.flags = flags;
    this.thread = thread;
    this.device = this.job.files[0]!;
    this.offset = kind === FLUSH ? 0 : (this.job.offset ?? 0) + unit * UNIT;
    this.bytes = units * UNIT;
  }

  /** A job of a client ends with its time, and flushes nothing then. */
  flush(): void {
    throw new Error('a client flushes by its script alone');
  }

  /** The step that `advance` gave last went out with the job's tag `tag`, counted from 0. */
  issued(tag: number): void {
    const step = this.next - 1;
    this.stepOf[tag] = step;
    this.outstanding[step & (this.outstanding.length - 1)] = 1;
  }

  acknowledged(tag: number): void {
    this.outstanding[this.stepOf[tag]! & (this.outstanding.length - 1)] = 0;
  }
}

function clientNamed(name: string): Client {
  const found = CLIENTS.find((client) => client.name === name);
  if (found === undefined) throw new Error(`no client is called ${name}`);
  return found;
}
