/** random: any of those that can go on, each as likely as the others. */
import { below, type Random, type Scheduler } from './scheduler.ts';

export function randomly(random: Random): Scheduler {
  return { choose: (able) => able[below(random, able.length)]! };
}
