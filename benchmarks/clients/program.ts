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
 * Journals side by side, on one device or, of three and more, on two, each with a submitter that plays all threads of its file system.
 *
 * @param random numbers from 0 to 1: which CPUs the threads are on and how deep the queue is
 */
export function sceneOf(
  client: Client,
  journals: number,
  transactions: number,
  backend: Program['backend'],
  random: () => number,
): Scene {
  const steps = Math.round((client.script.length / PERIOD) * transactions);
  // Every other journal is alone with its device: a pool of all devices has something to share then.
  const devices = Math.min(2, Math.ceil(journals / 2));
  const operations: Operation[] = [];
  const players: Player[] = [];
  for (let submitter = 0; submitter < journals; submitter++) {
    const first = operations.length;
    const device = submitter % devices;
    const unit = Math.floor(submitter / devices) * REGION_UNITS;
    const home = Math.floor(random() * CPUS);
    for (let i = 0; i < steps; i++) {
      const { kind, flags, thread, unit: at, units, after } = stepAt(client, i);
      operations.push({
        submitter,
        kind,
        ...(flags ? { flags } : {}),
        cpu: (home + thread) % CPUS,
        device,
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
    devices,
    cpus: CPUS,
    depth: 2 + Math.floor(random() * 7),
    backend,
  };
  return { program, players };
}
