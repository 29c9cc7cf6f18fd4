/** `loopwq run --baseline NAME` and `--against REV`: what is asked before the run, decided after it, and how it is told. */
import { cellsOf } from '../benchmarks/compare/cells.ts';
import {
  CONTROL,
  type CompareOptions,
  compare,
  notOneMachine,
  type Source,
} from '../benchmarks/compare/compare.ts';
import { differences } from '../benchmarks/compare/conditions.ts';
import {
  compareRevisions,
  decide,
  GATE_METRICS,
  type GateAnswer,
  namedAt,
} from '../benchmarks/compare/gate.ts';
import { ALPHA, metricOf, type Verdict } from '../benchmarks/compare/judge.ts';
import { roundsNeeded, roundsNeededAgainst } from '../benchmarks/compare/rounds-needed.ts';
import { samplesOf } from '../benchmarks/compare/samples.ts';
import type { Design } from '../benchmarks/designs.ts';
import type { Cell, RunPlan } from '../benchmarks/plan.ts';
import { conditionsOf } from '../benchmarks/record.ts';
import { type Baseline, readBaseline } from '../datasets/baselines.ts';
import { InputError } from '../datasets/errors.ts';
import type { Host, TrialRecord } from '../datasets/schema.ts';
import { usualThreshold } from './compare.ts';
import { brokenText, cellGroup, change, renderComparison } from './compare-text.ts';
import { EXIT } from './exit.ts';
import type { RunChoices } from './run-options.ts';
import { plural, wrap } from './table-text.ts';

/** Runs some cells and designs once more; undefined when that did not come to its end. */
export type Again = (part: Pick<RunPlan, 'cells' | 'designs'>) => Promise<readonly TrialRecord[] | undefined>;

export interface Gate {
  /** Undefined when a second run was needed and did not come to its end. */
  decide(records: readonly TrialRecord[], again: Again): Promise<GateAnswer | undefined>;
}

/**
 * Undefined where the run is no gate. Rounds that nobody asked for become as many as the gate needs.
 *
 * @throws InputError for a baseline that can't be compared with, and for rounds that could show no difference, however large
 */
export function openGate(choices: RunChoices, host: Host): Gate | undefined {
  const { baseline, against } = choices.gate;
  if (baseline !== undefined) return baselineGate(choices, readBaseline(baseline), host);
  if (against !== undefined) return revisionGate(choices, against);
  return undefined;
}

function baselineGate({ plan, gate }: RunChoices, baseline: Baseline, host: Host): Gate {
  const path = `baseline ${baseline.name}`;
  const names = plan.designs.map((design) => design.name);
  const records = baseline.records.filter(
    (record) => names.includes(record.design) && plan.cells.some((cell) => isOf(record, cell)),
  );
  const differing = differences(records, conditionsOf(plan, host));
  if (differing.length > 0 && !gate.crossHost) throw notOneMachine({ path }, { path: 'this run' }, differing);
  const cells = cellsOf(samplesOf(records)).filter(
    ({ design, metric }) => design !== CONTROL && GATE_METRICS.includes(metric),
  );
  if (cells.length === 0) {
    const others = baseline.records.filter(({ design }) => design !== CONTROL);
    const has = [...new Set(others.map((it) => `${cellGroup(it)}, ${it.design}`))];
    throw new InputError(
      `--baseline ${baseline.name} has nothing of what this run measures. There: ${has.join('; ')}`,
    );
  }
  const fewest = Math.min(
    ...cells.filter(({ metric }) => metric === 'iops').map(({ values }) => values.values.length),
  );
  const needed = roundsNeededAgainst(fewest, cells.length, ALPHA);
  if (needed === undefined)
    throw new InputError(
      `--baseline ${baseline.name} has ${plural(fewest, 'round')}, with which no difference in ${plural(cells.length, 'cell')} could be significant. ` +
        `Save it anew with --rounds ${roundsNeeded(cells.length, ALPHA, false)}`,
    );
  requireRounds(plan, gate.anyRounds, needed, cells.length);
  const optionsFor = (made: readonly TrialRecord[]): CompareOptions => ({
    metrics: GATE_METRICS,
    crossHost: gate.crossHost,
    ...thresholdOf(gate.threshold, made, false),
  });
  const source = (where: string, of: readonly TrialRecord[]): Source => ({
    path: where,
    records: of,
    runs: [],
  });
  return {
    async decide(made, again) {
      const options = optionsFor(made);
      const first = compare(source(path, records), source('this run', made), options);
      const worse = first.judgement.verdicts.filter(({ answer }) => answer === 'worse');
      if (worse.length === 0) return decide(first);
      const part = partOf(plan, worse);
      const second = await again(part);
      if (second === undefined) return undefined;
      const same = records.filter(
        (it) =>
          part.cells.some((cell) => isOf(it, cell)) && part.designs.some(({ name }) => name === it.design),
      );
      return decide(first, compare(source(path, same), source('the second run', second), options));
    },
  };
}

