/**
 * What a gate makes of a comparison: a regression of throughput or flush latency, none, or no answer. Which of the other figures moved is
 * for `loopwq compare`: the more cells are judged, the more rounds each of them needs.
 */
import type { MetricName } from '../../datasets/sample.ts';
import type { TrialRecord } from '../../datasets/schema.ts';
import { brokenBy, CONTROL, type CompareOptions, type Comparison } from './compare.ts';
import { type CellName, judgeSamples, type Verdict } from './judge.ts';
import { samplesOf } from './samples.ts';

export const GATE_METRICS: readonly MetricName[] = ['iops', 'flushP50', 'flushP99'];

export interface GateAnswer {
  comparison: Comparison;
  /** Of the second run, where there was one. */
  rerun: Comparison | undefined;
  /** Worse, in the second run too where there was one. */
  regressions: Verdict[];
  /** Worse at first, and not in the second run. */
  unconfirmed: Verdict[];
  inconclusive: Verdict[];
}

/** @param rerun of the cells that were worse; without it what is worse is a regression */
export function decide(comparison: Comparison, rerun?: Comparison): GateAnswer {
  const { verdicts } = comparison.judgement;
  const worse = verdicts.filter(({ answer }) => answer === 'worse');
  const again = new Set(
    (rerun?.judgement.verdicts ?? []).filter(({ answer }) => answer === 'worse').map(keyOf),
  );
  const holds = (it: Verdict): boolean => rerun === undefined || again.has(keyOf(it));
  return {
    comparison,
    rerun,
    regressions: worse.filter(holds),
    unconfirmed: worse.filter((it) => !holds(it)),
    inconclusive: verdicts.filter(({ answer }) => answer === 'inconclusive'),
  };
}

export function keyOf({ workload, direct, backend, design, metric }: CellName): string {
  return [workload, direct, backend, design, metric].join('\n');
}

/** How designs of another revision are called: `n-wq:4@v1.2`. */
export function namedAt(design: string, revision: string): string {
  return `${design}@${revision}`;
}

/**
 * Each design of another revision against that of this tree, paired by round.
 *
 * @param records of one run, which has both
 */
export function compareRevisions(
  records: readonly TrialRecord[],
  revision: string,
  options: Pick<CompareOptions, 'threshold' | 'notes' | 'seed'>,
): Comparison {
  const mark = namedAt('', revision);
  const base = records
    .filter(({ design }) => design.endsWith(mark))
    .map((record) => ({ ...record, design: record.design.slice(0, -mark.length) }));
  const names = new Set(base.map(({ design }) => design));
  const other = records.filter(({ design }) => names.has(design));
  const alone = new Set(
    records
      .map(({ design }) => design)
      .filter((design) => !design.endsWith(mark) && !names.has(design) && design !== CONTROL),
  );
  return {
    base: revision,
    new: 'this tree',
    judgement: judgeSamples(samplesOf(base), samplesOf(other), {
      ...options,
      metrics: GATE_METRICS,
      paired: 'by design',
    }),
    control: [],
    broken: brokenBy(base, other),
    differences: [],
    notes: [
      'both in one run, paired by round',
      ...(options.notes ?? []),
      ...(alone.size > 0 ? [`not in ${revision}: ${[...alone].join(', ')}`] : []),
    ],
  };
}
