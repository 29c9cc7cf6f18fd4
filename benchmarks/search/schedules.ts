/** The schedulers by name, and what they draw from a seed. */
import { pct } from '../../engine/simulator/schedulers/pct.ts';
import { randomly } from '../../engine/simulator/schedulers/random.ts';
import { roundRobin } from '../../engine/simulator/schedulers/round-robin.ts';
import type { Scheduler } from '../../engine/simulator/schedulers/scheduler.ts';

/** `mixed`: even seeds random, odd ones pct; each finds what the other seldom does. */
export const SCHEDULERS = ['mixed', 'random', 'pct', 'round-robin'] as const;
export type SchedulerName = (typeof SCHEDULERS)[number];

/** Choices that an operation takes, about: 16 to 25, by the design. */
const CHOICES_EACH = 20;
/** Most bugs need two or three orderings (Burckhardt et al. 2010, section 4). */
const DEEPEST = 4;

export function schedulerOf(
  name: SchedulerName,
  seed: number,
  operations: number,
  random: () => number,
): Scheduler {
  if (name === 'round-robin') return roundRobin();
  if (name === 'random' || (name === 'mixed' && seed % 2 === 0)) return randomly(random);
  const depth = 2 + Math.floor(random() * (DEEPEST - 1));
  return pct(random, depth, CHOICES_EACH * operations);
}
