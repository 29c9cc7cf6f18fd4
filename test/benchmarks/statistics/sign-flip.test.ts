import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { SIGN_FLIP_LEAST_SAMPLED, signFlip } from '../../../benchmarks/statistics/sign-flip.ts';

const DARWIN = [49, -67, 8, 16, 6, 23, 28, 41, 14, 29, 56, 24, 75, 60, -48];

test("Fisher's own: 1,726 of 32,768", () => {
  assert.equal(signFlip(DARWIN), 1726 / 32_768);
});

test('every choice of signs, counted one by one', () => {
  const differences = fc.array(fc.integer({ min: -9, max: 9 }), { minLength: 1, maxLength: 9 });
  fc.assert(
    fc.property(differences, (values) => {
      const sum = (mask: number): number =>
        Math.abs(values.reduce((total, value, i) => total + (mask & (1 << i) ? -value : value), 0));
      const all = Array.from({ length: 2 ** values.length }, (_, mask) => sum(mask));
      assert.equal(signFlip(values), all.filter((it) => it >= sum(0)).length / all.length);
    }),
  );
});

test('sums that are equal on paper count as equal, whatever the order of addition', () => {
  // 0.1 + 0.2 + 0.3 in another order is another double; all positive, so that 2 of 8 sums are as far out.
  for (const values of [
    [0.1, 0.2, 0.3],
    [0.3, 0.2, 0.1],
    [0.2, 0.3, 0.1],
  ])
    assert.equal(signFlip(values), 0.25);
  assert.equal(signFlip([0, 0, 0]), 1);
});

test('beyond 20 pairs: seeded draws that agree with all of them, and never 0', () => {
  // A pair without a difference changes nothing, so 15 differences and 6 zeros have the exact p of 15.
  const p = signFlip([...DARWIN, 0, 0, 0, 0, 0, 0], 7);
  // Five standard deviations of 100,000 draws.
  assert.ok(Math.abs(p - 1726 / 32_768) < 5 * Math.sqrt((0.0527 * 0.9473) / 100_000), `${p}`);
  assert.equal(p, signFlip([...DARWIN, 0, 0, 0, 0, 0, 0], 7));
  assert.notEqual(p, signFlip([...DARWIN, 0, 0, 0, 0, 0, 0], 8));
  const one = new Array(40).fill(1);
  assert.equal(signFlip(one), SIGN_FLIP_LEAST_SAMPLED);
});

test('no pairs are refused', () => {
  assert.throws(() => signFlip([]), RangeError);
  assert.throws(() => signFlip([Number.POSITIVE_INFINITY]), RangeError);
});
