/**
 * mq-global:N, the driver of Linux 4.0: one workqueue, `kloopd`, for all devices.
 *
 * Every read is a work item of its own, so reads start in order and run in parallel, whatever their device. Writes go to a
 * list of their device that one work item drains, because "write requests over same file are often run exclusively": FIFO,
 * one at a time, and one device's list never waits for another's. A FLUSH is a write to the driver and stands on that list
 * too, so it runs after every write queued before it, while reads pass it. A work item waits for its I/O; there was no direct
 * I/O yet, and with `uring` it waits as well.
 *
 * N is the number of readers that all devices share; each device has a writer beside them. What shipped asked for
 * max_active 0, the default, which is in the hundreds: the workers were too many and their priority too high, and a
 * live CD booted twice as slowly on 4 cores as on 1. Each writer here is a thread of its own, where the kernel's came out of
 * the same pool as the readers.
 *
 * On `null` a mix of reads and writes takes 1.7 to 1.9 x the CPU time of `single-wq`: it wakes two workers where that wakes one, 0.36
 * context switches an operation against 0.16.
 */
import type { Strategy } from './types.ts';

const READ = 0;

/** The readers' queue; behind it one for each device's writes. */
const READS = 0;

export const mqGlobal: Strategy = {
  name: 'mq-global',
  summary: 'N readers for all devices, one writer for each',
  source: 'Linux 4.0, b5dd2f6047ca ("block: loop: improve performance via blk-mq")',
  parameter: { name: 'N', default: 4, least: 1, most: 256 },
  claims: ['integrity', 'completed', 'progress'],

  open(n, { devices }) {
    const writes = Array.from({ length: devices }, (_, device) => 1 + device);
    return {
      layout: {
        queues: [{ maxActive: n }, ...writes.map(() => ({ maxActive: 1 }))],
        workers: [
          ...Array.from({ length: n }, () => ({ serves: [READS], inFlight: 1 })),
          ...writes.map((queue) => ({ serves: [queue], inFlight: 1 })),
        ],
      },
      route: (op, { ops }) => (ops.kind[op] === READ ? READS : 1 + ops.device[op]!),
    };
  },
};
