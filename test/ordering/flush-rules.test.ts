/** `completed` and `submitted`: every verdict of each by a history that one can follow with a finger. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { check } from '../../ordering/check.ts';
import { newTrial, sumOf, worldOf } from './build.ts';

const shared = worldOf({ inodeOf: () => 7 });

test('completed: proved by an fsync that began after the write had returned', () => {
  const trial = newTrial();
  trial.write({ at: [1, 2, 3, 4, 5] });
  trial.flush({ at: [6, 7, 8, 9, 10] });
  const { completed, submitted, barrier } = check(trial.history, worldOf());
  assert.deepEqual(sumOf(completed), { proved: 1 });
  assert.deepEqual(sumOf(submitted), { notExercised: 1 }, 'nothing was unfinished at sb(F)');
  assert.deepEqual(sumOf(barrier), { notExercised: 1 });
});

test('completed: a flush with nothing new to cover is not exercised', () => {
  const trial = newTrial();
  trial.flush({ at: [1, 2, 3, 4, 5] });
  trial.write({ at: [6, 7, 8, 9, 10] });
  trial.flush({ at: [11, 12, 13, 14, 15] });
  trial.flush({ at: [16, 17, 18, 19, 20] });
  assert.deepEqual(sumOf(check(trial.history, worldOf()).completed), { proved: 1, notExercised: 2 });
});

test('completed: unproved when a flush joins an fsync that already runs', () => {
  const trial = newTrial();
  trial.write({ queue: 1, at: [1, 2, 4, 5, 6] });
  trial.flush({ job: 1, queue: 0, at: [1, 2, 3, 20, 21] });
  trial.flush({ at: [7, 8, 0, 0, 22] });
  const { completed, submitted } = check(trial.history, worldOf());
  assert.deepEqual(sumOf(completed), { unproved: 1, notExercised: 1 });
  assert.deepEqual(sumOf(submitted), { unproved: 1, notExercised: 1 }, 'what covers more is open as well');
  assert.equal(
    completed.witness?.sentence,
    'WRITE of block 0 (4096 B at 0, device disk, job 0, queue 1) was acknowledged at 6.0 us, before FLUSH (device disk, ' +
      "job 0, queue 0) was submitted at 7.0 us; the last fsync that could cover it, another flush's, ran 3.0-20.0 us " +
      'and the flush was acknowledged at 22.0 us, but the write ran 4.0-5.0 us, so that fsync may have missed it: ' +
      'an open window for `completed`, harm was not seen.',
  );
});

test('completed: lost by an early acknowledgement', () => {
  const trial = newTrial();
  trial.write({ at: [1, 2, 30, 40, 5] });
  trial.flush({ at: [6, 7, 8, 9, 10] });
  const { completed } = check(trial.history, worldOf());
  assert.deepEqual(sumOf(completed), { lost: 1 });
  assert.match(
    completed.witness?.sentence ?? '',
    /acknowledged at 5\.0 us.*began only at 30\.0 us: a crash in between/,
  );
});

test('completed: lost by a skipped flush', () => {
  const trial = newTrial();
  trial.write({ at: [1, 2, 3, 4, 5] });
  trial.flush({ at: [6, 7, 0, 0, 8] });
  const { completed } = check(trial.history, worldOf());
  assert.deepEqual(sumOf(completed), { lost: 1 });
  assert.match(completed.witness?.sentence ?? '', /no fsync of the file had returned by 8\.0 us/);
});

test('completed: lost by a missed fan-out, where the fsync went to another file', () => {
  const trial = newTrial();
  trial.write({ device: 0, at: [1, 2, 3, 4, 5] });
  trial.flush({ job: 1, device: 1, at: [6, 7, 8, 9, 10] });
  trial.flush({ device: 0, at: [6, 7, 0, 0, 11] });
  assert.deepEqual(sumOf(check(trial.history, worldOf()).completed), { lost: 1, notExercised: 1 });
  assert.deepEqual(sumOf(check(trial.history, shared).completed), { proved: 1, notExercised: 1 }, 'one file');
});

test('completed: a device owes nothing to the writes of another device on the same file', () => {
  const trial = newTrial();
  trial.write({ device: 0, at: [1, 2, 30, 40, 5] });
  trial.flush({ device: 1, at: [6, 7, 8, 9, 10] });
  assert.deepEqual(sumOf(check(trial.history, shared).completed), { notExercised: 1 });
});

test('completed: coalesced flushes share one fsync', () => {
  const trial = newTrial();
  trial.write({ at: [1, 2, 3, 4, 5] });
  trial.write({ job: 1, unit: 1, at: [1, 2, 3, 4, 5] });
  trial.flush({ at: [6, 7, 10, 20, 21] });
  trial.flush({ job: 1, at: [8, 9, 10, 20, 21] });
  assert.deepEqual(sumOf(check(trial.history, worldOf()).completed), { proved: 2 });
});

test('completed: an fsync may return in the same tick as its flush is acknowledged', () => {
  const trial = newTrial();
  trial.write({ at: [1, 2, 3, 4, 5] });
  trial.flush({ at: [6, 7, 8, 9, 9] });
  assert.deepEqual(sumOf(check(trial.history, worldOf()).completed), { proved: 1 });
});

test('completed: an fsync that returns after the acknowledgement proves nothing', () => {
  const trial = newTrial();
  trial.write({ at: [1, 2, 3, 4, 5] });
  trial.flush({ at: [6, 7, 8, 20, 10] });
  assert.deepEqual(sumOf(check(trial.history, worldOf()).completed), { lost: 1 });
});

test('completed: co(W) = st(y) is no proof', () => {
  const trial = newTrial();
  trial.write({ at: [1, 2, 3, 8, 5] });
  trial.flush({ at: [6, 7, 8, 9, 10] });
  assert.deepEqual(sumOf(check(trial.history, worldOf()).completed), { unproved: 1 });
});

test('failed and pending flushes oblige nothing, and a failed one proves nothing', () => {
  const trial = newTrial();
  trial.write({ at: [1, 2, 3, 4, 5] });
  trial.flush({ at: [6, 7, 8, 9, 10], end: 'failed' });
  trial.flush({ at: [6, 7, 8, 0, 0], end: 'pending' });
  trial.flush({ job: 1, at: [6, 7, 0, 0, 11] });
  const { completed, submitted, barrier } = check(trial.history, worldOf());
  for (const verdict of [completed, submitted, barrier]) assert.deepEqual(sumOf(verdict), { lost: 1 });
});

test('a failed, a short and a pending write oblige no flush', () => {
  const trial = newTrial();
  trial.write({ at: [1, 2, 30, 40, 5], end: 'failed' });
  trial.write({ unit: 1, at: [1, 2, 30, 40, 5], end: 'short' });
  trial.write({ unit: 2, at: [1, 2, 0, 0, 0], end: 'pending' });
  trial.flush({ at: [6, 7, 8, 9, 10] });
  const { completed, submitted, barrier } = check(trial.history, worldOf());
  for (const verdict of [completed, submitted, barrier])
    assert.deepEqual(sumOf(verdict), { notExercised: 1 });
});

test('DISCARD and WRITE_ZEROES are covered as writes are', () => {
  const trial = newTrial();
  trial.discard({ at: [1, 2, 30, 40, 5] });
  trial.flush({ at: [6, 7, 8, 9, 10] });
  trial.writeZeroes({ job: 1, device: 1, at: [1, 2, 30, 40, 5] });
  trial.flush({ job: 1, device: 1, at: [6, 7, 8, 9, 10] });
  assert.deepEqual(sumOf(check(trial.history, worldOf()).completed), { lost: 2 });
});

test('submitted: proved when the fsync waits for the write in flight', () => {
  const trial = newTrial();
  trial.write({ at: [1, 2, 3, 20, 21] });
  trial.flush({ at: [5, 6, 22, 30, 31] });
  const { completed, submitted, barrier } = check(trial.history, worldOf());
  assert.deepEqual(sumOf(completed), { notExercised: 1 });
  assert.deepEqual(sumOf(submitted), { proved: 1 });
  assert.deepEqual(sumOf(barrier), { proved: 1 });
});

test('submitted: unproved when the fsync runs beside the write', () => {
  const trial = newTrial();
  trial.write({ queue: 0, at: [1, 2, 3, 20, 21] });
  trial.flush({ queue: 1, at: [5, 6, 7, 30, 31] });
  const { submitted } = check(trial.history, worldOf({ queueName: (queue) => `wq${queue}` }));
  assert.deepEqual(sumOf(submitted), { unproved: 1 });
  assert.deepEqual(submitted.witness?.rows, [0, 1]);
  assert.equal(submitted.witness?.crossesQueues, true);
  assert.equal(
    submitted.witness?.sentence,
    'WRITE of block 0 (4096 B at 0, device disk, job 0, wq0) was submitted at 1.0 us, before FLUSH (device disk, job 0, ' +
      "wq1) at 5.0 us; the flush's fsync ran 7.0-30.0 us and the flush was acknowledged at 31.0 us, but the write ran " +
      '3.0-20.0 us, so that fsync may have missed it: an open window for `submitted`, harm was not seen.',
  );
});

test('submitted: lost when the write began after the fsync returned', () => {
  const trial = newTrial();
  trial.write({ job: 2, queue: 1, unit: 4711, at: [10, 11, 40, 41, 42] });
  trial.flush({ job: 0, queue: 0, at: [20, 21, 22, 30, 31] });
  const { submitted } = check(trial.history, worldOf({ start: -10_000 }));
  assert.deepEqual(sumOf(submitted), { lost: 1 });
  assert.equal(
    submitted.witness?.sentence,
    'WRITE of block 4711 (4096 B at 19296256, device disk, job 2, queue 1) was submitted at 20.0 us, before FLUSH ' +
      "(device disk, job 0, queue 0) at 30.0 us; the flush's fsync ran 32.0-40.0 us and the flush was acknowledged at 41.0 us, " +
      'but the write began only at 50.0 us: a crash in between loses it though `submitted` covers it.',
  );
});

test('submitted: a batch with equal stamps is ordered by its rows', () => {
  const trial = newTrial();
  trial.flush({ at: [1, 5, 6, 7, 8] });
  trial.write({ at: [1, 5, 20, 21, 22] });
  trial.flush({ at: [1, 5, 6, 7, 8] });
  const { submitted } = check(trial.history, worldOf());
  assert.deepEqual(sumOf(submitted), { lost: 1, notExercised: 1 });
  assert.deepEqual(submitted.witness?.rows, [1, 2]);
});

test('submitted: submissions of two jobs that touch in time are unordered', () => {
  const trial = newTrial();
  trial.write({ job: 1, at: [1, 5, 20, 21, 22] });
  trial.flush({ job: 0, at: [5, 6, 7, 8, 9] });
  assert.deepEqual(sumOf(check(trial.history, worldOf()).submitted), { notExercised: 1 });
});

test('submitted: of two flushes the one that completes first serves the earlier one too', () => {
  const trial = newTrial();
  trial.write({ at: [1, 2, 3, 10, 11] });
  trial.flush({ job: 1, at: [4, 5, 6, 40, 41] });
  trial.flush({ job: 2, at: [7, 8, 12, 20, 21] });
  assert.deepEqual(sumOf(check(trial.history, worldOf()).submitted), { proved: 2 });
});

test('a witness across two queues is preferred to a shorter one within a queue', () => {
  const trial = newTrial();
  const within = [
    trial.write({ queue: 1, at: [1, 2, 9, 10, 11] }),
    trial.flush({ queue: 1, at: [3, 4, 5, 6, 7] }),
  ];
  const across = [
    trial.write({ job: 1, device: 1, queue: 1, at: [1, 2, 90, 91, 92] }),
    trial.flush({ job: 1, device: 1, queue: 2, at: [3, 4, 5, 60, 70] }),
  ];
  const { submitted } = check(trial.history, worldOf());
  assert.equal(submitted.lost, 2);
  assert.deepEqual(submitted.witness?.rows, across);
  trial.history.queue[across[1] as number] = 1;
  assert.deepEqual(check(trial.history, worldOf()).submitted.witness?.rows, within);
});

test('the shortest of several witnesses is told', () => {
  const trial = newTrial();
  trial.write({ job: 1, at: [1, 2, 90, 91, 92] });
  const nearest = trial.write({ job: 2, at: [8, 9, 60, 61, 62] });
  trial.write({ job: 3, at: [2, 3, 70, 71, 72] });
  const flush = trial.flush({ at: [10, 11, 12, 13, 14] });
  assert.deepEqual(check(trial.history, worldOf()).submitted.witness?.rows, [nearest, flush]);
});

test('a witness across two queues is found behind many shorter ones', () => {
  const trial = newTrial();
  for (let i = 0; i < 20; i++) {
    trial.write({ at: [10 * i + 1, 10 * i + 2, 10 * i + 7, 10 * i + 8, 10 * i + 9] });
    trial.flush({ at: [10 * i + 3, 10 * i + 4, 10 * i + 5, 10 * i + 6, 10 * i + 6.5] });
  }
  const across = [
    trial.write({ job: 1, device: 1, queue: 1, at: [1, 2, 90, 91, 92] }),
    trial.flush({ job: 1, device: 1, queue: 2, at: [2.5, 4, 5, 60, 70] }),
  ];
  const { submitted } = check(trial.history, worldOf());
  assert.equal(submitted.lost, 21);
  assert.deepEqual(submitted.witness?.rows, across);
});

test('a DISCARD that succeeds may report no bytes', () => {
  const trial = newTrial();
  const discard = trial.discard({ at: [1, 2, 30, 40, 5] });
  trial.flush({ at: [6, 7, 8, 9, 10] });
  trial.history.result[discard] = 0;
  assert.deepEqual(sumOf(check(trial.history, worldOf()).completed), { lost: 1 });
});
