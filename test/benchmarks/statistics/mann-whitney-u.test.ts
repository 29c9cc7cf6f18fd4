import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { mannWhitneyU } from '../../../benchmarks/statistics/mann-whitney-u.ts';

const near = (a: number, b: number, share = 1e-9): boolean => Math.abs(a - b) <= share * Math.abs(b);

test('the worked example', () => {
  assert.deepEqual(mannWhitneyU([1, 2, 3], [4, 5, 6]), { u: 9, p: 0.1, exact: true });
});

test("R's wilcox.test: permeability of the chorioamnion, Hollander & Wolfe", () => {
  const term = [0.8, 0.83, 1.89, 1.04, 1.45, 1.38, 1.91, 1.64, 0.73, 1.46];
  const early = [1.15, 0.88, 0.9, 0.74, 1.21];
  const { u, p } = mannWhitneyU(early, term);
  assert.equal(u, 35);
  // R prints 0.1272 for one side of a distribution that is symmetric without ties.
  assert.equal(p.toFixed(4), '0.2544');
});

test("scipy's mannwhitneyu: ages of diabetics, U 17 and p 0.1111", () => {
  const { u, p } = mannWhitneyU([20, 11, 17, 12], [19, 22, 16, 29, 24]);
  assert.equal(u, 17);
  assert.ok(near(p, 1 / 9));
});

test('with ties: every choice of who is who, counted one by one', () => {
  const samples = fc.array(fc.integer({ min: 0, max: 5 }), { minLength: 1, maxLength: 6 });
  fc.assert(
    fc.property(samples, samples, (a, b) => {
      const { u, p } = mannWhitneyU(a, b);
      assert.equal(u, uOf(a, b));
      assert.ok(near(p, bruteP(a, b)), `${p} for ${a} and ${b}, not ${bruteP(a, b)}`);
    }),
  );
});

test('either order and any increasing change of unit give the same p', () => {
  const a = [3, 1, 4, 1, 5, 9, 2.5];
  const b = [2, 7, 1, 8, 2.5, 8];
  const { p } = mannWhitneyU(a, b);
  assert.ok(near(mannWhitneyU(b, a).p, p));
  assert.ok(near(mannWhitneyU(a.map(Math.exp), b.map(Math.exp)).p, p));
});

test('20 and 20 values are exact still: 2 of C(40, 20)', () => {
  const low = Array.from({ length: 20 }, (_, i) => i);
  assert.ok(
    near(
      mannWhitneyU(
        low,
        low.map((i) => i + 20),
      ).p,
      2 / 137_846_528_820,
    ),
  );
});

test('beyond 100 values the normal approximation, its far tail too; with 100 it is close to the exact one', () => {
  const low = Array.from({ length: 60 }, (_, i) => i);
  const apart = mannWhitneyU(
    low,
    low.map((i) => i + 60),
  );
  assert.equal(apart.exact, false);
  // z = (1800 - 1/2) / sqrt(60 60 121 / 12); Python's math.erfc(z / sqrt(2)).
  assert.ok(near(apart.p, 3.556570974984777e-21, 1e-6), `${apart.p}`);
  // Half of either side ties: z = (2100 - 1800 - 1/2) / sqrt(300 (121 - (50^3 - 50 + 70^3 - 70) / (120 119))).
  const two = (ones: number, twos: number) => [...new Array(ones).fill(1), ...new Array(twos).fill(2)];
  const tied = mannWhitneyU(two(30, 30), two(20, 40));
  assert.ok(tied.u === 2100 && near(tied.p, 0.0656456380069376, 1e-6), `${tied.p}`);
  // The exact p of 50 and 50 values, beside the normal one for U = 1720.
  const ramp = Array.from({ length: 50 }, (_, i) => i);
  const shifted = mannWhitneyU(
    ramp.map((i) => i + 10.5),
    ramp,
  );
  assert.ok(shifted.exact && near(shifted.p, 0.001209423107033346, 0.15), `${shifted.p}`);
  assert.equal(mannWhitneyU(new Array(60).fill(7), new Array(60).fill(7)).p, 1);
});

test('nothing to compare is refused', () => {
  assert.throws(() => mannWhitneyU([], [1]), /needs 1 values, got 0/);
  assert.throws(() => mannWhitneyU([1], [Number.NaN]), /value 0 is NaN/);
});

function uOf(a: readonly number[], b: readonly number[]): number {
  let u = 0;
  for (const x of a) for (const y of b) u += y > x ? 1 : y === x ? 0.5 : 0;
  return u;
}

function bruteP(a: readonly number[], b: readonly number[]): number {
  const all = [...a, ...b];
  const middle = (a.length * b.length) / 2;
  const seen = Math.abs(uOf(a, b) - middle);
  let hits = 0;
  let choices = 0;
  for (let mask = 0; mask < 2 ** all.length; mask++) {
    const theirs = all.filter((_, i) => mask & (1 << i));
    if (theirs.length !== b.length) continue;
    choices++;
    const ours = all.filter((_, i) => !(mask & (1 << i)));
    if (Math.abs(uOf(ours, theirs) - middle) >= seen) hits++;
  }
  return hits / choices;
}
