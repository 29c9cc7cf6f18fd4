/**
 * work-stealing:N, novel: no block driver is known to do so. N workers with a queue each, and who has nothing takes from others.
 *
 * The submitting CPU chooses the queue, for all devices alike; its worker takes the oldest of its own queue as long as
 * there is one. Then it steals: the oldest of the longest queue, one at a time. So work stays where it was submitted while
 * all are busy, and no worker sleeps while another one's queue has something: a new operation wakes its queue's own worker or,
 * when that is awake, any that sleeps. Operations of one queue *start* in the order of submission and end in any; two
 * writes of one CPU may run at the same time. A FLUSH is stolen like anything else.
 *
 * These are no deques of Chase and Lev. There the owner alone pushes, and takes its newest; here every submitter
 * pushes, which needs a queue of many producers, and taking the newest first would leave a request waiting for as long as
 * newer ones come. So owner and thief take from the same end, and what they contend for is the head of the queue. A thief
 * takes one and not half of what is there, as Go and Tokio do: an operation is worth thousands of queue operations. Not so on
 * `null`: there thieves who find little take 1.1 to 1.5 x the CPU time of `single-wq`.
 */
import { NONE, type Strategy } from './types.ts';

export const workStealing: Strategy = {
  name: 'work-stealing',
  summary: 'N queues by CPU with a worker each; who has nothing takes from the longest',
  source:
    'novel, no precedent in drivers/block; Blumofe and Leiserson, "Scheduling Multithreaded Computations", 1999',
  parameter: { name: 'N', default: 4, least: 1, most: 256 },
  claims: ['integrity', 'completed', 'progress'],

  open(n) {
    const each = Array.from({ length: n }, (_, queue) => queue);
    return {
      layout: {
        queues: each.map(() => ({ maxActive: n })),
        workers: each.map((own) => ({ serves: each.map((k) => (own + k) % n) })),
      },
      route: (op, rt) => rt.ops.cpu[op]! % n,
      next(worker, rt) {
        const own = rt.pop(worker);
        if (own !== NONE) return own;
        let longest = NONE;
        let most = 0;
        for (let k = 1; k < n; k++) {
          const other = (worker + k) % n;
          const depth = rt.depth(other);
          if (depth <= most) continue;
          longest = other;
          most = depth;
        }
        return longest === NONE ? NONE : rt.pop(longest);
      },
    };
  },
};
