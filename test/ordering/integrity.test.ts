/** `integrity`: what a read may return, and what it must not. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { check, type World } from '../../ordering/check.ts';
import { newTrial, type Operation, type Seen, sumOf, type Trial, worldOf } from './build.ts';

const verdictOf = (trial: Trial, changes: Partial<World> = {}) =>
  check(trial.history, worldOf(changes)).integrity;

/** One write of block 0 that is over at 5 us, then a read at 10-14 us that returns what is given. */
function readAfter(write: Partial<Operation>, ...sees: Seen[]): Trial {
  const trial = newTrial();
  trial.write({ at: [1, 2, 3, 4, 5], ...write });
  trial.read({ job: 1, queue: 1, at: [10, 11, 12, 13, 14], sees });
  return trial;
}

test('proved when the read returns the last acknowledged write', () => {
  assert.deepEqual(sumOf(verdictOf(readAfter({}, 0))), { proved: 1 });
});

test('not exercised when the unit was never written, and the old data is right', () => {
  assert.deepEqual(sumOf(verdictOf(readAfter({ unit: 1 }, 'old'))), { notExercised: 1 });
});

test('not exercised when nobody looked, or where no data is held', () => {
  assert.deepEqual(sumOf(verdictOf(readAfter({}, 'unchecked'))), { notExercised: 1 });
  assert.deepEqual(sumOf(verdictOf(readAfter({}, 'foreign'), { dataHeld: false })), { notExercised: 1 });
});

test('lost: old data although a write was acknowledged before the read was submitted', () => {
  const { witness, ...rest } = verdictOf(readAfter({}, 'old'));
  assert.deepEqual(sumOf(rest), { lost: 1 });
  assert.equal(witness?.crossesQueues, true);
  assert.equal(
    witness?.sentence,
    'READ of block 0 (4096 B at 0, device disk, job 1, queue 1) ran 12.0-13.0 us and returned what it held before the ' +
      'trial, although WRITE of block 0 (4096 B at 0, device disk, job 0, queue 0) ran 3.0-4.0 us and was acknowledged at ' +
      '5.0 us, before the read was submitted at 10.0 us: a stale read.',
  );
});

test('lost: a version that another write supersedes, fine while the two writes overlap', () => {
  const trial = newTrial();
  const older = trial.write({ job: 0, at: [1, 2, 3, 4, 5] });
  const newer = trial.write({ job: 1, at: [5, 6, 7, 8, 9] });
  const read = trial.read({ job: 2, at: [10, 11, 12, 13, 14], sees: [older] });
  const { witness, ...rest } = verdictOf(trial);
  assert.deepEqual(sumOf(rest), { lost: 1 });
  assert.deepEqual(witness?.rows, [read, older, newer]);
  trial.history.co[older] = 7_500;
  assert.deepEqual(sumOf(verdictOf(trial)), { proved: 1 });
});

test('a read beside a write may return either', () => {
  for (const sees of [0, 'old'] as const) {
    assert.deepEqual(sumOf(verdictOf(readAfter({ at: [1, 2, 3, 20, 21] }, sees))), { proved: 1 });
  }
});

test('lost: data from the future', () => {
  const trial = readAfter({ at: [1, 2, 30, 31, 32] }, 0);
  const verdict = verdictOf(trial);
  assert.deepEqual(sumOf(verdict), { lost: 1 });
  assert.match(verdict.witness?.sentence ?? '', /began only at 30\.0 us: the data came from the future/);
});

test('lost: a version that is no write of this block', () => {
  const elsewhere = readAfter({ unit: 1 }, 0);
  assert.deepEqual(sumOf(verdictOf(elsewhere)), { lost: 1 });
  assert.match(verdictOf(elsewhere).witness?.sentence ?? '', /version 1, which is no write of that block/);
  assert.deepEqual(sumOf(verdictOf(readAfter({}, 5))), { lost: 1 }, 'an unused row');
  assert.deepEqual(sumOf(verdictOf(readAfter({}, 1_000_000))), { lost: 1 }, 'no row at all');
  assert.deepEqual(sumOf(verdictOf(readAfter({ device: 1 }, 0))), { lost: 1 }, 'another file');
  assert.deepEqual(
    sumOf(verdictOf(readAfter({ device: 1 }, 0), { inodeOf: () => 7 })),
    { proved: 1 },
    'one file',
  );
});

test('lost: foreign data', () => {
  const verdict = verdictOf(readAfter({ unit: 1 }, 'foreign'));
  assert.deepEqual(sumOf(verdict), { lost: 1 });
  assert.match(verdict.witness?.sentence ?? '', /returned data that no write of this file put there/);
});

