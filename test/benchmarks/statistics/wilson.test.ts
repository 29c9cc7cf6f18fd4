import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { wilson } from '../../../benchmarks/statistics/wilson.ts';

test('the values of R, prop.test(x, n, correct = FALSE)', () => {
  for (const [hits, trials, low, high] of [
    [0, 100, 0, 0.03699],
    [5, 100, 0.02154, 0.11175],
    [50, 100, 0.40383, 0.59617],
    [90, 100, 0.82563, 0.94477],
    [10, 10, 0.72247, 1],
  ] as const) {
    const it = wilson(hits, trials);
    assert.deepEqual([it.low.toFixed(5), it.high.toFixed(5)], [low.toFixed(5), high.toFixed(5)]);
  }
});

test('its ends are the shares whose normal test at 5 % just reaches the one seen', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 500 }), fc.nat(500), (trials, some) => {
      const hits = Math.min(some, trials);
      const share = hits / trials;
      for (const end of [wilson(hits, trials).low, wilson(hits, trials).high]) {
        if (end < 1e-9 || end > 1 - 1e-9) continue;
        const z = Math.abs(share - end) / Math.sqrt((end * (1 - end)) / trials);
        assert.ok(Math.abs(z - 1.959964) < 1e-5, `${hits} of ${trials}: ${z}`);
      }
    }),
  );
});

test('what is no share is refused', () => {
  for (const [hits, trials] of [
    [1, 0],
    [2, 1],
    [-1, 5],
    [0.5, 5],
  ] as const)
    assert.throws(() => wilson(hits, trials), RangeError);
});
