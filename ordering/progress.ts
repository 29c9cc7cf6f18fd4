/**
 * `progress`: an operation outstanding while nothing completes until a deadline is a violation. The history shows
 * which operations were never acknowledged; only the watchdog can say that they were given their time.
 */
import type { Verdict, Witness } from './contracts.ts';
import type { Facts } from './facts.ts';
import { FSYNC, PENDING } from './history.ts';
import { nameOf, runOf, time } from './witness.ts';

/** Lines of the watchdog's dump that a sentence takes in. */
const DUMP_LINES = 3;

export function progressRule(facts: Facts): Verdict {
  const { kind, result, world } = facts;
  let operations = 0;
  let pending = 0;
  let oldest = -1;
  for (let place = 0; place < facts.count; place++) {
    if (kind[place] !== FSYNC) operations++;
    if (result[place] !== PENDING) continue;
    if (oldest === -1) oldest = place;
    pending++;
  }
  const proved = operations - pending;
  if (world.progress === undefined) return { proved, unproved: 0, lost: 0, notExercised: pending };
  const verdict: Verdict = { proved, unproved: 0, lost: pending, notExercised: 0 };
  if (oldest !== -1) verdict.witness = tell(facts, oldest, pending, world.progress);
  return verdict;
}

function tell(
  facts: Facts,
  place: number,
  pending: number,
  progress: { deadlineSeconds: number; dump: string },
): Witness {
  const lines = progress.dump
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '');
  const call =
    facts.st[place] === Infinity ? 'no backend call on record' : `its backend call ${runOf(facts, place)}`;
  // In the simulator time does not pass while nobody can go on.
  const waited = Number.isFinite(progress.deadlineSeconds)
    ? `nothing completed for ${progress.deadlineSeconds} s`
    : 'nobody could go on';
  const others = pending === 1 ? 'it alone was' : `${pending} operations were`;
  return {
    sentence:
      `${nameOf(facts, place)} was submitted at ${time(facts, facts.sb[place])} us and never acknowledged (${call}): ` +
      `${waited} while ${others} outstanding; ` +
      `the queues and gates then: ${lines.slice(0, DUMP_LINES).join(' | ') || 'no dump'}.`,
    rows: [facts.row[place]],
    crossesQueues: false,
  };
}
