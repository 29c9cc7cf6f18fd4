/** One trial's outcome and history to its result record. */
import {
  type Host,
  type LatencyGrid,
  type LatencyRecord,
  type Load,
  SCHEMA,
  SCHEMA_VERSION,
  type TrialRecord,
} from '../datasets/schema.ts';
import type { Workload } from '../datasets/workload.ts';
import type { SubmitterReport } from '../engine/recorder.ts';
import type { TrialOutcome } from '../engine/trial.ts';
import { check, type World } from '../ordering/check.ts';
import { CONTRACTS, type Verdicts } from '../ordering/contracts.ts';
import { FLUSH, type History } from '../ordering/history.ts';
import type { Conditions } from './compare/conditions.ts';
import type { Design } from './designs.ts';
import { failureOf } from './failure.ts';
import { latencyRecord } from './latency.ts';
import { latencyGrid } from './latency-grid.ts';
import { type Cell, LATENCY_KINDS, type RunPlan, type Settings, settingsFor } from './plan.ts';
import { seriesOf } from './series.ts';
import { type FsyncCalls, fsyncCalls, type Measured, measuredOf } from './waits/measured.ts';
import { waitsOf } from './waits/waits.ts';
import { withOperations } from './witness-operations.ts';

export interface TrialContext {
  plan: RunPlan;
  settings: Settings;
  host: Host;
  run: string;
  cell: Cell;
  design: Design;
  round: number;
  position: number;
  seed: number;
  workers: number;
  started: Date;
  /** The commit that loopwq runs from; undefined where none is known. */
  revision: string | undefined;
}

/** What the kernel counted in a trial, from beginning to end. */
export interface KernelCounts {
  /** FLUSHes that its loop driver executed, where that did the work and not ours. */
  fsyncs: number | undefined;
  /** Operations left to io-wq, where they can be counted. */
  punts: number | undefined;
}

/** A trial's record. */
export function recordOf(
  context: TrialContext,
  outcome: TrialOutcome,
  history: History | undefined,
  { fsyncs, punts }: KernelCounts,
): TrialRecord {
  const { cell } = context;
  const { workload } = cell;
  const { reports } = outcome;
  const sum = (pick: (report: (typeof reports)[number]) => number): number =>
    reports.reduce((n, r) => n + pick(r), 0);
  const start = startOf(outcome);
  const seconds = reports.length > 0 ? (Math.max(...reports.map((r) => r.end)) - start) / 1e9 : 0;
  const failure = failureOf(cell, outcome);
  const flushes = sum((r) => r.flushes);
  const series = history && seriesOf(history, reports, outcome.steady);
  const measured = history && measuredOf(history, workload.jobs, reports);
  const calls = history && fsyncCalls(history, workload.jobs.length, reports);
  return {
    ...identityOf(context),
    metrics: {
      seconds,
      reads: sum((r) => r.reads),
      writes: sum((r) => r.writes),
      flushes,
      fsyncs: fsyncsOf(history, calls, reports, flushes, fsyncs),
      operations: outcome.operations,
      iops: seconds > 0 ? sum((r) => r.inWindow) / seconds : 0,
      bytes: sum((r) => r.bytes),
      cpuSystemUs: outcome.cpuSystemUs,
      cpuTasksUs: outcome.cpuTasksUs,
      switchesSystem: outcome.switchesSystem,
      switchesTasks: outcome.switchesTasks,
      ioWqThreads: outcome.ioWqThreads,
      ...(punts === undefined ? {} : { ioWqPunts: punts }),
      blocked: blockedShare(reports),
      submitters: workload.jobs.length,
      workers: context.workers,
      ...(reports.some((r) => r.punts !== undefined) ? { punts: sum((r) => r.punts ?? 0) } : {}),
      cut: reports.some((r) => r.cut),
    },
    ...(history && measured && calls
      ? {
          ...latenciesOf(history, measured, start),
          waits: waitsOf(history, workload, measured, calls, cell.backend === 'uring'),
        }
      : { latency: {} }),
    verdicts: history ? verdictsOf(context, outcome, history) : nothingAsserted(),
    ...replacedOf(context, outcome),
    ...(series === undefined ? {} : { series }),
    ...(failure === undefined ? {} : { failure }),
  };
}

function blockedShare(reports: readonly SubmitterReport[]): number {
  const measured = reports.reduce((sum, { start, end }) => sum + end - start, 0);
  return measured > 0 ? reports.reduce((sum, { blocked }) => sum + blocked, 0) / measured : 0;
}

/** The record of a row that this machine can't run. */
export function skippedRecord(context: TrialContext, reason: string): TrialRecord {
  return {
    ...identityOf(context),
    metrics: {
      seconds: 0,
      reads: 0,
      writes: 0,
      flushes: 0,
      fsyncs: 0,
      operations: 0,
      iops: 0,
      bytes: 0,
      cpuSystemUs: 0,
      cpuTasksUs: 0,
      switchesSystem: 0,
      switchesTasks: 0,
      ioWqThreads: 0,
      submitters: context.cell.workload.jobs.length,
      workers: 0,
      cut: false,
    },
    latency: {},
    verdicts: nothingAsserted(),
    skipped: reason,
  };
}

/** Who, what and where: everything of a record that is known before the trial. */
function identityOf(
  context: TrialContext,
): Omit<TrialRecord, 'metrics' | 'latency' | 'waits' | 'grid' | 'verdicts'> {
  const { plan, settings, cell, design, revision } = context;
  return {
    schema: SCHEMA,
    version: SCHEMA_VERSION,
    run: context.run,
    round: context.round,
    position: context.position,
    design: design.name,
    reference: design.crew === undefined,
    parameters: design.parameters,
    claims: design.claims,
    workload: cell.workload.name,
    direct: cell.direct,
    backend: cell.backend,
    topology: topologyOf(plan),
    seed: context.seed,
    host: context.host,
    settings: { ...settings, recording: plan.recording },
    started: context.started.toISOString(),
    ...(revision === undefined ? {} : { revision }),
    load: loadOf(cell.workload),
  };
}

