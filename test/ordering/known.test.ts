/** Sequences that the field knows: the thread's two diagrams, and dm-log-writes' two under concurrent flushes. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { check } from '../../ordering/check.ts';
import { newTrial, sumOf, worldOf } from './build.ts';

test("Eric Wheeler's first diagram: write a, write b, flush; the loop writes a, flushes, writes b", () => {
  const trial = newTrial();
  trial.write({ unit: 0, at: [1, 2, 4, 5, 6] });
  const b = trial.write({ unit: 1, queue: 1, at: [2, 3, 20, 21, 22] });
  const flush = trial.flush({ at: [3, 4, 7, 8, 9] });
  const { completed, submitted, barrier } = check(trial.history, worldOf());
  assert.deepEqual(sumOf(completed), { notExercised: 1 }, "Ming Lei's answer: nobody waited for b");
  assert.deepEqual(sumOf(submitted), { lost: 1 });
  assert.deepEqual(sumOf(barrier), { lost: 1 });
  assert.deepEqual(submitted.witness?.rows, [b, flush]);
});

test('his second: journal commit, flush, dentries; the dentries land and the commit has not begun', () => {
  const trial = newTrial();
  const commit = trial.write({ unit: 0, queue: 0, at: [1, 2, 20, 21, 22] });
  const flush = trial.flush({ queue: 1, at: [3, 4, 5, 6, 7] });
  const dentries = trial.write({ unit: 1, queue: 2, at: [8, 9, 10, 11, 12] });
  const { completed, submitted, barrier, dependent } = check(trial.history, worldOf());
  assert.deepEqual(sumOf(completed), { notExercised: 1 });
  assert.deepEqual(sumOf(submitted), { lost: 1 });
  assert.deepEqual(sumOf(barrier), { lost: 1 });
  assert.deepEqual(sumOf(dependent), {}, 'they do not overlap');
  // The shorter story has two operations; the dentries are in it only if the flush itself had kept its promise.
  assert.deepEqual(barrier.witness?.rows, [commit, flush]);
  trial.history.st[flush] = 23_000;
  trial.history.co[flush] = 24_000;
  trial.history.ak[flush] = 25_000;
  const kept = check(trial.history, worldOf());
  assert.deepEqual(sumOf(kept.submitted), { proved: 1 });
  assert.deepEqual(kept.barrier.witness?.rows, [commit, flush, dentries]);
});

test('the same as Ming Lei would have it submitted: each step waits for the one before', () => {
  const trial = newTrial();
  trial.write({ unit: 0, queue: 0, at: [1, 2, 3, 4, 5] });
  trial.flush({ queue: 1, at: [6, 7, 8, 9, 10] });
  trial.write({ unit: 1, queue: 2, at: [11, 12, 13, 14, 15] });
  const { completed, submitted, barrier } = check(trial.history, worldOf());
  assert.deepEqual(sumOf(completed), { proved: 1 });
  assert.deepEqual(sumOf(submitted), { notExercised: 1 });
  assert.deepEqual(
    sumOf(barrier),
    { notExercised: 1 },
    'nothing was submitted before the flush was acknowledged',
  );
});

test("W1,C1,F1,W1',C1',F2,CF2,CF1: a later flush completes first and serves what the earlier one holds", () => {
  const trial = newTrial();
  const first = trial.write({ job: 0, at: [1, 2, 3, 4, 5] });
  trial.flush({ job: 1, at: [6, 7, 8, 40, 41] });
  const second = trial.write({ job: 0, at: [10, 11, 12, 13, 14] });
  trial.flush({ job: 2, at: [15, 16, 17, 30, 31] });
  trial.read({ job: 3, at: [50, 51, 52, 53, 54], sees: [second] });
  trial.read({ job: 3, at: [60, 61, 62, 63, 64], sees: [first] });
  const { completed, submitted, barrier, integrity } = check(trial.history, worldOf());
  assert.deepEqual(sumOf(completed), { proved: 2 });
  assert.deepEqual(sumOf(submitted), { notExercised: 2 }, 'each write was over when its flush was submitted');
  assert.deepEqual(sumOf(barrier), { unproved: 1, notExercised: 1 }, "W1' ran while F1 was outstanding");
  assert.deepEqual(
    sumOf(integrity),
    { proved: 1, lost: 1 },
    'a replay in completion order brings the stale W1',
  );
});

test('W1,W2,W3,C3,C2,Wflush,C1,Cflush: the flush owes W2 and W3 by one rule, W1 too by the other', () => {
  const trial = newTrial();
  const w1 = trial.write({ job: 0, unit: 1, at: [1, 2, 7, 30, 31] });
  trial.write({ job: 1, unit: 2, at: [3, 4, 8, 14, 15] });
  trial.write({ job: 2, unit: 3, at: [5, 6, 9, 10, 11] });
  const flush = trial.flush({ job: 3, at: [20, 21, 22, 40, 41] });
  const { completed, submitted } = check(trial.history, worldOf());
  assert.deepEqual(sumOf(completed), { proved: 1 });
  assert.deepEqual(sumOf(submitted), { unproved: 1 });
  assert.deepEqual(submitted.witness?.rows, [w1, flush]);
});
