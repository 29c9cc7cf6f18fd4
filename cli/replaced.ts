/** What `run --replace` tells below the tables: how long grace periods took, beside what the kernel's own driver pays. */
import { mergeLatencies } from '../benchmarks/latency.ts';
import type { TrialRecord } from '../datasets/schema.ts';
import { count, duration, plural } from './table-text.ts';

/** Empty where no device was replaced. One line for each design of each cell, in the order of `designs`. */
export function replacedLines(records: readonly TrialRecord[], designs: readonly string[]): string[] {
  const trials = records.filter((record) => record.replaced !== undefined && record.skipped === undefined);
  if (trials.length === 0) return [];
  const cellOf = (record: TrialRecord): string =>
    `${record.workload}, ${record.direct ? 'direct' : 'buffered'}`;
  const rows = [...new Set(trials.map(cellOf))].flatMap((cell) =>
    designs.map((design) => ({
      name: `${cell}, ${design}`,
      own: trials.filter((record) => cellOf(record) === cell && record.design === design),
    })),
  );
  const width = Math.max(...rows.map(({ name }) => name.length));
  return [
    `Devices were replaced under load, ${trials[0]!.settings.replaceMs} ms after each other. Grace periods, in which the old file could still be reached, looked at`,
    "every ms after the first one; Linux's driver froze the queue for 15 to 20 ms instead (LOOP_SET_STATUS, 3448914e):",
    ...rows.flatMap(({ name, own }) => (own.length > 0 ? [`  ${name.padEnd(width)}  ${told(own)}`] : [])),
  ];
}

function told(trials: readonly TrialRecord[]): string {
  const devices = trials.reduce((sum, { replaced }) => sum + replaced!.devices, 0);
  const refused = trials.reduce((sum, { replaced }) => sum + replaced!.refused, 0);
  const graces = trials.flatMap(({ replaced }) => replaced!.grace ?? []);
  if (graces.length === 0) return 'no device was replaced before the trials were over';
  const all = mergeLatencies(graces);
  const parts = [
    ...[0.5, 0.99].flatMap((q) => {
      const value = all.percentile(q);
      return value === undefined ? [] : `p${q * 100} ${duration(value)}`;
    }),
    `max ${duration(all.max)}`,
  ];
  return `${parts.join(', ')}; ${plural(devices, 'device')}, ${count(refused)} operations found theirs detached`;
}
