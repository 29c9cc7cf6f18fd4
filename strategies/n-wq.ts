/**
 * n-wq:N, the thread's option b, "user configurable as a module parameter".
 *
 * Each device has N queues with one worker each, and an operation goes to queue (submitting CPU mod N). A CPU's own
 * operations keep their order as long as it stays the same CPU; a FLUSH runs on its submitter's queue alone and
 * knows nothing of the other N - 1.
 */
import type { Strategy } from './types.ts';

export const nWq: Strategy = {
  name: 'n-wq',
  summary: 'N queues and workers per device, chosen by the submitting CPU',
  source: 'Eric Wheeler, linux-block, 2022-04-14, option 2b: "User configurable as a module parameter"',
  parameter: { name: 'N', default: 4, least: 1, most: 64 },
  claims: ['integrity', 'completed', 'progress'],

  open(n, { devices }) {
    const each = Array.from({ length: devices * n }, (_, queue) => queue);
    return {
      layout: {
        queues: each.map(() => ({ maxActive: 1 })),
        workers: each.map((queue) => ({ serves: [queue] })),
      },
      route: (op, rt) => rt.ops.device[op]! * n + (rt.ops.cpu[op]! % n),
    };
  },
};
