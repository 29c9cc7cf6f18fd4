/**
 * One operation on the backing file by blocking calls, as the loop driver's worker does it: its stamps, its result, and the
 * fsyncs that its flags ask for. A transfer that stops half-way goes on with the rest before anybody hears of it, so the
 * rest can't land behind a later fsync; what remains short is the operation's result.
 */
import {
  DISCARD,
  DSYNC,
  FLUSH,
  FUA,
  type History,
  NOUNMAP,
  PREFLUSH,
  READ,
  WRITE,
  WRITE_ZEROES,
} from '../ordering/history.ts';
import type { OpId } from '../strategies/types.ts';
import { now } from './clock.ts';
import { logSegment, noteFsync } from './fsync-log.ts';
import {
  EINTR,
  FALLOC_FL_KEEP_SIZE,
  FALLOC_FL_PUNCH_HOLE,
  FALLOC_FL_ZERO_RANGE,
  fallocate,
  fsync,
  pread,
  pwrite,
  pwrite2,
  RWF_DSYNC,
} from './libc.ts';
import type { Shared } from './shared.ts';
import { carries, ON_DEVICE } from './stacked.ts';

export interface Backend {
  shared: Shared;
  history: History | undefined;
  /** False on `null`: every call succeeds at once and moves nothing. */
  real: boolean;
  /** Who does the I/O, as the history names it. */
  worker: number;
  /** Where devices are stacked: does an operation, or an fsync for it, on the device below its own. */
  stack?: ((op: OpId, kind: number) => number) | undefined;
}

/** Does an operation, its flags included, and sets `st`, `co` and `result`. */
export function perform(backend: Backend, op: OpId, fd: number): void {
  const { ops } = backend.shared;
  ops.worker[op] = backend.worker;
  if (!preflush(backend, op, fd)) return;
  ops.st[op] = now();
  const result = call(backend, op, fd);
  ops.co[op] = now();
  ops.result[op] = result;
  if (ops.kind[op] === FLUSH) noteFlushRequest(backend, op);
  else postflush(backend, op, fd);
}

/** The fsync before a PREFLUSH's data. False when it failed: the data is then not written, and its stamps say so. */
export function preflush(backend: Backend, op: OpId, fd: number): boolean {
  const { ops } = backend.shared;
  if ((ops.flags[op]! & PREFLUSH) === 0 || ops.kind[op] !== WRITE) return true;
  const result = loggedFsync(backend, op, fd);
  if (result >= 0) return true;
  ops.st[op] = ops.co[op] = 0;
  ops.result[op] = result;
  return false;
}

/** The fsync behind a FUA's data, where nobody else emulates it. Its failure is the operation's. */
export function postflush(backend: Backend, op: OpId, fd: number): void {
  const { ops } = backend.shared;
  if ((ops.flags[op]! & FUA) === 0 || ops.kind[op] !== WRITE || ops.result[op]! < ops.length[op]!) return;
  const result = loggedFsync(backend, op, fd);
  if (result < 0) ops.result[op] = result;
}

/** A front's flush request has no row of its own; the FLUSHes that it served, if any, have its times. */
export function noteFlushRequest({ shared, history, worker }: Backend, op: OpId): void {
  const { ops, sizes } = shared;
  if (op < sizes.tags - sizes.flushRequests || carries(sizes, ops.device[op]!)) return;
  const segment = logSegment(history, sizes.submitters, ops.submitter[op]!);
  if (segment < 0) return;
  noteFsync(
    history!,
    segment,
    ops.device[op]!,
    ops.queue[op]!,
    worker,
    ops.st[op]!,
    ops.co[op]!,
    ops.result[op]!,
  );
}

/** The mode with which the driver calls fallocate: DISCARD punches a hole, WRITE_ZEROES as well unless its blocks are to stay. */
export function deallocationMode(kind: number, flags: number): number {
  const stays = kind === WRITE_ZEROES && (flags & NOUNMAP) !== 0;
  return FALLOC_FL_KEEP_SIZE | (stays ? FALLOC_FL_ZERO_RANGE : FALLOC_FL_PUNCH_HOLE);
}

export function isDeallocation(kind: number): boolean {
  return kind === DISCARD || kind === WRITE_ZEROES;
}

function loggedFsync(backend: Backend, op: OpId, fd: number): number {
  const { shared, history, worker } = backend;
  const { ops, sizes } = shared;
  const st = now();
  const result = flush(backend, op, fd);
  const co = now();
  if (carries(sizes, ops.device[op]!)) return result;
  const segment = logSegment(history, sizes.submitters, ops.submitter[op]!);
  if (segment >= 0) noteFsync(history!, segment, ops.device[op]!, ops.queue[op]!, worker, st, co, result);
  return result;
}

function call(backend: Backend, op: OpId, fd: number): number {
  const { shared, real } = backend;
  const { ops } = shared;
  const kind = ops.kind[op]!;
  const length = ops.length[op]!;
  if (kind === FLUSH) return flush(backend, op, fd);
  if (fd === ON_DEVICE) return backend.stack!(op, kind);
  if (!real) return length;
  if (!isDeallocation(kind)) return transfer(shared, op, fd, 0);
  for (;;) {
    const result = fallocate(fd, deallocationMode(kind, ops.flags[op]!), ops.offset[op]!, length);
    if (result !== -EINTR) return result < 0 ? result : length;
  }
}

/** Reads or writes what is left of an operation behind its first `done` bytes; returns the bytes of all calls together, or -errno. */
export function transfer({ ops }: Shared, op: OpId, fd: number, done: number): number {
  const kind = ops.kind[op]!;
  const length = ops.length[op]!;
  const offset = ops.offset[op]!;
  const through = (ops.flags[op]! & DSYNC) !== 0 && kind === WRITE;
  for (;;) {
    const address = ops.address[op]! + done;
    const n =
      kind === READ
        ? pread(fd, address, length - done, offset + done)
        : through
          ? pwrite2(fd, address, length - done, offset + done, RWF_DSYNC)
          : pwrite(fd, address, length - done, offset + done);
    if (n === -EINTR) continue;
    if (n <= 0) return done > 0 ? done : n;
    done += n;
    if (done === length) return done;
  }
}

function flush({ real, stack }: Backend, op: OpId, fd: number): number {
  if (fd === ON_DEVICE) return stack!(op, FLUSH);
  if (!real) return 0;
  for (;;) {
    const result = fsync(fd);
    if (result !== -EINTR) return result;
  }
}
