/**
 * What fio measured, from its own output (`--output-format=json+`): one file is one run of one job file, and its jobs ran together, as
 * those of a workload do.
 *
 * Source: fio's HOWTO, "Interpreting the output", and stat.c of fio 3.33 (show_thread_status_json).
 */
import { InputError } from '../errors.ts';

/** Latencies of one kind over all jobs, counted by nanoseconds: the midpoint of a bucket, within 1/128 of the true one. */
export type Bins = ReadonlyMap<number, number>;

export interface FioRun {
  path: string;
  /** `fio-3.33` */
  version: string;
  direct: boolean;
  /** Reads and writes of all jobs, divided by the longest run time among them. */
  iops: number;
  /** Each absent where there was no such operation. Syncs count from the call to its return. */
  read: Bins | undefined;
  write: Bins | undefined;
  sync: Bins | undefined;
  /** True where reads and writes count from submission (lat), false where from after it (clat), fio's default. */
  fromSubmission: boolean;
}

interface Latency {
  N?: number;
  bins?: Record<string, number>;
}
interface Direction {
  total_ios?: number;
  runtime?: number;
  clat_ns?: Latency;
  lat_ns?: Latency;
}
interface FioJob {
  jobname?: string;
  error?: number;
  'job options'?: Record<string, string>;
  read?: Direction;
  write?: Direction;
  sync?: Direction;
}
interface FioOutput {
  'fio version'?: string;
  'global options'?: Record<string, string>;
  jobs?: FioJob[];
}

/** True for text that fio wrote as JSON, whether or not it can be used. */
export function looksLikeFio(text: string): boolean {
  return /^\{\s*"fio version"/m.test(text);
}

/**
 * Reads one output of fio. Lines before the first `{` are skipped: fio 3.33 may print notes there.
 *
 * @param path of the file, for messages
 * @throws InputError when it is no such output, a job failed, the jobs ran one after the other, or there are no bins
 */
export function readFioResults(path: string, text: string): FioRun {
  const output = parse(path, text);
  const version = output['fio version'];
  const jobs = output.jobs;
  if (typeof version !== 'string' || !Array.isArray(jobs) || jobs.length === 0)
    throw new InputError(`${path}: no output of fio: "fio version" or "jobs" is missing`);
  if (version.startsWith('loopwq'))
    throw new InputError(`${path}: written by loopwq export: compare the results that it was made from`);
  for (const job of jobs)
    if (job.error) throw new InputError(`${path}: job '${job.jobname}' ended with error ${job.error}`);
  const options = jobs.map((job) => ({ ...output['global options'], ...job['job options'] }));
  if (options.some((it) => 'stonewall' in it || 'wait_for_previous' in it))
    throw new InputError(
      `${path}: its jobs ran one after the other (stonewall), which is no one workload: run each alone, with fio --section=NAME`,
    );
  const direct = options.map(isDirect);
  if (new Set(direct).size > 1) throw new InputError(`${path}: some jobs have direct=1 and others have not`);
  const directions = jobs.flatMap(({ read, write }) => [read ?? {}, write ?? {}]);
  const total = directions.reduce((sum, { total_ios = 0 }) => sum + total_ios, 0);
  const longest = Math.max(...directions.map(({ runtime = 0 }) => runtime));
  const fromSubmission = directions.every((it) => !it.total_ios || it.lat_ns?.bins !== undefined);
  const latency = fromSubmission ? 'lat_ns' : 'clat_ns';
  return {
    path,
    version,
    direct: direct[0]!,
    iops: longest > 0 ? (total * 1000) / longest : 0,
    read: merged(path, jobs, 'read', latency),
    write: merged(path, jobs, 'write', latency),
    sync: merged(path, jobs, 'sync', 'lat_ns'),
    fromSubmission,
  };
}

function parse(path: string, text: string): FioOutput {
  const begin = text.search(/^\{/m);
  if (begin < 0) throw new InputError(`${path}: no output of fio: no line begins with '{'`);
  try {
    return JSON.parse(text.slice(begin)) as FioOutput;
  } catch (cause) {
    throw new InputError(`${path}: broken JSON: ${(cause as Error).message}`, { cause });
  }
}

/** fio takes a bare `direct` as 1, and the last of `direct` and its opposite `buffered` wins; both at once is left to fio. */
function isDirect(options: Record<string, string>): boolean {
  if (options.direct !== undefined) return options.direct !== '0';
  return options.buffered === '0';
}

function merged(
  path: string,
  jobs: readonly FioJob[],
  kind: 'read' | 'write' | 'sync',
  latency: 'lat_ns' | 'clat_ns',
): Bins | undefined {
  const all = new Map<number, number>();
  for (const job of jobs) {
    const { total_ios = 0, [latency]: it } = job[kind] ?? {};
    if (total_ios === 0) continue;
    if (it?.bins === undefined) {
      const what = `${path}: job '${job.jobname}' has no bins of its ${kind}s`;
      throw new InputError(`${what}: let fio write --output-format=json+, with clat_percentiles on`);
    }
    for (const [nanoseconds, count] of Object.entries(it.bins))
      all.set(Number(nanoseconds), (all.get(Number(nanoseconds)) ?? 0) + count);
  }
  return all.size > 0 ? all : undefined;
}
