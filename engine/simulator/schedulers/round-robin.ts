/** round-robin: everybody in turn. One schedule for each workload, and the plainest one. */
import type { Scheduler } from './scheduler.ts';

export function roundRobin(): Scheduler {
  return { choose: (able, running) => able.find((actor) => actor > running) ?? able[0]! };
}