test('a torn unit is lost unless a write runs beside the read or may have failed half-way', () => {
  assert.deepEqual(sumOf(verdictOf(readAfter({}, 'torn'))), { lost: 1 });
  assert.deepEqual(sumOf(verdictOf(readAfter({ at: [1, 2, 3, 20, 21] }, 'torn'))), { proved: 1 });
  const half = readAfter({ end: 'short' }, 'torn');
  assert.deepEqual(sumOf(verdictOf(half)), { proved: 1 });
  half.write({ job: 2, at: [6, 7, 8, 9, 9.5] });
  assert.deepEqual(sumOf(verdictOf(half)), { lost: 1 }, 'a whole write since then');
});

test('zeroes are lost unless a DISCARD or WRITE_ZEROES may be the last', () => {
  assert.deepEqual(sumOf(verdictOf(readAfter({}, 'zeroes'))), { lost: 1 });
  for (const kind of ['discard', 'writeZeroes'] as const) {
    const trial = newTrial();
    trial.write({ at: [1, 2, 3, 4, 5] });
    trial[kind]({ at: [5, 6, 7, 8, 9] });
    trial.read({ job: 1, at: [10, 11, 12, 13, 14], sees: ['zeroes'] });
    trial.read({ job: 1, at: [10, 11, 12, 13, 14], sees: [0] });
    assert.deepEqual(sumOf(verdictOf(trial)), { proved: 1, lost: 1 }, kind);
    trial.write({ job: 2, at: [8, 8.5, 9, 9.2, 9.5] });
    assert.deepEqual(sumOf(verdictOf(trial)), { lost: 2 }, `a write after the ${kind}`);
  }
});

test('a DISCARD that begins after the read has returned explains no zeroes', () => {
  const trial = readAfter({}, 'zeroes');
  trial.discard({ job: 2, at: [20, 21, 22, 23, 24] });
  assert.deepEqual(sumOf(verdictOf(trial)), { lost: 1 });
});

test('a failed or pending write supersedes nothing, and its data may be read', () => {
  for (const end of ['failed', 'short', 'pending'] as const) {
    assert.deepEqual(sumOf(verdictOf(readAfter({ end }, 'old'))), { proved: 1 }, `${end}, old data`);
    assert.deepEqual(sumOf(verdictOf(readAfter({ end }, 0))), { proved: 1 }, `${end}, its data`);
  }
  assert.deepEqual(sumOf(verdictOf(readAfter({ end: 'pending', at: [1, 2, 0, 0, 0] }, 0))), { proved: 1 });
  assert.deepEqual(sumOf(verdictOf(readAfter({ end: 'failed', at: [1, 2, 0, 0, 5] }, 0))), { lost: 1 });
  const unbegun = readAfter({ end: 'failed', at: [1, 2, 0, 0, 5] });
  unbegun.read({ job: 2, at: [10, 11, 0, 0, 14], sees: [0] });
  assert.deepEqual(sumOf(verdictOf(unbegun)), { lost: 1, notExercised: 1 }, 'a read without a backend call');
});

test('a failed write counts until a later whole one', () => {
  const trial = readAfter({ end: 'failed' }, 0);
  trial.write({ job: 2, at: [6, 7, 8, 9, 9.5] });
  assert.deepEqual(sumOf(verdictOf(trial)), { lost: 1 });
});

test('each unit of a read is judged, and a short read only by what it brought', () => {
  const trial = newTrial();
  trial.write({ unit: 0, units: 2, at: [1, 2, 3, 4, 5] });
  trial.read({ units: 2, at: [10, 11, 12, 13, 14], sees: [0, 0] });
  const half = trial.read({ units: 2, at: [15, 16, 17, 18, 19], sees: [0, 'old'] });
  const verdict = verdictOf(trial);
  assert.deepEqual(sumOf(verdict), { proved: 1, lost: 1 });
  assert.match(verdict.witness?.sentence ?? '', /returned for block 1 what it held before the trial/);
  trial.history.result[half] = 4096 + 512;
  assert.deepEqual(sumOf(verdictOf(trial)), { proved: 2 });
});

test('a failed read returns nothing and is no situation', () => {
  const trial = newTrial();
  trial.read({ at: [1, 2, 3, 4, 5], end: 'failed', sees: ['foreign'] });
  trial.read({ at: [6, 7, 8, 0, 0], end: 'pending', sees: ['foreign'] });
  assert.deepEqual(sumOf(verdictOf(trial)), {});
});
