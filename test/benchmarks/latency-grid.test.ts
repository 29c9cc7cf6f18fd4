import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { latencyGrid } from '../../benchmarks/latency-grid.ts';

test('a small grid by hand: half octaves up, powers of two along', () => {
  // 64 columns of 1 ms would hold 63.9 ms; 100 ms take 2 ms each.
  const at = Float64Array.of(0, 1.9e6, 2e6, 100e6);
  const latencies = Float64Array.of(1024, 1448, 1449, 2 ** 20);
  assert.deepEqual(latencyGrid('flush', at, latencies, 4), {
    kind: 'flush',
    columnMs: 2,
    low: 20,
    counts: [[2], [0, 1], ...Array.from({ length: 48 }, () => []), [...new Array(20).fill(0), 1]],
  });
  assert.deepEqual(latencyGrid('read', Float64Array.of(0, 9), Float64Array.of(0, 9), 1).counts, [[1]]);
});

test('every latency is counted once, in its column and row, on a grid of a bounded size', () => {
  const event = fc.record({
    at: fc.double({ min: 0, max: 1e12, noNaN: true }),
    latency: fc.double({ min: 0, max: 1e13, noNaN: true }),
  });
  fc.assert(
    fc.property(fc.array(event, { minLength: 1, maxLength: 50 }), (events) => {
      const at = Float64Array.from(events, (it) => it.at);
      const latencies = Float64Array.from(events, (it) => it.latency);
      const { columnMs, low, counts } = latencyGrid('write', at, latencies, events.length);
      assert.ok(counts.length <= 64 && counts.every((column) => column.length <= 40));
      assert.ok(Number.isInteger(Math.log2(columnMs)));
      assert.equal(
        counts.flat().reduce((a, b) => a + b, 0),
        events.length,
      );
      for (const { at, latency } of events) {
        const column = counts[Math.floor(at / 1e6 / columnMs)]!;
        const inside = (count: number, row: number): boolean =>
          count > 0 &&
          latency < 2 ** ((low + row + 1) / 2) * (1 + 1e-9) &&
          (row === 0 || latency >= 2 ** ((low + row) / 2) * (1 - 1e-9));
        assert.ok(column.some(inside), `${latency} ns at ${at} ns`);
      }
    }),
  );
});

test('40 rows below the longest latency everything shorter is one row', () => {
  const latencies = Float64Array.of(1, 3, 2 ** 30);
  const { low, counts } = latencyGrid('write', new Float64Array(3), latencies, 3);
  assert.equal(low, 60 - 39);
  assert.equal(counts[0]!.length, 40);
  assert.deepEqual([counts[0]![0], counts[0]![39]], [2, 1]);
});
