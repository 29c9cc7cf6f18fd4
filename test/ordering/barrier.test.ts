/** `barrier`: what comes after a flush is not durable before it. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { check } from '../../ordering/check.ts';
import { newTrial, sumOf, worldOf } from './build.ts';

test('barrier: proved when later writes wait for the fsync', () => {
  const trial = newTrial();
  trial.write({ at: [1, 2, 3, 4, 5] });
  trial.flush({ at: [6, 7, 8, 9, 20] });
  trial.write({ unit: 1, at: [10, 11, 12, 13, 14] });
  assert.deepEqual(sumOf(check(trial.history, worldOf()).barrier), { proved: 1 });
});

test('barrier: unproved when a later write begins before the fsync has returned', () => {
  const trial = newTrial();
  trial.write({ at: [1, 2, 3, 4, 5] });
  trial.flush({ at: [6, 7, 8, 20, 21] });
  trial.write({ job: 1, queue: 3, unit: 1, at: [8, 9, 10, 30, 31] });
  const { barrier, submitted, completed } = check(trial.history, worldOf());
  assert.deepEqual(sumOf(completed), { proved: 1 });
  assert.deepEqual(sumOf(submitted), { notExercised: 1 });
  assert.deepEqual(sumOf(barrier), { unproved: 1 });
  assert.equal(
    barrier.witness?.sentence,
    'WRITE of block 0 (4096 B at 0, device disk, job 0, queue 0) was submitted at 1.0 us, before FLUSH (device disk, job 0, ' +
      'queue 0) at 6.0 us, and WRITE of block 1 (4096 B at 4096, device disk, job 1, queue 3) after that flush, at ' +
      '8.0 us; the later write began at 10.0 us, before the fsync that covers the earlier one had returned at 20.0 us: ' +
      'an open window for `barrier`, harm was not seen.',
  );
});

test('barrier: a later write that failed may still have happened, one that was never begun has not', () => {
  const begun = newTrial();
  begun.write({ at: [1, 2, 3, 4, 5] });
  begun.flush({ at: [6, 7, 8, 20, 21] });
  begun.write({ unit: 1, at: [8, 9, 10, 30, 31], end: 'failed' });
  assert.deepEqual(sumOf(check(begun.history, worldOf()).barrier), { unproved: 1 });
  const parked = newTrial();
  parked.write({ at: [1, 2, 3, 4, 5] });
  parked.flush({ at: [6, 7, 8, 20, 21] });
  parked.write({ unit: 1, at: [8, 9, 0, 0, 0], end: 'pending' });
  assert.deepEqual(sumOf(check(parked.history, worldOf()).barrier), { proved: 1 });
});

test('barrier: lost when a later write had returned before an earlier one began', () => {
  const trial = newTrial();
  trial.write({ queue: 1, at: [1, 2, 20, 21, 22] });
  trial.flush({ at: [3, 4, 23, 24, 25] });
  trial.write({ unit: 1, at: [5, 6, 7, 8, 9] });
  const { submitted, barrier } = check(trial.history, worldOf());
  assert.deepEqual(sumOf(submitted), { proved: 1 });
  assert.deepEqual(sumOf(barrier), { lost: 1 });
  assert.deepEqual(barrier.witness?.rows, [0, 1, 2]);
  assert.match(
    barrier.witness?.sentence ?? '',
    /the later write had returned at 8\.0 us but the earlier one began only at 20\.0 us: an image between the two/,
  );
});

test('barrier: the write that crosses queues may have overtaken only the last of several', () => {
  const trial = newTrial();
  trial.write({ at: [1, 2, 20, 21, 22] });
  const last = trial.write({ unit: 1, at: [2, 3, 30, 31, 32] });
  const flush = trial.flush({ at: [4, 5, 40, 41, 42] });
  trial.write({ unit: 2, at: [6, 7, 8, 9, 10] });
  const crossing = trial.write({ unit: 3, queue: 1, at: [7, 8, 24, 25, 26] });
  const { barrier } = check(trial.history, worldOf());
  assert.deepEqual(barrier.witness?.rows, [last, flush, crossing]);
});

test('barrier: with nothing to cover nothing is owed', () => {
  const trial = newTrial();
  trial.flush({ at: [1, 2, 3, 20, 21] });
  trial.write({ at: [4, 5, 6, 7, 8] });
  assert.deepEqual(sumOf(check(trial.history, worldOf()).barrier), { notExercised: 1 });
});
