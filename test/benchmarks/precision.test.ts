import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isEnough, looksUpTo, widest } from '../../benchmarks/precision.ts';
import type { TrialRecord } from '../../datasets/schema.ts';
import { trial } from './trials.ts';

/** Rounds of each design, by IOPS; undefined where the trial failed. */
function rounds(designs: Record<string, (number | undefined)[]>): TrialRecord[] {
  return Object.entries(designs).flatMap(([design, values]) =>
    values.map((iops, round) =>
      trial({
        design,
        round,
        reference: design === 'raw',
        metrics: { iops: iops ?? 1 },
        ...(iops === undefined ? { failure: 'stalled' } : {}),
      }),
    ),
  );
}

const NAMES = ['a', 'b', 'c', 'raw'];

test('looks are fixed: 6 rounds, then about 40 % more each, the cap at the end', () => {
  assert.deepEqual(looksUpTo(40), [6, 8, 11, 15, 21, 29, 40]);
  assert.deepEqual(looksUpTo(6), [6]);
  assert.deepEqual(looksUpTo(3), [3]);
});

test('the widest ratio to the first design counts; references do not', () => {
  const records = rounds({
    a: [100, 100, 100],
    b: [200, 210, 190],
    c: [50, 50, 60],
    raw: [1, 1000, 5],
  });
  // Ratios of c: 0.5, 0.5, 0.6; the interval of three is their range, its farther end 20 % off.
  const width = widest(records, NAMES)!;
  assert.equal(width.design, 'c');
  assert.ok(Math.abs(width.halfWidth - 0.2) < 1e-9);
  assert.equal(width.rounds, 3);
});

test('a single design is judged by its own IOPS', () => {
  const width = widest(rounds({ a: [100, 90, 105], raw: [1, 2, 3] }), NAMES)!;
  assert.deepEqual([width.design, width.rounds], ['a', 3]);
  assert.ok(Math.abs(width.halfWidth - 0.1) < 1e-9);
});

test('what has no two measurements has no width, and does not keep the others from theirs', () => {
  assert.equal(widest(rounds({ a: [100], b: [100] }), NAMES), undefined);
  assert.equal(widest([], NAMES), undefined);
  const stalled = rounds({ a: [100, 100], b: [undefined, undefined], c: [100, 101] });
  assert.equal(widest(stalled, NAMES)!.design, 'c');
});

test('it is enough only at a look, by the rounds before it', () => {
  const until = { halfWidth: 0.05, looks: [2, 4] };
  const records = rounds({ a: [100, 100, 100, 100], b: [100, 120, 100, 100] });
  const narrow = rounds({ a: [100, 100, 100, 100], b: [103, 104, 100, 300] });
  assert.equal(isEnough(until, 2, records, NAMES), false);
  assert.equal(isEnough(until, 2, narrow, NAMES), true);
  assert.equal(isEnough(until, 3, narrow, NAMES), false);
  assert.equal(isEnough(until, 4, narrow, NAMES), false);
  assert.equal(isEnough(undefined, 2, narrow, NAMES), false);
  assert.equal(isEnough(until, 2, [], NAMES), false);
});
