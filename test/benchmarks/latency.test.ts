import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { HIGHEST_LATENCY, latencyRecord, mergeLatencies } from '../../benchmarks/latency.ts';
import { latencies } from './trials.ts';

/** The smallest value that at least the share q of all values does not exceed, from the values themselves. */
function exactQuantile(values: ArrayLike<number>, q: number): number {
  const sorted = Float64Array.from(values).sort();
  return sorted[Math.max(Math.ceil(q * sorted.length - 1e-9), 1) - 1]!;
}

test('percentiles are at most 1/1024 above the exact ones, up to an hour', () => {
  const value = fc.oneof(
    fc.integer({ min: 0, max: 5000 }),
    fc.integer({ min: 0, max: 50_000_000 }),
    fc.integer({ min: 0, max: HIGHEST_LATENCY }),
  );
  fc.assert(
    fc.property(fc.array(value, { minLength: 400, maxLength: 800 }), (values) => {
      const merged = mergeLatencies([latencyRecord(values)!]);
      for (const q of [0.5, 0.9, 0.99]) {
        const exact = exactQuantile(values, q);
        const got = merged.percentile(q)!;
        assert.ok(got >= exact && got <= exact * (1 + 1 / 1024), `q ${q}: ${got} against ${exact}`);
      }
    }),
    { numRuns: 30 },
  );
});

test('merging rounds is the same as one record of all values', () => {
  const rounds = [1, 2, 3].map((seed) => latencies(seed, 5000, seed * 1e6));
  const merged = mergeLatencies(rounds.map((values) => latencyRecord(values)!));
  const all = Float64Array.from(rounds.flatMap((values) => [...values]));
  const whole = mergeLatencies([latencyRecord(all)!]);
  assert.equal(merged.n, 15_000);
  assert.equal(merged.max, Math.max(...all));
  for (const q of [0.5, 0.99, 0.999]) {
    assert.equal(merged.percentile(q), whole.percentile(q));
    const exact = exactQuantile(all, q);
    assert.ok(Math.abs(merged.percentile(q)! / exact - 1) <= 1 / 1024, `q ${q}`);
  }
});

test('a percentile of too few values is refused', () => {
  const of = (n: number) => mergeLatencies([latencyRecord(latencies(1, n, 1000))!]);
  assert.equal(of(367).percentile(0.99), undefined);
  assert.notEqual(of(368).percentile(0.99), undefined);
  assert.equal(of(5).percentile(0.5), undefined);
  // Rounds that are too small each can be enough together.
  const half = latencyRecord(latencies(1, 184, 1000))!;
  assert.notEqual(mergeLatencies([half, half]).percentile(0.99), undefined);
});

test('the record is exact where it can be, and only the first n values count', () => {
  const record = latencyRecord(new Float64Array([30, 10, 20.5, 99, 99]), 3)!;
  assert.deepEqual({ ...record, histogram: '' }, { n: 3, min: 10, max: 30, mean: 60.5 / 3, histogram: '' });
  assert.equal(latencyRecord(new Float64Array(4), 0), undefined);
  assert.equal(mergeLatencies([]).percentile(0.5), undefined);
  assert.equal(mergeLatencies([]).n, 0);
});

test('the largest percentile is never above the maximum', () => {
  // 1,000,001 lies low in a bucket 512 ns wide.
  const merged = mergeLatencies([latencyRecord(new Array(400).fill(1_000_001))!]);
  assert.equal(merged.percentile(0.99), 1_000_001);
});

test('more than an hour counts as an hour and keeps its maximum', () => {
  const merged = mergeLatencies([latencyRecord(new Array(10).fill(2 * HIGHEST_LATENCY))!]);
  assert.equal(merged.max, 2 * HIGHEST_LATENCY);
  assert.ok(Math.abs(merged.percentile(0.5)! / HIGHEST_LATENCY - 1) <= 1 / 1024);
});

test('a histogram that another implementation wrote is read and merged', () => {
  // The one value 42, from the manual of HdrHistogramJS; its range differs from ours.
  const histogram = 'HISTFAAAAB542pNpmSzMwMDAxAABzFCaEUoz2X+AMIKZAEARAtM=';
  const foreign = { n: 1, min: 42, max: 42, mean: 42, histogram };
  const merged = mergeLatencies([...new Array(5).fill(foreign), latencyRecord([1, 1, 1])!]);
  assert.equal(merged.n, 8);
  assert.equal(merged.percentile(0.5), 42);
});

test('bad input is refused', () => {
  assert.throws(() => latencyRecord([1, -1]), /value 1 is -1/);
  assert.throws(() => latencyRecord([Number.NaN]), /value 0 is NaN/);
  assert.throws(() => latencyRecord([Number.POSITIVE_INFINITY]), RangeError);
  assert.throws(() => latencyRecord([1], 2), /2 of 1 values/);
  const record = latencyRecord([1, 2])!;
  assert.throws(() => mergeLatencies([{ ...record, n: 3 }]), /says 3 latencies, its histogram 2/);
  assert.throws(() => mergeLatencies([{ ...record, histogram: 'AAAA' }]));
});
