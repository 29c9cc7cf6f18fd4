/** fio as a peer: one job, its IOPS. */
import { execFileSync } from 'node:child_process';

export interface FioJob {
  filename?: string;
  ioengine: 'io_uring' | 'null';
  direct: boolean;
  iodepth: number;
  bytes: number;
  seconds: number;
}

/** fio's version, or undefined where it is not installed. */
export function fioVersion(): string | undefined {
  try {
    return execFileSync('fio', ['--version'], { encoding: 'utf8' }).trim();
  } catch {
    return undefined;
  }
}

/** Random reads of 4 KiB. `invalidate=0` leaves the page cache as it is: the peer reads it warm as well. */
export function fioReadIops(job: FioJob): number {
  const text = execFileSync(
    'fio',
    [
      '--name=peer',
      '--rw=randread',
      '--bs=4k',
      `--ioengine=${job.ioengine}`,
      `--direct=${job.direct ? 1 : 0}`,
      `--iodepth=${job.iodepth}`,
      `--size=${job.bytes}`,
      '--time_based',
      `--runtime=${Math.round(job.seconds * 1000)}ms`,
      '--invalidate=0',
      '--output-format=json',
      ...(job.filename ? [`--filename=${job.filename}`] : []),
    ],
    { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] },
  );
  // fio 3.33 may print a note before the object.
  const result = JSON.parse(text.slice(text.indexOf('{'))) as { jobs: { read: { iops: number } }[] };
  return result.jobs[0]!.read.iops;
}
