/**
 * A worker: the thread that plays a kworker. It takes operations from the queues it serves and does the backing-file
 * I/O. It waits in one place: in its ring where it has one (for new work and for completions alike), else on its
 * sleep word.
 */
import { DSYNC, FLUSH, type History, READ, WRITE } from '../ordering/history.ts';
import { NONE, type OpId } from '../strategies/types.ts';
import { type Backend, isDeallocation, perform, postflush, preflush } from './backend.ts';
import { now } from './clock.ts';
import type { Transform } from './crypt.ts';
import { EINTR, ENODEV, RWF_DSYNC, RWF_NOWAIT } from './libc.ts';
import { type Pipeline, takerOf } from './pipeline.ts';
import { enter, leave } from './rcu.ts';
import type { Ring } from './ring.ts';
import { LINE } from './rings.ts';
import { ASLEEP, CONTROL, type Shared } from './shared.ts';
import { stackOn } from './stacked.ts';

/** user_data of the ring entry that reads the worker's eventfd; tags are smaller. */
const KICK = 0x7fff_ffff;

export interface WorkerPlan {
  index: number;
  spin: number;
  /** Where fsyncs are noted that no FLUSH tells of. */
  history: History | undefined;
  /** What a design that encrypts does with the data of an operation. */
  transform: Transform | undefined;
}

/** Where a worker with a ring is kicked: its eventfd, eight bytes to read it into, and whether that read is armed. */
export interface Kick {
  fd: number;
  address: number;
  armed: boolean;
}

/** Blocking I/O in the worker, as the loop driver's worker does buffered I/O; `null` completes at once. */
export function runBlockingWorker(
  shared: Shared,
  pipeline: Pipeline,
  plan: WorkerPlan,
  backend: 'sync' | 'null',
): void {
  const { ops, filesRcu, files } = shared;
  const { index } = plan;
  const stack = shared.nested.length > 0 ? stackOn(shared, pipeline) : undefined;
  const backing: Backend = { shared, history: plan.history, real: backend === 'sync', worker: index, stack };
  const serves = pipeline.hooks.layout.workers[index]!.serves;
  const take = takerOf(pipeline, index);
  for (;;) {
    const op = take();
    if (op === NONE) {
      if (Atomics.load(shared.control, CONTROL.stopWorkers) === 1) return;
      waitForWork(shared, plan, serves);
      continue;
    }
    do {
      step(op);
      // Nobody may take what was given up for an answer.
      if (stack && Atomics.load(shared.control, CONTROL.abort) === 1) return;
    } while (pipeline.done(op));
  }

  function step(op: OpId): void {
    if (pipeline.transforms(op)) {
      plan.transform!(op);
      return;
    }
    const section = enter(filesRcu, index);
    const fd = Atomics.load(files, ops.device[op]!);
    if (fd < 0) refuse(shared, op, index);
    else perform(backing, op, fd);
    leave(filesRcu, index, section);
  }
}

/** Direct I/O through the worker's own ring; a FLUSH by blocking fsync, as in Linux since 4.4. */
export function runRingWorker(
  shared: Shared,
  pipeline: Pipeline,
  plan: WorkerPlan,
  ring: Ring,
  kick: Kick,
): void {
  const { control, sleep } = shared;
  const { index } = plan;
  const word = index * LINE;
  const { serves, inFlight } = pipeline.hooks.layout.workers[index]!;
  const take = takerOf(pipeline, index);
  // One entry stays free for the eventfd.
  const most = Math.min(ring.entries - 1, inFlight ?? ring.entries);
  const backing: Backend = { shared, history: plan.history, real: true, worker: index };
  const io = ringIo(backing, index, ring, kick, done);

  for (;;) {
    let moved = false;
    while (io.inRing < most) {
      const op = take();
      if (op === NONE) break;
      moved = true;
      step(op);
    }
    if (ring.pending > 0) must(ring.enter(0));
    if (io.collect()) moved = true;
    if (moved) continue;
    if (io.inRing === 0) {
      if (Atomics.load(control, CONTROL.stopWorkers) === 1) return;
      if (spinForWork(shared, plan, serves)) continue;
    }
    if (Atomics.load(control, CONTROL.abort) === 1) return;
    arm(kick, ring);
    // Set the word, look again, wait: whoever pushes after the look sees the word and writes the eventfd.
    // With as many in flight as may be only a completion helps, and a kick belongs to another worker of the queue.
    const full = io.inRing === most;
    if (!full) Atomics.store(sleep, word, ASLEEP);
    const wait = (full || nothingFor(shared, serves)) && !stopping(shared) ? 1 : 0;
    must(ring.enter(wait));
    Atomics.store(sleep, word, 0);
    io.collect();
  }

  function step(op: OpId): void {
    if (pipeline.transforms(op)) {
      plan.transform!(op);
      done(op);
    } else io.start(op);
  }

  function done(op: OpId): void {
    if (pipeline.done(op)) step(op);
  }
}

/** The I/O of one thread through its own ring. */
export interface RingIo {
  /** Operations begun and not yet done. */
  inRing: number;
  /** Begins an operation; `flags` are those of preadv2(2). */
  start(op: OpId, flags?: number): void;
  /** Takes what has completed; false when there was nothing. */
  collect(): boolean;
}

