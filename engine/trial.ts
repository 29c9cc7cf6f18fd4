/**
 * One trial of an opened workload on a crew: everybody is told what to do, the clock of the machine's cost runs from the common
 * start to the last worker's end, and a watchdog ends what no longer moves.
 */
import type { BackendName } from '../datasets/schema.ts';
import type { Job } from '../datasets/workload.ts';
import { ioWqThreads, machineUse } from './accounting.ts';
import { type Crew, heard, send } from './crew.ts';
import { type Replacing, replaceUnderLoad } from './devices.ts';
import { dumpOf } from './dump.ts';
import type { TopologySpec, TrialMessage } from './messages.ts';
import type { SubmitterReport } from './recorder.ts';
import { LINE } from './rings.ts';
import { CONTROL, reset, type Shared } from './shared.ts';
import { abort, stopWorkers } from './stop.ts';
import { type WarmUp, watchWarmUp } from './warm-up.ts';

const WATCH_MS = 100;
/** Time that threads get to leave the kernel after a stall, milliseconds. */
const LEAVE_MS = 5000;

export interface TrialPlan {
  backend: BackendName;
  /** The files were opened O_DIRECT. */
  direct: boolean;
  seed: number;
  base: number;
  trial: number;
  spin: number;
  bufferBytes: number;
  history: TrialMessage['history'];
  /** Descriptor per device. */
  files: number[];
  /** Devices are detached meanwhile: ENODEV is then an answer, and no failure. */
  detaches?: boolean;
  /** Has devices replaced while the trial runs; `detaches` goes with it. */
  replacing?: Replacing | undefined;
  /** Seconds after which submitters stop in any case; 0 for no limit but the job's own. */
  runtimeLimit: number;
  /** Seconds without a completion, while operations are outstanding, after which the trial is stalled. */
  deadlineSeconds: number;
  /** Ends the jobs' ramps as soon as the rate is steady. */
  warmUp?: WarmUp | undefined;
  /** Ends the trial early: submitters stop, what is outstanding is waited for. */
  signal?: AbortSignal;
}

export interface TrialOutcome {
  reports: SubmitterReport[];
  cpuSystemUs: number;
  cpuTasksUs: number;
  switchesSystem: number;
  switchesTasks: number;
  /** Operations acknowledged from beginning to end, those of a ramp and of the closing flushes included. */
  operations: number;
  ioWqThreads: number;
  /** Whether the rate came to rest before the ramps were over; undefined where nobody waited for it. */
  steady: boolean | undefined;
  /** Nanoseconds of each grace period, one for each device that was replaced. */
  graces: number[];
  /** What the queues and gates held when nothing moved any more. */
  stalled: string | undefined;
}

