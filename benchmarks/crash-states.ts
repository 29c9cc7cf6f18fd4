/** The crash states of trials and of simulated runs, summed by design and workload: which of them a contract forbids. */
import { simulate } from '../engine/simulator/simulation.ts';
import type { Client } from '../ordering/clients/client.ts';
import { addRecoveries, type Player, type RecoveryReport, recoveryOf } from '../ordering/clients/recovery.ts';
import type { Contract } from '../ordering/contracts.ts';
import { addReports, type CrashReport, checkCrashes, JUDGED, type Judged } from '../ordering/crash/check.ts';
import { PRESETS, type Preset } from '../ordering/crash/odds.ts';
import type { World } from '../ordering/facts.ts';
import type { History } from '../ordering/history.ts';
import { sceneOf } from './clients/program.ts';
import { parseDesign } from './designs.ts';
import { drawProgram } from './search/programs.ts';
import { schedulerOf } from './search/schedules.ts';
import { worldOf } from './search/search.ts';
import { seededRandom } from './statistics/seeded-random.ts';

export { JUDGED, type Judged, PRESETS, type Preset };

export interface CrashStates {
  design: string;
  claims: readonly Contract[];
  workload: string;
  backend: string;
  /** Trials or simulated runs. */
  runs: number;
  report: CrashReport;
  /** Of a workload whose jobs play clients: the crash states from which their journals do not recover. */
  recovery?: RecoveryReport;
}

/** Crash states sampled of one trial, about, and those of windows that are tried whole: some seconds in the worst case. */
const BUDGET = 2 ** 18;
const EXHAUSTIVE = 2 ** 26;
/** The same of journals, where a state costs some 300 ns. */
const EXHAUSTIVE_RECOVERIES = 2 ** 22;

/** How the operations of simulated runs are chosen where no client plays. */
export const SMALL = 'small programs';

export function crashStatesOf(
  about: Pick<CrashStates, 'design' | 'claims' | 'workload' | 'backend'>,
  history: History,
  world: World,
  players: readonly Player[],
  seed: number,
  preset: Preset | undefined,
): CrashStates {
  const plan = { budget: BUDGET, exhaustive: EXHAUSTIVE, seed, ...(preset && { preset }) };
  const recovery =
    players.length > 0 && recoveryOf(history, world, players, { ...plan, exhaustive: EXHAUSTIVE_RECOVERIES });
  return { ...about, runs: 1, report: checkCrashes(history, world, plan), ...(recovery && { recovery }) };
}

/** Sums up those of one design, workload and backend, in the order in which they first came. */
export function summed(all: readonly CrashStates[]): CrashStates[] {
  const sums = new Map<string, CrashStates>();
  for (const one of all) {
    const key = `${one.workload}\n${one.backend}\n${one.design}`;
    const sum = sums.get(key);
    sums.set(key, sum === undefined ? one : add(sum, one));
  }
  return [...sums.values()];
}

function add(a: CrashStates, b: CrashStates): CrashStates {
  return {
    ...a,
    runs: a.runs + b.runs,
    report: addReports(a.report, b.report),
    ...(a.recovery && b.recovery && { recovery: addRecoveries(a.recovery, b.recovery) }),
  };
}

/** Contracts that a design claims and that some crash state breaks. */
export function brokenBy({ claims, report }: CrashStates): Judged[] {
  return JUDGED.filter((contract) => {
    const { illegal, illegalTorn } = report.contracts[contract];
    return claims.includes(contract) && illegal + illegalTorn > 0;
  });
}

/** One schedule of a design on the simulator's disk: a small program by chance, or two journals of a client. */
export function simulatedStates(
  designText: string,
  client: Client | undefined,
  seed: number,
  preset: Preset | undefined,
): CrashStates {
  const { name: design, claims, crew } = parseDesign(designText);
  const random = seededRandom(seed);
  const backend = seed % 2 === 0 ? 'sync' : 'uring';
  const { program, players } = client
    ? sceneOf(client, 2, 8, backend, random)
    : { program: drawProgram(random), players: [] };
  const scheduler = schedulerOf('mixed', seed, program.operations.length, random);
  const outcome = simulate({ ...crew!, parameter: crew!.ref.parameter }, program, scheduler);
  const about = { design, claims, workload: client?.name ?? SMALL, backend: 'volatile' };
  return crashStatesOf(about, outcome.history, worldOf(program, outcome), players, seed, preset);
}
