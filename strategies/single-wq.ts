/**
 * single-wq: the baseline as the thread describes it.
 *
 * "Right now loopdev IOs are serialized by a single write queue per loopdev." One queue per device, one worker
 * behind it, everything in submission order. That is the thread's picture, not what shipped: Linux 5.17, its
 * kernel, had a worker per blkio cgroup.
 *
 * With `sync` the worker executes one operation at a time, so a FLUSH runs after every earlier one. With `uring`
 * it only *submits* in order: direct writes may still be in flight when the fsync runs, as in Linux 4.4 to 5.13.
 */
import type { Strategy } from './types.ts';

export const singleWq: Strategy = {
  name: 'single-wq',
  summary: 'one queue and one worker per device, submission order',
  source: 'Eric Wheeler, linux-block, 2022-04-14: "a single write queue per loopdev"',
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
