/** What a run does, decided before anything starts: cells, rows, rounds, and the harness settings they share. */
import type { BackendName, TrialRecord } from '../datasets/schema.ts';
import type { Job, Workload } from '../datasets/workload.ts';
import { MachineError } from '../engine/errors.ts';
import { FSYNCS_PER_OP } from '../engine/fsync-log.ts';
import type { TopologySpec } from '../engine/messages.ts';
import { FLUSH } from '../ordering/history.ts';
import type { Design } from './designs.ts';
import { type LayoutSize, layoutSize } from './layout.ts';
import type { Until } from './precision.ts';
import { type TopologyChoice, topologyFor } from './topology.ts';

/** A workload on one backend: the trials that may be compared with each other. */
export interface Cell {
  workload: Workload;
  direct: boolean;
  backend: BackendName;
  /** Each trial begins on files that are all hole. */
  sparse?: boolean;
}

export interface RunPlan {
  cells: Cell[];
  designs: Design[];
  /** The most of each cell, where `until` may end it earlier. */
  rounds: number;
  until?: Until | undefined;
  seed: number;
  topology: TopologyChoice;
  /** Where the backing files' folder is made. */
  dir: string;
  /** Absolute paths that the user allowed to be overwritten. */
  overwrite: string[];
  /** Seconds without a completion after which a trial counts as stalled. */
  deadlineSeconds: number;
  /** Milliseconds between two replacements of devices under load; 0 or absent: none are replaced. */
  replaceMs?: number;
  /** Each device lies on another one of the same design: engine/stacked.ts. */
  stacked?: boolean;
  /** Off only to measure what recording costs. */
  recording: boolean;
  /** Counts what rings leave to io-wq, where the machine can: each costs the rings that do so 0.7 us. */
  punts?: boolean;
  /**
   * Rounds after which every design gets new threads; without it they last for the run. Two crews of the same code differ by a few per
   * cent for as long as they live (docs/decisions/0026), which only other crews can tell from a change of the code.
   */
  renewAfter?: number;
  /** Records of this very run from before it was interrupted: what they tell of is not done again. */
  before?: readonly TrialRecord[];
}

/** Threads of a run at most, parked ones included: each isolate takes about 10 MB and 35 ms to start (measured). */
export const MAX_THREADS = 1024;
/** Iterations that a thread looks again before it sleeps, where every runnable thread has a core of its own. */
const SPIN = 2000;
/** Rows of a trial's history at most: 73 bytes each with their entry of `seen`, so 1.2 GiB. A trial that fills it ends there and says so. */
const MAX_ROWS = 2 ** 24;
/** A timed job is expected to stay below this many operations a second and submitter. */
const MAX_RATE = 1_000_000;

export interface Settings {
  spin: number;
  pinned: boolean;
  replaceMs: number;
  stacked: boolean;
}

/** One setting for all designs of a run: spin and pin only where every runnable thread has a core. */
export function settingsFor(plan: RunPlan, cores: number): Settings {
  let most = 0;
  for (const design of plan.designs) {
    for (const { workload } of plan.cells)
      most = Math.max(most, workload.jobs.length + workersOf(plan, design, workload));
  }
  return {
    spin: most <= cores ? SPIN : 0,
    pinned: most <= cores,
    replaceMs: plan.replaceMs ?? 0,
    stacked: plan.stacked === true,
  };
}

/** Workers that a design has on a workload; 0 for a reference row. Throws MachineError when a design can't lie on it. */
export function workersOf(plan: RunPlan, design: Design, workload: Workload): number {
  return design.crew ? sizeOn(plan, design, workload).workers : 0;
}

/** True when a design encrypts what it writes: it can't share a file with one that doesn't. */
export function encrypts(plan: RunPlan, design: Design, workload: Workload): boolean {
  return design.crew !== undefined && sizeOn(plan, design, workload).transform;
}

function sizeOn(plan: RunPlan, design: Design, workload: Workload): LayoutSize {
  return layoutSize(design, specOf(plan, workload));
}

/** What a strategy sees in a run of this workload. */
export function specOf(plan: RunPlan, workload: Workload): TopologySpec {
  const devices = workload.files.length * (plan.stacked ? 2 : 1);
  return topologyFor(plan.topology, devices, cgroupsOf(workload));
}

