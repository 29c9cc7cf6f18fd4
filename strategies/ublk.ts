/**
 * ublk:N, the user-space block driver: N I/O threads per device, and each request slot belongs to one of them.
 *
 * A ublk server's thread holds one io_uring through which it fetches requests, does the backend's I/O and answers. Every
 * (queue, tag) has one such daemon for good, so neither CPU nor offset decides: an operation goes to daemon (tag mod N).
 * A submitter that keeps many in flight spreads over all daemons; one with a single slot stays with one. Tags have no
 * order among each other, not even those of one CPU. A FLUSH is a request like any other: its tag's daemon fsyncs, and
 * what the others have in flight is their business. Tags spread what a queue would batch, so nearly every operation wakes a
 * daemon: on `null`, where nothing else costs, 0.63 context switches an operation against 0.16 of `single-wq`, and 2.0 to 2.8 x its CPU time.
 *
 * `lba-affinity` speaks through the CPU and so has no say here. Not modelled: the way from the kernel to the server and
 * back, which is what ublk costs and what its zero copy saves.
 */
import type { Strategy } from './types.ts';

export const ublk: Strategy = {
  name: 'ublk',
  summary: 'N I/O threads with a ring each per device, chosen by the request tag',
  source:
    'drivers/block/ublk_drv.c, UBLK_F_PER_IO_DAEMON: "have a per-io daemon instead of a per-queue daemon"',
  parameter: { name: 'N', default: 4, least: 1, most: 64 },
  claims: ['integrity', 'completed', 'progress'],

  open(n, { devices }) {
    const each = Array.from({ length: devices * n }, (_, queue) => queue);
    return {
      layout: {
        queues: each.map(() => ({ maxActive: 1 })),
        workers: each.map((queue) => ({ serves: [queue] })),
      },
      route: (op, rt) => rt.ops.device[op]! * n + (op % n),
    };
  },
};
