/**
 * A crew: the threads of one design (or of the reference row `raw`), made once per run and parked between trials. The
 * main thread opens workloads for it and runs trials on it; all the talk is in messages.ts.
 */
import { MessageChannel, type MessagePort } from 'node:worker_threads';
import { Piscina } from 'piscina';
import type { BackendName } from '../datasets/schema.ts';
import type { Job, Workload } from '../datasets/workload.ts';
import type { GatePolicy, Layout, Strategy } from '../strategies/types.ts';
import { ioWqThreads, machineUse } from './accounting.ts';
import { dumpOf } from './dump.ts';
import { MachineError } from './errors.ts';
import { stagesOf, wordsOf } from './gate.ts';
import { kickWorker } from './kick.ts';
import { close, errorName, eventfd, type Mapping } from './libc.ts';
import type { DesignRef, FromThread, ThreadTask, TopologySpec, ToThread, TrialMessage } from './messages.ts';
import type { SubmitterReport } from './recorder.ts';
import { LINE } from './rings.ts';
import { allocate, attach, CONTROL, reset, type Shared, type SharedMemory } from './shared.ts';

/** A design as the crew needs it: who it is to a thread, and its parts for the main thread. */
export interface CrewDesign {
  ref: DesignRef;
  strategy: Strategy;
  flush: GatePolicy;
  order: GatePolicy | undefined;
}

interface Member {
  role: ThreadTask['role'];
  index: number;
  port: MessagePort;
  bell: Int32Array;
  inbox: FromThread[];
  tid: number;
  wake: (() => void) | undefined;
}

interface OpenWorkload {
  workload: Workload;
  topology: TopologySpec;
  memory: SharedMemory;
  shared: Shared;
  layout: Layout | undefined;
  members: Member[];
}

export interface Crew {
  design: CrewDesign | undefined;
  pool: Piscina;
  members: Member[];
  kickFds: number[];
  opened: Map<string, OpenWorkload>;
  failure: Error | undefined;
}

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
  /** Seconds after which submitters stop in any case; 0 for no limit but the job's own. */
  runtimeLimit: number;
  /** Seconds without a completion, while operations are outstanding, after which the trial is stalled. */
  deadlineSeconds: number;
  /** Ends the trial early: submitters stop, what is outstanding is waited for. */
  signal?: AbortSignal;
}

export interface TrialOutcome {
  reports: SubmitterReport[];
  cpuSystemUs: number;
  cpuTasksUs: number;
  switchesSystem: number;
  switchesTasks: number;
  ioWqThreads: number;
  /** What the queues and gates held when nothing moved any more. */
  stalled: string | undefined;
}

/** Time that threads get to leave the kernel after an abort, milliseconds. */
const LEAVE_MS = 5000;
const WATCH_MS = 100;
/** More jobs than any workload has. */
const EVERYBODY = 2 ** 30;

/** Starts the threads and waits until each has loaded its design. */
export async function startCrew(
  design: CrewDesign | undefined,
  submitters: number,
  workers: number,
  data: Mapping,
  scratch: Mapping,
): Promise<Crew> {
  const total = submitters + workers;
  const kickFds = Array.from({ length: workers }, () => {
    const fd = eventfd();
    if (fd < 0)
      throw new MachineError(`eventfd: ${errorName(fd)}. Raise the limit of open descriptors: ulimit -n`);
    return fd;
  });
  const pool = new Piscina({
    filename: new URL('./thread.js', import.meta.url).href,
    minThreads: total,
    maxThreads: total,
    concurrentTasksPerWorker: 1,
    atomics: 'disabled',
    idleTimeout: Number.POSITIVE_INFINITY,
  });
  const crew: Crew = { design, pool, members: [], kickFds, opened: new Map(), failure: undefined };
  for (let i = 0; i < total; i++) {
    const isWorker = i >= submitters;
    const index = isWorker ? i - submitters : i;
    const { port1, port2 } = new MessageChannel();
    const bell = new SharedArrayBuffer(4);
    const member: Member = {
      role: isWorker ? 'worker' : design ? 'submitter' : 'raw',
      index,
      port: port1,
      bell: new Int32Array(bell),
      inbox: [],
      tid: 0,
      wake: undefined,
    };
    port1.on('message', (message: FromThread) => {
      if (message.type === 'failed')
        fail(crew, message.machine ? new MachineError(message.message) : new Error(message.message));
      member.inbox.push(message);
      member.wake?.();
    });
    crew.members.push(member);
    const task: ThreadTask = {
      role: member.role,
      index,
      design: design?.ref,
      port: port2,
      bell,
      kickFd: isWorker ? (kickFds[index] as number) : -1,
      kickFds,
      data,
      scratch,
      scratchAt: (i * 64) % scratch.bytes,
    };
    pool.run(task, { transferList: [port2] }).catch((error: Error) => fail(crew, error));
  }
  for (const member of crew.members) member.tid = (await heard(crew, member, 'started')).tid;
  return crew;
}

