/**
 * blkcg:N, the driver since Linux 5.14: one work item per blkio cgroup.
 *
 * Each device keeps a worker per cgroup that submits to it, and a root worker beside them. An operation goes to its own
 * cgroup's worker, FIFO, one at a time. The FLUSH request that the block layer makes has no bio and therefore no cgroup, so the
 * *root worker* runs it, in parallel to the writers of every cgroup. N is the number of cgroups that the submitters are
 * spread over; with 0 all of them are in the root cgroup and one worker does everything, which is what a machine without
 * io cgroups has.
 */
import type { Strategy } from './types.ts';

const FLUSH = 2;

export const blkcg: Strategy = {
  name: 'blkcg',
  summary: 'a worker per device and cgroup, FLUSH on the root worker',
  source: 'Linux 5.14, 87579e9 ("loop: use worker per cgroup instead of kworker"); drivers/block/loop.c',
  parameter: { name: 'N', default: 1, least: 0, most: 64 },
  claims: ['integrity', 'completed', 'progress'],

  open(n, { devices }) {
    const each = Array.from({ length: devices * (n + 1) }, (_, queue) => queue);
    return {
      layout: {
        queues: each.map(() => ({ maxActive: 1 })),
        workers: each.map((queue) => ({ serves: [queue] })),
      },
      route(op, { ops }) {
        const root = ops.device[op]! * (n + 1);
        return n === 0 || ops.kind[op] === FLUSH ? root : root + 1 + (ops.cgroup[op]! % n);
      },
    };
  },
};
