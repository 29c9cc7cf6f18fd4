/** The sort of the sweeps against the language's own. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { mergeBy, orderBy, orderOf } from '../../ordering/order.ts';

function expected(key: Float64Array): number[] {
  return [...key.keys()].sort((a, b) => (key[a] === key[b] ? a - b : key[a] < key[b] ? -1 : 1));
}

test('orders any keys, stably, with +Infinity last', () => {
  const stamp = fc.oneof(
    fc.nat(3),
    fc.nat(2 ** 30).map((n) => n + 3.1e14),
    fc.double({ min: 0, noNaN: true }),
    fc.constant(Infinity),
  );
  fc.assert(
    fc.property(fc.array(stamp, { maxLength: 400, size: 'max' }), (stamps) => {
      const key = Float64Array.from(stamps);
      assert.deepEqual([...orderOf(key)], expected(key));
    }),
    { numRuns: 150, seed: 1 },
  );
});

test('orders the interleaved runs of several submitters', () => {
  const key = Float64Array.from(
    { length: 5000 },
    (_, i) => 3.1e14 + (i % 1000) * 100 + Math.floor(i / 1000) * 7,
  );
  assert.deepEqual([...orderOf(key)], expected(key));
});

test('orders keys that crowd together far from the others', () => {
  const key = Float64Array.from({ length: 3000 }, (_, i) => ((i * 7919) % 3000) * (i % 3 === 0 ? 1e-9 : 1e9));
  assert.deepEqual([...orderOf(key)], expected(key));
});

test("orders only the given indices and leaves the caller's list alone", () => {
  const key = Float64Array.from([5, 4, 3, 2, 1]);
  const some = Uint32Array.from([0, 4, 2]);
  assert.deepEqual([...orderBy(some, key)], [4, 2, 0]);
  assert.deepEqual([...some], [0, 4, 2]);
});

test('merging sorted stretches is sorting all their rows, equal keys in the order of the rows', () => {
  const stretch = fc.array(fc.nat(20), { maxLength: 12 }).map((keys) => keys.sort((a, b) => a - b));
  fc.assert(
    fc.property(fc.array(stretch, { minLength: 1, maxLength: 9 }), fc.nat(3), (stretches, gap) => {
      const key: number[] = [];
      const from: number[] = [];
      const to: number[] = [];
      for (const keys of stretches) {
        from.push(key.length);
        key.push(...keys);
        to.push(key.length);
        // Rows that nobody used.
        for (let i = 0; i < gap; i++) key.push(0);
      }
      const column = Float64Array.from(key);
      const rows = from.flatMap((first, s) => Array.from({ length: to[s]! - first }, (_, i) => first + i));
      assert.deepEqual([...mergeBy(from, to, column)], [...orderBy(Uint32Array.from(rows), column)]);
    }),
  );
});