/** Allocates the memory of a workload and has the threads that it needs attach to it. */
export async function openWorkload(
  crew: Crew,
  key: string,
  workload: Workload,
  topology: TopologySpec,
  pin: boolean,
): Promise<void> {
  const { design } = crew;
  const submitters = workload.jobs.length;
  const layout = design?.strategy.open(design.ref.parameter, {
    ...topology,
    socketOf: Uint16Array.from(topology.socketOf),
  }).layout;
  const workers = layout?.workers.length ?? 0;
  const tags = workload.jobs.reduce((sum, job) => sum + job.iodepth, 0);
  const stages = design ? stagesOf(design.order ? [design.flush, design.order] : [design.flush]) : [];
  const memory = allocate({
    submitters,
    workers,
    queues: layout?.queues.length ?? 0,
    devices: topology.devices,
    tags,
    stages: stages.length,
    policyWords: stages.reduce((sum, policy) => sum + wordsOf(policy, tags), 0),
    slots: layout?.table?.length ?? 0,
  });
  const members = crew.members.filter((m) => m.index < (m.role === 'worker' ? workers : submitters));
  members.forEach((member, i) => {
    send(member, { type: 'open', key, memory, topology, core: pin ? i : -1 });
  });
  await Promise.all(members.map((member) => heard(crew, member, 'opened')));
  crew.opened.set(key, { workload, topology, memory, shared: attach(memory), layout, members });
}

/** One trial of an opened workload. Rejects when a thread failed; the crew is of no more use then. */
export async function runTrial(crew: Crew, key: string, plan: TrialPlan): Promise<TrialOutcome> {
  const open = crew.opened.get(key);
  if (!open) throw new Error(`${key} was not opened`);
  const { shared, workload, members } = open;
  reset(shared, plan.files, open.layout?.table);
  let firstTag = 0;
  for (const member of members) {
    const asked = member.role === 'worker' ? undefined : workload.jobs[member.index];
    const job = asked && shortened(asked, plan.runtimeLimit);
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
      cpu: playedCpu(job, member.index, open.topology.cpus),
      firstTag,
      files: plan.files,
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
  const watch = watchdog(shared, plan.deadlineSeconds, () => {
    outcome.stalled = dumpOf(shared);
    abort(crew, shared);
  });
  const outcome: TrialOutcome = {
    reports: [],
    cpuSystemUs: 0,
    cpuTasksUs: 0,
    switchesSystem: 0,
    switchesTasks: 0,
    ioWqThreads: 0,
    stalled: undefined,
  };
  try {
    const submitters = members.filter((m) => m.role !== 'worker');
    const workers = members.filter((m) => m.role === 'worker');
    const finished = await Promise.all(submitters.map((member) => heard(crew, member, 'done')));
    stopWorkers(crew, shared);
    finished.push(...(await Promise.all(workers.map((member) => heard(crew, member, 'done')))));
    const after = machineUse();
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
    clearInterval(watch);
    plan.signal?.removeEventListener('abort', stop);
  }
}

/** A job that runs for `seconds` at most, without its ramp; 0 leaves it as it is. */
function shortened(job: Job, seconds: number): Job {
  if (seconds === 0) return job;
  return { ...job, runtime: job.runtime === 0 ? seconds : Math.min(job.runtime, seconds), ramp: 0 };
}

/** The CPU of the topology that a thread plays: one that its job allows, in turn; else the one of its number. */
function playedCpu(job: Job | undefined, index: number, cpus: number): number {
  const allowed = job?.cpus;
  return (allowed ? allowed[index % allowed.length]! : index) % cpus;
}

/** Ends the threads. Resolves also when some sit in the kernel; the process then leaves by `exitNow`. */
export async function closeCrew(crew: Crew): Promise<void> {
  for (const open of crew.opened.values()) abort(crew, open.shared);
  for (const member of crew.members) send(member, { type: 'close' });
  const left = new Promise<void>((resolve) => setTimeout(resolve, LEAVE_MS).unref());
  await Promise.race([Promise.all([crew.pool.close().catch(() => {})]), left]);
  for (const member of crew.members) member.port.close();
  for (const fd of crew.kickFds) close(fd);
}

function send(member: Member, message: ToThread): void {
  member.port.postMessage(message);
  Atomics.add(member.bell, 0, 1);
  Atomics.notify(member.bell, 0);
}

type Heard<T extends FromThread['type']> = Extract<FromThread, { type: T }>;

async function heard<T extends FromThread['type']>(crew: Crew, member: Member, type: T): Promise<Heard<T>> {
  for (;;) {
    const message = member.inbox.find((m) => m.type === type);
    if (message) {
      member.inbox.splice(member.inbox.indexOf(message), 1);
      return message as Heard<T>;
    }
    if (crew.failure) throw crew.failure;
    await new Promise<void>((resolve) => {
      member.wake = resolve;
    });
    member.wake = undefined;
  }
}

function fail(crew: Crew, error: Error): void {
  crew.failure ??= error;
  for (const member of crew.members) member.wake?.();
}

function stopWorkers(crew: Crew, shared: Shared): void {
  Atomics.store(shared.control, CONTROL.stopWorkers, 1);
  for (let w = 0; w < shared.sizes.workers; w++) {
    Atomics.store(shared.sleep, w * LINE, 0);
    Atomics.notify(shared.sleep, w * LINE);
    kickWorker(crew.kickFds[w] as number);
  }
}

function abort(crew: Crew, shared: Shared): void {
  Atomics.store(shared.control, CONTROL.stopIssuing, 1);
  Atomics.store(shared.control, CONTROL.abort, 1);
  Atomics.store(shared.control, CONTROL.go, 1);
  Atomics.notify(shared.control, CONTROL.go);
  Atomics.store(shared.control, CONTROL.ended, EVERYBODY);
  Atomics.notify(shared.control, CONTROL.ended);
  stopWorkers(crew, shared);
  for (let s = 0; s < shared.sizes.submitters; s++) {
    const word = (shared.sizes.workers + s) * LINE;
    Atomics.store(shared.sleep, word, 0);
    Atomics.notify(shared.sleep, word);
  }
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
