/**
 * The body of every submitter and worker thread, hosted by piscina as one long task. It sleeps on its bell between
 * trials, so that no trial pays for start-up or JIT warm-up, and it belongs to one design, so that the hooks it calls
 * stay monomorphic (0.5 ns a decision against 4.6, measured).
 */
import { readFileSync } from 'node:fs';
import { receiveMessageOnPort } from 'node:worker_threads';
import { type History, openHistory } from '../ordering/history.ts';
import type { Front, GatePolicy, Strategy } from '../strategies/types.ts';
import { allowedCpus } from './accounting.ts';
import { now } from './clock.ts';
import { passTurn, waitForTurn } from './course.ts';
import { transformOf } from './crypt.ts';
import { MachineError } from './errors.ts';
import { logSegment } from './fsync-log.ts';
import type { InlineMeans } from './inline.ts';
import { errorName, gettid, pinTo, syscall, viewOf } from './libc.ts';
import type { DesignRef, FromThread, OpenMessage, ThreadTask, ToThread, TrialMessage } from './messages.ts';
import { Pipeline } from './pipeline.ts';
import { runRaw } from './raw.ts';
import { Ring, WORKER_RING } from './ring.ts';
import { LINE, ringCapacity } from './rings.ts';
import { attach, CONTROL, type Shared } from './shared.ts';
import { runSubmitter } from './submitter.ts';
import { type Kick, runBlockingWorker, runRingWorker } from './worker.ts';

const SYS_WRITE = 1;

/** What a thread keeps of a workload between its trials. */
interface Opened {
  /** CPUs that the run binds it to. */
  cpus: number[] | undefined;
  shared: Shared;
  pipeline: Pipeline | undefined;
  /** Eventfds of submitters that wait in a ring. */
  submitterFds: number[];
}

export default async function thread(task: ThreadTask): Promise<void> {
  const say = (message: FromThread): void => task.port.postMessage(message);
  let ring: Ring | undefined;
  try {
    const design = task.design ? await load(task.design) : undefined;
    const bell = new Int32Array(task.bell);
    const opened = new Map<string, Opened>();
    const scratch = new BigUint64Array(viewOf(task.scratch));
    // Eight bytes that every kick writes, eight that the eventfd is read into.
    scratch[task.scratchAt / 8] = 1n;
    const oneAt = task.scratch.address + task.scratchAt;
    const kick: Kick = { fd: task.kickFd, address: oneAt + 8, armed: false };
    const data = new Uint32Array(viewOf(task.data));
    const ringOf = (entries: number): Ring => {
      if (ring !== undefined && ring.entries < entries) {
        ring.close();
        ring = undefined;
        kick.armed = false;
      }
      ring ??= new Ring(entries);
      return ring;
    };
    let bound: readonly number[] | undefined;
    const bind = (cpus: readonly number[] | undefined): void => {
      if (String(cpus) === String(bound)) return;
      bound = cpus;
      // Those of the process, not of the machine: `taskset` holds for every thread.
      const result = pinTo(cpus ?? allowedCpus());
      if (result < 0) throw new MachineError(`can't run on the CPUs ${cpus}: ${errorName(result)}`);
    };
    say({ type: 'started', tid: gettid() });

    for (let heard = 0; ; ) {
      Atomics.wait(bell, 0, heard);
      heard = Atomics.load(bell, 0);
      for (let m = receiveMessageOnPort(task.port); m !== undefined; m = receiveMessageOnPort(task.port)) {
        const message = m.message as ToThread;
        if (message.type === 'close') return;
        if (message.type === 'open') {
          opened.set(message.key, open(task, message, design));
          if (task.role === 'submitter') kick.fd = message.submitterFds[task.index] ?? -1;
          say({ type: 'opened' });
          continue;
        }
        const workload = opened.get(message.key);
        if (workload === undefined) throw new Error(`trial of ${message.key}, which was not opened`);
        bind(message.job?.cpus ?? workload.cpus);
        say(trial(task, message, workload, data, kick, ringOf, oneAt, say));
      }
    }
  } catch (error) {
    const machine = error instanceof MachineError;
    say({
      type: 'failed',
      machine,
      message: machine ? error.message : ((error as Error).stack ?? String(error)),
    });
  } finally {
    ring?.close();
    say({ type: 'closed' });
  }
}

async function load(
  ref: DesignRef,
): Promise<{ strategy: Strategy; policies: GatePolicy[]; front: Front | undefined; parameter: number }> {
  const module = (await import(ref.module)) as {
    STRATEGIES: Strategy[];
    FLUSH_POLICIES: GatePolicy[];
    ORDER_POLICIES?: GatePolicy[];
    FRONTS?: Front[];
  };
  const strategy = module.STRATEGIES.find((s) => s.name === ref.strategy);
  const flush = module.FLUSH_POLICIES.find((p) => p.name === ref.flush);
  if (!strategy || !flush) throw new Error(`${ref.module} lists no ${ref.strategy}+${ref.flush}`);
  const order = module.ORDER_POLICIES?.find((p) => p.name === ref.order);
  if (ref.order !== undefined && !order) throw new Error(`${ref.module} lists no ${ref.order}`);
  const front = module.FRONTS?.find((f) => f.name === ref.front);
  if (ref.front !== undefined && !front) throw new Error(`${ref.module} lists no ${ref.front}`);
  return { strategy, policies: order ? [flush, order] : [flush], front, parameter: ref.parameter };
}

