/** Trials with waits that one can read off: every percentile of a part is its one value. */
import { latencyRecord } from '../../../benchmarks/latency.ts';
import type { LatencyRecord, TrialRecord, Waits } from '../../../datasets/schema.ts';
import { type Difference, trial } from '../trials.ts';

const times = (n: number, value: number): LatencyRecord => latencyRecord(new Array<number>(n).fill(value))!;

/** Nanoseconds; a hundred FLUSHes, so that there is a p95 and no p99. */
export const PLAIN: Waits = {
  gate: times(100, 0),
  device: times(100, 2_000_000),
  settle: times(100, 500),
  queue: { read: times(400, 30_000), write: times(400, 40_000), flush: times(100, 50_000) },
  inFlight: times(100, 12),
  dirtyBytes: times(100, 128 * 1024),
  readsBeside: times(380, 900_000),
  readsAlone: times(20, 100_000),
  headOfLine: { queued: 1_000_000, device: 250_000, cgroup: 0 },
};

export const GATED: Waits = {
  ...PLAIN,
  gate: times(100, 700_000),
  inFlight: times(100, 0),
  headOfLine: { queued: 3_000_000, device: 0, cgroup: 30_000 },
};

export const withWaits = (design: string, waits: Waits, more: Difference = {}): TrialRecord =>
  trial({ design, waits, ...more, metrics: { blocked: 0.5, ...more.metrics } });
