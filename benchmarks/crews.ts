/** The crews of a run: the threads of each design, and new ones in their place. */
import type { Workload } from '../datasets/workload.ts';
import { type Crew, closeCrew, openWorkload, startCrew } from '../engine/crew.ts';
import { MachineError } from '../engine/errors.ts';
import type { Mapping } from '../engine/libc.ts';
import { openPuntTrace, type PuntTrace } from '../engine/punt-trace.ts';
import type { Design } from './designs.ts';
import { whyNot } from './kernel-loop.ts';
import { crewSizes, type RunPlan, type Settings, specOf } from './plan.ts';

/**
 * Rounds after which crews are renewed where small differences are looked for: `RunPlan.renewAfter` of gates and of `loopwq aa`. Two crews of
 * the same code differ by 2 % for as long as they live; a round of one crew differs from the next by 4 %. docs/decisions/0026 has the measurements.
 */
export const RENEW_AFTER = 4;

export interface Crews {
  /** One per design of the plan, in its order; undefined for one that can't run here. */
  crews: (Crew | undefined)[];
  /** Counts what rings leave to io-wq; undefined where nobody asked, there are none, or this machine can't count it. */
  punts: PuntTrace | undefined;
  /** While threads start that nobody could be told to leave. */
  starting: boolean;
}

/** What the threads of all designs work on. */
export interface Memory {
  data: Mapping;
  scratch: Mapping;
}

/** @throws MachineError; those that have started are in `crews` */
export async function startCrews(
  plan: RunPlan,
  settings: Settings,
  crews: Crews & Memory,
  progress: (text: string) => void,
): Promise<void> {
  const sizes = crewSizes(plan);
  for (const [i, design] of plan.designs.entries()) {
    if (whyNot(design) !== undefined) {
      crews.crews[i] = undefined;
      continue;
    }
    progress(`starting ${design.name}`);
    await startOne(plan, settings, crews, i, sizes[i]!);
  }
  tracePunts(plan, crews);
}

/**
 * New threads for the designs that pass, one design after another, so that there are never more than at the beginning.
 *
 * @throws MachineError, also when old threads do not leave
 */
export async function renewCrews(
  plan: RunPlan,
  settings: Settings,
  crews: Crews & Memory,
  isMeant: (design: Design) => boolean,
): Promise<void> {
  const sizes = crewSizes(plan);
  for (const [i, design] of plan.designs.entries()) {
    const old = crews.crews[i];
    if (old === undefined || !isMeant(design)) continue;
    await closeCrew(old);
    if (old.pool.threads.length > 0)
      throw new MachineError(
        `${design.name}: its threads do not leave the kernel, so none can take their place`,
      );
    crews.crews[i] = undefined;
    await startOne(plan, settings, crews, i, sizes[i]!);
  }
  crews.punts?.close();
  tracePunts(plan, crews);
}

async function startOne(
  plan: RunPlan,
  settings: Settings,
  crews: Crews & Memory,
  i: number,
  { submitters, workers }: { submitters: number; workers: number },
): Promise<void> {
  crews.starting = true;
  const crew = await startCrew(plan.designs[i]!.crew, submitters, workers, crews.data, crews.scratch);
  crews.starting = false;
  // Before anything else can fail: who is in the list is told to leave.
  crews.crews[i] = crew;
  for (const workload of workloadsOf(plan)) {
    const spec = specOf(plan, workload);
    await openWorkload(crew, workload.name, workload, spec, settings.pinned, settings.stacked);
  }
}

export function workloadsOf({ cells }: RunPlan): Workload[] {
  return [...new Set(cells.map((cell) => cell.workload))];
}

function tracePunts(plan: RunPlan, crews: Crews): void {
  crews.punts = undefined;
  if (!plan.punts || !usesRings(plan)) return;
  const members = crews.crews.flatMap((crew) => crew?.members ?? []);
  crews.punts = openPuntTrace(members.map(({ tid }) => tid));
}

/** The reference rows have rings in buffered cells as well. */
function usesRings({ cells, designs }: RunPlan): boolean {
  const references = designs.some(({ crew }) => crew === undefined);
  return cells.some(({ backend }) => backend === 'uring' || (backend === 'sync' && references));
}