function open(
  task: ThreadTask,
  message: OpenMessage,
  design: Awaited<ReturnType<typeof load>> | undefined,
): Opened {
  const shared = attach(message.memory);
  const cpus = message.core >= 0 ? [message.core] : undefined;
  if (!design) return { cpus, shared, pipeline: undefined, submitterFds: [] };
  const topology = { ...message.topology, socketOf: Uint16Array.from(message.topology.socketOf) };
  const hooks = design.strategy.open(design.parameter, topology);
  const reader = task.role === 'worker' ? task.index : shared.sizes.workers + task.index;
  return {
    cpus,
    shared,
    pipeline: new Pipeline(shared, hooks, design.policies, reader, topology.cpus, design.front),
    submitterFds: message.submitterFds,
  };
}

function trial(
  task: ThreadTask,
  message: TrialMessage,
  { shared, pipeline, submitterFds }: Opened,
  data: Uint32Array,
  kick: Kick,
  ringOf: (entries: number) => Ring,
  oneAt: number,
  say: (message: FromThread) => void,
): FromThread {
  const kickBy = (fds: readonly number[]) => (thread: number) =>
    void syscall(SYS_WRITE, fds[thread], oneAt, 8);
  const notify = (worker: number) => void Atomics.notify(shared.sleep, worker * LINE, 1);
  const rings = message.backend === 'uring';
  const inline = task.role === 'submitter' && shared.sizes.inline > 0;
  pipeline?.wakeBy(
    rings ? kickBy(task.kickFds) : notify,
    now,
    rings && shared.sizes.inline > 0 ? kickBy(submitterFds) : undefined,
  );
  // A ring that can't be had is said before the trial begins.
  const ring =
    task.role === 'raw'
      ? ringOf(ringCapacity(message.job!.iodepth))
      : rings && inline
        ? ringOf(ringCapacity(message.job!.iodepth + 1))
        : rings && task.role === 'worker'
          ? ringOf(WORKER_RING)
          : undefined;
  const transform = pipeline?.hooks.layout.transform
    ? transformOf(shared.ops, data, task.data.address, message.base, message.unitBytes)
    : undefined;
  say({ type: 'ready' });
  Atomics.wait(shared.control, CONTROL.go, 0);
  const before = usage();
  let report: ReturnType<typeof runSubmitter> | undefined;
  if (task.role === 'worker') {
    const plan = { index: task.index, spin: message.spin, history: historyOf(message), transform };
    if (rings) runRingWorker(shared, pipeline!, plan, ring!, kick);
    else runBlockingWorker(shared, pipeline!, plan, message.backend as 'sync' | 'null');
  } else {
    const { job } = message;
    const history = historyOf(message);
    const means: InlineMeans = ring ? { ring, kick } : { backend: message.backend as 'sync' | 'null' };
    // One literal with all keys: objects of `{ ...plan, more }` change their hidden class when V8 begins to keep feedback for this function, which threw
    // away the compiled code of a submitter in the 13th to 16th round. Operations took 2.5 times as long in these.
    const plan = {
      recorder: {
        history,
        submitter: task.index,
        notes: logSegment(history, shared.sizes.submitters, task.index),
        job: job!,
        unitBytes: message.unitBytes,
        dataHeld: message.backend !== 'null',
        detaches: message.detaches,
        base: message.base,
        trial: message.trial,
        data,
        bufferWords: message.bufferBytes / 4,
      },
      index: task.index,
      job: job!,
      runtimeLimit: message.runtimeLimit,
      seed: message.seed,
      cpu: message.cpu,
      firstTag: message.firstTag,
      dataAddress: task.data.address,
      bufferBytes: message.bufferBytes,
      spin: message.spin,
      inline: inline ? means : undefined,
      transform: inline ? transform : undefined,
      files: message.files,
      direct: message.direct,
    };
    if (job!.after) waitForTurn(shared.control, job!.after);
    report =
      task.role === 'raw'
        ? runRaw(shared.control, shared.acknowledged, ring!, plan)
        : runSubmitter(shared, pipeline!, plan);
    passTurn(shared.control);
  }
  const after = usage();
  return {
    type: 'done',
    report,
    cpuUs: after.cpuUs - before.cpuUs,
    switches: after.switches - before.switches,
  };
}

function historyOf({ history: h }: TrialMessage): History | undefined {
  return h && openHistory(h.buffer, h.submitters, h.rowsEach, h.seenEach);
}

/** CPU time and context switches of this thread so far. */
function usage(): { cpuUs: number; switches: number } {
  const onCpu = Number(readFileSync('/proc/thread-self/schedstat', 'utf8').split(' ')[0]) / 1000;
  const status = readFileSync('/proc/thread-self/status', 'utf8');
  let switches = 0;
  for (const match of status.matchAll(/^(?:non)?voluntary_ctxt_switches:\s*(\d+)/gm))
    switches += Number(match[1]);
  return { cpuUs: onCpu, switches };
}
