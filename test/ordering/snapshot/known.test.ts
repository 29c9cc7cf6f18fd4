/** Snapshots of the thread's own diagrams, judged by hand. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { FUA, PREFLUSH } from '../../../ordering/history.ts';
import { addVerdicts, checkSnapshots, type Image, noVerdicts } from '../../../ordering/snapshot/check.ts';
import { newTrial, type Trial, worldOf } from '../build.ts';

/** An image of two blocks, taken between two times in us; what a block shows is a row, or 'old'. */
function image(begin: number, end: number, ...shows: (number | 'old')[]): Image {
  const seen = Uint32Array.from(shows, (row) => (row === 'old' ? 0 : row + 1));
  return { device: 0, begin: begin * 1000, end: end * 1000, seen };
}

/** Images that break integrity, completed, submitted and barrier. */
function lost(trial: Trial, ...images: Image[]): number[] {
  const verdicts = checkSnapshots(trial.history, worldOf(), images);
  return Object.values(verdicts).map((verdict) => verdict.lost);
}

test("Eric Wheeler's first diagram: the flush is done, b is on its way, the snapshot comes between them", () => {
  const trial = newTrial();
  const a = trial.write({ unit: 0, at: [1, 2, 4, 5, 6] });
  const b = trial.write({ unit: 1, queue: 1, at: [2, 3, 20, 21, 22] });
  const flush = trial.flush({ at: [3, 4, 7, 8, 9] });
  assert.deepEqual(lost(trial, image(10, 12, a, 'old')), [0, 0, 1, 1]);
  // Before the flush was acknowledged nobody owes b, and after b landed it is there.
  assert.deepEqual(lost(trial, image(7, 8, a, 'old'), image(30, 31, a, b)), [0, 0, 0, 0]);
  const { submitted } = checkSnapshots(trial.history, worldOf(), [image(10, 12, a, 'old')]);
  assert.deepEqual(submitted.witness?.rows, [b, flush]);
  assert.equal(submitted.witness?.crossesQueues, true);
  assert.equal(
    submitted.witness?.sentence,
    'WRITE of block 1 (4096 B at 4096, device disk, job 0, queue 1) was submitted at 2.0 us, before FLUSH (device disk, ' +
      'job 0, queue 0) was submitted at 3.0 us and acknowledged at 9.0 us; the write ran 20.0-21.0 us, and a snapshot taken ' +
      'between 10.0 and 12.0 us shows in block 1 what it held before the trial: `submitted` forbids it.',
  );
});

test('his second: the dentries are in the snapshot, the journal commit before the flush is not', () => {
  const trial = newTrial();
  const commit = trial.write({ unit: 0, queue: 0, at: [1, 2, 20, 21, 22] });
  const flush = trial.flush({ queue: 1, at: [3, 4, 30, 31, 32] });
  const dentries = trial.write({ unit: 1, queue: 2, at: [8, 9, 10, 11, 12] });
  const verdicts = checkSnapshots(trial.history, worldOf(), [image(15, 16, 'old', dentries)]);
  assert.deepEqual(verdicts.submitted, { proved: 0, unproved: 0, lost: 0, notExercised: 1 });
  assert.deepEqual(verdicts.barrier.witness?.rows, [commit, flush, dentries]);
  // A file system that waits, as Ming Lei says that it must, never submits the dentries before the flush is back.
  const waits = newTrial();
  const first = waits.write({ unit: 0, queue: 0, at: [1, 2, 3, 4, 5] });
  waits.flush({ queue: 1, at: [6, 7, 8, 9, 10] });
  const then = waits.write({ unit: 1, queue: 2, at: [11, 12, 13, 14, 15] });
  assert.deepEqual(lost(waits, image(5, 6, first, 'old'), image(12, 14, first, then)), [0, 0, 0, 0]);
  assert.deepEqual(lost(waits, image(13, 14, 'old', then)), [1, 1, 1, 1], 'what no instant can have');
});

