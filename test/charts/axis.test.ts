import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { decadeAxis, ratioAxis } from '../../charts/axis.ts';

const positive = fc.double({ min: 1e-3, max: 1e3, noNaN: true });

test('a ratio axis holds every value and 1, and its ticks do not touch', () => {
  fc.assert(
    fc.property(fc.array(positive), fc.integer({ min: 260, max: 900 }), (values, width) => {
      const { domain, ticks } = ratioAxis(values, width);
      const place = (value: number) =>
        (Math.log(value / domain[0]) / Math.log(domain[1] / domain[0])) * width;
      assert.ok(domain[0] > 0 && ticks.includes(1));
      for (const value of values) assert.ok(place(value) > 0 && place(value) < width);
      for (const [at, tick] of ticks.entries())
        assert.ok(at === 0 || place(tick) - place(ticks[at - 1]!) > 29, `${ticks} on ${width}`);
    }),
  );
  assert.deepEqual(ratioAxis([0.47, 3.02], 689).ticks, [0.5, 0.6, 0.7, 0.8, 0.9, 1, 1.1, 1.25, 1.5, 2, 3]);
  assert.deepEqual(ratioAxis([], 700).ticks, [0.85, 0.9, 0.95, 1, 1.05, 1.1, 1.15]);
});

test('a decade axis ends at 1, 2 or 5 around its values; dense ticks thin out to the decades', () => {
  assert.deepEqual(decadeAxis([0.0007, 1], 20), {
    domain: [0.0005, 1],
    ticks: [0.0005, 0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1],
  });
  assert.deepEqual(decadeAxis([0.0007, 1], 9).ticks, [0.001, 0.01, 0.1, 1]);
  assert.deepEqual(decadeAxis([2e-8, 1e-6], 2).ticks, [1e-7, 1e-6]);
  assert.deepEqual(decadeAxis([21_000, 3e6], 6).ticks, [100_000, 1e6]);
  assert.equal(decadeAxis([999_999_999_999_998], 9).domain[0], 5e14);
  assert.deepEqual(decadeAxis([1], 9), { domain: [1, 2], ticks: [1, 2] });
  fc.assert(
    fc.property(fc.array(fc.double({ min: 1e-9, max: 1e15, noNaN: true }), { minLength: 1 }), (values) => {
      const { domain, ticks } = decadeAxis(values, 9);
      assert.ok(domain[0] > 0 && domain[0] < domain[1]);
      assert.ok(domain[0] <= Math.min(...values) && Math.max(...values) <= domain[1]);
      assert.ok(ticks.length > 0);
    }),
  );
});
