/**
 * Bencher Metric Format, for tracking over commits: `bencher run --adapter json --file FILE`.
 *
 * Source: https://bencher.dev/docs/reference/bencher-metric-format. `latency` (nanoseconds) and `throughput` (operations a second)
 * are measures that every project has; the others are made when they first come.
 */
import type { MetricName } from '../sample.ts';
import { benchmarkName, type Format } from './format.ts';

/** The median flush is the latency: the one that a queue design decides on. */
const MEASURES: Partial<Record<MetricName, string>> = {
  iops: 'throughput',
  flushP50: 'latency',
  flushP99: 'flush-p99',
  readP99: 'read-p99',
  writeP99: 'write-p99',
  cpuUs: 'cpu-per-operation',
};

interface Value {
  value: number;
  lower_value?: number;
  upper_value?: number;
}

export const BENCHER: Format = {
  name: 'bencher',
  summary: 'Bencher Metric Format (bencher.dev): medians over rounds with their intervals',
  write({ estimates }) {
    const benchmarks: Record<string, Record<string, Value>> = {};
    for (const it of estimates) {
      const measure = MEASURES[it.metric];
      if (measure === undefined) continue;
      const name = benchmarkName(it);
      benchmarks[name] ??= {};
      benchmarks[name][measure] = {
        value: it.value,
        ...(it.interval ? { lower_value: it.interval.low, upper_value: it.interval.high } : {}),
      };
    }
    return `${JSON.stringify(benchmarks, undefined, 2)}\n`;
  },
};
