import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { ratioInterval } from '../../../benchmarks/statistics/ratio-interval.ts';

const near = (a: number, b: number): boolean => Math.abs(a - b) <= 1e-9 * Math.abs(b);

test('the worked example: quotients 2, 3, 1.5 and 2.5, one round left out', () => {
  const ratio = ratioInterval([10, 10, 20, undefined, 20], [20, 30, 30, 10, 50])!;
  assert.ok(near(ratio.value, Math.sqrt(5)));
  assert.ok(near(ratio.interval!.low, 1.5) && near(ratio.interval!.high, 3));
  assert.equal(ratio.interval!.confidence, 0.875);
  assert.equal(ratio.rounds, 4);
});

test('pairing takes out what a round did to both', () => {
  // The machine slows down eightfold over the rounds; the quotient is 2 in each of them.
  const ratio = ratioInterval([800, 400, 200, 100], [1600, 800, 400, 200])!;
  assert.ok(near(ratio.value, 2) && near(ratio.interval!.low, 2) && near(ratio.interval!.high, 2));
});

test('A/B is the reciprocal of B/A, and the ends change places', () => {
  const rounds = fc.array(fc.tuple(fc.integer({ min: 1, max: 1e6 }), fc.integer({ min: 1, max: 1e6 })), {
    minLength: 2,
    maxLength: 20,
  });
  fc.assert(
    fc.property(rounds, (pairs) => {
      const a = pairs.map((pair) => pair[0]);
      const b = pairs.map((pair) => pair[1]);
      const forth = ratioInterval(a, b)!;
      const back = ratioInterval(b, a)!;
      assert.ok(near(forth.value * back.value, 1));
      assert.ok(near(forth.interval!.low * back.interval!.high, 1));
    }),
  );
});

test('one common round has no interval, none has no ratio', () => {
  assert.deepEqual(ratioInterval([1, undefined], [2, 3]), { value: 2, rounds: 1 });
  assert.equal(ratioInterval([1, undefined], [undefined, 3]), undefined);
});

test('bad input is refused', () => {
  assert.throws(() => ratioInterval([1], [1, 2]), /1 rounds against 2/);
  assert.throws(() => ratioInterval([1, 0], [1, 2]), /round 1 has 0 and 2/);
  assert.throws(() => ratioInterval([1], [Number.POSITIVE_INFINITY]), RangeError);
});
