/**
 * A worker that finds its queues empty sets its sleep word and sleeps, without looking again. What was pushed between the look and
 * the word wakes nobody.
 *
 * Source: the oldest mistake of sleeping threads; Documentation/memory-barriers.txt, "Sleep and wake-up functions".
 */
import { worker } from '../../engine/simulator/worker.ts';
import { plant } from './planted.ts';

export const lostWakeUp = plant({
  name: 'lost-wake-up',
  breaks: ['progress'],
  on: 'n-wq:2',
  cast: {
    worker(world, index) {
      const queues = Object.assign(Object.create(world.shared.queues), { empty: () => true });
      return worker({ ...world, shared: { ...world.shared, queues } }, index);
    },
  },
});
