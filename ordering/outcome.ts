/** Outcomes of single situations, their sum, and the choice of the few for which a witness is worth looking for. */
import type { Verdict } from './contracts.ts';

/** Not a situation of the rule. */
export const NONE = 0;
export const PROVED = 1;
export const UNPROVED = 2;
export const LOST = 3;
export const NOT_EXERCISED = 4;

/** Witnesses are looked for in at most this many situations, as each costs a walk over the whole history. */
const LOOK_AT = 8;

export function tally(outcomes: Uint8Array): Verdict {
  const counts = [0, 0, 0, 0, 0];
  for (let i = 0; i < outcomes.length; i++) counts[outcomes[i]]++;
  return {
    proved: counts[PROVED],
    unproved: counts[UNPROVED],
    lost: counts[LOST],
    notExercised: counts[NOT_EXERCISED],
  };
}

/**
 * The situations in which to look for a witness, and what they are: LOST ones if there are any, else UNPROVED ones.
 * Half are those of the shortest span; half are spread over the trial, or a witness that crosses queues could hide
 * behind many short ones that do not.
 */
export function worthTelling(
  outcomes: Uint8Array,
  verdict: Verdict,
  span: (situation: number) => number,
): { outcome: number; situations: number[] } {
  const outcome = verdict.lost > 0 ? LOST : UNPROVED;
  const total = verdict.lost > 0 ? verdict.lost : verdict.unproved;
  if (total === 0) return { outcome, situations: [] };
  const stride = Math.ceil(total / (LOOK_AT / 2));
  const shortest: number[] = [];
  const spread: number[] = [];
  let seen = 0;
  for (let i = 0; i < outcomes.length; i++) {
    if (outcomes[i] !== outcome) continue;
    if (seen++ % stride === 0) spread.push(i);
    keepShortest(shortest, i, span);
  }
  return { outcome, situations: [...new Set([...shortest, ...spread])] };
}

function keepShortest(kept: number[], candidate: number, span: (situation: number) => number): void {
  const length = span(candidate);
  if (kept.length === LOOK_AT / 2 && length >= span(kept[kept.length - 1])) return;
  let at = kept.length;
  while (at > 0 && span(kept[at - 1]) > length) at--;
  kept.splice(at, 0, candidate);
  if (kept.length > LOOK_AT / 2) kept.pop();
}
