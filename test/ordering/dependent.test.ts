/** `dependent`: overlapping operations take effect in submission order. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { check } from '../../ordering/check.ts';
import { newTrial, sumOf, worldOf } from './build.ts';

const sum = (trial: ReturnType<typeof newTrial>, inodeOf = (device: number) => device) =>
  sumOf(check(trial.history, worldOf({ inodeOf })).dependent);

test('proved when the earlier one had returned before the later one began', () => {
  const trial = newTrial();
  trial.write({ at: [1, 2, 3, 10, 11] });
  trial.read({ at: [4, 5, 12, 13, 14], sees: [0] });
  assert.deepEqual(sum(trial), { proved: 1 });
});

test('not exercised when the earlier one was over at the submission, no situation without an earlier one', () => {
  const trial = newTrial();
  trial.write({ at: [1, 2, 3, 4, 5] });
  trial.write({ at: [6, 7, 8, 9, 10] });
  trial.write({ unit: 1, at: [11, 12, 13, 14, 15] });
  assert.deepEqual(sum(trial), { notExercised: 1 });
});

test('unproved when they run side by side, on whichever of their units', () => {
  const trial = newTrial();
  const earlier = trial.write({ unit: 4, units: 3, at: [1, 2, 3, 10, 11] });
  const later = trial.write({ unit: 2, units: 3, queue: 1, at: [4, 5, 6, 20, 21] });
  assert.deepEqual(sum(trial), { unproved: 1 });
  const { witness } = check(trial.history, worldOf()).dependent;
  assert.deepEqual(witness?.rows, [earlier, later]);
  assert.equal(
    witness?.sentence,
    'WRITE of blocks 2-4 (12288 B at 8192, device disk, job 0, queue 1) was submitted at 4.0 us, after WRITE of blocks 4-6 ' +
      '(12288 B at 16384, device disk, job 0, queue 0) at 1.0 us; the later WRITE ran 6.0-20.0 us and the earlier WRITE ' +
      'ran 3.0-10.0 us, so either may have come first: an open window for `dependent`, harm was not seen.',
  );
});

test('lost when the later one had returned before the earlier one began', () => {
  const trial = newTrial();
  trial.write({ at: [1, 2, 20, 21, 22] });
  trial.read({ job: 1, queue: 1, at: [3, 4, 5, 6, 7], sees: ['old'] });
  assert.deepEqual(sum(trial), { lost: 1 });
  const { witness } = check(trial.history, worldOf()).dependent;
  assert.equal(witness?.crossesQueues, true);
  assert.match(
    witness?.sentence ?? '',
    /^READ of block 0 .* the later READ had returned at 6\.0 us but the earlier WRITE began only at 20\.0 us/,
  );
});

test('a write must not overtake an earlier read; two reads owe each other nothing', () => {
  const overtaken = newTrial();
  overtaken.read({ at: [1, 2, 20, 21, 22], sees: ['old'] });
  overtaken.write({ at: [3, 4, 5, 6, 7] });
  assert.deepEqual(sum(overtaken), { lost: 1 });
  const reads = newTrial();
  reads.read({ at: [1, 2, 20, 21, 22], sees: ['old'] });
  reads.read({ at: [3, 4, 5, 6, 7], sees: ['old'] });
  assert.deepEqual(sum(reads), {});
});

test('devices on one file overlap, the same blocks of two files do not', () => {
  const trial = newTrial();
  trial.discard({ device: 0, at: [1, 2, 20, 21, 22] });
  trial.writeZeroes({ device: 1, at: [3, 4, 5, 6, 7] });
  assert.deepEqual(sum(trial), {});
  assert.deepEqual(
    sum(trial, () => 7),
    { lost: 1 },
  );
});

test('a batch is ordered by its rows, not by its stamps', () => {
  const trial = newTrial();
  trial.write({ unit: 0, at: [1, 5, 20, 21, 22] });
  trial.write({ unit: 1, at: [1, 5, 6, 7, 8] });
  trial.write({ unit: 0, at: [1, 5, 6, 7, 8] });
  trial.write({ job: 1, unit: 0, at: [5, 6, 7, 8, 9] });
  assert.deepEqual(sum(trial), { lost: 1 }, 'the other job is unordered');
});

test('what failed or is pending is no proof of harm, what never began is no situation that could fail', () => {
  const failed = newTrial();
  failed.write({ at: [1, 2, 20, 21, 22], end: 'failed' });
  failed.write({ at: [3, 4, 5, 6, 7] });
  assert.deepEqual(sum(failed), { unproved: 1 });
  const refused = newTrial();
  refused.write({ at: [1, 2, 0, 0, 3], end: 'failed' });
  refused.write({ at: [3, 4, 5, 6, 7] });
  assert.deepEqual(sum(refused), {});
  const pending = newTrial();
  pending.write({ at: [1, 2, 0, 0, 0], end: 'pending' });
  pending.write({ at: [3, 4, 5, 6, 7] });
  pending.write({ at: [8, 9, 0, 0, 0], end: 'pending' });
  assert.deepEqual(sum(pending), { unproved: 1, notExercised: 1 });
});

test('a submission that never ended precedes nothing of another job', () => {
  const trial = newTrial();
  trial.write({ at: [5, 0, 0, 0, 0], end: 'pending' });
  trial.write({ job: 1, at: [6, 7, 8, 9, 10] });
  assert.deepEqual(sum(trial), {});
});
