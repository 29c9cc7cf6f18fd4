import assert from 'node:assert/strict';
import { test } from 'node:test';
import { geomean } from '../../../benchmarks/statistics/geomean.ts';

const near = (a: number, b: number): boolean => Math.abs(a - b) <= 1e-12 * Math.abs(b);

test('the worked example; ratios and their reciprocals', () => {
  assert.ok(near(geomean([2, 8]), 4));
  // Fleming and Wallace's point: whoever is the base, the other is sqrt(10 x 1/1000) times as fast.
  assert.ok(near(geomean([10, 0.001]), 0.1) && near(geomean([0.1, 1000]), 10));
});

test('products that no double can hold', () => {
  assert.ok(near(geomean(new Array(500).fill(123_456)), 123_456));
  assert.ok(near(geomean(new Array(500).fill(1e-5)), 1e-5));
});

test('what has no geometric mean is refused', () => {
  assert.throws(() => geomean([]), RangeError);
  assert.throws(() => geomean([1, 0]), /0 is not positive/);
});
