/** One trial of a design by its crew of real threads, over descriptors that the test has opened. */
import { type Design, parseDesign } from '../../benchmarks/designs.ts';
import { layoutSize } from '../../benchmarks/layout.ts';
import { bufferBytes, historySize, tagsOf } from '../../benchmarks/plan.ts';
import { topologyFor } from '../../benchmarks/topology.ts';
import { parseJobFile } from '../../datasets/fio.ts';
import type { Workload } from '../../datasets/workload.ts';
import { closeCrew, openWorkload, startCrew } from '../../engine/crew.ts';
import { mapMemory, unmap } from '../../engine/libc.ts';
import type { Shared } from '../../engine/shared.ts';
import { ON_DEVICE } from '../../engine/stacked.ts';
import { runTrial, type TrialOutcome, type TrialPlan } from '../../engine/trial.ts';
import { type History, historyBytes, openHistory } from '../../ordering/history.ts';

/** Words of the run and of the trial: what lies in a file before the first write is of the first. */
export const BASE = 1000;

export interface CrewTrial {
  outcome: TrialOutcome;
  history: History;
  workload: Workload;
  design: Design;
}

/**
 * Runs it, and beside it what `meanwhile` does with the shared memory until it is told that the trial is over.
 *
 * @param files descriptors by device; where devices are stacked, ON_DEVICE for each upper one, then those of the lower ones
 */
export async function crewTrial(
  name: string,
  jobs: string,
  files: number[],
  plan: Partial<TrialPlan> = {},
  meanwhile: (shared: Shared, isOver: () => boolean) => Promise<void> = async () => {},
): Promise<CrewTrial> {
  const workload = parseJobFile(jobs, 'test.fio');
  const design = parseDesign(name);
  const topology = topologyFor(
    { sockets: 1, cpusPerSocket: workload.jobs.length, virtual: true },
    files.length,
    workload.jobs.length,
  );
  const data = mapMemory(tagsOf(workload) * bufferBytes(workload));
  const scratch = mapMemory(4096);
  const { workers } = layoutSize(design, topology);
  const crew = await startCrew(design.crew, workload.jobs.length, workers, data, scratch);
  const size = historySize(workload);
  const buffer = new SharedArrayBuffer(historyBytes(size.submitters, size.rowsEach, size.seenEach));
  try {
    await openWorkload(crew, workload.name, workload, topology, false, files.includes(ON_DEVICE));
    let over = false;
    const trial = runTrial(crew, workload.name, {
      backend: 'sync',
      direct: false,
      seed: 1,
      base: BASE,
      trial: BASE + 1,
      spin: 0,
      bufferBytes: bufferBytes(workload),
      history: { buffer, ...size },
      files,
      runtimeLimit: 0,
      deadlineSeconds: 30,
      ...plan,
    }).finally(() => {
      over = true;
    });
    const [outcome] = await Promise.all([
      trial,
      meanwhile(crew.opened.get(workload.name)!.shared, () => over),
    ]);
    const history = openHistory(buffer, size.submitters, size.rowsEach, size.seenEach);
    return { outcome, history, workload, design };
  } finally {
    await closeCrew(crew);
    unmap(data);
    unmap(scratch);
  }
}

/** Rows of the operations of all jobs. */
export function rowsOf({ history, workload }: CrewTrial): number[] {
  return workload.jobs.flatMap((_, s) =>
    Array.from({ length: history.count[s]! }, (_row, i) => s * history.rowsEach + i),
  );
}
