/** What an A/A run says of the machine: how large a change must be to be seen, and how often the gate would have found one where there is none. */
import type { AaCell } from '../datasets/aa-file.ts';
import type { TrialRecord } from '../datasets/schema.ts';
import { cellsOf } from './compare/cells.ts';
import { GATE_METRICS } from './compare/gate.ts';
import { DEFAULT_THRESHOLD, type JudgeOptions, judgeSamples } from './compare/judge.ts';
import { samplesOf } from './compare/samples.ts';
import { nameOfItself } from './itself.ts';
import type { Interval } from './statistics/interval.ts';
import { wilson } from './statistics/wilson.ts';

export interface FalsePositives {
  /** `in one run`, paired by round; `across runs`, one block of rounds against the next. */
  kind: 'in one run' | 'across runs';
  threshold: number;
  /** Comparisons in which at least one cell was better or worse. */
  hits: number;
  comparisons: number;
  interval: Interval;
}

export interface Aa {
  cells: AaCell[];
  falsePositives: FalsePositives[];
  /** Judged in each comparison. */
  cellsEach: number;
}

/**
 * @param records of a run in which each design has a second row, `itself`
 * @param designs names of the first rows
 * @param rounds of a comparison; the run has them as many times as there are comparisons
 */
export function aaOf(
  records: readonly TrialRecord[],
  designs: readonly string[],
  rounds: number,
  comparisons: number,
): Aa {
  const firsts = records.filter(({ design }) => designs.includes(design));
  const seconds = records.flatMap((record) => {
    const design = designs.find((name) => record.design === nameOfItself(name));
    return design === undefined ? [] : [{ ...record, design }];
  });
  const blockOf = (of: readonly TrialRecord[], i: number) =>
    samplesOf(of.filter(({ round }) => Math.floor(round / rounds) === i));
  const finds = (from: number, to: number, options: JudgeOptions): boolean =>
    judgeSamples(blockOf(firsts, from), blockOf(seconds, to), {
      ...options,
      metrics: GATE_METRICS,
    }).verdicts.some(({ answer }) => answer === 'better' || answer === 'worse');
  const falsePositives = [DEFAULT_THRESHOLD, 0].flatMap((threshold): FalsePositives[] => [
    count('in one run', threshold, comparisons, (i) => finds(i, i, { threshold, paired: 'by design' })),
    ...(comparisons > 1
      ? [count('across runs', threshold, comparisons - 1, (i) => finds(i, i + 1, { threshold }))]
      : []),
  ]);
  const cells = cellsIn(firsts, seconds);
  return {
    cells,
    falsePositives,
    cellsEach: cells.filter(({ metric }) => GATE_METRICS.includes(metric)).length,
  };
}

function count(
  kind: FalsePositives['kind'],
  threshold: number,
  comparisons: number,
  found: (i: number) => boolean,
): FalsePositives {
  const hits = Array.from({ length: comparisons }, (_, i) => found(i)).filter(Boolean).length;
  return { kind, threshold, hits, comparisons, interval: wilson(hits, comparisons) };
}

/** All metrics, as `compare` asks for others than a gate does. */
function cellsIn(firsts: readonly TrialRecord[], seconds: readonly TrialRecord[]): AaCell[] {
  const trialSeconds = new Map(firsts.map(({ workload, load }) => [workload, load?.seconds]));
  const others = cellsOf(samplesOf(seconds));
  return cellsOf(samplesOf(firsts)).flatMap(({ values, ...name }) => {
    const other = others.find(
      (it) =>
        it.workload === name.workload &&
        it.direct === name.direct &&
        it.backend === name.backend &&
        it.design === name.design &&
        it.metric === name.metric,
    );
    const theirs = new Map(other?.values.rounds.map((round, i) => [round, other.values.values[i]!]));
    const pairs = values.rounds.flatMap((round, i) => {
      const value = theirs.get(round);
      return value === undefined ? [] : [[digits(values.values[i]!), digits(value)] as const];
    });
    if (pairs.length < 2) return [];
    return [
      {
        ...name,
        seconds: trialSeconds.get(name.workload),
        base: pairs.map(([base]) => base),
        other: pairs.map(([, it]) => it),
      },
    ];
  });
}

/** Six are more than any clock knows, and half of the file. */
function digits(value: number): number {
  return Number(value.toPrecision(6));
}
