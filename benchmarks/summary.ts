import { median } from 'simple-statistics';
import type { BackendName, Host, TrialRecord } from '../datasets/schema.ts';
import {
  CONTRACTS,
  type Contract,
  type Verdict,
  type Verdicts,
  type Witness,
} from '../ordering/contracts.ts';
import { type MergedLatencies, mergeLatencies, type Percentile, percentileOf } from './latency.ts';
import type { Interval } from './statistics/interval.ts';
import { orderStatisticInterval } from './statistics/order-statistic-interval.ts';
import { type Ratio, ratioInterval } from './statistics/ratio-interval.ts';
import { type WaitSummary, waitSummary } from './waits/summary.ts';

export type { Percentile } from './latency.ts';

/** A median over rounds; the interval is absent when there is only one round. */
export interface Estimate {
  value: number;
  interval?: Interval;
}

/** A cost per operation: of the whole machine, and of the submitters and workers alone. */
export interface Cost {
  system: number;
  tasks: number;
}

export interface Row {
  design: string;
  reference: boolean;
  claims: Contract[];
  /** Trials that are measurements. */
  rounds: number;
  /** Why this machine could not run the row. */
  skipped: string | undefined;
  /** FLUSHes that reached the backing file for each that was requested; undefined where none was requested. */
  fsyncsPerFlush: number | undefined;
  /** Trials that are none, and why. Their verdicts count, their metrics do not. */
  failures: { round: number; reason: string }[];
  /** Reads and writes a second. */
  iops: Estimate | undefined;
  /** IOPS over those of the group's base; undefined on the base itself and where no round has both. */
  ratio: Ratio | undefined;
  /** Undefined where the workload has no such operation. */
  flushP50: Percentile | undefined;
  flushP99: Percentile | undefined;
  readP99: Percentile | undefined;
  writeP99: Percentile | undefined;
  /** Microseconds of CPU time per read, write or flush, over all rounds. */
  cpuUs: Cost | undefined;
  /** Context switches per read, write or flush, over all rounds. */
  switches: Cost | undefined;
  /** Share of the measured time in which a submitter waited and had no free tag, the mean over trials. */
  blocked: number | undefined;
  /** Where operations waited; undefined where nothing was recorded. */
  waits: WaitSummary | undefined;
  workers: number;
  /** Operations left to the kernel's io-wq for each operation, over all rounds; undefined where they were not counted. */
  ioWqPunts: number | undefined;
  /** Most threads of the kernel's io-wq at the end of a measured trial: work that ran outside of the design. */
  ioWqThreads: number;
  /** Measured trials that ended early because the history was full. */
  cut: number;
  /** Measured trials whose warm-up did not end in a steady state; 0 as well where there was none. */
  unsteady: number;
  /** Summed over rounds, each with the witness that is easiest to follow. */
  verdicts: Verdicts;
}

/** One workload, direct or buffered, on one backend: the rows that may stand side by side. */
export interface Group {
  workload: string;
  direct: boolean;
  backend: BackendName;
  /** Different rounds among the records. */
  rounds: number;
  /** The row that the ratios are to: the first design, or the first reference where there is no design. */
  base: string | undefined;
  topology: TrialRecord['topology'];
  settings: TrialRecord['settings'];
  host: Host;
  submitters: number;
  /** Which of topology, settings and host are not the same in all records; those above are the first's. */
  mixed: string[];
  rows: Row[];
}

/** One claim of one design. */
export interface Claim {
  design: string;
  contract: Contract;
}

/** A claim that fails the run: a situation that broke the rule, or one where nothing shows that it held. */
export interface ClaimFailure extends Claim {
  kind: 'lost' | 'unproved';
  verdict: Verdict;
}

/** Situations in which something was at stake. */
export function exercised(verdict: Verdict): number {
  return verdict.proved + verdict.unproved + verdict.lost;
}

