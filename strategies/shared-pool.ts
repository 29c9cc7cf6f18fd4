/**
 * shared-pool:N, the thread's option c: "Dedicated pool of workqueues for all loop devs that dispatch queued IOs to
 * the correct `file*` handle. RCU might be useful."
 *
 * N queues with one worker each serve every device. A dispatch table maps (device, submitting CPU) to a queue.
 * Submitters read it inside an RCU read section; `retune` moves one slot from the deepest queue to the shallowest
 * and publishes the new table, and the old one is given up after a grace period. The worker finds the device's
 * backing file in the engine's file table under the same protection, so a detached file is closed only after the
 * last operation that could reach it. A slot that moves leaves its earlier operations behind on the old queue: order
 * is kept neither between queues nor across a move.
 */
import type { Strategy } from './types.ts';

/** A move must be worth it: the deepest queue leads the shallowest by this many operations. */
const WORTH_A_MOVE = 8;

export const sharedPool: Strategy = {
  name: 'shared-pool',
  summary: 'one pool of N queues for all devices, dispatch table published RCU-style',
  source:
    'Eric Wheeler, linux-block, 2022-04-14, option 2c: "Dedicated pool of workqueues for all loop devs"',
  parameter: { name: 'N', default: 4, least: 1, most: 256 },
  claims: ['integrity', 'completed', 'progress'],

  open(n, { devices, cpus }) {
    const each = Array.from({ length: n }, (_, queue) => queue);
    const table = Int32Array.from({ length: devices * cpus }, (_, slot) => slot % n);
    const next = new Int32Array(table.length);
    let turn = 0;
    return {
      layout: {
        queues: each.map(() => ({ maxActive: 1 })),
        workers: each.map((queue) => ({ serves: [queue] })),
        table,
      },
      route: (op, rt) => rt.table(rt.ops.device[op]! * cpus + rt.ops.cpu[op]!),
      retune(rt) {
        let deepest = 0;
        let shallowest = 0;
        for (let queue = 1; queue < n; queue++) {
          if (rt.depth(queue) > rt.depth(deepest)) deepest = queue;
          if (rt.depth(queue) < rt.depth(shallowest)) shallowest = queue;
        }
        if (rt.depth(deepest) - rt.depth(shallowest) < WORTH_A_MOVE) return;
        let owned = 0;
        for (let slot = 0; slot < next.length; slot++) if (rt.table(slot) === deepest) owned++;
        // A queue's last slot stays: moving it would only rename the queue.
        if (owned < 2) return;
        let moved = false;
        for (let k = 0; k < next.length; k++) {
          const slot = (turn + k) % next.length;
          next[slot] = rt.table(slot);
          if (!moved && next[slot] === deepest) {
            next[slot] = shallowest;
            moved = true;
          }
        }
        turn++;
        if (moved) rt.publish(next);
      },
    };
  },
};
