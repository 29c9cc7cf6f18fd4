import type { MetricName, Sample } from '../../datasets/sample.ts';
import type { LatencyRecord, TrialRecord } from '../../datasets/schema.ts';
import { mergeLatencies } from '../latency.ts';

/**
 * The trials that are measurements, as samples: those that were skipped or failed are left out. A percentile is that of
 * the trial, and absent where the trial alone has too few latencies for it.
 *
 * @throws {Error} when a latency histogram is broken
 */
export function samplesOf(records: readonly TrialRecord[]): Sample[] {
  return records
    .filter(({ failure, skipped }) => failure === undefined && skipped === undefined)
    .map(({ run, round, workload, direct, backend, design, metrics, latency }) => ({
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
      }),
    }));
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
