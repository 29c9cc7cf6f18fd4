/**
 * kthread-worker: the driver of Linux 4.4 to 5.13, one kthread_worker per device.
 *
 * Back to a single thread, this time on purpose: it saves the context switches of a workqueue, and direct I/O, new in the same
 * release, is submitted asynchronously (`kiocb`), so one thread keeps many I/Os in flight. *Submission* is FIFO. Buffered
 * I/O runs one at a time, direct I/O completes in any order. A FLUSH is `vfs_fsync` in the same thread: direct writes
 * before it may still be in flight when it begins, and everything behind it waits until it has ended.
 *
 * All of that is what a single queue with a ring does here, so its layout is that of `single-wq`, which the thread
 * described and which never shipped; this one did. Not modelled: its I/O was charged to the root cgroup, the reason for
 * `blkcg`.
 */
import type { Strategy } from './types.ts';

export const kthreadWorker: Strategy = {
  name: 'kthread-worker',
  summary: 'one thread per device, direct I/O asynchronous',
  source:
    'Linux 4.4, e03a3d7a94e2 ("block: loop: use kthread_work") and ' +
    'bc07c10a3603 ("block: loop: support DIO & AIO")',
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
