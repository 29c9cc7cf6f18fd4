/** How soon a search finds what is wrong with a design. */
import type { Contract } from '../../ordering/contracts.ts';
import type { SchedulerName } from './schedules.ts';
import { isBroken, type Subject, trySeed } from './search.ts';
import { shrink } from './shrink.ts';

export interface Detection {
  /** The rules that the first violating run broke, of those that the design claims. */
  rules: Contract[];
  seed: number;
  /** Schedules tried, and the operations of all of them, the violating one's included. */
  schedules: number;
  operations: number;
}

/** Operations that are left of a violation when it has been made small. */
export function smallestOf(subject: Subject, { rules, seed }: Detection, scheduler: SchedulerName): number {
  const { program, outcome } = trySeed(subject, { number: seed, scheduler });
  return shrink({ subject, program, choices: outcome.choices }, rules[0]!).program.operations.length;
}

/** Tries `most` seeds from `first` on, until a run breaks a rule that the subject claims. */
export function detect(
  subject: Subject,
  first: number,
  most: number,
  scheduler: SchedulerName,
): Detection | undefined {
  let operations = 0;
  for (let i = 0; i < most; i++) {
    const { program, verdicts } = trySeed(subject, { number: first + i, scheduler });
    operations += program.operations.length;
    const rules = subject.claims.filter((claim) => isBroken(verdicts[claim]));
    if (rules.length > 0) return { rules, seed: first + i, schedules: i + 1, operations };
  }
  return undefined;
}