/** Submitters and workers that a design's crew needs over all cells. Throws when the run would have too many threads. */
export function crewSizes(plan: RunPlan): { submitters: number; workers: number }[] {
  const sizes = plan.designs.map((design) => ({
    submitters: Math.max(...plan.cells.map(({ workload }) => workload.jobs.length)),
    workers: Math.max(...plan.cells.map(({ workload }) => workersOf(plan, design, workload))),
  }));
  const total = sizes.reduce((sum, { submitters, workers }) => sum + submitters + workers, 0);
  if (total > MAX_THREADS) {
    const most = sizes
      .map((s, i) => ({ name: plan.designs[i]!.name, n: s.submitters + s.workers }))
      .sort((a, b) => b.n - a.n)[0]!;
    throw new MachineError(
      `the run would have ${total} threads, the limit is ${MAX_THREADS}; ${most.name} alone has ${most.n}. ` +
        'Choose fewer designs with --designs, or fewer jobs and devices',
    );
  }
  return sizes;
}

/** Blocks that are read back after a trial at most, chosen among those it wrote. */
export const READ_BACK = 256;

/**
 * What the history of a trial of this workload is given: one submitter more than there are jobs, for the read-back, and where
 * a job writes with flags one more for each job, for the notes of fsyncs.
 */
export function historySize(workload: Workload): { submitters: number; rowsEach: number; seenEach: number } {
  const flagged = workload.jobs.some(isFlagged);
  const submitters = workload.jobs.length + 1 + (flagged ? workload.jobs.length : 0);
  let rows = 0;
  let unitsPerOp = 1;
  for (const job of workload.jobs) {
    rows = Math.max(rows, rowsOf(job) * (isFlagged(job) ? FSYNCS_PER_OP : 1));
    unitsPerOp = Math.max(unitsPerOp, job.bs / workload.unitBytes);
  }
  const rowsEach = Math.max(
    READ_BACK,
    ...workload.jobs.map((job) => FSYNCS_PER_OP * job.iodepth),
    Math.min(Math.ceil(rows) + 64, Math.floor(MAX_ROWS / submitters)),
  );
  const seenEach = Math.min(rowsEach * unitsPerOp, Math.floor((4 * MAX_ROWS) / submitters));
  return { submitters, rowsEach, seenEach };
}

/** Writes with FUA or PREFLUSH: their fsyncs are noted apart. */
function isFlagged(job: Job): boolean {
  return job.fua === true || job.client !== undefined;
}

/** Cgroups that the operations of a workload carry: those that it names, or one for each job. */
export function cgroupsOf(workload: Workload): number {
  return workload.cgroups?.length ?? workload.jobs.length;
}

/** Operations of a job at most, flushes included. */
function rowsOf(job: Job): number {
  const { runtime, ramp = 0, rate, count, bytes = 0, split, fsync, endFlush, files } = job;
  const least = split ? Math.min(...[...split.read, ...split.write].map((share) => share.bytes)) : job.bs;
  const each = rate ? Math.min(MAX_RATE, rate.read + rate.write) : MAX_RATE;
  const data = Math.min(
    runtime > 0 ? (runtime + ramp) * each : Number.POSITIVE_INFINITY,
    count > 0 ? count : Number.POSITIVE_INFINITY,
    bytes > 0 ? bytes / least : Number.POSITIVE_INFINITY,
  );
  return data + (fsync > 0 ? Math.ceil(data / fsync) : 0) + (endFlush ? files.length : 0);
}

/** Bytes of one data buffer: the largest block, a whole number of pages so that O_DIRECT takes it. */
export function bufferBytes(workload: Workload): number {
  const most = Math.max(...workload.jobs.map((job) => job.bs));
  return Math.ceil(most / 4096) * 4096;
}

export function tagsOf(workload: Workload): number {
  return workload.jobs.reduce((sum, job) => sum + job.iodepth, 0);
}

/** Kinds whose latencies are published, by the field of the record. */
export const LATENCY_KINDS = [
  ['read', 0],
  ['write', 1],
  ['flush', FLUSH],
] as const;
