/**
 * The search for violations: a seed is a small program and a schedule, and a design is run on seed after seed in the
 * simulator, each time judged by the checker. A seed means the same to every design as far as the program goes.
 */

import { type Program, UNIT_BYTES } from '../../engine/simulator/program.ts';
import { type Outcome, type SimulatedDesign, simulate } from '../../engine/simulator/simulation.ts';
import type { Cast } from '../../engine/simulator/world.ts';
import { check, type World } from '../../ordering/check.ts';
import { CONTRACTS, type Contract, type Verdict, type Verdicts } from '../../ordering/contracts.ts';
import { seededRandom } from '../statistics/seeded-random.ts';
import { drawProgram } from './programs.ts';
import { type SchedulerName, schedulerOf } from './schedules.ts';

/** A design under test, and the threads that play it where they are not the engine's. */
export interface Subject {
  name: string;
  design: SimulatedDesign;
  claims: readonly Contract[];
  cast?: Cast;
}

export interface Seed {
  number: number;
  scheduler: SchedulerName;
  /** Each device lies on another one of the same design. */
  stacked?: boolean;
}

export interface Trial {
  program: Program;
  outcome: Outcome;
  verdicts: Verdicts;
}

/** The first seed whose run broke a rule, or left it unproved. */
export interface FirstSeen {
  seed: number;
  sentence: string;
}

export interface SearchResult {
  name: string;
  claims: readonly Contract[];
  schedules: number;
  /** Situations of all runs. */
  verdicts: Record<Contract, Omit<Verdict, 'witness'>>;
  /** Lost where there is a loss, else unproved. */
  first: Partial<Record<Contract, FirstSeen>>;
}

/** Throws what a plug-in throws, with the seed. */
export function trySeed(subject: Subject, { number, scheduler, stacked = false }: Seed): Trial {
  const random = seededRandom(number);
  const drawn = drawProgram(random);
  const program = stacked ? onDevices(drawn) : drawn;
  const schedule = schedulerOf(scheduler, number, program.operations.length, random);
  try {
    const outcome = simulate(subject.design, program, schedule, subject.cast);
    return { program, outcome, verdicts: judge(program, outcome) };
  } catch (error) {
    const { stack } = error as Error;
    throw new Error(`${subject.name} threw with seed ${number}, scheduler ${scheduler}: ${stack ?? error}`);
  }
}

/** The same operations on devices that lie on devices. There the worker blocks, and no file is replaced. */
function onDevices({ replaced: _, ...program }: Program): Program {
  return { ...program, backend: 'sync', stacked: true };
}

export function judge(program: Program, outcome: Outcome): Verdicts {
  return check(outcome.history, worldOf(program, outcome));
}

/** What the history of a run does not say of it. */
export function worldOf(program: Program, { stalled }: Outcome): World {
  return {
    inodeOf: (device) => device,
    dataHeld: true,
    start: 0,
    unitBytes: UNIT_BYTES,
    deviceNames: Array.from({ length: program.devices }, (_, device) => `disk${device}`),
    ...(stalled === undefined
      ? {}
      : { progress: { deadlineSeconds: Number.POSITIVE_INFINITY, dump: stalled } }),
  };
}

/** Runs a design on `count` seeds from `first` on. */
export function search(
  subject: Subject,
  first: number,
  count: number,
  scheduler: SchedulerName,
  stacked = false,
): SearchResult {
  const result: SearchResult = {
    name: subject.name,
    claims: subject.claims,
    schedules: 0,
    verdicts: Object.fromEntries(
      CONTRACTS.map((contract) => [contract, { proved: 0, unproved: 0, lost: 0, notExercised: 0 }]),
    ) as SearchResult['verdicts'],
    first: {},
  };
  for (let seed = first; seed < first + count; seed++) {
    const { verdicts } = trySeed(subject, { number: seed, scheduler, stacked });
    result.schedules++;
    for (const contract of CONTRACTS) note(result, contract, verdicts[contract], seed);
  }
  return result;
}

/** The claims that the search found broken. */
export function brokenClaims({ claims, verdicts }: SearchResult): Contract[] {
  return claims.filter((claim) => verdicts[claim].lost + verdicts[claim].unproved > 0);
}

/** True when a run shows that a claim does not hold. */
export function isBroken({ lost, unproved }: Pick<Verdict, 'lost' | 'unproved'>): boolean {
  return lost + unproved > 0;
}

function note(result: SearchResult, contract: Contract, verdict: Verdict, seed: number): void {
  const sum = result.verdicts[contract];
  const seen = { seed, sentence: verdict.witness?.sentence ?? '' };
  if (verdict.lost > 0 && sum.lost === 0) result.first[contract] = seen;
  else if (isBroken(verdict)) result.first[contract] ??= seen;
  for (const key of ['proved', 'unproved', 'lost', 'notExercised'] as const) sum[key] += verdict[key];
}
