import assert from 'node:assert/strict';
import { test } from 'node:test';
import { bootstrapRatio } from '../../../benchmarks/statistics/bootstrap-ratio.ts';
import { seededRandom } from '../../../benchmarks/statistics/seeded-random.ts';

test('the worked example', () => {
  const same = (value: number): number[] => new Array(5).fill(value);
  assert.deepEqual(bootstrapRatio(same(10), same(20)), {
    value: 2,
    interval: { low: 2, high: 2, confidence: 0.95 },
  });
});

test('the quantiles of all 5^5 x 5^5 pairs of resamples, counted one by one', () => {
  const base = [11, 17, 13, 23, 19];
  const other = [31, 41, 29, 37, 43];
  const a = allMedians(base);
  const b = allMedians(other);
  const ratios: [ratio: number, share: number][] = [];
  for (const [x, p] of a) for (const [y, q] of b) ratios.push([y / x, p * q]);
  ratios.sort((x, y) => x[0] - y[0]);
  const { value, interval } = bootstrapRatio(base, other, 3);
  assert.equal(value, 37 / 17);
  for (const [end, share] of [
    [interval!.low, 0.025],
    [interval!.high, 0.975],
  ] as const) {
    const below = sumOf(ratios, (ratio) => ratio < end);
    const upTo = sumOf(ratios, (ratio) => ratio <= end);
    // The share of 10,000 draws lies within six standard deviations of the true one.
    const slack = 6 * Math.sqrt((0.025 * 0.975) / 10_000);
    assert.ok(below <= share + slack && upTo >= share - slack, `${end}: ${below} to ${upTo}`);
  }
});

test('of an even number of values both middle ones count', () => {
  // Medians of resamples of 1, 3 in equal parts are 1, 2 and 3: the ends are reached, and nothing beyond them.
  const { value, interval } = bootstrapRatio([1, 1, 1, 1, 1, 1], [1, 3, 1, 3, 1, 3]);
  assert.equal(value, 2);
  assert.deepEqual(interval, { low: 1, high: 3, confidence: 0.95 });
});

test('covers: 95 % of 400 pairs of samples of 8, less five standard deviations', () => {
  const random = seededRandom(5);
  const draw = (): number => Math.exp(0.1 * (random() + random() + random() - 1.5));
  const sample = (by: number): number[] => Array.from({ length: 8 }, () => by * draw());
  let covered = 0;
  for (let i = 0; i < 400; i++) {
    const { interval } = bootstrapRatio(sample(1), sample(1.5), i, 0.95, 500);
    if (interval!.low <= 1.5 && interval!.high >= 1.5) covered++;
  }
  assert.ok(covered >= 400 * 0.95 - 5 * Math.sqrt(400 * 0.05 * 0.95) && covered < 400, `${covered}`);
});

test('the seed decides; few values have no interval; sizes may differ', () => {
  const a = [5, 6, 7, 8, 9, 10, 11];
  const b = [6.1, 7.7, 8.3, 9.9, 10.2];
  assert.deepEqual(bootstrapRatio(a, b, 1), bootstrapRatio(a, b, 1));
  assert.ok(bootstrapRatio(a, b).interval);
  assert.deepEqual(bootstrapRatio([1, 2, 3, 4], b), { value: 8.3 / 2.5 });
  assert.throws(() => bootstrapRatio([1, 2, 3, 4, 0], b), /0 is not positive/);
  assert.throws(() => bootstrapRatio([], b), RangeError);
});

/** Each possible median of a resample with its probability. */
function allMedians(values: readonly number[]): Map<number, number> {
  const shares = new Map<number, number>();
  const n = values.length;
  for (let code = 0; code < n ** n; code++) {
    const draws = values.map((_, i) => values[Math.floor(code / n ** i) % n]!).sort((x, y) => x - y);
    const middle = draws[(n - 1) / 2]!;
    shares.set(middle, (shares.get(middle) ?? 0) + n ** -n);
  }
  return shares;
}

function sumOf(ratios: readonly [number, number][], which: (ratio: number) => boolean): number {
  return ratios.reduce((sum, [ratio, share]) => sum + (which(ratio) ? share : 0), 0);
}
