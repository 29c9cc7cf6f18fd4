/**
 * What a machine can tell at all, from an A/A run: a design beside itself in every round. Whatever differs there is noise, and a change that is
 * smaller is not to be seen in it.
 */
import { median } from 'simple-statistics';
import { BOOTSTRAP_LEAST } from '../statistics/bootstrap-ratio.ts';
import { orderStatisticInterval } from '../statistics/order-statistic-interval.ts';
import { seededRandom } from '../statistics/seeded-random.ts';

const RESAMPLES = 1000;
/** A change of the size that is told is found so often. */
const POWER = 0.8;

/**
 * The least change that so many rounds, paired, find in four of five cases: then the order-statistic interval of the ratio leaves 1 out. Rounds
 * are drawn with replacement from those of the A/A run, and the lower half of their interval's width is how much a change must be.
 *
 * @param base of each round
 * @param other the same design's second row
 * @param rounds of the comparison that is asked about, at least 2
 * @returns as a share: 0.07 is 7 %
 */
export function detectablePaired(
  base: readonly number[],
  other: readonly number[],
  rounds: number,
  seed = 1,
): number {
  const logs = base.map((value, i) => Math.log(other[i]! / value));
  const random = seededRandom(seed);
  const needed: number[] = [];
  for (let i = 0; i < RESAMPLES; i++) {
    const { low, high } = orderStatisticInterval(drawn(logs, rounds, random));
    // Slower and faster, as the change that is looked for has no sign.
    needed.push(Math.max(0, -low), Math.max(0, high));
  }
  return Math.exp(quantile(needed, POWER)) - 1;
}

/**
 * The same for two runs at different times, each with so many rounds, and the ratio of their medians. Both sides are drawn from all rounds of the A/A run,
 * so a machine that changes from run to run, and not within one, is not seen here.
 */
export function detectableApart(
  base: readonly number[],
  other: readonly number[],
  rounds: number,
  seed = 1,
): number {
  const random = seededRandom(seed);
  const all = [...base, ...other].map(Math.log);
  const seen = Array.from({ length: RESAMPLES }, () =>
    Math.abs(median(drawn(all, rounds, random)) - median(drawn(all, rounds, random))),
  );
  // The interval reaches as far as 95 % of what chance does; the estimate itself is off by what chance does in four of five cases.
  return Math.exp(quantile(seen, 0.95) + quantile(seen, POWER)) - 1;
}

/** Rounds below which neither of the two tests can find anything in a single cell. */
export const LEAST_ROUNDS = BOOTSTRAP_LEAST + 1;

function drawn(values: readonly number[], n: number, random: () => number): number[] {
  return Array.from({ length: n }, () => values[Math.floor(random() * values.length)]!);
}

function quantile(values: readonly number[], q: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(q * sorted.length))]!;
}
