import { requireSample } from './interval.ts';

export interface RankTest {
  /** Of the second sample: pairs in which its value is the larger one, a tie counting as half. */
  u: number;
  /** Two-sided. */
  p: number;
  /** False when p comes from the normal approximation. */
  exact: boolean;
}

/** Values of both samples together up to which p is exact; R's wilcox.test draws the line at 50 in each. */
const MOST_EXACT = 100;

/**
 * Mann-Whitney U test of two unpaired samples, with ties: under the hypothesis that both come from one population, every
 * choice of which ranks belong to the second sample is equally probable, and p is the share of choices whose U lies at
 * least as far from its mean as the one seen. The shares are counted over the midranks as they are, so that a tie needs
 * no correction. Beyond 100 values: the normal approximation with corrections for ties and continuity.
 *
 * Source: H. B. Mann, D. R. Whitney, Ann. Math. Statist. 18 (1947) 50-60; for ties E. L. Lehmann, "Nonparametrics:
 * Statistical Methods Based on Ranks", Holden-Day 1975, section 1.4.
 *
 * @param base at least one value, in any unit
 * @param other the second sample, in the same unit
 * @throws {RangeError} when a sample is empty or a value is not finite
 * @example
 * // U is at its end: 2 of the 20 choices of 3 ranks out of 6 lie as far out.
 * mannWhitneyU([1, 2, 3], [4, 5, 6]); // => { u: 9, p: 0.1, exact: true }
 */
export function mannWhitneyU(base: readonly number[], other: readonly number[]): RankTest {
  requireSample('mannWhitneyU', base, 1);
  requireSample('mannWhitneyU', other, 1);
  const m = base.length;
  const n = other.length;
  const { ranks, ties } = doubledMidranks([...base, ...other]);
  const sum = ranks.slice(m).reduce((total, rank) => total + rank, 0);
  const u = sum / 2 - (n * (n + 1)) / 2;
  const distance = Math.abs(u - (m * n) / 2);
  if (m + n <= MOST_EXACT) return { u, p: exactShare(ranks, n, distance), exact: true };
  const size = m + n;
  const variance = ((m * n) / 12) * (size + 1 - ties / (size * (size - 1)));
  if (variance === 0) return { u, p: 1, exact: false };
  const z = Math.max(0, distance - 0.5) / Math.sqrt(variance);
  return { u, p: erfc(z / Math.SQRT2), exact: false };
}

/**
 * The complementary error function for x >= 0, with a *relative* error below 1.2e-7, which is what a small p needs.
 *
 * Source: W. H. Press et al., "Numerical Recipes in C", 2nd ed., Cambridge 1992, section 6.2, erfcc.
 */
function erfc(x: number): number {
  const t = 1 / (1 + x / 2);
  const terms = [
    -1.26551223, 1.00002368, 0.37409196, 0.09678418, -0.18628806, 0.27886807, -1.13520398, 1.48851587,
    -0.82215223, 0.17087277,
  ];
  return t * Math.exp(terms.reduceRight((sum, term) => sum * t + term, 0) - x * x);
}

/** Ranks from 1, equal values sharing their mean, all times two so that they are whole; and the sum of t^3 - t over ties. */
function doubledMidranks(values: readonly number[]): { ranks: number[]; ties: number } {
  const order = values.map((_, i) => i).sort((a, b) => values[a]! - values[b]!);
  const ranks = new Array<number>(values.length);
  let ties = 0;
  for (let first = 0; first < order.length; ) {
    let end = first + 1;
    while (end < order.length && values[order[end]!] === values[order[first]!]) end++;
    for (let i = first; i < end; i++) ranks[order[i]!] = first + 1 + end;
    ties += (end - first) ** 3 - (end - first);
    first = end;
  }
  return { ranks, ties };
}

/**
 * The share of the choices of n among the ranks whose U lies at least `distance` from its mean. ways[k][s] is the share
 * of choices of k ranks with the sum s among all choices of k; shares, as the counts leave the doubles.
 */
function exactShare(ranks: readonly number[], n: number, distance: number): number {
  const total = ranks.reduce((sum, rank) => sum + rank, 0);
  const ways = Array.from({ length: n + 1 }, () => new Float64Array(total + 1));
  ways[0]![0] = 1;
  let reached = 0;
  ranks.forEach((rank, seen) => {
    reached += rank;
    for (let k = Math.min(n, seen + 1); k >= 1; k--) {
      // Of the choices of k among seen + 1 ranks, the share k / (seen + 1) holds the new one.
      const taken = k / (seen + 1);
      const into = ways[k]!;
      const from = ways[k - 1]!;
      for (let sum = reached; sum >= 0; sum--)
        into[sum] = into[sum]! * (1 - taken) + (sum >= rank ? from[sum - rank]! * taken : 0);
    }
  });
  // The mean of n doubled ranks.
  const middle = n * (ranks.length + 1);
  let share = 0;
  for (let sum = 0; sum <= total; sum++) if (Math.abs(sum - middle) >= 2 * distance) share += ways[n]![sum]!;
  return Math.min(1, share);
}
