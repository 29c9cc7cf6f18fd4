/**
 * Verdicts: is NEW better, worse or the same as BASE, in each cell (workload, direct or buffered, backend, design, metric)?
 * Pure: trials in, verdicts out. docs/decisions/0004 says why the intervals are what they are.
 */
import { ALL_METRICS, type Metric, type MetricName, type Sample } from '../../datasets/sample.ts';
import type { TrialRecord } from '../../datasets/schema.ts';
import { BOOTSTRAP_LEAST, bootstrapRatio } from '../statistics/bootstrap-ratio.ts';
import { geomean } from '../statistics/geomean.ts';
import { holm } from '../statistics/holm.ts';
import type { Interval } from '../statistics/interval.ts';
import { mannWhitneyU } from '../statistics/mann-whitney-u.ts';
import { ratioInterval } from '../statistics/ratio-interval.ts';
import { signFlip } from '../statistics/sign-flip.ts';
import { type CellName, cellsOf, nameOf, type Side, sideOf, type Values } from './cells.ts';
import { leastP, roundsNeeded } from './rounds-needed.ts';
import { samplesOf } from './samples.ts';

/** The least change that matters where nobody said another one, and nobody measured what this machine can tell. */
export const DEFAULT_THRESHOLD = 0.05;
export const ALPHA = 0.05;

export interface JudgeOptions {
  /**
   * The least change that matters, as a share: 0.05 means that a ratio between 1/1.05 and 1.05 is the same. A function
   * gives each cell its own, such as what an A/A run found that this machine can detect.
   */
  threshold?: number | ((cell: CellName & { base: Side; new: Side }) => number);
  /** Of at least one false find among all cells. */
  alpha?: number;
  /**
   * BASE and NEW are of the same rounds, and are paired by round: `true` for two designs, one on each side; `by design` where
   * each design has one of its name on the other side.
   */
  paired?: boolean | 'by design';
  /** Only these are judged; all without it. */
  metrics?: readonly MetricName[] | undefined;
  /** Of the bootstrap, and of the sign flips beyond 20 rounds. */
  seed?: number;
  /** Of results: also where operations waited, the parts of the latencies. */
  waits?: boolean;
}

export type { CellName, Side } from './cells.ts';

export type Answer = 'better' | 'worse' | 'same' | 'inconclusive';

export interface Verdict extends CellName {
  base: Side;
  new: Side;
  /** NEW / BASE. */
  ratio: number;
  /** Of the ratio; absent where the rounds are too few for one. */
  interval: Interval | undefined;
  /** Two-sided, as the test gave it. */
  p: number;
  /** After Holm's correction over all cells. */
  adjusted: number;
  threshold: number;
  answer: Answer;
  /** Why it is inconclusive. */
  why: string | undefined;
}

/** The ratios of one metric over all cells that have one. */
export interface Geomean {
  metric: MetricName;
  base: number;
  new: number;
  ratio: number;
  cells: number;
}

export interface Judgement {
  verdicts: Verdict[];
  geomeans: Geomean[];
  /** Cells that one side alone has. */
  missing: (CellName & { from: 'base' | 'new' })[];
  alpha: number;
  paired: boolean;
  /** Rounds on each side from which a difference can be significant at all, when a cell has fewer. */
  roundsNeeded: number | undefined;
}

/** `judgeSamples` of results; trials that failed or were skipped are no samples. */
export function judge(
  base: readonly TrialRecord[],
  other: readonly TrialRecord[],
  options: JudgeOptions = {},
): Judgement {
  return judgeSamples(samplesOf(base, options.waits), samplesOf(other, options.waits), options);
}

/**
 * A cell is `better` or `worse` when the test is significant after Holm's correction over all cells *and* the whole
 * interval of the ratio lies beyond the threshold; `same` when the whole interval lies within it; else inconclusive, and so is
 * every cell whose rounds are too few for the test ever to be significant.
 *
 * Unpaired: ratio of the medians, bootstrap interval, Mann-Whitney. Paired: median of the ratios within a round, its
 * order-statistic interval, sign-flip test.
 *
 * @throws {RangeError} when sides that are not paired by design have several each, or a threshold or alpha makes no sense
 */
