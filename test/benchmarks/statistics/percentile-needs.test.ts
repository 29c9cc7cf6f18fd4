import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { percentileNeeds } from '../../../benchmarks/statistics/percentile-needs.ts';

test('the numbers that the field quotes', () => {
  const quantiles = [0.5, 0.95, 0.99, 0.999, 0.9999, 0.01];
  assert.deepEqual(
    quantiles.map((q) => percentileNeeds(q)),
    [6, 72, 368, 3688, 36887, 368],
  );
  // One-sided 95 % is two-sided 90 %: 59 and 299, as in Wilks' formula of reactor safety.
  assert.deepEqual([percentileNeeds(0.95, 0.9), percentileNeeds(0.99, 0.9)], [59, 299]);
});

test('it is the smallest n whose maximum lies above the quantile often enough', () => {
  fc.assert(
    fc.property(fc.double({ min: 0.5, max: 0.9999, noNaN: true }), (q) => {
      const n = percentileNeeds(q);
      assert.ok(q ** n <= 0.025 + 1e-12);
      assert.ok(q ** (n - 1) > 0.025 - 1e-12);
    }),
  );
});

test('bad input is refused', () => {
  for (const q of [0, 1, -1, 99, Number.NaN]) assert.throws(() => percentileNeeds(q), RangeError);
  assert.throws(() => percentileNeeds(0.5, 1), /confidence 1/);
});
