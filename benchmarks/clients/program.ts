/** Clients as programs of the simulator. */
import type { Operation, Program } from '../../engine/simulator/program.ts';
import { type Client, PERIOD, REGION_UNITS, stepAt } from '../../ordering/clients/client.ts';
import type { Player } from '../../ordering/clients/recovery.ts';

/** One CPU for each thread of a file system and one more, two sockets: each design gets to use its queues. */
const CPUS = 4;

export interface Scene {
  program: Program;
  players: Player[];
}

/**
 * Journals side by side on one device, each with a submitter that plays all threads of its file system.
 *
 * @param random numbers from 0 to 1: which CPUs the threads are on, how deep the queue is and what backend is below
 */
export function sceneOf(client: Client, journals: number, transactions: number, random: () => number): Scene {
  const steps = Math.round((client.script.length / PERIOD) * transactions);
  const operations: Operation[] = [];
  const players: Player[] = [];
  for (let submitter = 0; submitter < journals; submitter++) {
    const first = operations.length;
    const unit = submitter * REGION_UNITS;
    const home = Math.floor(random() * CPUS);
    for (let i = 0; i < steps; i++) {
      const { kind, flags, thread, unit: at, units, after } = stepAt(client, i);
      operations.push({
        submitter,
        kind,
        ...(flags ? { flags } : {}),
        cpu: (home + thread) % CPUS,
        device: 0,
        unit: units === 0 ? 0 : unit + at,
        units,
        after: after.filter((back) => back <= i).map((back) => first + i - back),
      });
    }
    players.push({ client, submitter, unit });
  }
  const program: Program = {
    operations,
    submitters: journals,
    devices: 1,
    cpus: CPUS,
    depth: 2 + Math.floor(random() * 7),
    backend: random() < 0.5 ? 'sync' : 'uring',
  };
  return { program, players };
}
