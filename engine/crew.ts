/**
 * A crew: the threads of one design (or of the reference row `raw`), made once per run and parked between trials. The
 * main thread opens workloads for it and runs trials on it; all the talk is in messages.ts.
 */
import { MessageChannel, type MessagePort } from 'node:worker_threads';
import { Piscina } from 'piscina';
import type { Workload } from '../datasets/workload.ts';
import type { Layout, Strategy } from '../strategies/types.ts';
import { allowedCpus } from './accounting.ts';
import { DesignError, MachineError } from './errors.ts';
import { close, errorName, eventfd, type Mapping } from './libc.ts';
import type { DesignRef, FromThread, ThreadTask, TopologySpec, ToThread } from './messages.ts';
import { allocate, attach, type Shared, type SharedMemory } from './shared.ts';
import { type Gates, sizesOf } from './sizes.ts';
import { abort } from './stop.ts';

/** A design as the crew needs it: who it is to a thread, and its parts for the main thread. */
export interface CrewDesign extends Gates {
  ref: DesignRef;
  strategy: Strategy;
  /** What an error in its code calls it: its name and, where it has any, the files of the user's own. */
  label?: string;
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
  /** Eventfds of the submitters, as far as a workload was opened on which they do I/O themselves. */
  submitterFds: number[];
  opened: Map<string, OpenWorkload>;
  failure: Error | undefined;
}

/** Time that threads get to leave the kernel after an abort, milliseconds. */
const LEAVE_MS = 5000;

/** Starts the threads and waits until each has loaded its design. */
export async function startCrew(
  design: CrewDesign | undefined,
  submitters: number,
  workers: number,
  data: Mapping,
  scratch: Mapping,
): Promise<Crew> {
  const total = submitters + workers;
  const pool = new Piscina({
    filename: new URL('./thread.js', import.meta.url).href,
    minThreads: total,
    maxThreads: total,
    concurrentTasksPerWorker: 1,
    atomics: 'disabled',
    idleTimeout: Number.POSITIVE_INFINITY,
  });
  const kickFds: number[] = [];
  const crew: Crew = {
    design,
    pool,
    members: [],
    kickFds,
    submitterFds: [],
    opened: new Map(),
    failure: undefined,
  };
  // piscina replaces a thread that has died, and says here that the new one, which has no task, can't start.
  pool.on('error', (error: Error) => fail(crew, error));
  try {
    for (let i = 0; i < workers; i++) kickFds.push(newEventfd());
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
        if (message.type === 'failed') fail(crew, errorOf(message, crew, member));
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
  } catch (error) {
    await closeCrew(crew);
    throw error;
  }
}

function newEventfd(): number {
  const fd = eventfd();
  if (fd >= 0) return fd;
  throw new MachineError(`eventfd: ${errorName(fd)}. Raise the limit of open descriptors: ulimit -n`);
}

/** Allocates the memory of a workload and has the threads that it needs attach to it. */
export async function openWorkload(
  crew: Crew,
  key: string,
  workload: Workload,
  topology: TopologySpec,
  pin: boolean,
  stacked = false,
): Promise<void> {
  const { design } = crew;
  const submitters = workload.jobs.length;
  const layout = design?.strategy.open(design.ref.parameter, {
    ...topology,
    socketOf: Uint16Array.from(topology.socketOf),
  }).layout;
  const workers = layout?.workers.length ?? 0;
  const memory = allocate(
    sizesOf(
      design,
      topology.cpus,
      {
        submitters,
        devices: topology.devices,
        tags: workload.jobs.reduce((sum, job) => sum + job.iodepth, 0),
        queues: layout?.queues.length ?? 0,
        workers,
        slots: layout?.table?.length ?? 0,
        inline: layout?.inline ? submitters : 0,
        words: layout?.words ?? 0,
      },
      stacked,
    ),
  );
  const { submitterFds } = crew;
  while (layout?.inline && submitterFds.length < submitters) submitterFds.push(newEventfd());
  const members = crew.members.filter((m) => m.index < (m.role === 'worker' ? workers : submitters));
  const cpus = allowedCpus();
  members.forEach((member, i) => {
    send(member, {
      type: 'open',
      key,
      memory,
      topology,
      core: pin ? cpus[i % cpus.length]! : -1,
      submitterFds,
    });
  });
  await Promise.all(members.map((member) => heard(crew, member, 'opened')));
  crew.opened.set(key, { workload, topology, memory, shared: attach(memory), layout, members });
}

/** Ends the threads. Resolves also when some sit in the kernel; the process then leaves by `exitNow`. */
export async function closeCrew(crew: Crew): Promise<void> {
  for (const open of crew.opened.values()) abort(crew, open.shared);
  for (const member of crew.members) send(member, { type: 'close' });
  // The pool ends threads in the middle of what they do, so each is first waited for.
  const closed = Promise.all(crew.members.map((member) => lastWord(member)));
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<boolean>((resolve) => {
    timer = setTimeout(resolve, LEAVE_MS, false);
  });
  const left = await Promise.race([closed.then(() => true), late]);
  clearTimeout(timer);
  // Threads that loop end here as well. One that sits in the kernel does not, and nobody may wait for it.
  const ended = crew.pool.destroy().catch(() => {});
  if (left) await ended;
  for (const member of crew.members) member.port.close();
  // Whoever comes back later would kick what has the number by then.
  if (left) for (const fd of [...crew.kickFds, ...crew.submitterFds]) close(fd);
}

/** Posts a message and rings. */
export function send(member: Member, message: ToThread): void {
  member.port.postMessage(message);
  Atomics.add(member.bell, 0, 1);
  Atomics.notify(member.bell, 0);
}

type Heard<T extends FromThread['type']> = Extract<FromThread, { type: T }>;

/** The next message of a type from a member; rejects when any member of the crew has failed. */
export async function heard<T extends FromThread['type']>(
  crew: Crew,
  member: Member,
  type: T,
): Promise<Heard<T>> {
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

/** Resolves when a member has given back what it held, whether it failed before or not. */
async function lastWord(member: Member): Promise<void> {
  while (!member.inbox.some((message) => message.type === 'closed')) {
    await new Promise<void>((resolve) => {
      member.wake = resolve;
    });
  }
}

function errorOf({ machine, message }: Heard<'failed'>, { design }: Crew, { role }: Member): Error {
  if (machine || design?.label === undefined) return machine ? new MachineError(message) : new Error(message);
  return new DesignError(`design ${design.label}: thrown in a ${role}: ${message}`);
}

function fail(crew: Crew, error: Error): void {
  crew.failure ??= error;
  for (const member of crew.members) member.wake?.();
}