/** The conditions of the trials that a plan will make, for each workload once. */
export function conditionsOf(plan: RunPlan, host: Host): Conditions[] {
  const settings = { ...settingsFor(plan, host.cores), recording: plan.recording };
  return plan.cells.map(({ workload }) => ({
    host,
    topology: topologyOf(plan),
    settings,
    workload: workload.name,
    load: loadOf(workload),
  }));
}

function replacedOf(
  { settings }: TrialContext,
  { graces, reports }: TrialOutcome,
): Pick<TrialRecord, 'replaced'> {
  if (settings.replaceMs === 0) return {};
  const refused = reports.reduce((sum, report) => sum + report.detached, 0);
  const grace = graces.length > 0 ? latencyRecord(Float64Array.from(graces), graces.length) : undefined;
  return { replaced: { devices: graces.length, refused, ...(grace ? { grace } : {}) } };
}

function topologyOf({ topology }: RunPlan): TrialRecord['topology'] {
  return {
    sockets: topology.sockets,
    cpus: topology.sockets * topology.cpusPerSocket,
    virtual: topology.virtual,
  };
}

function loadOf({ jobs }: Workload): Load {
  const rates = jobs.flatMap(({ rate }) => (rate ? [rate.read + rate.write] : []));
  const seconds = Math.max(...jobs.map((job) => job.runtime));
  const sum = (numbers: number[]): number => numbers.reduce((a, b) => a + b, 0);
  return {
    submitters: jobs.length,
    depth: sum(jobs.map((job) => job.iodepth)),
    ...(rates.length === jobs.length ? { rate: sum(rates) } : {}),
    ...(seconds > 0 ? { seconds } : {}),
  };
}

/**
 * Fsyncs in the measured window, whatever asked for them. What the kernel's driver executed is counted from beginning to end, so
 * with a ramp it is scaled to the window.
 */
function fsyncsOf(
  history: History | undefined,
  calls: FsyncCalls | undefined,
  reports: readonly SubmitterReport[],
  flushes: number,
  executed: number | undefined,
): number {
  if (history === undefined || calls === undefined) return executed ?? flushes;
  if (executed === undefined) return calls.counts.reduce((n, counts) => n + counts, 0);
  let all = 0;
  for (const submitter of reports.keys()) {
    const first = submitter * history.rowsEach;
    const last = first + history.count[submitter]!;
    for (let row = first; row < last; row++) if (history.kind[row] === FLUSH) all++;
  }
  return Math.round(executed * (all > 0 ? flushes / all : 1));
}

/** From the submission, or in an open loop from when it was due, to the acknowledgement; inside the measured window. */
function latenciesOf(
  history: History,
  { rows, from }: Measured,
  begin: number,
): Pick<TrialRecord, 'latency' | 'grid'> {
  const latency: { [kind in (typeof LATENCY_KINDS)[number][0]]?: LatencyRecord } = {};
  let grid: LatencyGrid | undefined;
  const values = new Float64Array(rows.length);
  const at = new Float64Array(rows.length);
  for (const [name, kind] of LATENCY_KINDS) {
    let n = 0;
    for (let i = 0; i < rows.length; i++) {
      const row = rows[i]!;
      if (history.kind[row] !== kind) continue;
      at[n] = history.ak[row]! - begin;
      values[n++] = Math.max(0, history.ak[row]! - from[i]!);
    }
    const record = n > 0 ? latencyRecord(values, n) : undefined;
    if (record) latency[name] = record;
    // The kinds are in the order in which the later one is the better: what a flush waits for is what is asked here.
    if (n > 0) grid = latencyGrid(name, at, values, n);
  }
  return { latency, ...(grid ? { grid } : {}) };
}

/** What the checkers must know of a trial besides its history. */
export function worldOf({ cell, plan }: TrialContext, outcome: TrialOutcome): World {
  return {
    inodeOf: (device) => device,
    dataHeld: cell.backend !== 'null',
    start: startOf(outcome),
    unitBytes: cell.workload.unitBytes,
    deviceNames: cell.workload.files.map((file) => file.name),
    zeroesAtStart: cell.sparse === true || cell.workload.jobs.some((job) => job.pattern.includes('trim')),
    ...(outcome.stalled === undefined
      ? {}
      : { progress: { deadlineSeconds: plan.deadlineSeconds, dump: outcome.stalled } }),
  };
}

/** Threads that never came back from a stalled trial report nothing. */
function startOf({ reports }: TrialOutcome): number {
  return reports.length > 0 ? Math.min(...reports.map((r) => r.start)) : 0;
}

function verdictsOf(context: TrialContext, outcome: TrialOutcome, history: History): Verdicts {
  const world = worldOf(context, outcome);
  const verdicts = withOperations(check(history, world), history, world.start);
  if (context.design.reference?.kind !== 'kernel-loop') return verdicts;
  // What the driver did when is not observable from outside; what a read returned is.
  return { ...nothingAsserted(), integrity: verdicts.integrity, progress: verdicts.progress };
}

function nothingAsserted(): Verdicts {
  const nothing = { proved: 0, unproved: 0, lost: 0, notExercised: 0 };
  return Object.fromEntries(CONTRACTS.map((contract) => [contract, { ...nothing }])) as Verdicts;
}
