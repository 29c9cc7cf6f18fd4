/** What one trial says in numbers that can be compared, wherever it was measured. */
import type { BackendName } from './schema.ts';

/** Where operations waited: parts of the latencies. */
export type WaitName =
  | 'flushGateP50'
  | 'flushGateP95'
  | 'flushQueueP50'
  | 'flushQueueP95'
  | 'flushCallP50'
  | 'flushCallP95'
  | 'readQueueP50'
  | 'readQueueP95'
  | 'writeQueueP50'
  | 'writeQueueP95'
  | 'readBesideP99'
  | 'readAloneP99';

export type MetricName = 'iops' | 'flushP50' | 'flushP99' | 'readP99' | 'writeP99' | 'cpuUs' | WaitName;

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

const wait = (name: WaitName, title: string): Metric => ({ name, title, unit: 'ns', better: 'less' });

/** Compared where that is asked: each further cell makes the correction for their number harsher. */
export const WAIT_METRICS: readonly Metric[] = [
  wait('flushGateP50', 'flush in gate p50'),
  wait('flushGateP95', 'flush in gate p95'),
  wait('flushQueueP50', 'flush in queue p50'),
  wait('flushQueueP95', 'flush in queue p95'),
  wait('flushCallP50', 'fsync call p50'),
  wait('flushCallP95', 'fsync call p95'),
  wait('readQueueP50', 'read in queue p50'),
  wait('readQueueP95', 'read in queue p95'),
  wait('writeQueueP50', 'write in queue p50'),
  wait('writeQueueP95', 'write in queue p95'),
  wait('readBesideP99', 'read beside flush p99'),
  wait('readAloneP99', 'read alone p99'),
];

export const ALL_METRICS: readonly Metric[] = [...METRICS, ...WAIT_METRICS];

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
