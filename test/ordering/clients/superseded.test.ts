/** Histories by hand: which writes in the cache a crash can leave of a client's region. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CALLER, type Client, FILE, type Step, slotOf } from '../../../ordering/clients/client.ts';
import { jbd2 } from '../../../ordering/clients/jbd2.ts';
import { type RecoveryReport, recoveryOf } from '../../../ordering/clients/recovery.ts';
import { DSYNC, WRITE } from '../../../ordering/history.ts';
import { newTrial, worldOf } from '../build.ts';

/** A write of transaction 1 to one block, written through; later writes of its script wait for it. */
function step(unit: number, changes: Partial<Step> = {}): Step {
  const rest = { begins: false, promises: false, after: [1] };
  return { kind: WRITE, flags: DSYNC, thread: CALLER, unit, units: 1, transaction: 1, ...rest, ...changes };
}

/** Writes its file data twice, the first time into the cache alone, and then commits. */
const TWICE: Client = {
  ...jbd2,
  script: [
    step(FILE + 1, { flags: 0, transaction: 0, after: [] }),
    step(FILE + 1),
    ...[0, 1, 2].map((i) => step(slotOf(1) + i, { begins: i === 0 })),
    step(slotOf(1) + 3, { promises: true }),
  ],
};

/** @param first when the backend call of the first write returned, microseconds; that of the second one begins at 20 */
function played(first: number): RecoveryReport {
  const { history, write } = newTrial();
  for (const [i, { unit, flags }] of TWICE.script.entries()) {
    const at = 20 * i;
    write({ unit, flags, at: [at, at + 1, at, i === 0 ? first : at + 10, at + 12] });
  }
  return recoveryOf(history, worldOf(), [{ client: TWICE, submitter: 0, unit: 0 }], { budget: 1e4, seed: 1 });
}

test('what a durable write supersedes does not come back', () => {
  const report = played(10);
  assert.equal(report.promised, 1);
  assert.ok(report.explored > 1);
  assert.equal(report.unrecoverable, 0, report.witness?.sentence);
});

test('what was still being written beside the durable one does', () => {
  const report = played(25);
  assert.ok(report.byRule.data > 0);
  assert.match(report.witness!.sentence, /its file data in block \d+ is what it held before/);
});
