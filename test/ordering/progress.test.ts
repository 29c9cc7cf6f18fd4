/** `progress`: what was never acknowledged, and whether the watchdog says that it was given its time. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { check } from '../../ordering/check.ts';
import { newTrial, sumOf, worldOf } from './build.ts';

const dump = '\n gate 0: 1 parked\n queue 0: empty\n queue 1: 4 waiting\n worker 0: asleep\n';

test('every acknowledged operation is proved, failed ones too', () => {
  const trial = newTrial();
  trial.write({ at: [1, 2, 3, 4, 5] });
  trial.flush({ at: [1, 2, 3, 4, 5], end: 'failed' });
  const { progress } = check(trial.history, worldOf({ progress: { deadlineSeconds: 10, dump } }));
  assert.deepEqual(sumOf(progress), { proved: 2 });
  assert.equal(progress.witness, undefined);
});

test('pending operations are lost if the watchdog stopped the trial, else nobody gave them their time', () => {
  const trial = newTrial();
  trial.write({ at: [1, 2, 3, 4, 5] });
  trial.read({ job: 1, queue: 1, at: [9, 10, 11, 0, 0], end: 'pending' });
  const flush = trial.flush({ at: [6, 7, 0, 0, 0], end: 'pending' });
  assert.deepEqual(sumOf(check(trial.history, worldOf()).progress), { proved: 1, notExercised: 2 });
  const { progress } = check(trial.history, worldOf({ progress: { deadlineSeconds: 10, dump } }));
  assert.deepEqual(sumOf(progress), { proved: 1, lost: 2 });
  assert.deepEqual(progress.witness, {
    sentence:
      'FLUSH (device disk, job 0, queue 0) was submitted at 6.0 us and never acknowledged (no backend call on record): ' +
      'nothing completed for 10 s while 2 operations were outstanding; the queues and gates then: ' +
      'gate 0: 1 parked | queue 0: empty | queue 1: 4 waiting.',
    rows: [flush],
    crossesQueues: false,
  });
});

test('an empty history says nothing of any rule', () => {
  const verdicts = check(newTrial().history, worldOf());
  for (const verdict of Object.values(verdicts)) assert.deepEqual(sumOf(verdict), {});
});