/**
 * @param reader its index among the readers of the file table
 * @param done is told of each operation that has ended, outside of its read section
 */
export function ringIo(
  backing: Backend,
  reader: number,
  ring: Ring,
  kick: Kick,
  done: (op: OpId) => void,
): RingIo {
  const { shared } = backing;
  const { ops, filesRcu, files } = shared;
  /** By tag: bytes that earlier calls of an operation in the ring have moved. */
  const moved = new Uint32Array(shared.sizes.tags);
  /** By tag: the file that its read section protects, whatever the device has by now. */
  const fds = new Int32Array(shared.sizes.tags);
  const rwFlags = new Uint8Array(shared.sizes.tags);
  const io: RingIo = { inRing: 0, start, collect };
  return io;

  function start(op: OpId, flags = 0): void {
    ops.worker[op] = backing.worker;
    const section = enter(filesRcu, reader);
    ops.section[op] = section;
    const fd = Atomics.load(files, ops.device[op]!);
    fds[op] = fd;
    const kind = ops.kind[op]!;
    // What has completed by now is seen to have completed before an fsync begins. And completions come with a call into the ring
    // alone: who only refused would never end what is in it, and with it never leave the file that is taken away.
    if (io.inRing > 0 && (fd < 0 || kind === FLUSH || ops.flags[op]! !== 0)) {
      must(ring.enter(0));
      collect();
    }
    if (fd < 0) {
      refuse(shared, op, backing.worker);
      answer(op);
      return;
    }
    if (kind === FLUSH || isDeallocation(kind)) {
      perform(backing, op, fd);
      answer(op);
    } else if (preflush(backing, op, fd)) {
      moved[op] = 0;
      rwFlags[op] = kind === WRITE && (ops.flags[op]! & DSYNC) !== 0 ? flags | RWF_DSYNC : flags;
      ops.st[op] = now();
      io.inRing++;
      push(op);
    } else answer(op);
  }

  /** Hands what is left of a transfer to the ring. */
  function push(op: OpId): void {
    const fd = fds[op]!;
    const done = moved[op]!;
    const address = ops.address[op]! + done;
    const length = ops.length[op]! - done;
    const offset = ops.offset[op]! + done;
    if (ops.kind[op] === READ) ring.read(fd, address, length, offset, op, rwFlags[op]!);
    else ring.write(fd, address, length, offset, op, rwFlags[op]!);
    // One call an entry: the device starts at once. Batching cost up to a fifth of O_DIRECT's throughput (measured).
    must(ring.enter(0));
  }

  function collect(): boolean {
    let any = false;
    while (ring.reap()) {
      if (ring.userData === KICK) kick.armed = false;
      else {
        any = true;
        complete(ring.userData, ring.result);
      }
    }
    return any;
  }

  /** The ring is done with an operation, or with a part of it: the rest goes in again before anybody hears of it. */
  function complete(op: OpId, result: number): void {
    if (result > 0) moved[op]! += result;
    const partly = result > 0 && moved[op]! < ops.length[op]!;
    // A write that NOWAIT cut short has begun: its rest may wait. A read cut short is its caller's, who sees it refused.
    if (partly && ops.kind[op] === WRITE) rwFlags[op]! &= ~RWF_NOWAIT;
    if ((partly && (rwFlags[op]! & RWF_NOWAIT) === 0) || result === -EINTR) {
      push(op);
      return;
    }
    io.inRing--;
    ops.co[op] = now();
    ops.result[op] = moved[op]! > 0 ? moved[op]! : result;
    if (ops.flags[op]! !== 0) postflush(backing, op, fds[op]!);
    answer(op);
  }

  function answer(op: OpId): void {
    leave(filesRcu, reader, ops.section[op]!);
    done(op);
  }
}

/** Has the ring read the eventfd by which its thread is kicked. */
export function arm(kick: Kick, ring: Ring): void {
  if (kick.armed) return;
  ring.read(kick.fd, kick.address, 8, 0, KICK);
  kick.armed = true;
}

/** A detached device. Its stamps say that it never began: so whoever finds a trace of it has found a fault. */
export function refuse({ ops }: Shared, op: OpId, worker: number): void {
  ops.worker[op] = worker;
  ops.st[op] = ops.co[op] = 0;
  ops.result[op] = -ENODEV;
}

function stopping(shared: Shared): boolean {
  return Atomics.load(shared.control, CONTROL.stopWorkers) === 1;
}

function nothingFor(shared: Shared, serves: readonly number[]): boolean {
  for (let i = 0; i < serves.length; i++) if (!shared.queues.empty(serves[i]!)) return false;
  return true;
}

function spinForWork(shared: Shared, plan: WorkerPlan, serves: readonly number[]): boolean {
  for (let i = 0; i < plan.spin; i++) if (!nothingFor(shared, serves)) return true;
  return false;
}

function waitForWork(shared: Shared, plan: WorkerPlan, serves: readonly number[]): void {
  if (spinForWork(shared, plan, serves)) return;
  const word = plan.index * LINE;
  Atomics.store(shared.sleep, word, ASLEEP);
  if (nothingFor(shared, serves) && !stopping(shared)) Atomics.wait(shared.sleep, word, ASLEEP);
  Atomics.store(shared.sleep, word, 0);
}

export function must(result: number): void {
  if (result < 0) throw new Error(`io_uring_enter failed with errno ${-result}`);
}
