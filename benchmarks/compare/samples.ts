import { basename } from 'node:path';
import type { Bins, FioRun } from '../../datasets/formats/fio-results.ts';
import { type MetricName, type Sample, WAIT_METRICS, type WaitName } from '../../datasets/sample.ts';
import type { LatencyRecord, TrialRecord, Waits } from '../../datasets/schema.ts';
import { mergeLatencies } from '../latency.ts';
import { percentileNeeds } from '../statistics/percentile-needs.ts';
import { waitSummary } from '../waits/summary.ts';

/**
 * The trials that are measurements, as samples: those that were skipped or failed are left out. A percentile is that of
 * the trial, and absent where the trial alone has too few latencies for it.
 *
 * @param waits also the parts of the latencies
 * @throws {Error} when a latency histogram is broken
 */
export function samplesOf(records: readonly TrialRecord[], waits = false): Sample[] {
  return records
    .filter(({ failure, skipped }) => failure === undefined && skipped === undefined)
    .map(({ run, round, workload, direct, backend, design, metrics, latency, waits: parts }) => ({
      round: `${run}\n${round}`,
      workload,
      direct,
      backend,
      design,
      values: onlyPositive({
        iops: metrics.iops,
        ...percentiles(latency.flush, { flushP50: 0.5, flushP99: 0.99 }),
        ...percentiles(latency.read, { readP99: 0.99 }),
        ...percentiles(latency.write, { writeP99: 0.99 }),
        cpuUs: metrics.operations > 0 ? metrics.cpuSystemUs / metrics.operations : 0,
        ...(waits && parts ? waitValues(parts) : {}),
      }),
    }));
}

function waitValues(parts: Waits): Partial<Record<WaitName, number>> {
  const { percentiles } = waitSummary([parts])!;
  return Object.fromEntries(
    WAIT_METRICS.flatMap(({ name }) => {
      const percentile = percentiles[name as WaitName];
      return percentile && 'value' in percentile ? [[name, percentile.value]] : [];
    }),
  );
}

function percentiles(
  latency: LatencyRecord | undefined,
  wanted: Partial<Record<MetricName, number>>,
): Partial<Record<MetricName, number | undefined>> {
  if (latency === undefined) return {};
  const merged = mergeLatencies([latency]);
  return Object.fromEntries(Object.entries(wanted).map(([name, q]) => [name, merged.percentile(q)]));
}

/** Zero has no ratio to anything: a trial so short that the kernel counted no CPU time for it says nothing about cost. */
function onlyPositive(values: Partial<Record<MetricName, number | undefined>>): Sample['values'] {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined && value > 0));
}

/** Runs of fio as samples of the design `fio`; the file's name up to its first dot is the workload's. */
export function fioSamples(runs: readonly FioRun[]): Sample[] {
  return runs.map(({ path, direct, iops, read, write, sync }) => ({
    round: path,
    workload: basename(path).split('.')[0]!,
    direct,
    backend: 'fio',
    design: 'fio',
    values: onlyPositive({
      iops,
      flushP50: sync && binPercentile(sync, 0.5),
      flushP99: sync && binPercentile(sync, 0.99),
      readP99: read && binPercentile(read, 0.99),
      writeP99: write && binPercentile(write, 0.99),
    }),
  }));
}

/** The smallest latency that at least the share q does not exceed; undefined below `percentileNeeds`. */
function binPercentile(bins: Bins, q: number): number | undefined {
  const n = [...bins.values()].reduce((sum, count) => sum + count, 0);
  if (n < percentileNeeds(q)) return undefined;
  let seen = 0;
  for (const [nanoseconds, count] of [...bins].sort(([a], [b]) => a - b)) {
    seen += count;
    // 0.99 of 700 is 693, whatever the last bit of the product says.
    if (seen >= q * n * (1 - 2 ** -51)) return nanoseconds;
  }
  return undefined;
}
