/** What a mail says beside its tables: loads, the model's fidelity, and what the figures can't carry. */

import { stepOf } from '../benchmarks/fidelity/step.ts';
import type { Group } from '../benchmarks/summary.ts';
import type { TrialRecord } from '../datasets/schema.ts';
import { decimal } from './table-text.ts';

export function kernelOf(records: readonly TrialRecord[]): string {
  return [...new Set(records.map((it) => it.host.kernel))].join(' and ');
}

/** `mixed: 8 jobs, depth 32 together`, a line per workload; the records of earlier versions know the jobs alone. */
export function loads(records: readonly TrialRecord[]): string[] {
  const texts = records.map(({ workload, load, metrics }) =>
    load
      ? `${workload}: ${load.submitters} jobs, ${load.depth} outstanding at most${load.rate ? `, ${load.rate}/s offered` : ''}`
      : `${workload}: ${metrics.submitters} jobs`,
  );
  return [...new Set(texts)];
}

/** The model's ratio beside the kernel's, for each cell that has all four designs. */
export function fidelity(records: readonly TrialRecord[]): string[] {
  const cell = (it: TrialRecord): string => `${it.workload}, ${it.direct ? 'direct' : 'buffered'}`;
  return [...new Set(records.map(cell))].flatMap((name) => {
    const step = stepOf(records.filter((it) => cell(it) === name));
    if (step === undefined) return [];
    const [kernel, model] = [decimal(step.kernel.value), decimal(step.model.value)];
    return [`Fidelity, ${name}: 1->4 cgroups, kernel ${kernel}x, model ${model}x`];
  });
}

/** The objections that a reader of the list would raise, where they hold. */
export function laterNotes(groups: readonly Group[]): string[] {
  const some = (holds: (group: Group) => boolean): boolean => groups.some(holds);
  const notes: string[] = [];
  if (some(({ rows }) => rows.some((row) => row.failures.length > 0)))
    notes.push('Some trials failed and are left out.');
  if (some(({ topology, host }) => topology.virtual || host.sockets === 1))
    notes.push('One socket or a virtual topology: says nothing about sockets.');
  if (some(({ host }) => /^(tmpfs|ramfs)\b/.test(host.fileSystem)))
    notes.push('The files were in memory: a flush makes nothing durable there.');
  if (some(({ direct, backend }) => !direct && backend === 'sync'))
    notes.push(
      'Buffered: whether the inode lock, writeback or dirty throttling decided these figures was not measured.',
    );
  if (some(({ mixed }) => mixed.length > 0))
    notes.push('The records were not all made under the same conditions.');
  const few = groups.flatMap(({ rows }) => rows.flatMap(({ ratio }) => ratio?.interval?.confidence ?? []));
  const least = Math.min(1, ...few);
  if (least < 0.95) notes.push(`Few rounds: the intervals cover ${+(least * 100).toFixed(2)}%, not 95%.`);
  return notes;
}
