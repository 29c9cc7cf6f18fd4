/** The plan of a short run for a test: one of what nobody cares about, and what the test says. */
import { parseDesign } from '../../benchmarks/designs.ts';
import type { Cell, RunPlan } from '../../benchmarks/plan.ts';
import { parseJobFile } from '../../datasets/fio.ts';

/** A cell on the null backend, which has no files. */
export function nullCell(text: string, name: string): Cell {
  return {
    workload: { ...parseJobFile(text, `${name}.fio`), name },
    direct: false,
    backend: 'null',
  };
}

export function smallPlan(
  cells: Cell[],
  designs: readonly string[],
  changes: Partial<RunPlan> = {},
): RunPlan {
  return {
    cells,
    designs: designs.map((name) => parseDesign(name)),
    rounds: 1,
    seed: 1,
    topology: { sockets: 1, cpusPerSocket: 4, virtual: true },
    dir: process.cwd(),
    overwrite: [],
    deadlineSeconds: 30,
    recording: true,
    ...changes,
  };
}
