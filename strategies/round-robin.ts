/**
 * round-robin:N, dm-vdo's work queue: a group of N queues with one thread each, taken in turns.
 *
 * Whoever submits counts one up and takes the queue whose turn it is; dm-vdo's counter is the CPU's, one for all its
 * groups, and it says that "it shouldn't be a big deal". Load is even whatever the CPUs and offsets are, and order is
 * gone: two operations that follow each other go to two queues by design. A FLUSH takes the next queue and runs beside
 * the N - 1 others. What evenness costs: an operation finds its worker asleep more often than one that follows others into
 * the same queue, so nearly each one pays for a wake-up and a switch: on `null`, where nothing else costs, 0.82 switches an
 * operation against 0.16 of `single-wq`, and 2.4 to 3.2 x its CPU time.
 *
 * The counter is a variable of `open`, which every thread calls once: so each submitter has a turn of its own, as each CPU has
 * in dm-vdo, and so has a worker whose completion releases a parked operation. Nothing is shared, and the turns are even
 * per submitter, not over all. `lba-affinity` speaks through the CPU and has no say here.
 */
import type { Strategy } from './types.ts';

export const roundRobin: Strategy = {
  name: 'round-robin',
  summary: 'N queues and workers per device, taken in turns by each submitter',
  source: 'drivers/md/dm-vdo/funnel-workqueue.c, vdo_enqueue_work_queue()',
  parameter: { name: 'N', default: 4, least: 1, most: 64 },
  claims: ['integrity', 'completed', 'progress'],

  open(n, { devices }) {
    const each = Array.from({ length: devices * n }, (_, queue) => queue);
    let turn = 0;
    return {
      layout: {
        queues: each.map(() => ({ maxActive: 1 })),
        workers: each.map((queue) => ({ serves: [queue] })),
      },
      route(op, rt) {
        turn = turn + 1 < n ? turn + 1 : 0;
        return rt.ops.device[op]! * n + turn;
      },
    };
  },
};
