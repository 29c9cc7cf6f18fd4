/** The rows of a cell that have no trials. */

import type { Design } from './designs.ts';
import { whyNot } from './kernel-loop.ts';
import type { Cell, RunPlan } from './plan.ts';
import { filesOf, type Resources } from './resources.ts';
import { whyNotStacked } from './stacking.ts';

/** Why a design has no trials in a cell; undefined when it has. */
export function whySkipped(
  resources: Resources,
  plan: RunPlan,
  cell: Cell,
  design: Design,
  dead: ReadonlySet<string>,
): string | undefined {
  if (dead.has(design.name)) return 'stalled earlier in this run';
  if (design.crew === undefined && cell.backend === 'null') {
    return 'a reference row is I/O on the backing file, and the null backend does none';
  }
  if (resources.encrypting.has(design) && cell.backend !== 'null' && !filesOf(resources, cell, design)) {
    return 'it encrypts what it writes, and the file that --overwrite names holds what the other rows wrote';
  }
  if (design.crew === undefined && plan.replaceMs !== undefined) {
    return 'a reference row has no file table, so no device is replaced under it';
  }
  if (design.crew === undefined && cell.workload.jobs.some((job) => job.client !== undefined)) {
    return "a reference row is I/O through a ring, and a client's PREFLUSH is no request of a ring";
  }
  const notStacked = plan.stacked ? whyNotStacked(design) : undefined;
  if (notStacked !== undefined) return notStacked;
  return whyNot(design) ?? (design.reference?.kind === 'kernel-loop' ? resources.loops.refused : undefined);
}
