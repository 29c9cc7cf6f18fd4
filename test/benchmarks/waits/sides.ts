/** What a trial's reports add to a history by hand. */
import {
  type FsyncCalls,
  fsyncCalls,
  type Measured,
  measuredOf,
} from '../../../benchmarks/waits/measured.ts';
import type { Job } from '../../../datasets/workload.ts';
import type { SubmitterReport } from '../../../engine/recorder.ts';
import type { History } from '../../../ordering/history.ts';

const JOB: Job = {
  name: 'job',
  pattern: 'randrw',
  readPercent: 50,
  bs: 4096,
  size: 2 ** 20,
  files: [0],
  iodepth: 8,
  fsync: 0,
  dataSync: false,
  runtime: 1,
  count: 0,
  randseed: 1,
};

function reports(jobs: number, start: number): SubmitterReport[] {
  const counts = { inWindow: 0, reads: 0, writes: 0, flushes: 0, closing: 0, bytes: 0, blocked: 0 };
  return Array.from({ length: jobs }, () => ({
    origin: 0,
    start,
    end: 1e9,
    ...counts,
    failed: 0,
    detached: 0,
    oddities: [],
    cut: false,
  }));
}

export function measuredIn(history: History, jobs: number, start = 0): Measured {
  return measuredOf(history, new Array<Job>(jobs).fill(JOB), reports(jobs, start));
}

export function callsIn(history: History, jobs: number, start = 0): FsyncCalls {
  return fsyncCalls(history, jobs, reports(jobs, start));
}

/** Nanoseconds to microseconds, whatever they are in. */
export function micro<T extends object>(waits: T): { [K in keyof T]: unknown } {
  return Object.fromEntries(
    Object.entries(waits).map(([name, ns]) => [
      name,
      Array.isArray(ns) ? ns.map((value: number) => value / 1000) : (ns as number) / 1000,
    ]),
  ) as { [K in keyof T]: unknown };
}
