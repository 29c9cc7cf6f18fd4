/**
 * One run of a design on a program, on one thread: the engine's own pipeline, gate, rings and tables over memory of their own,
 * with actors in place of threads and a scheduler that says who goes on. Everything follows from the design, the program and
 * the scheduler's choices. What comes out is a history like any other.
 */
import { type History, historyBytes, NO_QUEUE, openHistory, READ, WRITE } from '../../ordering/history.ts';
import { type Hooks, NONE, type Strategy } from '../../strategies/types.ts';
import { dumpOf } from '../dump.ts';
import { FSYNCS_PER_OP } from '../fsync-log.ts';
import { Pipeline } from '../pipeline.ts';
import { allocate, attach, reset, type Shared } from '../shared.ts';
import { type Gates, sizesOf } from '../sizes.ts';
import { below, firstNested, ON_DEVICE } from '../stacked.ts';
import { Disk } from './disk.ts';
import { type Program, UNIT_BYTES } from './program.ts';
import { replacer } from './replacer.ts';
import type { Scheduler } from './schedulers/scheduler.ts';
import { type Body, Stage } from './stage.ts';
import { noteProgress, submitter } from './submitter.ts';
import { worker } from './worker.ts';
import { type Cast, TICK, type World, withPoints } from './world.ts';

/** A design as the simulator needs it: its parts. */
export interface SimulatedDesign extends Gates {
  strategy: Strategy;
  parameter: number;
}

export interface Outcome {
  /**
   * The submitters of the program, and one more that read back every written unit when all was over; behind them, where it
   * writes with flags, the notes of fsyncs.
   */
  history: History;
  /** What the queues and gates held when nobody could go on though operations were outstanding. */
  stalled: string | undefined;
  /** The scheduler's choices where it had one, for a replay. */
  choices: number[];
  /** The actors that a choice counts. */
  actors: string[];
}

/** The threads as the engine has them. */
export const ENGINE: Cast = { submitter, worker, replacer };

/** Turns for each operation after which a run is taken to go round in circles; it takes about forty. */
const TURNS_EACH = 2000;

/** Throws what a plug-in throws. */
export function simulate(
  design: SimulatedDesign,
  program: Program,
  scheduler: Scheduler,
  cast: Cast = ENGINE,
): Outcome {
  const { operations, submitters } = program;
  const stage = new Stage(scheduler, TURNS_EACH * operations.length);
  const world = openWorld(design, program, stage, cast.leavesCalls);
  const { workers, tags } = world.shared.sizes;
  for (let s = 0; s < submitters; s++) stage.add(`submitter ${s}`, cast.submitter(world, s));
  for (let w = 0; w < workers; w++) stage.add(`worker ${w}`, cast.worker(world, w));
  for (let tag = 0; tag < tags; tag++) addIo(stage, world.disk, tag, `I/O of tag ${tag}`);
  if (program.replaced !== undefined) stage.add('replacer', cast.replacer(world));
  for (let call = tags; call < world.disk.calls.length; call++)
    addIo(stage, world.disk, call, `I/O ${call} that was left`);

  const ended = stage.play();
  let stalled: string | undefined;
  if (world.acknowledged.includes(0)) {
    stalled = dumpOf(world.shared);
    if (!ended) stalled = `still going after ${stage.turns} turns\n${stalled}`;
    for (let tag = 0; tag < firstNested(world.shared.sizes); tag++)
      if (world.operationOf[tag] !== NONE) noteProgress(world, tag);
  } else readBack(world);
  return { history: world.history, stalled, choices: stage.choices, actors: stage.names() };
}

function addIo(stage: Stage, disk: Disk, call: number, name: string): void {
  const begun = (): boolean => disk.inFlight(call);
  stage.add(name, io(), begun);

  function* io(): Body {
    for (;;) {
      disk.finish(call);
      yield begun;
    }
  }
}

