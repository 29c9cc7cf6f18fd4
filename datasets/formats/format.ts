/** What a format is made from, and what it is: text out of plain data. Nothing here reads or writes files. */
import type { Estimate, Sample } from '../sample.ts';
import type { TrialRecord } from '../schema.ts';

/** Latencies counted: `counts[i]` of them took at most `values[i]` nanoseconds, and more than the value before. */
export interface Counted {
  values: ArrayLike<number>;
  counts: ArrayLike<number>;
}

/** A trial that is a measurement. */
export interface ExportTrial {
  record: TrialRecord;
  values: Sample['values'];
  latencies: { read?: Counted; write?: Counted; flush?: Counted };
}

export interface ExportData {
  trials: readonly ExportTrial[];
  /** Over all rounds; of trials that are measurements. */
  estimates: readonly Estimate[];
}

export interface Format {
  /** As `--format` takes it. */
  name: string;
  /** One sentence: whose format it is, and what for. */
  summary: string;
  write(data: ExportData): string;
}

/** `flush-heavy/direct/uring/n-wq:4`: a benchmark's name where a format has one name and nothing else. */
export function benchmarkName({
  workload,
  direct,
  backend,
  design,
}: Pick<Estimate, 'workload' | 'direct' | 'backend' | 'design'>): string {
  return [workload, direct ? 'direct' : 'buffered', backend, design].join('/');
}
