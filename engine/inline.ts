/**
 * I/O that a submitter does itself, where its design's `route` said INLINE or NOWAIT: by blocking calls for buffered files,
 * through a ring of its own for direct ones. With a ring it waits in one place, as a worker does: in `io_uring_enter`,
 * where an eventfd wakes it for what others settle.
 *
 * Why a ring, when preadv2 knows RWF_NOWAIT too: that flag forbids to wait for locks and for blocks, and still waits for the
 * device, so a submitter would have one direct I/O in flight whatever its depth. The kernel's driver gave its kiocb
 * IOCB_NOWAIT and a completion, and had all of them in flight.
 *
 * What was tried with NOWAIT and refused goes back into the pipeline, with one more try. A refusal shows at submission or
 * at completion: EAGAIN; EOPNOTSUPP from a file that can't do it at all, which is then not asked again in the trial (a call
 * in vain costs 1 us, a buffered 4 KiB write 2 us; ext4 answers so to buffered writes, tmpfs to everything). A read cut
 * short is refused as well. A write cut short has begun, and goes on where it may wait, on the file on which it began.
 */
import { type History, NO_QUEUE, READ, WRITE } from '../ordering/history.ts';
import { NONE, type OpId } from '../strategies/types.ts';
import { type Backend, perform, transfer } from './backend.ts';
import { now } from './clock.ts';
import type { Transform } from './crypt.ts';
import { EAGAIN, EINTR, EOPNOTSUPP, pread2, pwrite2, RWF_NOWAIT } from './libc.ts';
import type { Pipeline } from './pipeline.ts';
import { enter, leave } from './rcu.ts';
import type { Ring } from './ring.ts';
import { LINE } from './rings.ts';
import { ASLEEP, type Shared } from './shared.ts';
import { arm, type Kick, must, refuse, ringIo } from './worker.ts';

export interface Inline {
  /** Operations that were tried and refused so far. */
  punts: number;
  /** Begins what is left to this submitter. */
  start(): void;
  /** Takes what its ring has completed. */
  collect(): void;
  /** Sleeps until a completion or a wake-up, or for `limit` nanoseconds. The sleep word is set already. */
  wait(limit: number): void;
}

/** How a submitter does I/O in the coming trial: with a ring, or by blocking calls. */
export type InlineMeans = { ring: Ring; kick: Kick } | { backend: 'sync' | 'null' };

export function openInline(
  shared: Shared,
  pipeline: Pipeline,
  submitter: number,
  history: History | undefined,
  means: InlineMeans,
  transform?: Transform,
): Inline {
  const { ops, files, filesRcu, sizes } = shared;
  const reader = sizes.workers + submitter;
  /** Per tag: the present attempt must not wait. */
  const tried = new Uint8Array(sizes.tags);
  /** Per device and kind: 1 where NOWAIT is not supported. */
  const never = new Uint8Array(2 * sizes.devices);
  const real = !('backend' in means && means.backend === 'null');
  const backing: Backend = { shared, history, real, worker: NO_QUEUE };
  const io =
    'ring' in means
      ? ringIo(backing, reader, means.ring, means.kick, ended)
      : { start: block, collect: () => false };
  const inline: Inline = { punts: 0, start, collect: () => void io.collect(), wait };
  return inline;

  function start(): void {
    for (let entry = shared.inline.pop(submitter); entry !== NONE; entry = shared.inline.pop(submitter)) {
      const op = entry >> 1;
      const nowait = (entry & 1) === 1;
      if (nowait && !canTry(op)) {
        pipeline.punt(op);
        continue;
      }
      tried[op] = Number(nowait);
      ops.queue[op] = NO_QUEUE;
      step(op, nowait ? RWF_NOWAIT : 0);
    }
  }

  function step(op: OpId, flags: number): void {
    if (pipeline.transforms(op)) {
      transform!(op);
      goOn(op);
    } else io.start(op, flags);
  }

  function goOn(op: OpId): void {
    tried[op] = 0;
    if (pipeline.doneInline(op)) step(op, 0);
  }

  function canTry(op: OpId): boolean {
    const kind = ops.kind[op]!;
    // A write with flags waits for the disk by its nature.
    return (
      (kind === READ || (kind === WRITE && ops.flags[op] === 0)) && never[2 * ops.device[op]! + kind] === 0
    );
  }

  function block(op: OpId, flags: number): void {
    const section = enter(filesRcu, reader);
    const fd = Atomics.load(files, ops.device[op]!);
    if (fd < 0) refuse(shared, op, NO_QUEUE);
    else if (flags === 0 || !real) perform(backing, op, fd);
    else {
      ops.worker[op] = NO_QUEUE;
      ops.st[op] = now();
      ops.result[op] = attempt(op, fd, flags);
      ops.co[op] = now();
    }
    leave(filesRcu, reader, section);
    ended(op);
  }

  function attempt(op: OpId, fd: number, flags: number): number {
    const reads = ops.kind[op] === READ;
    const call = reads ? pread2 : pwrite2;
    for (;;) {
      const result = call(fd, ops.address[op]!, ops.length[op]!, ops.offset[op]!, flags);
      if (result === -EINTR) continue;
      return reads || result <= 0 || result === ops.length[op] ? result : transfer(shared, op, fd, result);
    }
  }

  function ended(op: OpId): void {
    if (tried[op] === 1 && ops.result[op] !== ops.length[op] && refused(op)) {
      inline.punts++;
      // It has not begun: a worker's call will be its first.
      ops.st[op] = 0;
      pipeline.punt(op);
      return;
    }
    goOn(op);
  }

  function refused(op: OpId): boolean {
    const result = ops.result[op]!;
    if (result === -EOPNOTSUPP) never[2 * ops.device[op]! + ops.kind[op]!] = 1;
    return result === -EAGAIN || result === -EOPNOTSUPP || (result >= 0 && ops.kind[op] === READ);
  }

  function wait(limit: number): void {
    if (!('ring' in means)) {
      Atomics.wait(shared.sleep, reader * LINE, ASLEEP, limit / 1e6);
      return;
    }
    arm(means.kick, means.ring);
    must(means.ring.enter(1, limit));
  }
}