test('the image itself tells how early it can have been taken', () => {
  const trial = newTrial();
  const a = trial.write({ unit: 0, at: [1, 2, 3, 4, 5] });
  const b = trial.write({ job: 1, unit: 1, at: [6, 7, 8, 9, 10] });
  // The clone ran from 2 to 20 us. An image with b was taken at 8 us or later, when a had long returned.
  assert.deepEqual(
    lost(trial, image(2, 20, 'old', 'old'), image(2, 20, a, 'old'), image(2, 20, a, b)),
    [0, 0, 0, 0],
  );
  const torn = checkSnapshots(trial.history, worldOf(), [image(2, 20, 'old', b)]).integrity;
  assert.equal(torn.lost, 1);
  assert.match(
    torn.witness!.sentence,
    /block 0 what it held before the trial, although WRITE .* before another write began that it shows\.$/,
  );
  assert.match(
    checkSnapshots(trial.history, worldOf(), [image(0, 1, a, 'old')]).integrity.witness!.sentence,
    /came from the future/,
  );
});

test('early acknowledgement: nothing but `completed` and `integrity` need be broken', () => {
  const trial = newTrial();
  const w = trial.write({ unit: 0, at: [1, 2, 30, 31, 5] });
  const flush = trial.flush({ at: [6, 7, 8, 9, 10] });
  const { integrity, completed } = checkSnapshots(trial.history, worldOf(), [image(11, 12, 'old', 'old')]);
  assert.deepEqual(completed.witness?.rows, [w, flush]);
  assert.match(integrity.witness!.sentence, /was acknowledged at 5\.0 us, before the snapshot began\.$/);
});

test('FUA and PREFLUSH oblige as in crash states; after a failed flush nobody is owed what came before', () => {
  const fua = newTrial();
  const early = fua.write({ unit: 0, flags: FUA, at: [1, 2, 30, 31, 5] });
  assert.deepEqual(lost(fua, image(6, 7, 'old', 'old')), [1, 1, 1, 1]);
  assert.deepEqual(lost(fua, image(32, 33, early, 'old')), [0, 0, 0, 0]);
  const preflush = newTrial();
  const log = preflush.write({ unit: 0, at: [1, 2, 30, 31, 32] });
  const commit = preflush.write({ unit: 1, flags: PREFLUSH, at: [3, 4, 5, 6, 7] });
  const verdicts = checkSnapshots(preflush.history, worldOf(), [image(5, 6, 'old', commit)]);
  assert.deepEqual(
    verdicts.submitted.witness?.rows,
    [log, commit],
    'not acknowledged, but there without its log',
  );
  const failed = newTrial();
  failed.write({ unit: 0, at: [1, 2, 30, 31, 5] });
  failed.flush({ at: [6, 7, 8, 33, 34], end: 'failed' });
  failed.flush({ at: [6, 7, 8, 9, 10] });
  assert.deepEqual(lost(failed, image(11, 12, 'old', 'old')), [1, 0, 0, 0]);
});

test('sums keep the smaller witness', () => {
  const [plain, crossing, none] = [noVerdicts(), noVerdicts(), noVerdicts()];
  plain.barrier = {
    proved: 1,
    unproved: 0,
    lost: 2,
    notExercised: 3,
    witness: { sentence: 'p', rows: [1, 2], crossesQueues: false },
  };
  crossing.barrier = {
    proved: 1,
    unproved: 0,
    lost: 1,
    notExercised: 0,
    witness: { sentence: 'c', rows: [1, 2, 3], crossesQueues: true },
  };
  for (const order of [
    [plain, crossing, none],
    [none, crossing, plain],
  ]) {
    const { barrier, integrity } = order.reduce(addVerdicts);
    assert.deepEqual([barrier.proved, barrier.lost, barrier.notExercised], [2, 3, 3]);
    assert.equal(barrier.witness?.sentence, 'c');
    assert.equal(integrity.witness, undefined);
  }
});
