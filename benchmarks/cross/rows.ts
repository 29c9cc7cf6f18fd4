/** What a cross-checked cell comes to: rates, flushes, and whether they may be compared. */
import type { Workload } from '../../datasets/workload.ts';
import type { SubmitterReport } from '../../engine/recorder.ts';
import type { FioResult } from '../floor/fio.ts';

/** One side's trial. */
export interface Side {
  iops: number;
  writes: number;
  flushes: number;
  /** Flushes that the job file asks for after as many writes as each job did, the very last ones not among them. */
  asked: number;
}

/** Reads and writes per second while submitters issued, and their flushes. Throws when an operation failed. */
export function ourSide(workload: Workload, reports: readonly SubmitterReport[]): Side {
  const failure = reports.find((report) => report.failure)?.failure;
  if (failure) throw new Error(`the operation at ${failure.offset} returned ${failure.result}`);
  const start = Math.min(...reports.map((report) => report.start));
  const seconds = (Math.max(...reports.map((report) => report.end)) - start) / 1e9;
  return {
    iops: sum(reports.map((report) => report.inWindow)) / seconds,
    writes: sum(reports.map((report) => report.writes)),
    flushes: sum(reports.map((report) => report.flushes)),
    asked: sum(reports.map((report, job) => flushesAfter(workload, job, report.writes))),
  };
}

export function fioSide(workload: Workload, results: readonly FioResult[]): Side {
  const total = results.map(({ read, write }) => read.total_ios + write.total_ios);
  const milliseconds = Math.max(...results.map(({ read, write }) => Math.max(read.runtime, write.runtime)));
  return {
    iops: sum(total) / (milliseconds / 1000),
    writes: sum(results.map(({ write }) => write.total_ios)),
    flushes: sum(results.map(({ sync }) => sync.total_ios)),
    asked: sum(results.map(({ write }, job) => flushesAfter(workload, job, write.total_ios))),
  };
}

/** Flushes that a job owes after so many writes, if each of its files got as many as any other. */
function flushesAfter(workload: Workload, job: number, writes: number): number {
  const { fsync, files } = workload.jobs[job]!;
  return fsync === 0 ? 0 : Math.floor(writes / files.length / fsync) * files.length;
}

/** Flushes by which a count may differ from what was asked: a job ends between a write and its flush, on every file. */
export function slackOf(workload: Workload): number {
  return sum(workload.jobs.map(({ fsync, files }) => (fsync > 0 ? files.length : 0)));
}

/**
 * The engine of fio that may stand beside a ring. fio 3.33 issues far too many syncs with fsync=N on io_uring above depth 1
 * (axboe/fio#1754), libaio does not; but buffered libaio blocks in io_submit, one operation at a time.
 */
export function engineFor(workload: Workload): 'io_uring' | 'libaio' {
  return workload.jobs.some((job) => job.fsync > 0 && job.iodepth > 1) ? 'libaio' : 'io_uring';
}

/** The job file as fio is given it: the same, but for the engine, and with the page cache left as it is. */
export function forFio(text: string, engine: string, direct: boolean): string {
  const kept = text.split('\n').filter((line) => !/^\s*(ioengine|direct)\s*=/.test(line));
  return ['[global]', `ioengine=${engine}`, `direct=${Number(direct)}`, 'invalidate=0', ...kept].join('\n');
}

/**
 * What is to be said beside a row: where fio's flushes are not those that the file asks for, rates do not compare.
 *
 * Jobs that also read are off in fio 3.33 at any depth: it flushes again after each read as long as the number of writes
 * is a multiple of fsync (245 flushes for 528 writes with fsync=4).
 */
export function noteOf(workload: Workload, engine: string, direct: boolean, fio: readonly Side[]): string {
  const notes: string[] = [];
  if (engine === 'libaio') notes.push(direct ? 'libaio for its syncs' : 'libaio for its syncs: it blocks');
  // 10 writes with fdatasync=2 were followed by 4 fdatasync calls, of which its report counts none.
  if (workload.jobs.some((job) => job.dataSync)) return [...notes, 'fio counts no fdatasync'].join('; ');
  const slack = slackOf(workload);
  const mixed = workload.jobs.some((job) => job.fsync > 0 && job.readPercent > 0);
  if (fio.some((side) => side.flushes > side.asked + slack)) {
    notes.push(mixed ? 'fio flushes after reads too' : 'FIO FLUSHES TOO OFTEN');
  }
  if (fio.some((side) => side.flushes < side.asked - slack)) notes.push('FIO FLUSHES TOO SELDOM');
  return notes.join('; ');
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
