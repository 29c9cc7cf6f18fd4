/**
 * zloop:N, the zoned loop device: every command is a work item, and N of a device execute at once.
 *
 * One workqueue per device with max_active = hardware queues x queue depth, so whatever is submitted may run at once. One
 * queue, N workers behind it: commands *start* in the order of submission and end in any. Two writes of one CPU overtake
 * each other as soon as two workers are free, and buffered ones meet at the inode's lock. A FLUSH is a work item too; it
 * syncs at once, while writes that were submitted before it still execute. (zloop syncs the whole file system, having a
 * file per zone; here it is the device's file.)
 *
 * 128 is what ships, 1 queue of depth 128; N is 4 unless it is named. zloop serializes the writes of a sequential zone by
 * a mutex and checks the write pointer; there are no zones here, and so there is no such order.
 */
import type { Strategy } from './types.ts';

export const zloop: Strategy = {
  name: 'zloop',
  summary: 'one queue per device and N workers that take whatever comes next',
  source: 'drivers/block/zloop.c; eb0570c7df23 ("block: new zoned loop block device driver")',
  parameter: { name: 'N', default: 4, least: 1, most: 128 },
  claims: ['integrity', 'completed', 'progress'],

  open(n, { devices }) {
    const each = Array.from({ length: devices }, (_, device) => device);
    return {
      layout: {
        queues: each.map(() => ({ maxActive: n })),
        workers: each.flatMap((queue) => Array.from({ length: n }, () => ({ serves: [queue] }))),
      },
      route: (op, rt) => rt.ops.device[op]!,
    };
  },
};
