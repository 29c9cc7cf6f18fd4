/**
 * thread: what the driver was up to Linux 3.19, before there was anything to choose.
 *
 * Each device has one kernel thread and one list of bios. The thread takes the oldest, does its I/O while it waits,
 * and takes the next: total order, one I/O at a time, and random reads that never overlap (1,740 IOPS in the cover
 * letter that replaced it, against 25,318 after). It took bios itself, so nothing stood in front of it: a FLUSH was
 * fsynced in line, a PREFLUSH before its data and a FUA after it.
 *
 * With `sync` it is `single-wq` by another name: two kernels apart, one queue and one worker all the same. There was no direct
 * I/O yet; with `uring` its worker has one I/O in flight and waits for it. So whatever the backend, a FLUSH comes after
 * everything before it and before everything behind it: `submitted` and `barrier`, which nobody asked of it, hold as long as
 * no flush policy takes them.
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
        workers: each.map((queue) => ({ serves: [queue], inFlight: 1 })),
      },
      route: (op, rt) => rt.ops.device[op]!,
    };
  },
};
