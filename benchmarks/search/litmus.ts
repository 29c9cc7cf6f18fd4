/** A litmus file as a run of the simulator, and a run as a litmus file. */
import { InputError } from '../../datasets/errors.ts';
import {
  CRASH_CONTRACTS,
  LITMUS_FLAGS,
  LITMUS_KINDS,
  type Litmus,
  type LitmusOperation,
  type LitmusOutcome,
} from '../../datasets/litmus.ts';
import type { Operation, Program } from '../../engine/simulator/program.ts';
import { replay } from '../../engine/simulator/schedulers/replay.ts';
import { type Outcome, simulate } from '../../engine/simulator/simulation.ts';
import { CONTRACTS, type Contract, type Verdict, type Verdicts } from '../../ordering/contracts.ts';
import { type CrashReport, checkCrashes } from '../../ordering/crash/check.ts';
import { FUA, PREFLUSH, WRITE } from '../../ordering/history.ts';
import { parseDesign } from '../designs.ts';
import { judge, type Seed, type Subject, trySeed, worldOf } from './search.ts';
import { shrink } from './shrink.ts';

export interface LitmusRun {
  subject: Subject;
  program: Program;
  outcome: Outcome;
  verdicts: Verdicts;
  crash: CrashReport;
}

const FLAG_BITS = { FUA, PREFLUSH } as const;
/** Crash states of one litmus: far more than so few operations have. */
const CRASH_PLAN = { budget: 100_000, seed: 1 };

/**
 * Runs a litmus once, under its schedule.
 *
 * @param path for messages only
 * @throws InputError where the design is none, or has no such thread or CPU
 */
export function runLitmus(litmus: Litmus, path: string): LitmusRun {
  const { name, crew, claims } = parseDesign(litmus.design);
  if (!crew)
    throw new InputError(`${path}: '${litmus.design}' is a reference row: there is nothing to simulate`);
  const subject: Subject = { name, claims, design: { ...crew, parameter: crew.ref.parameter } };
  const program = programOf(litmus, path);
  const { actors } = simulate(subject.design, program, replay([]));
  const outcome = simulate(subject.design, program, replay(choicesOf(litmus.schedule, actors, path)));
  const world = worldOf(program, outcome);
  return {
    subject,
    program,
    outcome,
    verdicts: judge(program, outcome),
    crash: checkCrashes(outcome.history, world, CRASH_PLAN),
  };
}

/** The litmus of a run with those choices, whose expectations are what the checker says of it. */
export function litmusOf(
  about: string,
  subject: Subject,
  program: Program,
  choices: readonly number[],
): Litmus {
  const outcome = simulate(subject.design, program, replay(choices), subject.cast);
  const verdicts = judge(program, outcome);
  const crash = checkCrashes(outcome.history, worldOf(program, outcome), CRASH_PLAN);
  const { backend, depth, devices, cpus, replaced, shortTransfer, failedFsync } = program;
  const given = { cpus, replaced, shortTransfer, failedFsync };
  return {
    about,
    design: subject.name,
    backend,
    depth,
    devices,
    ...Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined)),
    operations: named(program.operations),
    schedule: choices.map((choice) => turnOf(outcome.actors[choice]!)),
    expected: Object.fromEntries(CONTRACTS.map((rule) => [rule, outcomeOf(verdicts[rule])])),
    expectedCrash: Object.fromEntries(CRASH_CONTRACTS.map((rule) => [rule, crashOutcomeOf(crash, rule)])),
  };
}

/** A seed's violation of a rule, made small. `about` makes the words at its head of the smallest witness. */
export function smallestLitmus(
  subject: Subject,
  seed: Seed,
  rule: Contract,
  about: (sentence: string) => string,
): Litmus {
  const { program, outcome } = trySeed(subject, seed);
  const small = shrink({ subject, program, choices: outcome.choices }, rule);
  const run = simulate(small.subject.design, small.program, replay(small.choices), subject.cast);
  const sentence = judge(small.program, run)[rule].witness?.sentence ?? '';
  return litmusOf(about(sentence), small.subject, small.program, small.choices);
}

