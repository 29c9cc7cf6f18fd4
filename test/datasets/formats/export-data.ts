/** What formats are tested with: three rounds of two designs, one trial that failed, a name that no format may trip over. */
import { exportData } from '../../../benchmarks/compare/export-data.ts';
import { latencyRecord } from '../../../benchmarks/latency.ts';
import type { ExportData } from '../../../datasets/formats/format.ts';
import type { TrialRecord } from '../../../datasets/schema.ts';
import { latencies, trial } from '../../benchmarks/trials.ts';

export const NAMES = ['randwrite-fsync/direct/uring/a,"b"', 'randwrite-fsync/direct/uring/n-wq:4'];

export function exampleRecords(): TrialRecord[] {
  const records: TrialRecord[] = [];
  for (let round = 0; round < 3; round++)
    for (const [at, design] of ['n-wq:4', 'a,"b"'].entries())
      records.push(
        trial({
          round,
          design,
          metrics: {
            reads: 500,
            writes: 1500,
            flushes: 400,
            iops: 1000 * (at + 1) + round,
            bytes: 2000 * 4096,
            seconds: 2,
          },
          latency: {
            read: latencyRecord(latencies(round, 500, 300_000))!,
            write: latencyRecord(latencies(round + 10, 1500, 500_000))!,
            flush: latencyRecord(latencies(round + 20, 400, 4_000_000))!,
          },
        }),
      );
  return [...records, trial({ round: 9, failure: 'x' })];
}

export const exampleData = (): ExportData => exportData(exampleRecords());
/** No trial at all: every format must still be well-formed. */
export const noData = (): ExportData => exportData([]);