/** One trial of an opened workload. Rejects when a thread failed; the crew is of no more use then. */
export async function runTrial(crew: Crew, key: string, plan: TrialPlan): Promise<TrialOutcome> {
  const open = crew.opened.get(key);
  if (!open) throw new Error(`${key} was not opened`);
  const { shared, workload, members } = open;
  reset(shared, plan.files, open.layout?.table);
  let firstTag = 0;
  for (const member of members) {
    const job = member.role === 'worker' ? undefined : workload.jobs[member.index];
    send(member, {
      type: 'trial',
      key,
      backend: plan.backend,
      direct: plan.direct,
      spin: plan.spin,
      history: plan.history,
      seed: plan.seed + member.index * 0x9e37,
      base: plan.base,
      trial: plan.trial,
      unitBytes: workload.unitBytes,
      bufferBytes: plan.bufferBytes,
      job,
      runtimeLimit: plan.runtimeLimit,
      cpu: playedCpu(job, member.index, open.topology),
      firstTag,
      files: plan.files,
      detaches: plan.detaches === true,
    });
    if (job) firstTag += job.iodepth;
  }
  await Promise.all(members.map((member) => heard(crew, member, 'ready')));

  const before = machineUse();
  Atomics.store(shared.control, CONTROL.go, 1);
  Atomics.notify(shared.control, CONTROL.go);
  const stop = (): void => {
    Atomics.store(shared.control, CONTROL.stopIssuing, 1);
  };
  if (plan.signal?.aborted) stop();
  plan.signal?.addEventListener('abort', stop, { once: true });
  let giveUp: () => void = () => {};
  // A thread that sits in the kernel never answers; the trial does not wait for it.
  const stuck = new Promise<'stuck'>((resolve) => {
    giveUp = () => resolve('stuck');
  });
  const watch = watchdog(shared, plan.deadlineSeconds, () => {
    outcome.stalled = dumpOf(shared);
    abort(crew, shared);
    setTimeout(giveUp, LEAVE_MS).unref();
  });
  const warmUp = plan.warmUp && watchWarmUp(shared, plan.warmUp);
  const outcome: TrialOutcome = {
    reports: [],
    cpuSystemUs: 0,
    cpuTasksUs: 0,
    switchesSystem: 0,
    switchesTasks: 0,
    operations: 0,
    ioWqThreads: 0,
    steady: undefined,
    graces: [],
    stalled: undefined,
  };
  let over = false;
  const replacing =
    plan.replacing &&
    replaceUnderLoad(
      shared,
      plan.replacing,
      () => over,
      () => Atomics.load(shared.control, CONTROL.abort) === 1,
    );
  // Before anybody waits for it: a file that can't be replaced ends the trial.
  replacing?.catch(() => abort(crew, shared));
  try {
    const submitters = members.filter((m) => m.role !== 'worker');
    const workers = members.filter((m) => m.role === 'worker');
    const everybody = async () => {
      const done = await Promise.all(submitters.map((member) => heard(crew, member, 'done')));
      over = true;
      if (replacing) outcome.graces = await replacing;
      stopWorkers(crew.kickFds, shared);
      return [...done, ...(await Promise.all(workers.map((member) => heard(crew, member, 'done'))))];
    };
    const finished = await Promise.race([everybody(), stuck]);
    if (finished === 'stuck') return outcome;
    const after = machineUse();
    for (let s = 0; s < shared.sizes.submitters; s++) outcome.operations += shared.acknowledged[s * LINE]!;
    outcome.cpuSystemUs = after.cpuUs - before.cpuUs;
    outcome.switchesSystem = after.switches - before.switches;
    outcome.ioWqThreads = ioWqThreads(members.map((member) => member.tid));
    for (const done of finished) {
      outcome.cpuTasksUs += done.cpuUs;
      outcome.switchesTasks += done.switches;
      if (done.report) outcome.reports.push(done.report);
    }
    return outcome;
  } catch (error) {
    abort(crew, shared);
    throw error;
  } finally {
    over = true;
    // It may be in the middle of an exchange.
    await replacing?.catch(() => {});
    outcome.steady = warmUp?.ended();
    clearInterval(watch);
    plan.signal?.removeEventListener('abort', stop);
  }
}

/** The CPU of the topology that a thread plays: one that its job allows, in turn; else the one of its number. */
function playedCpu(job: Job | undefined, index: number, { cpus, sockets }: TopologySpec): number {
  const allowed = job?.cpus;
  if (allowed) return allowed[index % allowed.length]! % cpus;
  // CPUs of one socket are neighbours: the first submitters go to the sockets in turn.
  const each = cpus / sockets;
  return (index % sockets) * each + (Math.floor(index / sockets) % each);
}

/** Calls `stalled` once when no operation was acknowledged for `seconds`. */
function watchdog(shared: Shared, seconds: number, stalled: () => void): NodeJS.Timeout {
  let last = -1;
  let since = performance.now();
  const timer = setInterval(() => {
    let sum = 0;
    for (let s = 0; s < shared.sizes.submitters; s++) sum += Atomics.load(shared.acknowledged, s * LINE);
    const time = performance.now();
    if (sum !== last) {
      last = sum;
      since = time;
    } else if (time - since > seconds * 1000) {
      clearInterval(timer);
      stalled();
    }
  }, WATCH_MS);
  return timer;
}
