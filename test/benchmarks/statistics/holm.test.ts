import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { holm } from '../../../benchmarks/statistics/holm.ts';

const close = (found: number[], wanted: number[]): void => {
  assert.equal(found.length, wanted.length);
  found.forEach((value, i) => {
    assert.ok(Math.abs(value - wanted[i]!) < 1e-12, `${found}`);
  });
};

test("the worked example, and R's p.adjust(method = 'holm')", () => {
  close(holm([0.01, 0.04, 0.03]), [0.03, 0.06, 0.06]);
  close(holm([0.01, 0.02, 0.03, 0.04, 0.05]), [0.05, 0.08, 0.09, 0.09, 0.09]);
  close(holm([0.5, 0.001, 0.9]), [1, 0.003, 1]);
  assert.deepEqual(holm([]), []);
});

test('rejects what the step-down procedure of the paper rejects, never more than plain p and never less than Bonferroni', () => {
  const p = fc.double({ min: 0, max: 1, noNaN: true });
  fc.assert(
    fc.property(fc.array(p, { minLength: 1, maxLength: 12 }), (values) => {
      const sorted = [...values].sort((a, b) => a - b);
      const stop = sorted.findIndex((value, i) => value * (values.length - i) > 0.05);
      const rejected = stop < 0 ? values.length : stop;
      const corrected = holm(values);
      assert.equal(corrected.filter((value) => value <= 0.05).length, rejected);
      for (const [i, value] of corrected.entries())
        assert.ok(value >= values[i]! && value <= Math.min(1, values[i]! * values.length));
    }),
  );
});

test('what is no probability is refused', () => {
  assert.throws(() => holm([0.1, 1.1]), /value 1 is 1.1/);
  assert.throws(() => holm([Number.NaN]), RangeError);
});
