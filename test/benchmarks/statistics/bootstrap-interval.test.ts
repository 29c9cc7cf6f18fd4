import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { median, quantile, sampleWithReplacement } from 'simple-statistics';
import { bootstrapInterval } from '../../../benchmarks/statistics/bootstrap-interval.ts';
import { seededRandom } from '../../../benchmarks/statistics/seeded-random.ts';

test('equals the textbook bootstrap, drawn one resample at a time', () => {
  const sample = fc.array(fc.integer({ min: -1e6, max: 1e6 }), { minLength: 2, maxLength: 31 });
  fc.assert(
    fc.property(sample, fc.nat(), (values, seed) => {
      const random = seededRandom(seed);
      const sorted = values.toSorted((a, b) => a - b);
      const medians = Array.from({ length: 100 }, () =>
        median(sampleWithReplacement(sorted, sorted.length, random)),
      );
      const { low, high } = bootstrapInterval(values, { seed, resamples: 100 });
      assert.ok(Math.abs(low - quantile(medians, 0.025)) < 1e-6);
      assert.ok(Math.abs(high - quantile(medians, 0.975)) < 1e-6);
    }),
  );
});

test('for an odd number of rounds the ends are the ranks that Efron calculated with the binomial', () => {
  // The smallest k with P(Bin(n, k/n) >= (n + 1) / 2) > 0.025, by scipy.stats.binom. For 15 it is 0.0255 and
  // 10,000 resamples do not settle it.
  const reference: [n: number, k: number][] = [
    [5, 1],
    [7, 2],
    [9, 2],
    [11, 3],
    [13, 4],
    [25, 8],
    [29, 10],
  ];
  for (const [n, k] of reference) {
    const values = Array.from({ length: n }, (_, i) => i + 1);
    assert.deepEqual(
      bootstrapInterval(values, { seed: 1 }),
      { low: k, high: n + 1 - k, confidence: 0.95 },
      `n = ${n}`,
    );
  }
});

test('at 7 rounds it covers the median in 87.5 % of samples, as its comment says', () => {
  const random = seededRandom(3);
  let covered = 0;
  for (let i = 0; i < 1500; i++) {
    const values = Array.from({ length: 7 }, () => random());
    const { low, high } = bootstrapInterval(values, { seed: i, resamples: 1000 });
    if (low <= 0.5 && 0.5 <= high) covered++;
  }
  assert.ok(Math.abs(covered / 1500 - 0.875) < 0.025, String(covered / 1500));
});

test('bad input is refused', () => {
  assert.throws(() => bootstrapInterval([1], { seed: 1 }), /needs 2 values/);
  assert.throws(() => bootstrapInterval([1, 2], { seed: -1 }), RangeError);
  assert.throws(() => bootstrapInterval([1, 2], { seed: 1, resamples: 0 }), /0 resamples/);
  assert.throws(() => bootstrapInterval([1, 2], { seed: 1, confidence: 0 }), /confidence 0/);
});