export function outcomeOf({ proved, unproved, lost }: Omit<Verdict, 'witness'>): LitmusOutcome {
  if (lost > 0) return 'lost';
  if (unproved > 0) return 'unproved';
  return proved > 0 ? 'proved' : 'not-exercised';
}

export function crashOutcomeOf(
  { contracts }: CrashReport,
  rule: keyof CrashReport['contracts'],
): 'illegal' | 'legal' {
  const { illegal, illegalTorn } = contracts[rule];
  return illegal + illegalTorn > 0 ? 'illegal' : 'legal';
}

/** What the litmus said and the run did otherwise, in words; nothing when all came as expected. */
export function surprises({ expected, expectedCrash }: Litmus, { verdicts, crash }: LitmusRun): string[] {
  const found: string[] = [];
  const compare = (what: string, wanted: string | undefined, got: string): void => {
    if (wanted !== undefined && wanted !== got) found.push(`${what} is ${got}, expected ${wanted}`);
  };
  for (const rule of CONTRACTS) compare(`\`${rule}\``, expected[rule], outcomeOf(verdicts[rule]));
  for (const rule of CRASH_CONTRACTS)
    compare(`a crash under \`${rule}\``, expectedCrash[rule], crashOutcomeOf(crash, rule));
  return found;
}

function programOf(litmus: Litmus, path: string): Program {
  const { backend, depth, devices, cpus, replaced, shortTransfer, failedFsync } = litmus;
  const submitters = Math.max(...litmus.operations.map(({ submitter }) => submitter)) + 1;
  const all = cpus ?? 2 * Math.ceil(submitters / 2);
  const place = new Map(litmus.operations.map(({ name }, i) => [name, i]));
  const operations = litmus.operations.map((it): Operation => {
    if ((it.cpu ?? 0) >= all)
      throw new InputError(`${path}: operation ${it.name} is on CPU ${it.cpu} of ${all}`);
    return {
      submitter: it.submitter,
      kind: LITMUS_KINDS.indexOf(it.kind),
      ...(it.flags.length > 0 ? { flags: it.flags.reduce((sum, flag) => sum | FLAG_BITS[flag], 0) } : {}),
      ...(it.cpu === undefined ? {} : { cpu: it.cpu }),
      device: it.device,
      unit: it.unit,
      units: it.units,
      after: it.after.map((name) => place.get(name)!),
    };
  });
  return {
    operations,
    submitters,
    devices,
    depth,
    backend,
    ...(cpus === undefined ? {} : { cpus }),
    ...(replaced === undefined ? {} : { replaced }),
    ...(shortTransfer === undefined ? {} : { shortTransfer }),
    ...(failedFsync === undefined ? {} : { failedFsync }),
  };
}

/** Operations with names of their kind: `w1`, `w2`, `f1`. */
function named(operations: readonly Operation[]): LitmusOperation[] {
  const counts = new Map<string, number>();
  const names = operations.map(({ kind }) => {
    const letter =
      kind === WRITE
        ? 'w'
        : LITMUS_KINDS[kind]!.startsWith('WRITE')
          ? 'z'
          : LITMUS_KINDS[kind]![0]!.toLowerCase();
    counts.set(letter, (counts.get(letter) ?? 0) + 1);
    return `${letter}${counts.get(letter)}`;
  });
  return operations.map(({ submitter, kind, flags = 0, cpu, device, unit, units, after }, i) => ({
    name: names[i]!,
    submitter,
    kind: LITMUS_KINDS[kind]!,
    flags: LITMUS_FLAGS.filter((flag) => (flags & FLAG_BITS[flag]) !== 0),
    ...(cpu === undefined ? {} : { cpu }),
    device,
    unit,
    units,
    after: after.map((other) => names[other]!),
  }));
}

/** `worker 1` to `w1`. */
function turnOf(actor: string): string {
  return actor
    .replace(/^submitter /, 's')
    .replace(/^worker /, 'w')
    .replace(/^I\/O of tag /, 'io');
}

function choicesOf(schedule: readonly string[], actors: readonly string[], path: string): number[] {
  const turns = actors.map(turnOf);
  return schedule.map((turn) => {
    const choice = turns.indexOf(turn);
    if (choice < 0)
      throw new InputError(`${path}: the schedule names ${turn}; there are ${turns.join(', ')}`);
    return choice;
  });
}
