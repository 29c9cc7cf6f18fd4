/**
 * thread: what the driver was up to Linux 3.19, before there was anything to choose.
 *
 * Each device has one kernel thread and one list of bios. The thread takes the oldest, does its I/O while it waits,
 * and takes the next: total order, one I/O at a time, and random reads that never overlap (1,740 IOPS in the cover
 * letter that replaced it, against 25,318 after). It took bios itself, so nothing stood in front of it: a FLUSH was
 * fsynced in line, a PREFLUSH before its data and a FUA after it.
 *
 * With `sync` that is what happens here. With `uring` the engine's worker *submits* in order and keeps many I/Os in
 * flight, which the thread never did; there was no direct I/O either. So its rows mean something on `sync` alone, where
 * it is `single-wq` by another name: two kernels apart, one queue and one worker all the same.
 */
import type { Strategy } from './types.ts';

export const thread: Strategy = {
  name: 'thread',
  summary: 'one thread and one list per device, one I/O at a time',
  source: 'Linux 3.19 and before, drivers/block/loop.c, loop_thread()',
  claims: ['integrity', 'completed', 'progress'],

  open(_parameter, { devices }) {
    const each = Array.from({ length: devices }, (_, device) => device);
    return {
      layout: {
        queues: each.map(() => ({ maxActive: 1 })),
        workers: each.map((queue) => ({ serves: [queue] })),
      },
      route: (op, rt) => rt.ops.device[op]!,
    };
  },
};