/**
 * Turns trials into tables, one group per workload, direct or buffered, and backend, in order of first
 * appearance. Rounds of several runs are told apart by the run's id.
 *
 * @param order designs in the order of the rows; those it does not name follow in order of first appearance.
 *   Without it a shuffled first round decides, also about the base of the ratios.
 * @throws {Error} when a latency histogram is broken
 */
export function summarize(records: readonly TrialRecord[], order: readonly string[] = []): Group[] {
  const groups = collect(records, (r) => `${r.workload}\n${r.direct}\n${r.backend}`);
  return groups.map((group) => summarizeGroup(group, order));
}

/** The rows' claims that were lost or unproved in this group, in order of rows and contracts. */
export function claimFailures(group: Group): ClaimFailure[] {
  return group.rows.flatMap((row) =>
    inOrder(row.claims).flatMap((contract): ClaimFailure[] => {
      const verdict = row.verdicts[contract];
      if (verdict.lost > 0) return [{ design: row.design, contract, kind: 'lost', verdict }];
      if (verdict.unproved > 0) return [{ design: row.design, contract, kind: 'unproved', verdict }];
      return [];
    }),
  );
}

/** The claims that no group put to the test: said in every table, and a failure under --strict. */
export function notExercisedClaims(groups: readonly Group[]): Claim[] {
  const rows = groups.flatMap((group) => group.rows);
  return collect(rows, (row) => row.design).flatMap((same) =>
    inOrder(same.flatMap((row) => row.claims))
      .filter((contract) => same.every((row) => exercised(row.verdicts[contract]) === 0))
      .map((contract) => ({ design: same[0]!.design, contract })),
  );
}

function summarizeGroup(records: TrialRecord[], order: readonly string[]): Group {
  const first = records[0]!;
  const place = (design: string): number => {
    const at = order.indexOf(design);
    return at < 0 ? order.length : at;
  };
  const designs = collect(records, (r) => r.design).sort(
    (a, b) => place(a[0]!.design) - place(b[0]!.design), // a stable sort keeps the order of first appearance
  );
  const rounds = [...new Set(records.map(roundOf))];
  const base = designs.find((trials) => !trials[0]!.reference) ?? designs[0];
  const baseIops = base && iopsByRound(base, rounds);
  const same = (field: 'topology' | 'settings' | 'host'): boolean =>
    records.every((r) => JSON.stringify(r[field]) === JSON.stringify(first[field]));
  return {
    workload: first.workload,
    direct: first.direct,
    backend: first.backend,
    rounds: rounds.length,
    base: base?.[0]?.design,
    topology: first.topology,
    settings: first.settings,
    host: first.host,
    submitters: Math.max(...records.map((r) => r.metrics.submitters)),
    mixed: (['topology', 'settings', 'host'] as const).filter((field) => !same(field)),
    rows: designs.map((trials) => {
      const iops = iopsByRound(trials, rounds);
      const ratio = baseIops && trials !== base ? ratioInterval(baseIops, iops) : undefined;
      return summarizeDesign(trials, estimate(iops), ratio);
    }),
  };
}

