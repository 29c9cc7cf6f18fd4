/**
 * A worker: the thread that plays a kworker. It takes operations from the queues it serves and does the backing-file
 * I/O. It waits in one place: in its ring where it has one (for new work and for completions alike), else on its
 * sleep word.
 */
import { FLUSH, READ } from '../ordering/history.ts';
import { NONE, type OpId } from '../strategies/types.ts';
import { now } from './clock.ts';
import { ENODEV, fsync, pread, pwrite } from './libc.ts';
import { type Pipeline, takeNext } from './pipeline.ts';
import { enter, leave } from './rcu.ts';
import type { Ring } from './ring.ts';
import { LINE } from './rings.ts';
import { CONTROL, type Shared } from './shared.ts';

/** user_data of the ring entry that reads the worker's eventfd; tags are smaller. */
const KICK = 0x7fff_ffff;

export interface WorkerPlan {
  index: number;
  spin: number;
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
  const serves = pipeline.hooks.layout.workers[index]!.serves;
  const turn = { at: 0 };
  for (;;) {
    const op = takeNext(shared, serves, turn);
    if (op === NONE) {
      if (Atomics.load(shared.control, CONTROL.stopWorkers) === 1) return;
      waitForWork(shared, plan, serves);
      continue;
    }
    const section = enter(filesRcu, index);
    const fd = Atomics.load(files, ops.device[op]!);
    ops.worker[op] = index;
    ops.st[op] = now();
    ops.result[op] = fd < 0 ? -ENODEV : backend === 'sync' ? execute(shared, op, fd) : nothing(shared, op);
    ops.co[op] = now();
    leave(filesRcu, index, section);
    pipeline.done(op);
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
  const serves = pipeline.hooks.layout.workers[index]!.serves;
  const turn = { at: 0 };
  // One entry stays free for the eventfd.
  const most = ring.entries - 1;
  const io = ringIo(shared, { reader: index, worker: index }, ring, kick, (op) => pipeline.done(op));

  for (;;) {
    let moved = false;
    while (io.inRing < most) {
      const op = takeNext(shared, serves, turn);
      if (op === NONE) break;
      moved = true;
      io.start(op);
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
    // With a full ring only a completion helps, and a kick belongs to another worker of the queue.
    const full = io.inRing === most;
    if (!full) Atomics.store(sleep, word, 1);
    const wait = (full || nothingFor(shared, serves)) && !stopping(shared) ? 1 : 0;
    must(ring.enter(wait));
    Atomics.store(sleep, word, 0);
    io.collect();
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
 * @param who its index among the readers of the file table, and what the history says of who did the I/O
 * @param done is told of each operation that has ended, outside of its read section
 */
export function ringIo(
  shared: Shared,
  who: { reader: number; worker: number },
  ring: Ring,
  kick: Kick,
  done: (op: OpId) => void,
): RingIo {
  const { ops, filesRcu, files } = shared;
  const { reader } = who;
  const io: RingIo = { inRing: 0, start, collect };
  return io;

  function start(op: OpId, flags = 0): void {
    ops.worker[op] = who.worker;
    const section = enter(filesRcu, reader);
    ops.section[op] = section;
    const fd = Atomics.load(files, ops.device[op]!);
    const kind = ops.kind[op]!;
    if (fd < 0 || kind === FLUSH) {
      // What has completed by now is seen to have completed before the fsync begins.
      if (io.inRing > 0) {
        must(ring.enter(0));
        collect();
      }
      ops.st[op] = now();
      finish(op, fd < 0 ? -ENODEV : fsync(fd));
      return;
    }
    ops.st[op] = now();
    if (kind === READ) ring.read(fd, ops.address[op]!, ops.length[op]!, ops.offset[op]!, op, flags);
    else ring.write(fd, ops.address[op]!, ops.length[op]!, ops.offset[op]!, op, flags);
    io.inRing++;
    // One call an entry: the device starts at once. Batching cost up to a fifth of O_DIRECT's throughput (measured).
    must(ring.enter(0));
  }

  function collect(): boolean {
    let any = false;
    while (ring.reap()) {
      if (ring.userData === KICK) kick.armed = false;
      else {
        any = true;
        io.inRing--;
        finish(ring.userData, ring.result);
      }
    }
    return any;
  }

  function finish(op: OpId, result: number): void {
    ops.co[op] = now();
    ops.result[op] = result;
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

/** Blocking I/O on a file, as the operation says: bytes, 0 for a FLUSH, or -errno. */
export function execute(shared: Shared, op: OpId, fd: number): number {
  const { ops } = shared;
  const kind = ops.kind[op]!;
  if (kind === READ) return pread(fd, ops.address[op]!, ops.length[op]!, ops.offset[op]!);
  if (kind === FLUSH) return fsync(fd);
  return pwrite(fd, ops.address[op]!, ops.length[op]!, ops.offset[op]!);
}

/** The same on the null backend. */
export function nothing(shared: Shared, op: OpId): number {
  return shared.ops.length[op]!;
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
  Atomics.store(shared.sleep, word, 1);
  if (nothingFor(shared, serves) && !stopping(shared)) Atomics.wait(shared.sleep, word, 1);
  Atomics.store(shared.sleep, word, 0);
}

export function must(result: number): void {
  if (result < 0) throw new Error(`io_uring_enter failed with errno ${-result}`);
}
