/**
 * Makes a violation small. Whatever can be left out is left out, one thing at a time, for as long as the same rule is broken in the
 * same way: operations, then submitters, devices and queues, then flags, lengths and what waits for what, and last the turns of
 * the schedule. A smaller program is run under the old choices first, and then under a number of others, as what was left out
 * shifts them; so "none can be left out" means that no such run broke the rule.
 */
import type { Operation, Program } from '../../engine/simulator/program.ts';
import { replay } from '../../engine/simulator/schedulers/replay.ts';
import type { Scheduler } from '../../engine/simulator/schedulers/scheduler.ts';
import { simulate } from '../../engine/simulator/simulation.ts';
import type { Contract, Verdict } from '../../ordering/contracts.ts';
import { seededRandom } from '../statistics/seeded-random.ts';
import { schedulerOf } from './schedules.ts';
import { judge, type Subject } from './search.ts';

/** A run that breaks a rule: all that it takes to have it again. */
export interface Failing {
  subject: Subject;
  program: Program;
  choices: readonly number[];
}

/** Schedules that are tried of a smaller program, besides the one that it comes from. */
const TRIES = 120;
/** And where more operations are left than one takes in at a glance: few schedules in a thousand break the rule then. */
const MANY_OPERATIONS = 6;
const MORE_TRIES = 3000;

/** True when a verdict is as bad as the one to be kept: a loss is not exchanged for an open window. */
type Bad = (verdict: Verdict) => boolean;

/** The smallest that was found of a run that breaks `rule`. @throws Error when it does not break it */
export function shrink(failing: Failing, rule: Contract): Failing {
  const first = run(failing, replay(failing.choices)).verdicts[rule];
  if (first.lost + first.unproved === 0) throw new Error(`this run does not break ${rule}`);
  const bad: Bad = first.lost > 0 ? ({ lost }) => lost > 0 : ({ lost, unproved }) => lost + unproved > 0;
  let small = smallest(failing, rule, bad, TRIES);
  if (small.program.operations.length > MANY_OPERATIONS) small = smallest(small, rule, bad, MORE_TRIES);
  const choices = fewestTurns(small, rule, bad);
  // Those among them that could not be made are told as what was done instead.
  const made = run({ ...small, choices }, replay(choices)).choices.slice(0, choices.length);
  return { ...small, choices: made };
}

function smallest(failing: Failing, rule: Contract, bad: Bad, tries: number): Failing {
  let small = failing;
  for (let smaller: Failing | undefined = small; smaller !== undefined; ) {
    small = smaller;
    smaller = undefined;
    for (const candidate of removals(small)) {
      smaller = stillFails(candidate, rule, bad, tries);
      if (smaller !== undefined) break;
    }
  }
  return small;
}

/** Every failing run with one thing less, in the order in which they are worth trying. */
export function* removals({ subject, program, choices }: Failing): Generator<Failing> {
  const of = (smaller: Partial<Program>): Failing => ({
    subject,
    program: tidy({ ...program, ...smaller }),
    choices,
  });
  const { operations, submitters, devices } = program;
  const changed = (i: number, change: Partial<Operation>): Failing =>
    of({ operations: operations.map((operation, j) => (j === i ? { ...operation, ...change } : operation)) });
  const without = (key: 'replaced' | 'shortTransfer' | 'failedFsync' | 'cpus'): Failing => {
    const { [key]: _, ...rest } = program;
    return { subject, program: rest, choices };
  };

  if (operations.length > 1)
    for (let i = operations.length - 1; i >= 0; i--) yield of({ operations: leaveOut(operations, i) });
  for (let from = submitters - 1; from > 0; from--)
    for (let to = 0; to < from; to++) yield of({ operations: moved(operations, 'submitter', from, to) });
  for (const key of ['replaced', 'shortTransfer', 'failedFsync', 'cpus'] as const)
    if (program[key] !== undefined) yield without(key);
  for (const key of ['shortTransfer', 'failedFsync'] as const)
    for (let earlier = 0; earlier < (program[key] ?? 0); earlier++) yield of({ [key]: earlier });
  if (program.replaced === undefined)
    for (let from = devices - 1; from > 0; from--)
      for (let to = 0; to < from; to++) yield of({ operations: moved(operations, 'device', from, to) });
  const { strategy, parameter } = subject.design;
  if (strategy.parameter !== undefined && strategy.parameter.choices === undefined)
    for (let fewer = strategy.parameter.least; fewer < parameter; fewer++)
      yield { subject: withParameter(subject, fewer), program, choices };
  for (const [i, { flags = 0, cpu }] of operations.entries()) {
    for (const flag of [1, 2, 3])
      if (flags !== 0 && (flags & flag) === flag) yield changed(i, { flags: flags & ~flag });
    if (cpu !== undefined) {
      const { cpu: _, ...rest } = operations[i]!;
      yield of({ operations: operations.map((operation, j) => (j === i ? rest : operation)) });
    }
  }
  for (const [i, { unit, units }] of operations.entries()) {
    if (units < 2) continue;
    yield changed(i, { units: units - 1 });
    yield changed(i, { unit: unit + 1, units: units - 1 });
  }
  for (const [i, { after }] of operations.entries())
    for (const other of after) yield changed(i, { after: after.filter((it) => it !== other) });
}

