/**
 * The runner: for every cell, rounds of one trial of every design in shuffled order. tinybench holds the tasks and
 * their order; the durations that it is given are our own measured ones.
 */
import { Bench } from 'tinybench';
import { readRevision } from '../datasets/revision.ts';
import type { Host, TrialRecord } from '../datasets/schema.ts';
import type { Workload } from '../datasets/workload.ts';
import { punchBacking, settleBacking, warmBacking } from '../engine/backing.ts';
import { cipherKey, sectorCipher } from '../engine/crypt.ts';
import { ON_DEVICE } from '../engine/stacked.ts';
import { runTrial } from '../engine/trial.ts';
import type { World } from '../ordering/check.ts';
import { type History, openHistory } from '../ordering/history.ts';
import { type Companion, keepCompany } from './companion.ts';
import { renewCrews } from './crews.ts';
import type { Design } from './designs.ts';
import { flushesSoFar, joinCgroups, switchDirectIo } from './kernel-loop.ts';
import { bufferBytes, type Cell, historySize, type RunPlan, settingsFor, workersOf } from './plan.ts';
import { isEnough } from './precision.ts';
import { readBack } from './read-back.ts';
import { recordOf, skippedRecord, type TrialContext, worldOf } from './record.ts';
import { replacingIn } from './replacing.ts';
import {
  allFilesOf,
  descriptorsOf,
  filesOf,
  giveBack,
  type Resources,
  removeBacking,
  takeResources,
} from './resources.ts';
import { seededRandom } from './statistics/seeded-random.ts';
import { warmUpOf } from './warm-up.ts';
import { whySkipped } from './why-skipped.ts';

/** Seconds that the uncounted first trial of each design and cell takes at most: it warms JIT, rings and memory. */
const WARM_UP = 0.05;
/** Where crews are renewed, what they find is compared to the per cent: there warm-ups follow each other for so long. V8 has then come to rest. */
const SETTLED_MS = 100;

export interface RunEvents {
  progress(text: string): void;
  /** A finished trial; called before the next one begins. */
  trial(record: TrialRecord): void;
  /** The history of that trial, which lasts until this returns: the next trial is written over it. */
  history?(record: TrialRecord, history: History, world: World): void;
  beside?: Companion;
}

export interface RunEnd {
  interrupted: boolean;
  /** The machine failed under a trial (ENOSPC, EIO): the run ended there. */
  failed: string | undefined;
}

/**
 * Runs the plan to its end, or until `signal`. Everything taken is given back in all cases; finished trials were
 * handed out.
 *
 * @throws MachineError, InputError, or what a design's code threw
 */
