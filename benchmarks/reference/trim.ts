import { fioBucket } from '../../datasets/formats/fio-buckets.ts';
import type { LatencyRecord, TrialRecord } from '../../datasets/schema.ts';
import { latencyRecord, mergeLatencies } from '../latency.ts';

/**
 * Records made small enough to be committed, with nothing in them that names the machine. Latencies go to the middle of fio's buckets,
 * which is within 1/128 of each (a histogram then takes a third of its bytes); minimum, maximum and mean stay exact. Of the
 * witnesses of a broken rule each design keeps the first of every workload. Where operations waited is left out: it would be two
 * thirds of the bytes. All other figures are as they were measured.
 *
 * @throws {Error} when a latency histogram is broken
 */
export function trimmed(records: readonly TrialRecord[]): TrialRecord[] {
  const told = new Set<string>();
  return records.map(({ waits: _, ...record }) => ({
    ...record,
    host: {
      ...record.host,
      hostname: 'reference',
      // What a vendor or a builder wrote behind the numbers tells nobody else anything.
      kernel: record.host.kernel.replace(/^(\d+\.\d+\.\d+).*/, '$1'),
      fileSystem: record.host.fileSystem.split(' ')[0]!,
    },
    latency: Object.fromEntries(
      Object.entries(record.latency).map(([kind, latency]) => [kind, coarse(latency)]),
    ),
    verdicts: Object.fromEntries(
      Object.entries(record.verdicts).map(([contract, { witness, ...counts }]) => {
        const key = [record.workload, record.direct, record.backend, record.design, contract].join('\n');
        if (witness === undefined || told.has(key)) return [contract, counts];
        told.add(key);
        return [contract, { ...counts, witness }];
      }),
    ) as TrialRecord['verdicts'],
  }));
}

function coarse(latency: LatencyRecord): LatencyRecord {
  const { n, values, counts } = mergeLatencies([latency]);
  const all = new Float64Array(n);
  let at = 0;
  for (let i = 0; i < values.length; i++) {
    all.fill(fioBucket(values[i]!), at, at + counts[i]!);
    at += counts[i]!;
  }
  return { ...latency, histogram: latencyRecord(all)!.histogram };
}
