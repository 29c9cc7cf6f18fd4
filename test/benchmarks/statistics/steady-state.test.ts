import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { steadyState } from '../../../benchmarks/statistics/steady-state.ts';

test('the example: range and excursion by hand', () => {
  // Slope by least squares: (-2*100 - 91 + 109 + 2*100) / 10 = 1.8.
  const { steady, range, excursion } = steadyState([100, 91, 100, 109, 100]);
  assert.equal(steady, true);
  assert.ok(Math.abs(range - 0.18) < 1e-12);
  assert.ok(Math.abs(excursion - 0.072) < 1e-12);
});

test('each of the two limits is enough to refuse', () => {
  // A straight rise of 11 % passes by its range alone.
  const rise = steadyState([94.5, 97.25, 100, 102.75, 105.5]);
  assert.ok(rise.range < 0.2 && rise.excursion > 0.1 && !rise.steady);
  // One outlier in the middle tilts no line.
  const outlier = steadyState([100, 100, 130, 100, 100]);
  assert.ok(outlier.range > 0.2 && outlier.excursion === 0 && !outlier.steady);
  assert.equal(steadyState([96, 98, 100, 102, 104]).steady, true);
});

test('only the last five windows count, and nothing is no state', () => {
  assert.equal(steadyState([1, 7, 300, 100, 101, 99, 100, 100]).steady, true);
  assert.equal(steadyState([0, 0, 0, 0, 0]).steady, false);
  assert.throws(() => steadyState([1, 1, 1, 1]), RangeError);
  assert.throws(() => steadyState([1, 1, 1, 1, Number.NaN]), RangeError);
});

test('neither the unit nor the direction of time matters', () => {
  const value = fc.double({ min: 1, max: 1000, noNaN: true });
  fc.assert(
    fc.property(fc.array(value, { minLength: 5, maxLength: 5 }), (values) => {
      const { range, excursion } = steadyState(values);
      for (const other of [values.map((it) => it * 8), values.toReversed()]) {
        const seen = steadyState(other);
        assert.ok(Math.abs(seen.range - range) < 1e-9 && Math.abs(seen.excursion - excursion) < 1e-9);
      }
      // The fitted line never leaves the values by more than they spread: 4 * slope <= 1.2 * (max - min).
      assert.ok(excursion <= 1.2 * range + 1e-9);
    }),
  );
});
