/**
 * Devices on devices: a loop device whose backing file is served by another loop device of the same design. The first half of the
 * devices are the upper ones, and each has its place in the second half below it. What a worker would ask of an upper device's file
 * it submits to the device below, like anybody, and waits for it; and while it waits it serves no queue. A queue that the upper and
 * the lower device share may so wait for itself: 4.1 gave each device a workqueue of its own for that.
 *
 * Each operation in flight has one tag more for this, behind those of the submitters.
 */
import { DSYNC, FLUSH, FUA, NO_QUEUE, NOUNMAP } from '../ordering/history.ts';
import type { OpId } from '../strategies/types.ts';
import { EIO } from './libc.ts';
import type { Pipeline } from './pipeline.ts';
import { CONTROL, type Shared, type Sizes } from './shared.ts';

/** In place of a descriptor in the file table: the device is attached, and what it has is a device. */
export const ON_DEVICE = 0x4000_0000;

/** Words of `shared.nested`: what the tag below an operation is to the worker that waits for it. */
export const WAITED_FOR = 1;
export const ANSWERED = 2;
const GIVEN_UP = 3;

/** The device below, or -1. */
export function below({ nested = 0, devices }: Sizes, device: number): number {
  return nested > 0 && device < devices / 2 ? device + devices / 2 : -1;
}

/** True for a device that carries another one: what is done to it is part of what is done to that. */
export function carries({ nested = 0, devices }: Sizes, device: number): boolean {
  return nested > 0 && device >= devices / 2;
}

/** The first tag of those below others. */
export function firstNested({ tags, flushRequests, nested = 0 }: Sizes): OpId {
  return tags - flushRequests - nested;
}

/** The tag below an operation of a submitter, or below a front's flush request. */
export function nestedOf(sizes: Sizes, op: OpId): OpId {
  const first = firstNested(sizes);
  return op < first ? first + op : op - sizes.flushRequests;
}

/** Fills the tag below `op` with what its worker asks of the device below: its own transfer, or an fsync. */
export function handDown({ ops, sizes, nested }: Shared, op: OpId, kind: number): OpId {
  const tag = nestedOf(sizes, op);
  const flags = ops.flags[op]!;
  ops.kind[tag] = kind;
  ops.flags[tag] = kind === FLUSH ? 0 : (flags & NOUNMAP) | ((flags & DSYNC) !== 0 ? FUA : 0);
  ops.device[tag] = below(sizes, ops.device[op]!);
  ops.offset[tag] = kind === FLUSH ? 0 : ops.offset[op]!;
  ops.length[tag] = kind === FLUSH ? 0 : ops.length[op]!;
  ops.address[tag] = ops.address[op]!;
  ops.cpu[tag] = ops.cpu[op]!;
  ops.cgroup[tag] = ops.cgroup[op]!;
  ops.submitter[tag] = ops.submitter[op]!;
  ops.st[tag] = 0;
  ops.queue[tag] = NO_QUEUE;
  ops.tries[tag] = 0;
  Atomics.store(nested, tag - firstNested(sizes), WAITED_FOR);
  return tag;
}

/** For a worker: does to the device below what is to be done to the file, and returns its result. */
export function stackOn(shared: Shared, pipeline: Pipeline): (op: OpId, kind: number) => number {
  const { ops, control, nested, sizes } = shared;
  const first = firstNested(sizes);
  return (op, kind) => {
    const tag = handDown(shared, op, kind);
    pipeline.submit(tag);
    const word = tag - first;
    while (Atomics.load(nested, word) === WAITED_FOR) {
      if (Atomics.load(control, CONTROL.abort) === 1) return -EIO;
      Atomics.wait(nested, word, WAITED_FOR);
    }
    return Atomics.load(nested, word) === ANSWERED ? ops.result[tag]! : -EIO;
  };
}

/** The trial is given up: nobody waits any longer. The abort word is set already. */
export function giveUpNested({ nested }: Shared): void {
  for (let word = 0; word < nested.length; word++) {
    Atomics.compareExchange(nested, word, WAITED_FOR, GIVEN_UP);
    Atomics.notify(nested, word);
  }
}