export async function runPlan(
  plan: RunPlan,
  run: string,
  host: Host,
  events: RunEvents,
  signal: AbortSignal,
): Promise<RunEnd> {
  const settings = settingsFor(plan, host.cores);
  const revision = readRevision();
  const random = seededRandom(plan.seed);
  // Trial words count up from the base and must stay below 2^32.
  const base = 1 + Math.floor(random() * 2 ** 31);
  const resources = await takeResources(plan, settings, base, events.progress);
  const onExit = (): void => removeBacking(resources);
  process.on('exit', onExit);
  let trialNumber = 0;
  let failed: string | undefined;
  /** Designs that stalled: their threads can't be trusted with another trial. */
  const dead = new Set<string>();

  const trial = async (
    cell: Cell,
    index: number,
    round: number,
    position: number,
    seed: number,
    limit: number,
  ) => {
    const design = plan.designs[index]!;
    const { workload } = cell;
    const crew = resources.crews[index]!;
    const descriptors = descriptorsOf(resources, cell, design);
    const kernel = design.reference?.kind === 'kernel-loop' ? design.reference : undefined;
    if (kernel) joinCgroups(resources.loops, crew, kernel.cgroups);
    if (cell.sparse) punchBacking(filesOf(resources, cell, design) ?? []);
    if (cell.backend !== 'null') settleBacking(allFilesOf(resources, cell));
    const flushesBefore = kernel ? flushesSoFar(resources.loops, workload.name) : 0;
    const size = historySize(cell.workload);
    const history = plan.recording ? { buffer: resources.history, ...size } : undefined;
    const columns = history
      ? openHistory(resources.history, size.submitters, size.rowsEach, size.seenEach)
      : undefined;
    // The memory is the run's: what another trial noted there is not this one's.
    columns?.count.fill(0);
    const puntsBefore = resources.punts?.count();
    const started = new Date();
    const stamps = { base, trial: base + ++trialNumber };
    const { unitBytes } = workload;
    const files = filesOf(resources, cell, design);
    const cipher = resources.encrypting.has(design) ? sectorCipher(cipherKey(base), unitBytes) : undefined;
    const beside = limit > 0 ? undefined : events.beside;
    const company = keepCompany(beside, { files: files ?? [], unitBytes, cipher, ...stamps });
    const outcome = await runTrial(crew, workload.name, {
      backend: cell.backend,
      direct: cell.direct || kernel !== undefined,
      seed,
      ...stamps,
      spin: settings.spin,
      bufferBytes: bufferBytes(workload),
      history,
      files:
        plan.stacked && design.crew ? [...descriptors.map(() => ON_DEVICE), ...descriptors] : descriptors,
      ...replacingIn(files, cell, plan.replaceMs),
      deadlineSeconds: plan.deadlineSeconds,
      runtimeLimit: limit,
      warmUp: limit > 0 ? undefined : warmUpOf(workload),
      signal: AbortSignal.any([signal, company.done]),
    });
    await company.end();
    if (columns && files && cell.backend !== 'null' && outcome.stalled === undefined) {
      // The trial may have replaced files.
      const present = descriptorsOf(resources, cell, design);
      readBack(columns, workload, present, resources.data, base, stamps.trial, cipher);
    }
    const puntsAfter = resources.punts?.count();
    const punts =
      puntsBefore === undefined || puntsAfter === undefined ? undefined : puntsAfter - puntsBefore;
    const fsyncs = kernel ? flushesSoFar(resources.loops, workload.name) - flushesBefore : undefined;
    const context = contextOf(cell, design, round, position, seed, started);
    const record = recordOf(context, outcome, columns, { fsyncs, punts });
    const tell = (): void => {
      if (columns) beside?.judge(record, columns, worldOf(context, outcome));
      if (columns && kernel === undefined) events.history?.(record, columns, worldOf(context, outcome));
    };
    return { record, tell };
  };
  /** Hands a record out, and draws the consequence of a failure. */
  const judge = (record: TrialRecord, design: Design): void => {
    events.trial(record);
    if (record.failure === undefined) return;
    const stalled = record.verdicts.progress.lost > 0;
    if (stalled) dead.add(design.name);
    // A design's stall breaks what it claims; a reference claims nothing, so there it is the machine that failed.
    if (!stalled || design.crew === undefined) failed ??= `${design.name}: ${record.failure}`;
  };
  const contextOf = (
    cell: Cell,
    design: Design,
    round: number,
    position: number,
    seed: number,
    started: Date,
  ): TrialContext => {
    const workers = workersOf(plan, design, cell.workload);
    return { plan, settings, host, run, cell, design, round, position, seed, workers, started, revision };
  };

  const warmUp = async (cell: Cell, index: number): Promise<void> => {
    const design = plan.designs[index]!;
    events.progress(`${titleOf(cell)}: warming up ${design.name}`);
    const begun = performance.now();
    do {
      const { record } = await trial(cell, index, 0, index, plan.seed, WARM_UP);
      // What failed already here is told; a good warm-up is no measurement.
      if (record.failure !== undefined) return signal.aborted ? undefined : judge(record, design);
    } while (plan.renewAfter !== undefined && performance.now() - begun < SETTLED_MS && !signal.aborted);
  };
  /** New threads for all that still run. */
  const renew = async (cell: Cell, isLeft: (design: Design) => boolean): Promise<void> => {
    if (signal.aborted) return;
    await renewCrews(plan, settings, resources, isLeft);
    for (const [i, design] of plan.designs.entries()) {
      if (signal.aborted || failed !== undefined) return;
      if (isLeft(design)) await warmUp(cell, i);
    }
  };

  try {
    const names = plan.designs.map((design) => design.name);
    const earlier = cellsOf(plan.before ?? []);
    for (const record of plan.before ?? []) if (record.verdicts.progress.lost > 0) dead.add(record.design);
    for (const [c, cell] of plan.cells.entries()) {
      const done = earlier.get(keyOf(cell)) ?? [];
      /** Designs without trials in this cell. */
      const out = new Set(done.flatMap((r) => (r.skipped === undefined ? [] : [r.design])));
      const made = new Set(done.map((r) => `${r.round} ${r.design}`));
      const left = (design: string, round: number): boolean =>
        !out.has(design) && !dead.has(design) && !made.has(`${round} ${design}`);
      const wanted = (round: number) => names.some((name) => left(name, round));
      const isOver = (round: number) => isEnough(plan.until, round, done, names);
      let round = 0;
      while (round < plan.rounds && !wanted(round) && !isOver(round)) round++;
      if (round === plan.rounds || isOver(round)) continue;

      prepare(resources, cell);
      for (let i = 0; i < plan.designs.length && !signal.aborted; i++) {
        const design = plan.designs[i]!;
        if (out.has(design.name)) continue;
        if (dead.has(design.name) && done.some((r) => r.design === design.name)) {
          // It stalled in this cell, before the run was interrupted.
          out.add(design.name);
          continue;
        }
        const reason = whySkipped(resources, plan, cell, design, dead);
        if (reason !== undefined) {
          out.add(design.name);
          events.trial(skippedRecord(contextOf(cell, design, 0, i, plan.seed, new Date()), reason));
          continue;
        }
        await warmUp(cell, i);
      }
      const bench = new Bench({ iterations: 1, time: 0, warmup: false, throws: true });
      let position = 0;
      for (const [i, design] of plan.designs.entries()) {
        if (out.has(design.name) || dead.has(design.name)) continue;
        bench.add(design.name, async () => {
          const most = plan.until ? `at most ${plan.rounds}` : plan.rounds;
          events.progress(`${titleOf(cell)}: round ${round + 1} of ${most}, ${design.name}`);
          const seed = Math.imul(plan.seed + round + 1, 0x9e3779b1) ^ c;
          const { record, tell } = await trial(cell, i, round, position, seed, 0);
          // A trial that a signal cut short is no measurement.
          if (!signal.aborted) {
            done.push(record);
            judge(record, design);
            tell();
          }
          return { overriddenDuration: record.metrics.seconds * 1000 };
        });
      }
      const first = round;
      for (; round < plan.rounds && !isOver(round); round++) {
        position = 0;
        if (plan.renewAfter !== undefined && round > first && round % plan.renewAfter === 0)
          await renew(cell, ({ name }) => !out.has(name) && !dead.has(name));
        for (const task of shuffled(bench.tasks, random)) {
          if (signal.aborted || failed !== undefined) return { interrupted: signal.aborted, failed };
          if (left(task.name, round)) {
            task.reset(false);
            await task.run();
          }
          position++;
        }
      }
    }
    return { interrupted: signal.aborted, failed };
  } finally {
    await giveBack(resources);
    process.off('exit', onExit);
  }
}

export function titleOf(cell: Cell): string {
  return `${cell.workload.name}, ${cell.backend === 'null' ? 'null backend' : cell.direct ? 'direct' : 'buffered'}`;
}

function keyOf(of: { workload: string | Workload; direct: boolean; backend: string }): string {
  const { workload } = of;
  return `${typeof workload === 'string' ? workload : workload.name}\n${of.direct}\n${of.backend}`;
}

/** The records of each cell. */
function cellsOf(records: readonly TrialRecord[]): Map<string, TrialRecord[]> {
  const cells = new Map<string, TrialRecord[]>();
  for (const record of records) {
    const key = keyOf(record);
    cells.set(key, [...(cells.get(key) ?? []), record]);
  }
  return cells;
}

function prepare(resources: Resources, cell: Cell): void {
  if (cell.backend === 'null') return;
  switchDirectIo(resources.loops, cell.workload.name, cell.direct);
  if (!cell.direct) warmBacking(allFilesOf(resources, cell));
}

function shuffled<T>(items: readonly T[], random: () => number): T[] {
  const out = [...items];
  for (let i = out.length - 1; i > 0; i--) {
    const j = Math.floor(random() * (i + 1));
    [out[i], out[j]] = [out[j]!, out[i]!];
  }
  return out;
}
