/**
 * `completed`, `submitted` and `barrier`: what a FLUSH owes to the writes before it. All three are judged from time
 * stamps alone. F is proved when an fsync that returned by ak(F) began after the last write F must cover had returned:
 * the one that began last serves for all of them. F is lost when the last such write had not even begun when the last
 * such fsync returned. Between the two the write may or may not have been caught: unproved.
 */
import type { Verdict } from './contracts.ts';
import type { Facts } from './facts.ts';
import { type Flushes, IS_FUA, sweepFlushes, writtenThrough } from './flush-sweeps.ts';
import { barrierWitness, coverWitness } from './flush-witness.ts';
import { LOST, NOT_EXERCISED, PROVED, tally, UNPROVED, worthTelling } from './outcome.ts';

export function flushRules(facts: Facts): { completed: Verdict; submitted: Verdict; barrier: Verdict } {
  const flushes = sweepFlushes(facts);
  const completed = new Uint8Array(flushes.place.length);
  const submitted = new Uint8Array(flushes.place.length);
  const barrier = new Uint8Array(flushes.place.length);
  for (let flush = 0; flush < flushes.place.length; flush++) {
    completed[flush] = judgeCompleted(facts, flushes, flush);
    // What a FUA owes is the same under every rule.
    if (flushes.what[flush] === IS_FUA) continue;
    submitted[flush] = judgeSubmitted(facts, flushes, flush, completed[flush]);
    barrier[flush] = judgeBarrier(flushes, flush, submitted[flush]);
  }
  const wait = (flush: number): number => flushes.deadline[flush] - facts.sb[flushes.place[flush]];
  const verdict = (outcomes: Uint8Array, witness: typeof barrierWitness): Verdict => {
    const sum = tally(outcomes);
    const { outcome, situations } = worthTelling(outcomes, sum, wait);
    const told = witness(facts, flushes, situations, outcome);
    return told === undefined ? sum : { ...sum, witness: told };
  };
  return {
    completed: verdict(completed, (...args) => coverWitness('completed', ...args)),
    submitted: verdict(submitted, (...args) => coverWitness('submitted', ...args)),
    barrier: verdict(barrier, barrierWitness),
  };
}

function judgeCompleted(facts: Facts, flushes: Flushes, flush: number): number {
  if (flushes.what[flush] === IS_FUA && writtenThrough(facts, flushes.place[flush])) return PROVED;
  const lastCo = flushes.completedCo[flush];
  if (lastCo === -Infinity) return NOT_EXERCISED;
  if (flushes.completedSt[flush] > flushes.fsyncCo[flush]) return LOST;
  if (lastCo >= flushes.fsyncSt[flush]) return UNPROVED;
  // An fsync that was over before F was submitted has every one of these writes already: F could not fail.
  return lastCo >= flushes.earlierSt[flush] ? PROVED : NOT_EXERCISED;
}

/**
 * `submitted` covers all that `completed` covers, so a flush whose window was open under `completed` is at stake here
 * too. Otherwise only a write that was unfinished when the flush was submitted can tell the two rules apart.
 */
function judgeSubmitted(facts: Facts, flushes: Flushes, flush: number, completed: number): number {
  const lastCo = flushes.submittedCo[flush];
  const throughCo = flushes.throughCo[flush];
  if (lastCo === -Infinity && throughCo === -Infinity) return NOT_EXERCISED;
  if (flushes.submittedSt[flush] > flushes.fsyncCo[flush]) return LOST;
  const submission = facts.sb[flushes.place[flush]];
  if (lastCo <= submission && throughCo <= submission && completed !== UNPROVED) return NOT_EXERCISED;
  const fsynced = lastCo === -Infinity || lastCo < flushes.fsyncSt[flush];
  return fsynced && throughCo <= flushes.deadline[flush] ? PROVED : UNPROVED;
}

/** A flush with no write to cover asks nothing of what comes after it: any image satisfies it. */
function judgeBarrier(flushes: Flushes, flush: number, submitted: number): number {
  const owesFsync = flushes.submittedCo[flush] !== -Infinity;
  if (!owesFsync && flushes.throughCo[flush] === -Infinity) return NOT_EXERCISED;
  if (submitted === LOST || flushes.laterCo[flush] < flushes.submittedSt[flush]) return LOST;
  const due = flushes.deadline[flush];
  if (submitted === NOT_EXERCISED && flushes.laterSb[flush] >= due) return NOT_EXERCISED;
  const covered = Math.max(owesFsync ? flushes.coveringCo[flush] : -Infinity, flushes.throughCo[flush]);
  return covered <= due && covered < flushes.laterSt[flush] ? PROVED : UNPROVED;
}
