/** What a number of rounds can show at all, before anything is measured. */
import { BOOTSTRAP_LEAST } from '../statistics/bootstrap-ratio.ts';
import { SIGN_FLIP_LEAST_SAMPLED } from '../statistics/sign-flip.ts';

/**
 * The smallest two-sided p of the sign-flip test of n pairs, 2 / 2^n; of the Mann-Whitney test of n and m values without
 * ties, 2 / C(n + m, n).
 */
export function leastP(n: number, m?: number): number {
  if (m === undefined) return Math.min(1, Math.max(2 ** (1 - n), n > 20 ? SIGN_FLIP_LEAST_SAMPLED : 0));
  let choices = 1;
  for (let i = 1; i <= n; i++) choices *= (m + i) / i;
  return Math.min(1, 2 / choices);
}

/**
 * The same where BASE is there already with so many rounds; undefined when those are too few for any number of new ones.
 *
 * @example
 * roundsNeededAgainst(10, 20, 0.05); // => 5: 2 / C(15, 5) = 0.00067 <= 0.0025
 */
export function roundsNeededAgainst(base: number, cells: number, alpha: number): number | undefined {
  if (base < BOOTSTRAP_LEAST) return undefined;
  for (let n = BOOTSTRAP_LEAST; n <= 1000; n++) if (leastP(base, n) * cells <= alpha * (1 + 1e-12)) return n;
  return undefined;
}

/**
 * The least number of rounds on each side with which a difference in one of so many cells can be significant after Holm's
 * correction and has an interval; undefined when not even 1,000 rounds can (the sampled sign flips have a floor).
 *
 * @example
 * roundsNeeded(1, 0.05, false); // => 5: 2 / C(8, 4) = 0.029 would do, the interval wants 5
 * roundsNeeded(20, 0.05, false); // => 6: 2 / C(12, 6) = 0.0022 <= 0.0025
 * roundsNeeded(20, 0.05, true); // => 10: 2 / 2^10 = 0.00195
 */
export function roundsNeeded(cells: number, alpha: number, paired: boolean): number | undefined {
  for (let n = paired ? 2 : BOOTSTRAP_LEAST; n <= 1000; n++)
    if ((paired ? leastP(n) : leastP(n, n)) * cells <= alpha * (1 + 1e-12)) return n;
  return undefined;
}
