/** The checker: a history and what is known of its trial -> a verdict for each contract. Pure; O(n log n). */
import type { Verdicts } from './contracts.ts';
import { dependentRule } from './dependent.ts';
import { gather, type World } from './facts.ts';
import { flushRules } from './flush-rules.ts';
import type { History } from './history.ts';
import { integrityRule } from './integrity.ts';
import { progressRule } from './progress.ts';
import { numberUnits } from './units.ts';

export type { World } from './facts.ts';

/**
 * Judges one trial by every rule of contracts.ts, from its stamps in nanoseconds.
 *
 * What it needs of whoever stamps: within a submitter `sb` does not descend; no call returns before it began; and the
 * clock is read anew before a call that relies on another's return, as co(W) = st(y) proves nothing of y. An operation
 * that is PENDING keeps the `st` and the `queue` that it had come to, or it is taken for one that never began.
 *
 * @example check(history, world).submitted.witness?.sentence
 */
export function check(history: History, world: World): Verdicts {
  const facts = gather(history, world);
  const units = numberUnits(facts);
  return {
    integrity: integrityRule(facts, units),
    ...flushRules(facts),
    dependent: dependentRule(facts, units),
    progress: progressRule(facts),
  };
}
