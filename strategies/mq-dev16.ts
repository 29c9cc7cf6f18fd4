/**
 * mq-dev16:N, the driver of Linux 4.1 to 4.3: `mq-global` with a workqueue per device and max_active 16.
 *
 * Stacked loops needed forward progress of their own, so the workqueue became the device's; and fewer workers were to hurt
 * a live CD less. Reads are work items of their own, writes and FLUSHes stand on one list that one of the work items
 * drains, FIFO, one at a time. At most N work items of a device execute at once: N - 1 workers read, and the last one
 * drains the write list and reads in turns. A work item waits for its I/O, with `uring` too, so N is also what is in flight.
 *
 * 16 is what shipped; N is 4 here unless it is named, because every worker is a thread for as long as the run lasts. The
 * kernel lets any of the 16 drain the list; here it is always the same one, so the list can wait for a read of its own
 * worker, as in the kernel it can wait for a free place among 16. On `null` a mix of reads and writes takes 1.2 to 1.9 x the CPU time
 * of `single-wq`, since several workers are woken where that wakes one.
 */
import type { Strategy } from './types.ts';

const READ = 0;

export const mqDev16: Strategy = {
  name: 'mq-dev16',
  summary: 'N workers per device: reads in parallel, writes one at a time',
  source:
    'Linux 4.1, f4aa4c7bbac6 ("block: loop: convert to per-device workqueue") and ' +
    '4d4e41aef942 ("block: loop: avoiding too many pending per work I/O")',
  parameter: { name: 'N', default: 4, least: 1, most: 64 },
  claims: ['integrity', 'completed', 'progress'],

  open(n, { devices }) {
    const each = Array.from({ length: devices }, (_, device) => device);
    return {
      layout: {
        // Of each device its reads, then its writes.
        queues: each.flatMap(() => [{ maxActive: n }, { maxActive: 1 }]),
        workers: each.flatMap((device) => [
          ...Array.from({ length: n - 1 }, () => ({ serves: [2 * device], inFlight: 1 })),
          { serves: [2 * device, 2 * device + 1], inFlight: 1 },
        ]),
      },
      route: (op, { ops }) => 2 * ops.device[op]! + (ops.kind[op] === READ ? 0 : 1),
    };
  },
};
