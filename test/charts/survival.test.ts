import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { latencyRecord, mergeLatencies } from '../../benchmarks/latency.ts';
import { survival as tailOf } from '../../charts/survival.ts';
import type { LatencyRecord } from '../../datasets/schema.ts';
import { latencies } from '../benchmarks/trials.ts';

const survival = (records: LatencyRecord[], quantiles?: number[], limit?: number) =>
  tailOf(mergeLatencies(records), quantiles, limit);
const record = (values: Float64Array | number[]) => latencyRecord(values)!;

/** The share that a line of steps shows at a latency: that of the first point at or beyond it. */
function drawnAt(points: { latency: number; share: number }[], latency: number): number {
  return points.find((point) => point.latency >= latency)?.share ?? 0;
}

test('a small sample by hand: a step at every value, falling to 1/n', () => {
  const { n, points } = survival([record([100, 300, 200]), record([300, 500])]);
  assert.equal(n, 5);
  assert.deepEqual(points, [
    { latency: 100, share: 1 },
    { latency: 200, share: 4 / 5 },
    { latency: 300, share: 3 / 5 },
    { latency: 500, share: 1 / 5 },
  ]);
});

test('nothing of a logarithmic axis is zero: 0 ns is drawn at 1 ns', () => {
  const { points } = survival([record([0, 0, 1, 4])]);
  assert.deepEqual(points, [
    { latency: 1, share: 1 },
    { latency: 4, share: 1 / 4 },
  ]);
  assert.deepEqual(survival([record([0])]).points, [{ latency: 1, share: 1 }]);
});

test('no records give no line', () => {
  assert.deepEqual(survival([], [0.5]), { n: 0, points: [], marks: [] });
});

test('a hundred thousand latencies in 200 points, each exact, the line between them off by its width at most', () => {
  const parts = [1, 2, 3, 4].map((seed) => latencies(seed, 25_000, 2e6, 0.8));
  const all = parts.flatMap((part) => [...part]).sort((a, b) => a - b);
  const { n, points } = survival(parts.map(record));
  assert.equal(n, all.length);
  assert.ok(points.length <= 200 && points.length > 100, `${points.length} points`);
  for (const [at, point] of points.entries()) {
    assert.ok(point.share > 0 && point.latency > 0);
    if (at === 0) continue;
    assert.ok(point.latency > points[at - 1]!.latency && point.share < points[at - 1]!.share, 'monotone');
  }
  assert.equal(points[0]!.share, 1);
  assert.deepEqual(points.at(-1), { latency: all.at(-1), share: 1 / n });
  // A histogram knows a value to 1/1024, so the truth lies between the shares a little before and a little after.
  const atLeast = (latency: number): number => (n - all.findIndex((value) => value >= latency)) / n;
  const factor = n ** (1 / 198) * (1 + 1e-9);
  for (let i = 0; i < n; i += 997) {
    const shown = drawnAt(points, all[i]!);
    const [most, least] = [
      atLeast(all[i]! * (1 - 1 / 512)),
      atLeast(Math.min(all[i]! * (1 + 1 / 512), all.at(-1)!)),
    ];
    assert.ok(shown <= most, `at ${all[i]}: ${shown} is above ${most}`);
    assert.ok(shown * factor >= least, `at ${all[i]}: ${shown} is below ${least}`);
  }
  for (const { share } of points) assert.ok(Math.abs(share * n - Math.round(share * n)) < 1e-6);
});

test('a fall stays where it is, even where all points before it may be left out', () => {
  // One flush at 1 us, half of them at 1 ms, the rest spread beyond: the line may not fall before 1 ms.
  const values = [1000, ...new Array(20_000).fill(1e6), ...latencies(1, 19_999, 1e8, 0.2)];
  const { points } = survival([record(values)]);
  const factor = values.length ** (1 / 198) * (1 + 1e-9);
  assert.ok(points.length <= 200 && points.length > 50, `${points.length} points`);
  for (const [latency, share] of [
    [500, 1],
    [2000, 39_999 / 40_000],
    [999_000, 39_999 / 40_000],
    [1.01e6, 19_999 / 40_000],
    [1e7, 19_999 / 40_000],
  ] as const) {
    const shown = drawnAt(points, latency);
    assert.ok(shown <= share && shown * factor >= share, `at ${latency}: ${shown}, not ${share}`);
  }
});

test('whatever the sample, no more points than the limit, and nowhere off by more than its factor', () => {
  const counts = fc.array(fc.oneof(fc.constant(1), fc.integer({ min: 1, max: 300 })), {
    minLength: 1,
    maxLength: 80,
  });
  fc.assert(
    fc.property(counts, fc.integer({ min: 3, max: 30 }), (repeats, limit) => {
      // Values below 1,024 have buckets of their own, so that the whole curve is exact.
      const values = repeats.flatMap((count, at) => new Array(count).fill(10 * at + 1));
      const { n, points } = survival([record(values)], [], limit);
      assert.ok(points.length <= limit, `${points.length} points of ${limit}`);
      const exact = survival([record(values)], [], Number.MAX_SAFE_INTEGER).points;
      assert.equal(exact.length, repeats.length);
      assert.deepEqual([points[0], points.at(-1)], [exact[0], exact.at(-1)]);
      const factor = n ** (1 / (limit - 2)) * (1 + 1e-9);
      for (const { latency, share } of exact) {
        const shown = drawnAt(points, latency);
        assert.ok(shown <= share && shown * factor >= share, `at ${latency}: ${shown}, not ${share}`);
      }
    }),
  );
});

test('the limit holds where small and large falls alternate', () => {
  // How many took at least so long, from the slowest on: one more, then 1.3 times as many, thirty times.
  const survivors = [1];
  for (let pair = 0; pair < 30; pair++) {
    survivors.push(survivors.at(-1)! + 1);
    survivors.push(Math.ceil(survivors.at(-1)! * 1.3));
  }
  const values = survivors.flatMap((count, at) =>
    new Array(count - (survivors[at - 1] ?? 0)).fill(1000 - 10 * at),
  );
  const { points } = survival([record(values)], [], 40);
  assert.equal(survivors.length, 61);
  assert.ok(points.length <= 40, `${points.length} points`);
});

test('marks are the percentiles of the table, and only those that the sample bounds', () => {
  const records = [record(latencies(5, 200, 1e6)), record(latencies(6, 200, 1e6))];
  const merged = mergeLatencies(records);
  assert.deepEqual(survival(records, [0.5, 0.99, 0.999]).marks, [
    { latency: merged.percentile(0.5), share: 0.5 },
    { latency: merged.percentile(0.99), share: 1 - 0.99 },
  ]);
});