export function judgeSamples(
  base: readonly Sample[],
  other: readonly Sample[],
  { threshold = DEFAULT_THRESHOLD, alpha = ALPHA, paired = false, metrics, seed = 1 }: JudgeOptions = {},
): Judgement {
  if (!(alpha > 0 && alpha < 1)) throw new RangeError(`judge: alpha ${alpha} is not between 0 and 1`);
  if (paired === true) [base, other].forEach(requireOneDesign);
  const key = (cell: CellName): string =>
    [cell.workload, cell.direct, cell.backend, paired === true ? '' : cell.design, cell.metric].join('\n');
  const asked = (samples: readonly Sample[]) =>
    cellsOf(samples).filter(({ metric }) => metrics?.includes(metric) ?? true);
  const olds = new Map(asked(base).map((cell) => [key(cell), cell]));
  const news = new Map(asked(other).map((cell) => [key(cell), cell]));
  const measured = [...news].flatMap(([at, cell]) => {
    const old = olds.get(at);
    if (old === undefined) return [];
    const it = paired
      ? compareRounds(old.values, cell.values, seed)
      : compareSides(old.values, cell.values, seed);
    return it === undefined ? [] : [{ ...nameOf(cell), ...it }];
  });
  const adjusted = holm(measured.map(({ p }) => p));
  // A hair above, as 2/6435 x 160 and 0.05 are not always the same double on both sides.
  const reach = (alpha / measured.length) * (1 + 1e-12);
  const verdicts = measured.map((it, i): Verdict => {
    const { least, ...cell } = it;
    const limit = typeof threshold === 'function' ? threshold(cell) : threshold;
    if (!(limit >= 0 && limit < Number.POSITIVE_INFINITY))
      throw new RangeError(`judge: threshold ${limit} is no share`);
    const significant = adjusted[i]! <= alpha * (1 + 1e-12);
    return {
      ...cell,
      adjusted: adjusted[i]!,
      threshold: limit,
      ...answer(cell.metric, cell.interval, limit, significant, least > reach),
    };
  });
  const few = measured.some(({ least }) => least > reach);
  return {
    verdicts,
    geomeans: ALL_METRICS.flatMap(({ name }) => geomeanOf(name, verdicts)),
    missing: [
      ...[...olds]
        .filter(([at]) => !news.has(at))
        .map(([, cell]) => ({ ...nameOf(cell), from: 'base' as const })),
      ...[...news]
        .filter(([at]) => !olds.has(at))
        .map(([, cell]) => ({ ...nameOf(cell), from: 'new' as const })),
    ],
    alpha,
    paired: paired !== false,
    roundsNeeded: few ? roundsNeeded(measured.length, alpha, paired !== false) : undefined,
  };
}

interface Measured {
  base: Side;
  new: Side;
  ratio: number;
  interval: Interval | undefined;
  p: number;
  /** The smallest p that the test can give with so many rounds. */
  least: number;
}

function compareSides(base: Values, other: Values, seed: number): Measured {
  const { value, interval } = bootstrapRatio(base.values, other.values, seed);
  return {
    base: sideOf(base.values),
    new: sideOf(other.values),
    ratio: value,
    interval,
    p: mannWhitneyU(base.values, other.values).p,
    least: leastP(base.values.length, other.values.length),
  };
}

/** Undefined when no round has both. */
function compareRounds(base: Values, other: Values, seed: number): Measured | undefined {
  const theirs = new Map(other.rounds.map((round, i) => [round, other.values[i]!]));
  const pairs = base.rounds.flatMap((round, i) => {
    const value = theirs.get(round);
    return value === undefined ? [] : [[base.values[i]!, value] as const];
  });
  if (pairs.length === 0) return undefined;
  const [a, b] = [pairs.map(([value]) => value), pairs.map(([, value]) => value)];
  const { value, interval } = ratioInterval(a, b)!;
  return {
    base: sideOf(a),
    new: sideOf(b),
    ratio: value,
    interval,
    p: signFlip(
      pairs.map(([x, y]) => Math.log(y / x)),
      seed,
    ),
    least: leastP(pairs.length),
  };
}

function answer(
  metric: MetricName,
  interval: Interval | undefined,
  threshold: number,
  significant: boolean,
  tooFew: boolean,
): { answer: Answer; why: string | undefined } {
  const unclear = (why: string) => ({ answer: 'inconclusive' as const, why });
  if (interval === undefined) return unclear(`fewer than ${BOOTSTRAP_LEAST} rounds`);
  if (tooFew) return unclear('too few rounds');
  const most = 1 + threshold;
  if (interval.low >= 1 / most && interval.high <= most) return { answer: 'same', why: undefined };
  const beyond = interval.low > most || interval.high < 1 / most;
  if (!beyond) return unclear('the interval straddles the threshold');
  if (!significant) return unclear('not significant');
  const more = interval.low > most;
  return { answer: more === (metricOf(metric).better === 'more') ? 'better' : 'worse', why: undefined };
}

export function metricOf(name: MetricName): Metric {
  return ALL_METRICS.find((metric) => metric.name === name)!;
}

function geomeanOf(metric: MetricName, verdicts: readonly Verdict[]): Geomean[] {
  const cells = verdicts.filter((verdict) => verdict.metric === metric);
  if (cells.length < 2) return [];
  return [
    {
      metric,
      base: geomean(cells.map((cell) => cell.base.median)),
      new: geomean(cells.map((cell) => cell.new.median)),
      ratio: geomean(cells.map((cell) => cell.ratio)),
      cells: cells.length,
    },
  ];
}

function requireOneDesign(samples: readonly Sample[]): void {
  const designs = new Set(samples.map(({ design }) => design));
  if (designs.size > 1)
    throw new RangeError(`judge: ${designs.size} designs on one side can't be paired by round`);
}
