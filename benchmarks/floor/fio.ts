/** fio as a peer. */
import { execFileSync } from 'node:child_process';

export interface FioJob {
  filename?: string;
  ioengine: 'io_uring' | 'null';
  direct: boolean;
  iodepth: number;
  bytes: number;
  seconds: number;
}

interface FioDirection {
  iops: number;
  total_ios: number;
  io_bytes: number;
  /** Milliseconds. */
  runtime: number;
}

/** What fio reports of one job clone, as far as anybody here asks. */
export interface FioResult {
  jobname: string;
  error: number;
  read: FioDirection;
  write: FioDirection;
  sync: { total_ios: number };
}

/** No job here runs longer than a few seconds; a fio that hangs must not hang the bench. */
const TIMEOUT_MS = 120_000;

/** fio's version, or undefined where it is not installed. */
export function fioVersion(): string | undefined {
  try {
    return execFileSync('fio', ['--version'], { encoding: 'utf8' }).trim();
  } catch {
    return undefined;
  }
}

/**
 * Runs a job file, given as text, in a folder, which its relative file names lie in. Throws with what fio said when it
 * fails.
 */
export function runFio(text: string, folder: string): FioResult[] {
  const output = execFileSync('fio', ['--output-format=json', '-'], {
    input: text,
    cwd: folder,
    encoding: 'utf8',
    stdio: ['pipe', 'pipe', 'pipe'],
    timeout: TIMEOUT_MS,
    maxBuffer: 2 ** 26,
  });
  // fio 3.33 may print a note before the object.
  const { jobs } = JSON.parse(output.slice(output.indexOf('{'))) as { jobs: FioResult[] };
  const failed = jobs.find((job) => job.error !== 0);
  if (failed) throw new Error(`fio: job ${failed.jobname} failed with error ${failed.error}`);
  return jobs;
}

/** Random reads of 4 KiB. `invalidate=0` leaves the page cache as it is: the peer reads it warm as well. */
export function fioReadIops(job: FioJob): number {
  const lines = [
    '[peer]',
    'rw=randread',
    'bs=4k',
    `ioengine=${job.ioengine}`,
    `direct=${job.direct ? 1 : 0}`,
    `iodepth=${job.iodepth}`,
    `size=${job.bytes}`,
    'time_based',
    `runtime=${Math.round(job.seconds * 1000)}ms`,
    'invalidate=0',
  ];
  // Of a name in a job file, unlike one on the command line, a colon is two names.
  if (job.filename) lines.push(`filename=${job.filename.replaceAll(':', '\\:')}`);
  return runFio(lines.join('\n'), process.cwd())[0]!.read.iops;
}
