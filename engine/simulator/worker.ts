/**
 * Simulated workers, the counterparts of worker.ts: what they do and in which order is the same, and instead of a call into the
 * kernel stands an I/O on the simulated disk, during which others go on.
 */
import { DSYNC, FLUSH, FUA, PREFLUSH, WRITE } from '../../ordering/history.ts';
import { NONE, type OpId } from '../../strategies/types.ts';
import { noteFlushRequest } from '../backend.ts';
import { logSegment, noteFsync } from '../fsync-log.ts';
import { ENODEV } from '../libc.ts';
import { takerOf } from '../pipeline.ts';
import { enter, leave } from '../rcu.ts';
import { ANSWERED, carries, firstNested, handDown, ON_DEVICE } from '../stacked.ts';
import { UNIT_BYTES } from './program.ts';
import type { Body } from './stage.ts';
import { sleep, type World } from './world.ts';

export function worker(world: World, index: number): Body {
  return world.program.backend === 'sync' ? blockingWorker(world, index) : ringWorker(world, index);
}

/** One operation at a time, from its beginning to its end. */
function* blockingWorker(world: World, index: number): Body {
  const pipeline = world.pipelines[index]!;
  const serves = pipeline.hooks.layout.workers[index]!.serves;
  const take = takerOf(pipeline, index);
  for (;;) {
    const op = take();
    if (op === NONE) {
      yield* sleep(world, index, () => nothingFor(world, serves));
      continue;
    }
    for (let here = true; here; here = pipeline.done(op)) {
      // Data is a version here, encrypted or not: the transform is but a moment in which others go on.
      if (!pipeline.transforms(op)) yield* execute(world, op, { reader: index, worker: index });
      yield;
    }
    yield;
  }
}

/** Who does the I/O: among the readers of the file table, and to the history. */
export interface Who {
  reader: number;
  worker: number;
}

/** A blocking call, from its beginning to its end. */
export function* execute(world: World, op: OpId, { reader, worker: index }: Who): Body {
  const { ops, filesRcu, files } = world.shared;
  yield;
  const section = enter(filesRcu, reader);
  const descriptor = files[ops.device[op]!]!;
  yield;
  ops.worker[op] = index;
  if (descriptor < 0) {
    ops.st[op] = ops.co[op] = 0;
    ops.result[op] = -ENODEV;
  } else if (yield* preflush(world, op, descriptor, index)) {
    ops.st[op] = world.clock();
    let result: number;
    let moved = 0;
    do {
      if (descriptor === ON_DEVICE) result = yield* throughDevice(world, op, ops.kind[op]!, index);
      else {
        beginCall(world, op, descriptor, moved);
        yield () => world.disk.isDone(op);
        result = world.disk.take(op);
      }
      if (result > 0) moved += result;
    } while (result > 0 && moved < ops.length[op]!);
    ops.result[op] = moved > 0 ? moved : result;
    ops.co[op] = world.clock();
    if (ops.kind[op] === FLUSH) noteRequest(world, op, index);
    else yield* postflush(world, op, descriptor, index);
  }
  leave(filesRcu, reader, section);
}

/** True for a write that the driver got with this flag; a front has taken away what it does itself. */
function wants({ shared: { ops } }: World, op: OpId, flag: number): boolean {
  return ops.kind[op] === WRITE && (ops.flags[op]! & flag) !== 0;
}

/** A part of a body that comes to an answer. */
type Part<T> = Generator<(() => boolean) | undefined, T, void>;

/** The counterpart of stacked.ts: the device below does it, and the worker waits. */
function* throughDevice(world: World, op: OpId, kind: number, worker: number): Part<number> {
  const { shared, operationOf, disk } = world;
  const { sizes, nested } = shared;
  const tag = handDown(shared, op, kind);
  operationOf[tag] = operationOf[op]!;
  yield;
  world.pipelines[worker]!.submit(tag);
  yield () => nested[tag - firstNested(sizes)] === ANSWERED;
  operationOf[tag] = NONE;
  disk.calls[op]!.seen = disk.calls[tag]!.seen;
  return shared.ops.result[tag]!;
}

/** As in backend.ts: false when the fsync before a PREFLUSH's data failed, and the data is then not written. */
function* preflush(world: World, op: OpId, descriptor: number, worker: number): Part<boolean> {
  if (!wants(world, op, PREFLUSH)) return true;
  const { ops } = world.shared;
  const result = yield* fsync(world, op, descriptor, worker);
  if (result >= 0) return true;
  ops.st[op] = ops.co[op] = 0;
  ops.result[op] = result;
  return false;
}

/** As in backend.ts: the fsync behind a FUA's data, whose failure is the operation's. */
function* postflush(world: World, op: OpId, descriptor: number, worker: number): Part<void> {
  const { ops } = world.shared;
  if (!wants(world, op, FUA) || ops.result[op]! < ops.length[op]!) return;
  const result = yield* fsync(world, op, descriptor, worker);
  if (result < 0) ops.result[op] = result;
}