function summarizeDesign(trials: TrialRecord[], iops: Estimate | undefined, ratio: Ratio | undefined): Row {
  const measured = trials.filter((t) => t.failure === undefined && t.skipped === undefined);
  const total = (of: (m: TrialRecord['metrics']) => number): number =>
    measured.reduce((sum, t) => sum + of(t.metrics), 0);
  const operations = total((m) => m.operations);
  const each = (sum: number): number => sum / operations;
  const merged = (kind: 'read' | 'write' | 'flush'): MergedLatencies =>
    mergeLatencies(measured.map((t) => t.latency[kind]).filter((latency) => latency !== undefined));
  const flush = merged('flush');
  return {
    design: trials[0]!.design,
    reference: trials[0]!.reference,
    claims: inOrder(trials.flatMap((t) => t.claims)),
    rounds: measured.length,
    failures: trials.flatMap((t) => (t.failure === undefined ? [] : [{ round: t.round, reason: t.failure }])),
    skipped: trials.find((t) => t.skipped !== undefined)?.skipped,
    fsyncsPerFlush:
      total((m) => m.flushes) > 0 ? total((m) => m.fsyncs) / total((m) => m.flushes) : undefined,
    iops,
    ratio,
    flushP50: percentileOf(flush, 0.5),
    flushP99: percentileOf(flush, 0.99),
    readP99: percentileOf(merged('read'), 0.99),
    writeP99: percentileOf(merged('write'), 0.99),
    cpuUs: operations
      ? { system: each(total((m) => m.cpuSystemUs)), tasks: each(total((m) => m.cpuTasksUs)) }
      : undefined,
    switches: operations
      ? { system: each(total((m) => m.switchesSystem)), tasks: each(total((m) => m.switchesTasks)) }
      : undefined,
    blocked: meanOf(measured.flatMap(({ metrics }) => metrics.blocked ?? [])),
    waits: waitSummary(measured.flatMap(({ waits }) => waits ?? [])),
    workers: Math.max(...trials.map((t) => t.metrics.workers)),
    ioWqPunts:
      operations > 0 && measured.every((t) => t.metrics.ioWqPunts !== undefined)
        ? each(total((m) => m.ioWqPunts!))
        : undefined,
    ioWqThreads: Math.max(0, ...measured.map((t) => t.metrics.ioWqThreads)),
    cut: measured.filter((t) => t.metrics.cut).length,
    unsteady: measured.filter((t) => t.series?.steady === false).length,
    verdicts: Object.fromEntries(
      CONTRACTS.map((contract) => [contract, sumVerdicts(trials.map((t) => t.verdicts[contract]))]),
    ) as Verdicts,
  };
}

function meanOf(values: readonly number[]): number | undefined {
  return values.length > 0 ? values.reduce((a, b) => a + b) / values.length : undefined;
}

/** Counts add up. A witness of a loss beats one of an open window, whatever round it comes from. */
function sumVerdicts(verdicts: Verdict[]): Verdict {
  const sum: Verdict = { proved: 0, unproved: 0, lost: 0, notExercised: 0 };
  for (const verdict of verdicts) {
    sum.proved += verdict.proved;
    sum.unproved += verdict.unproved;
    sum.lost += verdict.lost;
    sum.notExercised += verdict.notExercised;
  }
  const witnesses = verdicts
    .filter((verdict) => verdict.lost > 0 || sum.lost === 0)
    .flatMap((verdict): Witness[] => (verdict.witness ? [verdict.witness] : []))
    .sort(
      (a, b) => Number(b.crossesQueues) - Number(a.crossesQueues) || a.sentence.length - b.sentence.length,
    );
  if (witnesses[0]) sum.witness = witnesses[0];
  return sum;
}

/** IOPS per round, undefined where the trial failed or did nothing: zero has no ratio to anything. */
function iopsByRound(trials: TrialRecord[], rounds: string[]): (number | undefined)[] {
  const byRound = new Map<string, number>();
  for (const trial of trials)
    if (trial.failure === undefined && trial.metrics.iops > 0)
      byRound.set(roundOf(trial), trial.metrics.iops);
  return rounds.map((round) => byRound.get(round));
}

function roundOf(record: TrialRecord): string {
  return `${record.run}\n${record.round}`;
}

function estimate(byRound: (number | undefined)[]): Estimate | undefined {
  const values = byRound.filter((value) => value !== undefined);
  if (values.length === 0) return undefined;
  if (values.length === 1) return { value: values[0]! };
  return { value: median(values), interval: orderStatisticInterval(values) };
}

/** The contracts named, each once, in the order in which they are always printed. */
function inOrder(contracts: Contract[]): Contract[] {
  return CONTRACTS.filter((contract) => contracts.includes(contract));
}

/** Items with the same key together, in order of first appearance. */
function collect<T>(items: readonly T[], keyOf: (item: T) => string): T[][] {
  const byKey = new Map<string, T[]>();
  for (const item of items) {
    const key = keyOf(item);
    const same = byKey.get(key);
    if (same) same.push(item);
    else byKey.set(key, [item]);
  }
  return [...byKey.values()];
}
