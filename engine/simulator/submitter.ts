/** A simulated submitter: it takes what was acknowledged, submits what it may, and otherwise sleeps, as submitter.ts does. */
import { DSYNC, FLUSH, NO_QUEUE, PENDING, READ, SEEN_UNCHECKED } from '../../ordering/history.ts';
import { NONE, type OpId } from '../../strategies/types.ts';
import { UNIT_BYTES } from './program.ts';
import type { Body } from './stage.ts';
import { execute, ringIo } from './worker.ts';
import { sleep, type World } from './world.ts';

/** Operations of the first submitter between two calls of `retune`: so few, as a run has only some. */
const RETUNE_EVERY = 2;

export function* submitter(world: World, index: number): Body {
  const { program, shared, stage } = world;
  const { ops, completions, sizes } = shared;
  const thread = sizes.workers + index;
  const pipeline = world.pipelines[thread]!;
  const own = program.operations.flatMap((operation, i) => (operation.submitter === index ? [i] : []));
  const free: OpId[] = Array.from({ length: program.depth }, (_, i) => index * program.depth + i).reverse();
  let next = 0;
  let left = own.length;
  const who = { reader: thread, worker: NO_QUEUE };
  const done = (op: OpId): void => {
    // What comes after I/O is at most a transform.
    while (pipeline.doneInline(op));
  };
  const ring = program.backend === 'uring' ? ringIo(world, who, done) : undefined;
  const completed = (): boolean => ring?.completed() ?? false;

  const may = (): boolean =>
    next < own.length &&
    free.length > 0 &&
    program.operations[own[next]!]!.after.every((other) => world.acknowledged[other] === 1);

  while (left > 0) {
    const mine = sizes.inline > 0 ? shared.inline.pop(index) : NONE;
    if (mine !== NONE) {
      yield* doMyself(mine >> 1, (mine & 1) === 1);
      continue;
    }
    if (completed()) yield* ring!.collect();
    const done = completions.pop(index);
    if (done !== NONE) {
      acknowledged(world, done);
      free.push(done);
      left--;
    } else if (may()) {
      submit(own[next++]!, free.pop()!);
      if (index === 0 && next % RETUNE_EVERY === 0) pipeline.retune();
    } else {
      const nothing = (): boolean =>
        completions.empty(index) &&
        (sizes.inline === 0 || shared.inline.empty(index)) &&
        !may() &&
        !completed();
      yield* sleep(world, thread, nothing, () => may() || completed());
      continue;
    }
    yield;
  }

  /** The counterpart of inline.ts. What must not wait is refused where the file is busy with another call. */
  function* doMyself(op: OpId, nowait: boolean): Body {
    const waits = ops.kind[op] === FLUSH || ops.flags[op]! !== 0;
    if (nowait && (waits || world.disk.isBusy(Atomics.load(shared.files, ops.device[op]!), op))) {
      pipeline.punt(op);
      return;
    }
    ops.queue[op] = NO_QUEUE;
    if (pipeline.transforms(op)) {
      yield;
      if (!pipeline.doneInline(op)) return;
    }
    if (ring) {
      yield* ring.start(op);
      return;
    }
    yield* execute(world, op, who);
    yield;
    done(op);
  }

  function submit(operation: number, tag: OpId): void {
    const { kind, device, unit, units, flags = 0, cpu } = program.operations[operation]!;
    const { history } = world;
    const row = world.rowOf[operation]!;
    ops.kind[tag] = kind;
    ops.device[tag] = device;
    ops.offset[tag] = unit * UNIT_BYTES;
    ops.length[tag] = units * UNIT_BYTES;
    ops.flags[tag] = flags;
    ops.cpu[tag] = cpu ?? cpuOf(index, program.submitters);
    ops.cgroup[tag] = index;
    ops.st[tag] = 0;
    ops.queue[tag] = NO_QUEUE;
    ops.tries[tag] = 0;
    ops.step[tag] = 0;
    ops.submitter[tag] = index;
    world.operationOf[tag] = operation;
    history.kind[row] = kind;
    history.flags[row] = flags;
    history.device[row] = device;
    history.unit[row] = unit;
    history.units[row] = units;
    history.queue[row] = NO_QUEUE;
    history.result[row] = PENDING;
    history.sb[row] = world.clock();
    history.count[index]!++;
    stage.point();
    pipeline.submit(tag);
    history.se[row] = world.clock();
  }
}

/** The CPU that a submitter plays: the first ones go to the two sockets in turn. */
export function cpuOf(submitter: number, submitters: number): number {
  const each = Math.ceil(submitters / 2);
  return (submitter % 2) * each + (Math.floor(submitter / 2) % each);
}

/** The submitter sees that its operation was acknowledged, and notes what became of it. */
function acknowledged(world: World, tag: OpId): void {
  const { history, disk, shared, program } = world;
  const { ops } = shared;
  const operation = world.operationOf[tag]!;
  const row = world.rowOf[operation]!;
  noteProgress(world, tag);
  history.co[row] = ops.co[tag]!;
  history.ak[row] = ops.ak[tag]!;
  history.result[row] = ops.result[tag]!;
  if (ops.result[tag]! >= 0) history.flags[row]! |= ops.flags[tag]! & DSYNC;
  if (program.operations[operation]!.kind === READ) {
    const whole = ops.result[tag] === ops.length[tag];
    const { seen } = disk.calls[tag]!;
    for (let i = 0; i < history.units[row]!; i++)
      history.seen[history.seenAt[row]! + i] = whole ? seen[i]! : SEEN_UNCHECKED;
  }
  world.operationOf[tag] = NONE;
  world.acknowledged[operation] = 1;
}

/** How far an operation has come. */
export function noteProgress({ history, shared: { ops }, operationOf, rowOf }: World, tag: OpId): void {
  const row = rowOf[operationOf[tag]!]!;
  history.queue[row] = ops.queue[tag]!;
  history.worker[row] = ops.worker[tag]!;
  history.st[row] = ops.st[tag]!;
}
