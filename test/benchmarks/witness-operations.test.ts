import assert from 'node:assert/strict';
import { test } from 'node:test';
import { withOperations } from '../../benchmarks/witness-operations.ts';
import { check } from '../../ordering/check.ts';
import { newTrial, ROWS_EACH, worldOf } from '../ordering/build.ts';

/** What a picture of a lost `submitted` is drawn from; times are told from 10 us on. */
function told(trial: ReturnType<typeof newTrial>) {
  const verdicts = withOperations(check(trial.history, worldOf({ start: 10_000 })), trial.history, 10_000);
  const { witness } = verdicts.submitted;
  assert.ok(witness?.operations);
  return { verdicts, witness, operations: witness.operations };
}

test('the write and the flush that a witness names, with their stamps since the trial began', () => {
  const trial = newTrial();
  trial.write({ job: 0, queue: 1, unit: 7, units: 2, at: [10, 11, 40, 50, 51] });
  trial.flush({ job: 1, queue: 0, at: [20, 21, 22, 30, 31] });
  const { verdicts, witness, operations } = told(trial);
  assert.deepEqual(witness.rows, [0, ROWS_EACH]);
  // The flush's fsync is its own backend call, so nothing stands behind the two.
  assert.deepEqual(operations, [
    {
      kind: 'WRITE',
      submitter: 0,
      queue: 1,
      worker: 0,
      unit: 7,
      units: 2,
      sb: 0,
      se: 1,
      st: 30,
      co: 40,
      ak: 41,
    },
    {
      kind: 'FLUSH',
      submitter: 1,
      queue: 0,
      worker: 0,
      unit: 0,
      units: 0,
      sb: 10,
      se: 11,
      st: 12,
      co: 20,
      ak: 21,
    },
  ]);
  assert.equal(verdicts.completed.witness, undefined);
  assert.deepEqual(verdicts.integrity, check(trial.history, worldOf()).integrity);
});

/** The operations of a witness that a checker would have given for these rows. */
function operationsOf(trial: ReturnType<typeof newTrial>, rows: number[]) {
  const { submitted, ...others } = check(trial.history, worldOf());
  const witness = { sentence: 'it was lost', rows, crossesQueues: true };
  const verdicts = { ...others, submitted: { ...submitted, witness } };
  return withOperations(verdicts, trial.history, 10_000).submitted.witness!.operations!;
}

test('the fsync of another flush that came last stands behind; neither a late one nor that of another file', () => {
  const trial = newTrial();
  const write = trial.write({ job: 0, queue: 1, at: [10, 11, 90, 99, 100] });
  const flush = trial.flush({ job: 1, queue: 0, at: [20, 21, 22, 30, 60] });
  trial.flush({ job: 2, queue: 0, at: [23, 24, 35, 45, 46] });
  trial.flush({ job: 3, queue: 0, at: [25, 26, 50, 70, 71] });
  trial.flush({ job: 3, queue: 0, device: 1, at: [27, 28, 47, 48, 49] });
  trial.flush({ job: 3, queue: 0, at: [28, 29, 48, 49, 50], end: 'failed' });
  assert.deepEqual(
    operationsOf(trial, [write, flush]).map(({ kind, submitter, st, co }) => [kind, submitter, st, co]),
    [
      ['WRITE', 0, 80, 89],
      ['FLUSH', 1, 12, 20],
      ['FSYNC', 2, 25, 35],
    ],
  );
});

test('what never came is absent, and so is the queue of an operation that went through none', () => {
  const trial = newTrial();
  const write = trial.write({ job: 0, queue: 0xffff, at: [10, 11, 0, 0, 0], end: 'pending' });
  const began = trial.write({ job: 0, at: [12, 13, 14, 0, 0], end: 'pending' });
  assert.deepEqual(operationsOf(trial, [write, began]), [
    { kind: 'WRITE', submitter: 0, unit: 0, units: 1, sb: 0, se: 1 },
    { kind: 'WRITE', submitter: 0, queue: 0, worker: 0, unit: 0, units: 1, sb: 2, se: 3, st: 4 },
  ]);
});

test('a witness of many rows is cut', () => {
  const trial = newTrial();
  const rows = Array.from({ length: 20 }, (_, i) => trial.write({ at: [i, i, i, i + 1, i + 2] }));
  const verdicts = check(trial.history, worldOf());
  const dependent = { ...verdicts.dependent, witness: { sentence: 'x', rows, crossesQueues: false } };
  const { witness } = withOperations({ ...verdicts, dependent }, trial.history, 0).dependent;
  assert.equal(witness?.operations?.length, 8);
});
