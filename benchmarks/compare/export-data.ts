import type { Counted, ExportData } from '../../datasets/formats/format.ts';
import type { LatencyRecord, TrialRecord } from '../../datasets/schema.ts';
import { mergeLatencies } from '../latency.ts';
import { cellsOf, nameOf, sideOf } from './cells.ts';
import { samplesOf } from './samples.ts';

/**
 * What the formats are written from: the trials that are measurements, in the order of the file, and their medians over rounds.
 *
 * @throws {Error} when a latency histogram is broken
 */
export function exportData(records: readonly TrialRecord[]): ExportData {
  const measured = records.filter(({ failure, skipped }) => failure === undefined && skipped === undefined);
  const samples = samplesOf(measured, true);
  return {
    trials: measured.map((record, i) => ({
      record,
      values: samples[i]!.values,
      latencies: {
        ...counted('read', record.latency.read),
        ...counted('write', record.latency.write),
        ...counted('flush', record.latency.flush),
      },
    })),
    estimates: cellsOf(samplesOf(measured)).map((cell) => {
      const { median, interval, rounds } = sideOf(cell.values.values);
      return { ...nameOf(cell), value: median, rounds, ...(interval ? { interval } : {}) };
    }),
  };
}

function counted(
  kind: 'read' | 'write' | 'flush',
  latency: LatencyRecord | undefined,
): Record<string, Counted> {
  return latency === undefined ? {} : { [kind]: mergeLatencies([latency]) };
}