/** The fsync that a flag asks for, and its note. */
function* fsync(world: World, op: OpId, descriptor: number, worker: number): Part<number> {
  const { shared, disk, history, clock } = world;
  const { ops, sizes } = shared;
  const device = ops.device[op]!;
  const st = clock();
  let result: number;
  if (descriptor === ON_DEVICE) result = yield* throughDevice(world, op, FLUSH, worker);
  else {
    disk.begin(op, { kind: FLUSH, descriptor, unit: 0, units: 0, device, version: 0, through: false });
    yield () => disk.isDone(op);
    result = disk.take(op);
  }
  if (carries(sizes, device)) return result;
  const segment = logSegment(history, sizes.submitters, ops.submitter[op]!);
  noteFsync(history, segment, device, ops.queue[op]!, worker, st, clock(), result);
  return result;
}

/** What backend.ts notes of a front's flush request. */
function noteRequest({ shared, history }: World, op: OpId, worker: number): void {
  noteFlushRequest({ shared, history, real: true, worker }, op);
}

/** As many operations in flight as there are; an fsync alone blocks. */
function* ringWorker(world: World, index: number): Body {
  const pipeline = world.pipelines[index]!;
  const { serves, inFlight: most = Number.POSITIVE_INFINITY } = pipeline.hooks.layout.workers[index]!;
  const take = takerOf(pipeline, index);
  const { start, collect, completed, inFlight } = ringIo(world, { reader: index, worker: index }, (op) => {
    // What comes after I/O is at most a transform.
    while (pipeline.done(op));
  });

  for (;;) {
    const full = inFlight() >= most;
    const op = full ? NONE : take();
    if (op !== NONE && pipeline.transforms(op)) {
      yield;
      if (pipeline.done(op)) yield* start(op);
    } else if (op !== NONE) yield* start(op);
    else if (completed()) yield* collect();
    else if (full) yield completed;
    else yield* sleep(world, index, () => nothingFor(world, serves) && !completed(), completed);
    yield;
  }
}

export interface RingIo {
  start(op: OpId): Body;
  collect(): Body;
  /** True when `collect` would find something. */
  completed(): boolean;
  /** Reads and writes that it has begun and not taken back. */
  inFlight(): number;
}

/** The I/O of one thread through its own ring. */
export function ringIo(world: World, { reader, worker: index }: Who, done: (op: OpId) => void): RingIo {
  const { shared, disk } = world;
  const { ops, filesRcu, files } = shared;
  let inRing: OpId[] = [];
  /** By tag: the file that its read section protects, and bytes that earlier calls have moved. */
  const descriptors = new Int32Array(shared.sizes.tags);
  const moved = new Int32Array(shared.sizes.tags);
  return {
    start,
    collect,
    completed: () => inRing.some((op) => disk.isDone(op)),
    inFlight: () => inRing.length,
  };

  function* start(op: OpId): Body {
    yield;
    ops.worker[op] = index;
    ops.section[op] = enter(filesRcu, reader);
    const descriptor = files[ops.device[op]!]!;
    yield;
    if (descriptor < 0) {
      ops.st[op] = ops.co[op] = 0;
      ops.result[op] = -ENODEV;
      return answer(op);
    }
    const isFlush = ops.kind[op] === FLUSH;
    // What has completed by now is seen to have completed before an fsync begins.
    if (isFlush || ops.flags[op]! !== 0) yield* collect();
    if (!(yield* preflush(world, op, descriptor, index))) return answer(op);
    ops.st[op] = world.clock();
    descriptors[op] = descriptor;
    moved[op] = 0;
    beginCall(world, op, descriptor);
    if (!isFlush) {
      inRing.push(op);
      return;
    }
    yield () => disk.isDone(op);
    returned(op, disk.take(op));
    noteRequest(world, op, index);
    answer(op);
  }

  function* collect(): Body {
    const reaped = inRing.filter((op) => disk.isDone(op));
    inRing = inRing.filter((op) => !reaped.includes(op));
    for (const op of reaped) {
      const result = disk.take(op);
      if (result > 0) moved[op]! += result;
      // The rest goes in again before anybody hears of it.
      if (result > 0 && moved[op]! < ops.length[op]!) {
        beginCall(world, op, descriptors[op]!, moved[op]);
        inRing.push(op);
      } else {
        returned(op, moved[op]! > 0 ? moved[op]! : result);
        yield* postflush(world, op, descriptors[op]!, index);
        answer(op);
      }
      yield;
    }
  }

  function returned(op: OpId, result: number): void {
    ops.co[op] = world.clock();
    ops.result[op] = result;
  }

  function answer(op: OpId): void {
    leave(filesRcu, reader, ops.section[op]!);
    done(op);
  }
}

/** Hands an operation, or what is left of it behind `moved` bytes, to the disk, which has a call for each tag. */
export function beginCall(
  { disk, shared: { ops }, operationOf, rowOf, program }: World,
  op: OpId,
  descriptor: number,
  moved = 0,
): void {
  // A front's flush request is no operation of the program.
  const operation = operationOf[op]!;
  const row = operation === NONE ? NONE : rowOf[operation]!;
  const { unit = 0, units = 0 } = program.operations[operation] ?? {};
  const done = moved / UNIT_BYTES;
  const io = {
    kind: ops.kind[op]!,
    descriptor,
    unit: unit + done,
    units: units - done,
    device: ops.device[op]!,
    version: row + 1,
    through: (ops.flags[op]! & DSYNC) !== 0,
  };
  disk.begin(op, io, moved > 0);
}

export function nothingFor({ shared }: World, serves: readonly number[]): boolean {
  return serves.every((queue) => shared.queues.empty(queue));
}