function revisionGate({ plan, gate }: RunChoices, revision: string): Gate {
  const names = plan.designs.map((design) => design.name);
  const pairs = names.filter((name) => names.includes(namedAt(name, revision)));
  // Which of them have enough flushes for a percentile is not known before.
  const metricsOf = ({ workload }: Cell): number =>
    workload.jobs.some((job) => job.fsync > 0 || job.endFlush) ? GATE_METRICS.length : 1;
  const cells = pairs.length * plan.cells.reduce((sum, cell) => sum + metricsOf(cell), 0);
  requireRounds(plan, gate.anyRounds, roundsNeeded(cells, ALPHA, true), cells);
  return {
    async decide(records) {
      return decide(compareRevisions(records, revision, thresholdOf(gate.threshold, records, true)));
    },
  };
}

function thresholdOf(asked: number | undefined, records: readonly TrialRecord[], paired: boolean) {
  return asked === undefined ? usualThreshold(records, paired) : { threshold: asked };
}

function requireRounds(plan: RunPlan, any: boolean, needed: number | undefined, cells: number): void {
  if (needed === undefined)
    throw new InputError(
      `${plural(cells, 'cell')} are too many for any number of rounds: choose fewer with --designs and --workloads`,
    );
  if (any) plan.rounds = Math.max(plan.rounds, needed);
  if (plan.rounds >= needed) return;
  throw new InputError(
    `with ${plural(plan.rounds, 'round')} no difference in ${plural(cells, 'cell')}, however large, could be significant: the gate would pass whatever ` +
      `happens. ${needed} would do: --rounds ${needed}; or choose fewer cells with --designs and --workloads`,
  );
}

/** What of a plan some verdicts are about; the reference `raw` goes along, as it tells whether the machine changed. */
function partOf(plan: RunPlan, verdicts: readonly Verdict[]): Pick<RunPlan, 'cells' | 'designs'> {
  const isMeant = ({ name }: Design): boolean =>
    name === CONTROL || verdicts.some(({ design }) => design === name);
  return {
    cells: plan.cells.filter((cell) => verdicts.some((it) => isOf(it, cell))),
    designs: plan.designs.filter(isMeant),
  };
}

function isOf(
  it: Pick<Verdict, 'workload' | 'direct' | 'backend'>,
  { workload, direct, backend }: Cell,
): boolean {
  return it.workload === workload.name && it.direct === direct && it.backend === backend;
}

/** The comparison, and under it what the gate says, in lines that begin with `gate:`. */
export function gateText(answer: GateAnswer, page: { color: boolean; width: number }): string {
  const { comparison, rerun } = answer;
  const again = rerun ? `\nWhat was worse, run again:\n\n${renderComparison(rerun, page)}` : '';
  const lines = gateLines(answer).flatMap((line) => wrap(`gate: ${line}`, page.width, 6));
  return `${renderComparison(comparison, page)}${again}${lines.join('\n')}\n`;
}

export function gateLines({
  comparison,
  rerun,
  regressions,
  unconfirmed,
  inconclusive,
}: GateAnswer): string[] {
  const { verdicts, missing } = comparison.judgement;
  const told = (it: Verdict): string =>
    `${cellGroup(it)}, ${it.design}: ${metricOf(it.metric).title} ${change(it.ratio)}, beyond ${+(100 * it.threshold).toFixed(1)} %`;
  const clear = verdicts.length - regressions.length - unconfirmed.length - inconclusive.length;
  const few = inconclusive.filter(({ why }) => why !== undefined && /few/.test(why)).length;
  const unclear = [
    ...(inconclusive.length > 0
      ? [
          `INCONCLUSIVE in ${inconclusive.length} of ${plural(verdicts.length, 'cell')}${few > 0 ? `, ${few} of them for TOO FEW ROUNDS with enough operations` : ''}: nothing is known there, and this is no pass. More rounds tell more`,
        ]
      : []),
    ...(missing.length > 0
      ? [`NOT COMPARED: ${plural(missing.length, 'cell')} that one side alone has`]
      : []),
  ];
  return [
    ...comparison.broken.map((it) => `REGRESSION: ${brokenText(it)}`),
    ...regressions.map((it) => `REGRESSION${rerun ? ', in a second run too' : ''}: ${told(it)}`),
    ...unconfirmed.map((it) => `worse, but not in a second run: ${told(it)}`),
    ...unclear,
    ...(clear > 0 ? [`no regression in ${clear} of ${plural(verdicts.length, 'cell')}`] : []),
  ];
}

/** What regressed has regressed, whatever else is unclear. */
export function gateCode(answer: GateAnswer, strict: boolean): number {
  const { comparison, regressions, unconfirmed, inconclusive } = answer;
  if (regressions.length > 0 || comparison.broken.length > 0) return EXIT.violated;
  const unclear = inconclusive.length + unconfirmed.length + comparison.judgement.missing.length;
  return strict && unclear > 0 ? EXIT.inconclusive : EXIT.fine;
}