/** The run that breaks the rule, of those that are tried. */
export function stillFails(failing: Failing, rule: Contract, bad: Bad, tries = TRIES): Failing | undefined {
  for (let seed = 0; seed <= tries; seed++) {
    const scheduler = seed === 0 ? replay(failing.choices) : another(failing.program, seed);
    const { verdicts, choices } = run(failing, scheduler);
    if (bad(verdicts[rule])) return { ...failing, choices };
  }
  return undefined;
}

function another(program: Program, seed: number): Scheduler {
  return schedulerOf('mixed', seed, program.operations.length, seededRandom(seed));
}

function run(
  { subject, program }: Failing,
  scheduler: Scheduler,
): { verdicts: Record<Contract, Verdict>; choices: number[] } {
  const outcome = simulate(subject.design, program, scheduler, subject.cast);
  return { verdicts: judge(program, outcome), choices: outcome.choices };
}

/**
 * The schedule cut off where the rule is broken whatever comes after, as whoever ran then goes on; and with as few changes from one
 * actor to another as it takes.
 */
function fewestTurns(failing: Failing, rule: Contract, bad: Bad): number[] {
  const breaks = (choices: readonly number[]): boolean => bad(run(failing, replay(choices)).verdicts[rule]);
  let choices = [...failing.choices];
  const shorten = (): void => {
    for (let length = 0; length < choices.length; length++) {
      if (!breaks(choices.slice(0, length))) continue;
      choices = choices.slice(0, length);
      return;
    }
  };
  shorten();
  for (let changed = true; changed; ) {
    changed = false;
    for (let i = 1; i < choices.length; i++) {
      if (choices[i] === choices[i - 1]) continue;
      const calmer = [...choices];
      calmer[i] = choices[i - 1]!;
      const shorter = choices.filter((_, at) => at !== i);
      for (const candidate of [shorter, calmer]) {
        if (switches(candidate) >= switches(choices) || !breaks(candidate)) continue;
        choices = candidate;
        changed = true;
        break;
      }
    }
  }
  shorten();
  return choices;
}

function switches(choices: readonly number[]): number {
  return choices.filter((choice, i) => i > 0 && choice !== choices[i - 1]).length;
}

function leaveOut(operations: readonly Operation[], gone: number): Operation[] {
  return operations
    .filter((_, i) => i !== gone)
    .map((operation) => ({
      ...operation,
      after: operation.after
        .filter((other) => other !== gone)
        .map((other) => (other > gone ? other - 1 : other)),
    }));
}

function moved(
  operations: readonly Operation[],
  what: 'submitter' | 'device',
  from: number,
  to: number,
): Operation[] {
  return operations.map((operation) => (operation[what] === from ? { ...operation, [what]: to } : operation));
}

/** Without submitters that have nothing to do and devices that nobody uses, and with no more tags than operations. */
function tidy(program: Program): Program {
  const keep = program.replaced === undefined ? [] : [program.replaced, program.devices - 1];
  const used = (what: 'submitter' | 'device', also: readonly number[]): number[] =>
    [...new Set([...program.operations.map((operation) => operation[what]), ...also])].sort((a, b) => a - b);
  const submitters = used('submitter', []);
  const devices = used('device', keep);
  const operations = program.operations.map((operation) => ({
    ...operation,
    submitter: submitters.indexOf(operation.submitter),
    device: devices.indexOf(operation.device),
  }));
  const counts = submitters.map((_, s) => operations.filter(({ submitter }) => submitter === s).length);
  return {
    ...program,
    operations,
    submitters: submitters.length,
    devices: devices.length,
    depth: Math.min(program.depth, Math.max(...counts)),
    ...(program.replaced === undefined ? {} : { replaced: devices.indexOf(program.replaced) }),
  };
}

function withParameter(subject: Subject, parameter: number): Subject {
  const { strategy, parameter: before } = subject.design;
  const name = subject.name.replace(`${strategy.name}:${before}`, `${strategy.name}:${parameter}`);
  return { ...subject, name, design: { ...subject.design, parameter } };
}