function openWorld(
  { strategy, parameter, flush, order, front }: SimulatedDesign,
  program: Program,
  stage: Stage,
  leavesCalls = false,
): World {
  const { submitters, depth, stacked = false } = program;
  const devices = stacked ? 2 * program.devices : program.devices;
  const cpus = program.cpus ?? 2 * Math.ceil(submitters / 2);
  const socketOf = Uint16Array.from({ length: cpus }, (_, cpu) => (cpu < cpus / 2 ? 0 : 1));
  const topology = { cpus, sockets: 2, devices, cgroups: submitters, socketOf };
  const policies = order ? [flush, order] : [flush];
  const openHooks = (): Hooks => strategy.open(parameter, topology);
  const { layout } = openHooks();
  const asked = {
    submitters,
    workers: layout.workers.length,
    queues: layout.queues.length,
    devices,
    tags: submitters * depth,
    slots: layout.table?.length ?? 0,
    inline: layout.inline ? submitters : 0,
    words: layout.words ?? 0,
  };
  const shared = attach(allocate(sizesOf({ flush, order, front }, cpus, asked, stacked)));
  const { tags } = shared.sizes;
  const disk = new Disk(leavesCalls ? tags + program.operations.length : tags, program);
  const last = program.replaced === undefined ? NONE : devices - 1;
  const files = Array.from({ length: devices }, (_, device) =>
    below(shared.sizes, device) >= 0 ? ON_DEVICE : device === last ? NONE : disk.open(device),
  );
  reset(shared, files, layout.table);
  let time = 0;
  const clock = (): number => (time += TICK);
  const seen: Shared = {
    ...shared,
    queues: withPoints(shared.queues, stage.point),
    inboxes: withPoints(shared.inboxes, stage.point),
    completions: withPoints(shared.completions, stage.point),
    inline: withPoints(shared.inline, stage.point),
  };
  const pipelines = Array.from({ length: layout.workers.length + submitters }, (_, thread) => {
    const pipeline = new Pipeline(seen, routedWithPoints(openHooks(), stage), policies, thread, cpus, front);
    pipeline.wakeBy(() => {}, clock);
    return pipeline;
  });
  const { history, rowOf } = openRows(program);
  return {
    program,
    shared: seen,
    stage,
    disk,
    history,
    pipelines,
    clock,
    rowOf,
    operationOf: new Int32Array(tags).fill(NONE),
    acknowledged: new Uint8Array(program.operations.length),
  };
}

function routedWithPoints(hooks: Hooks, stage: Stage): Hooks {
  return {
    ...hooks,
    route(op, rt) {
      stage.point();
      const queue = hooks.route(op, rt);
      stage.point();
      return queue;
    },
  };
}

/** A history with room for the program, for reading back what it wrote and, where it writes with flags, for notes of fsyncs. */
function openRows({ operations, submitters }: Program): { history: History; rowOf: Int32Array } {
  const counts = new Array<number>(submitters).fill(0);
  for (const { submitter: s } of operations) counts[s]!++;
  const units = operations.reduce((sum, operation) => sum + operation.units, 0);
  const flagged = operations.some(({ flags }) => flags);
  const segments = submitters + 1 + (flagged ? submitters : 0);
  const rowsEach = Math.max(units, Math.max(...counts) * (flagged ? FSYNCS_PER_OP : 1));
  const history = openHistory(
    new ArrayBuffer(historyBytes(segments, rowsEach, units)),
    segments,
    rowsEach,
    units,
  );
  counts.fill(0);
  const seen = counts.slice();
  const rowOf = new Int32Array(operations.length);
  for (const [i, { submitter: s, units: of }] of operations.entries()) {
    rowOf[i] = s * rowsEach + counts[s]!++;
    history.seenAt[rowOf[i]!] = s * units + seen[s]!;
    seen[s]! += of;
  }
  return { history, rowOf };
}

/** Reads every written unit once, when nothing is under way any more. */
function readBack({ program, history, disk, shared, clock }: World): void {
  const reader = program.submitters;
  const done = new Set<number>();
  for (const { kind, device, unit, units } of program.operations) {
    if (kind !== WRITE || shared.files[device]! < 0) continue;
    for (let u = unit; u < unit + units; u++) {
      const key = device * 2 ** 32 + u;
      if (done.has(key)) continue;
      done.add(key);
      const row = reader * history.rowsEach + history.count[reader]!++;
      history.kind[row] = READ;
      history.device[row] = device;
      history.unit[row] = u;
      history.units[row] = 1;
      history.queue[row] = NO_QUEUE;
      history.worker[row] = NO_QUEUE;
      history.result[row] = UNIT_BYTES;
      for (const column of [history.sb, history.se, history.st, history.co, history.ak])
        column[row] = clock();
      history.seenAt[row] = reader * history.seenEach + done.size - 1;
      const under = below(shared.sizes, device);
      const file = under >= 0 ? under : device;
      history.seen[history.seenAt[row]!] = disk.holds(shared.files[file]!, u, file);
    }
  }
}
