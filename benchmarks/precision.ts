/**
 * `--until`: rounds are added until the ratios are known well enough, or the cap is reached. When to look is fixed before the first
 * round, and what is looked at is the width of the intervals alone: never a p value, nor on which side of 1 a ratio lies.
 */
import { median } from 'simple-statistics';
import type { TrialRecord } from '../datasets/schema.ts';
import type { Interval } from './statistics/interval.ts';
import { orderStatisticInterval } from './statistics/order-statistic-interval.ts';
import { ratioInterval } from './statistics/ratio-interval.ts';

export interface Until {
  /** The half width of every interval that is enough, as a share of its value: 0.05 is ±5 %. */
  halfWidth: number;
  /** Numbers of rounds after which one looks; the last is the cap. */
  looks: number[];
}

/** What the interval of the least known ratio comes to. */
export interface Width {
  design: string;
  /** From the value to the farther end of its interval, as a share of the value. */
  halfWidth: number;
  rounds: number;
}

/** From 6 rounds on an interval over rounds reaches 95 %; each look then waits for about 40 % more than there are. */
const FIRST_LOOK = 6;
const GROWTH = 1.4;

/** `looksUpTo(40)` is 6, 8, 11, 15, 21, 29, 40. */
export function looksUpTo(most: number): number[] {
  const looks: number[] = [];
  for (let look = FIRST_LOOK; look < most; look = Math.round(look * GROWTH)) looks.push(look);
  return [...looks, most];
}

/**
 * The widest interval among the ratios of the designs to the first of them, in one cell; of its own IOPS where there is no
 * second. References play no part, and neither does a design without two rounds that are measurements: it stalled, or
 * was skipped. Undefined when nothing has an interval.
 *
 * @param records of one cell
 * @param designs names in the order of the table
 */
export function widest(records: readonly TrialRecord[], designs: readonly string[]): Width | undefined {
  const measured = records.filter(
    (r) => !r.reference && r.failure === undefined && r.skipped === undefined && r.metrics.iops > 0,
  );
  const rounds = [...new Set(measured.map((r) => r.round))];
  const iopsOf = (design: string): (number | undefined)[] => {
    const trials = measured.filter((r) => r.design === design);
    return rounds.map((round) => trials.find((r) => r.round === round)?.metrics.iops);
  };
  const present = designs.filter((design) => measured.some((r) => r.design === design));
  const [base, ...others] = present;
  if (base === undefined) return undefined;
  const widths = others.flatMap((design): Width[] => {
    const ratio = ratioInterval(iopsOf(base), iopsOf(design));
    return widthOf(design, ratio?.value, ratio?.interval, ratio?.rounds);
  });
  if (others.length === 0) {
    const values = iopsOf(base).filter((value) => value !== undefined);
    const interval = values.length > 1 ? orderStatisticInterval(values) : undefined;
    widths.push(...widthOf(base, median(values), interval, values.length));
  }
  return widths.sort((a, b) => b.halfWidth - a.halfWidth)[0];
}

/** True when it is time to look, and what is seen is enough. */
export function isEnough(
  until: Until | undefined,
  rounds: number,
  records: readonly TrialRecord[],
  designs: readonly string[],
): boolean {
  if (until === undefined || !until.looks.includes(rounds)) return false;
  // A run that is resumed has later rounds as well; the look was at those before.
  const width = widest(
    records.filter((record) => record.round < rounds),
    designs,
  );
  return width !== undefined && width.halfWidth <= until.halfWidth;
}

function widthOf(
  design: string,
  value: number | undefined,
  interval: Interval | undefined,
  rounds = 0,
): Width[] {
  if (value === undefined || interval === undefined) return [];
  return [{ design, halfWidth: Math.max(interval.high - value, value - interval.low) / value, rounds }];
}
