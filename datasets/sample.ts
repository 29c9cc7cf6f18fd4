/** What one trial says in numbers that can be compared, wherever it was measured. */
import type { BackendName } from './schema.ts';

export type MetricName = 'iops' | 'flushP50' | 'flushP99' | 'readP99' | 'writeP99' | 'cpuUs';

export interface Metric {
  name: MetricName;
  title: string;
  unit: 'op/s' | 'ns' | 'us/op';
  better: 'more' | 'less';
}

/** In the order in which they are printed. */
export const METRICS: readonly Metric[] = [
  { name: 'iops', title: 'IOPS', unit: 'op/s', better: 'more' },
  { name: 'flushP50', title: 'flush p50', unit: 'ns', better: 'less' },
  { name: 'flushP99', title: 'flush p99', unit: 'ns', better: 'less' },
  { name: 'readP99', title: 'read p99', unit: 'ns', better: 'less' },
  { name: 'writeP99', title: 'write p99', unit: 'ns', better: 'less' },
  { name: 'cpuUs', title: 'CPU us/IO', unit: 'us/op', better: 'less' },
];

export interface Sample {
  /** Two samples of one round have the same; trials of different runs never do. */
  round: string;
  workload: string;
  direct: boolean;
  backend: BackendName | 'fio';
  design: string;
  /** All positive. Absent: the workload has no such operation, or the trial has too few for the percentile. */
  values: Partial<Record<MetricName, number>>;
}

/** A metric over all rounds of a run. */
export interface Estimate {
  workload: string;
  direct: boolean;
  backend: Sample['backend'];
  design: string;
  metric: MetricName;
  /** The median over rounds. */
  value: number;
  /** Its interval; absent with one round. */
  interval?: { low: number; high: number; confidence: number };
  rounds: number;
}
