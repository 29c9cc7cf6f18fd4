import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { orderStatisticInterval } from '../../../benchmarks/statistics/order-statistic-interval.ts';
import { seededRandom } from '../../../benchmarks/statistics/seeded-random.ts';

/** 1, 2, ... n: the value of an end is its rank. */
const ranks = (n: number): number[] => Array.from({ length: n }, (_, i) => i + 1);

test('ranks and coverage are those of the binomial distribution', () => {
  // k and 1 - 2 P(Bin(n, 1/2) < k) by scipy.stats.binom 1.17; below 6 no k reaches 95 %.
  const reference: [n: number, k: number, coverage: number][] = [
    [2, 1, 0.5],
    [3, 1, 0.75],
    [4, 1, 0.875],
    [5, 1, 0.9375],
    [6, 1, 0.96875],
    [7, 1, 0.984375],
    [8, 1, 0.9921875],
    [9, 2, 0.9609375],
    [12, 3, 0.96142578125],
    [17, 5, 0.950958251953125],
    [20, 6, 0.9586105346679688],
    [30, 10, 0.9572260547429323],
    [1100, 518, 0.9500329480537484],
  ];
  for (const [n, k, coverage] of reference) {
    const interval = orderStatisticInterval(ranks(n));
    assert.deepEqual([interval.low, interval.high], [k, n + 1 - k], `n = ${n}`);
    assert.ok(Math.abs(interval.confidence - coverage) < 1e-6, `n = ${n}: ${interval.confidence}`);
  }
});

test('a lower confidence gives inner ranks', () => {
  // P(Bin(9, 1/2) < 3) = 46/512, so the 3rd and the 7th cover 1 - 92/512.
  const interval = orderStatisticInterval(ranks(9), 0.8);
  assert.deepEqual([interval.low, interval.high], [3, 7]);
  assert.ok(Math.abs(interval.confidence - 420 / 512) < 1e-12);
});

test('the interval covers the true median as often as it says', () => {
  const random = seededRandom(7);
  for (const n of [5, 9]) {
    let covered = 0;
    let said = 0;
    for (let i = 0; i < 20_000; i++) {
      // Exponential values: skewed, median ln 2.
      const values = Array.from({ length: n }, () => -Math.log(1 - random()));
      const { low, high, confidence } = orderStatisticInterval(values);
      if (low <= Math.LN2 && Math.LN2 <= high) covered++;
      said = confidence;
    }
    assert.ok(Math.abs(covered / 20_000 - said) < 0.006, `n = ${n}: ${covered / 20_000} against ${said}`);
  }
});

test('the order of values and the sign of their unit do not matter', () => {
  fc.assert(
    fc.property(
      fc.array(fc.integer({ min: -1000, max: 1000 }), { minLength: 2, maxLength: 40 }),
      (values) => {
        const interval = orderStatisticInterval(values);
        assert.deepEqual(orderStatisticInterval(values.toReversed()), interval);
        const mirrored = orderStatisticInterval(values.map((value) => 1 - value));
        assert.deepEqual([mirrored.low, mirrored.high], [1 - interval.high, 1 - interval.low]);
      },
    ),
  );
});

test('bad input is refused', () => {
  assert.throws(() => orderStatisticInterval([1]), /needs 2 values, got 1/);
  assert.throws(() => orderStatisticInterval([1, Number.NaN]), /value 1 is NaN/);
  assert.throws(() => orderStatisticInterval([1, 2], 1), /confidence 1/);
});
