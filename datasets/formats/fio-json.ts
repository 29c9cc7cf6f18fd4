/**
 * fio's json+ output, one job per trial, for the tools that read it (fio_jsonplus_clat2csv, fio-plot and their like). FLUSHes are where fio puts
 * them: `sync` has `total_ios` and `lat_ns` alone. A latency of loopwq counts from submission, which fio calls lat; it stands under clat as well, since
 * fio's tools look for bins there, and slat is empty: it was not measured. The bytes and IOPS of a trial that reads and writes
 * are divided by the number of each.
 *
 * Source: fio's HOWTO "JSON+ output" and stat.c of fio 3.33 (add_ddir_status_json, show_thread_status_json); a test holds the keys against fio itself.
 */
import type { LatencyRecord } from '../schema.ts';
import { fioBins } from './fio-buckets.ts';
import { benchmarkName, type Counted, type ExportTrial, type Format } from './format.ts';

/** fio's own list, when a job does not have another one. */
const PERCENTILES = [1, 5, 10, 20, 30, 40, 50, 60, 70, 80, 90, 95, 99, 99.5, 99.9, 99.95, 99.99];

const NOTHING = { min: 0, max: 0, mean: 0, stddev: 0, N: 0 };

export const FIO_JSON: Format = {
  name: 'fio',
  summary: "fio's json+ output, one job per trial, for tools that read it",
  write({ trials }) {
    const first = trials[0]?.record;
    const started = first === undefined ? 0 : Date.parse(first.started);
    const output = {
      // Not fio's own: whoever reads it shall know who wrote it.
      'fio version': `loopwq-${first?.host.loopwq ?? ''}`,
      timestamp: Math.floor(started / 1000),
      timestamp_ms: started,
      time: new Date(started).toUTCString(),
      'global options': {},
      jobs: trials.map(jobOf),
    };
    return `${JSON.stringify(output, undefined, 2)}\n`;
  },
};

function jobOf({ record, latencies }: ExportTrial, index: number) {
  const { metrics, latency } = record;
  return {
    jobname: `${benchmarkName(record)}/${record.round}`,
    groupid: index,
    error: 0,
    elapsed: Math.ceil(metrics.seconds),
    'job options': { direct: record.direct ? '1' : '0', numjobs: `${metrics.submitters}` },
    read: direction(record.metrics, metrics.reads, latency.read, latencies.read),
    write: direction(record.metrics, metrics.writes, latency.write, latencies.write),
    trim: direction(record.metrics, 0, undefined, undefined),
    sync: { total_ios: metrics.flushes, lat_ns: told(latency.flush, latencies.flush) },
    job_runtime: Math.round(metrics.seconds * 1000),
    ctx: metrics.switchesTasks,
  };
}

function direction(
  { reads, writes, bytes, seconds, iops }: ExportTrial['record']['metrics'],
  ios: number,
  latency: LatencyRecord | undefined,
  counted: Counted | undefined,
) {
  const share = ios === 0 ? 0 : ios / (reads + writes);
  const mine = Math.round(bytes * share);
  const rate = seconds > 0 ? mine / seconds : 0;
  return {
    io_bytes: mine,
    io_kbytes: Math.floor(mine / 1024),
    bw_bytes: Math.round(rate),
    bw: Math.floor(rate / 1024),
    iops: iops * share,
    runtime: ios === 0 ? 0 : Math.round(seconds * 1000),
    total_ios: ios,
    slat_ns: NOTHING,
    clat_ns: told(latency, counted),
    lat_ns: told(latency, counted),
  };
}

function told(latency: LatencyRecord | undefined, counted: Counted | undefined) {
  if (latency === undefined || counted === undefined) return NOTHING;
  const bins = fioBins(counted);
  const { n, min, max, mean } = latency;
  let squares = 0;
  for (const [nanoseconds, count] of bins) squares += count * (nanoseconds - mean) ** 2;
  return {
    min,
    max,
    mean,
    stddev: n > 1 ? Math.sqrt(squares / (n - 1)) : 0,
    N: n,
    percentile: Object.fromEntries(PERCENTILES.map((p) => [p.toFixed(6), percentile(bins, n, p)])),
    bins: Object.fromEntries(bins),
  };
}

/** As fio: the first bucket up to which there are so many. */
function percentile(bins: ReadonlyMap<number, number>, n: number, percent: number): number {
  let seen = 0;
  for (const [nanoseconds, count] of bins) {
    seen += count;
    if (seen >= (percent / 100) * n) return nanoseconds;
  }
  return 0;
}
