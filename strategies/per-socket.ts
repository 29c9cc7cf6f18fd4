/**
 * per-socket: the thread's option a, "1:1 per socket".
 *
 * Each device has one queue and one worker for every socket, and an operation goes to the queue of the socket that
 * submitted it. It resembles an unbound workqueue before Linux 6.5, whose pools were per NUMA node. Operations of
 * one socket keep their order; those of two sockets overtake each other, and so does a FLUSH.
 */
import type { Strategy } from './types.ts';

export const perSocket: Strategy = {
  name: 'per-socket',
  summary: 'one queue and one worker per device and socket',
  source: 'Eric Wheeler, linux-block, 2022-04-14, option 2a: "1:1 per socket"',
  claims: ['integrity', 'completed', 'progress'],

  open(_parameter, { devices, sockets, socketOf }) {
    const each = Array.from({ length: devices * sockets }, (_, queue) => queue);
    return {
      layout: {
        queues: each.map(() => ({ maxActive: 1 })),
        workers: each.map((queue) => ({ serves: [queue] })),
      },
      route: (op, rt) => rt.ops.device[op]! * sockets + socketOf[rt.ops.cpu[op]!]!,
    };
  },
};
