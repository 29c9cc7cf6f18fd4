/** Clients against designs in the simulator: the crash states from which their journals do not recover, of those explored. */
import { simulate } from '../../engine/simulator/simulation.ts';
import type { Client } from '../../ordering/clients/client.ts';
import {
  addRecoveries,
  emptyRecovery,
  type RecoveryReport,
  recoveryOf,
} from '../../ordering/clients/recovery.ts';
import type { Preset } from '../../ordering/crash/odds.ts';
import { parseDesign } from '../designs.ts';
import { schedulerOf } from '../search/schedules.ts';
import { worldOf } from '../search/search.ts';
import { seededRandom } from '../statistics/seeded-random.ts';
import { sceneOf } from './program.ts';

/** Two journals on one device, so that one's flushes meet the other's writes, and one on another. Their rings go round once. */
const JOURNALS = 3;
const TRANSACTIONS = 12;
/** Crash states of one run at most, about; nearly all have fewer. */
const BUDGET = 2 ** 15;
/** Those of windows that are tried whole. */
const EXHAUSTIVE = 2 ** 17;

/** Both kinds of worker: a blocking one, as of buffered I/O, and one with a ring, as of direct I/O. */
export const BACKENDS = ['sync', 'uring'] as const;
export type SimulatedBackend = (typeof BACKENDS)[number];

/** `seeds` schedules of a client on a design. Throws where one of them stalls. */
export function recoveriesOf(
  client: Client,
  design: string,
  backend: SimulatedBackend,
  first: number,
  seeds: number,
  preset?: Preset,
): RecoveryReport {
  const { crew } = parseDesign(design);
  let sum = emptyRecovery();
  for (let seed = first; seed < first + seeds; seed++) {
    const random = seededRandom(seed);
    const { program, players } = sceneOf(client, JOURNALS, TRANSACTIONS, backend, random);
    const scheduler = schedulerOf('mixed', seed, program.operations.length, random);
    const outcome = simulate({ ...crew!, parameter: crew!.ref.parameter }, program, scheduler);
    if (outcome.stalled !== undefined)
      throw new Error(`${design} stalls with seed ${seed}: ${outcome.stalled}`);
    const plan = { budget: BUDGET, exhaustive: EXHAUSTIVE, seed, ...(preset && { preset }) };
    sum = addRecoveries(sum, recoveryOf(outcome.history, worldOf(program, outcome), players, plan));
  }
  return sum;
}
