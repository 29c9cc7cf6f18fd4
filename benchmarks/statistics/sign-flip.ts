import { requireSample } from './interval.ts';
import { seededRandom } from './seeded-random.ts';

/** Differences up to which all 2^n signs are tried: half a million additions. */
const MOST_EXACT = 20;
const DRAWS = 100_000;
/** The smallest p beyond 20 pairs. */
export const SIGN_FLIP_LEAST_SAMPLED = 1 / (DRAWS + 1);

/**
 * Sign-flip test of paired samples: when the two of a pair are alike, each difference is as probable with the other sign,
 * and p is the share of the 2^n choices of signs whose sum lies at least as far from zero as the one seen. Beyond 20
 * pairs 100,000 seeded choices stand for all of them, and p is (hits + 1) / (choices + 1), which is never 0.
 *
 * Source: R. A. Fisher, "The Design of Experiments", Oliver & Boyd 1935, section 21; for the + 1 B. Phipson,
 * G. K. Smyth, Stat. Appl. Genet. Mol. Biol. 9 (2010) 39.
 *
 * @param differences one per pair, such as the logarithm of a ratio
 * @param seed of the choices beyond 20 pairs
 * @returns p, two-sided; never below 2 / 2^n
 * @throws {RangeError} when there is no difference or one is not finite
 * @example
 * // Fisher's data, Darwin's maize in eighths of an inch: 1,726 of the 32,768 sums are as far out.
 * signFlip([49, -67, 8, 16, 6, 23, 28, 41, 14, 29, 56, 24, 75, 60, -48]); // => 0.0527
 */
export function signFlip(differences: readonly number[], seed = 1): number {
  requireSample('signFlip', differences, 1);
  const n = differences.length;
  const seen = differences.reduce((sum, value) => sum + value, 0);
  // Sums that are equal on paper differ in their last bits by the order of addition.
  const least = Math.abs(seen) - 1e-12 * differences.reduce((sum, value) => sum + Math.abs(value), 0);
  if (n > MOST_EXACT) return sampledShare(differences, least, seed);
  // Half of the signs are enough: the other half is their mirror image. Each step flips one sign (a Gray code).
  const choices = 2 ** (n - 1);
  const signs = new Int8Array(n).fill(1);
  let sum = seen;
  let hits = 0;
  for (let i = 1; ; i++) {
    if (Math.abs(sum) >= least) hits++;
    if (i === choices) return hits / choices;
    const flipped = 31 - Math.clz32(i & -i);
    sum -= 2 * signs[flipped]! * differences[flipped]!;
    signs[flipped] = -signs[flipped]!;
  }
}

function sampledShare(differences: readonly number[], least: number, seed: number): number {
  const random = seededRandom(seed);
  let hits = 0;
  for (let draw = 0; draw < DRAWS; draw++) {
    let sum = 0;
    for (const value of differences) sum += random() < 0.5 ? value : -value;
    if (Math.abs(sum) >= least) hits++;
  }
  return (hits + 1) / (DRAWS + 1);
}
