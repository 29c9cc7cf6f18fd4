/** Crash states of sequences that the field knows, counted by hand: dm-log-writes' two, and flushes that overlap, join or fail. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type CrashReport, checkCrashes, JUDGED } from '../../../ordering/crash/check.ts';
import { DSYNC, FUA, PREFLUSH } from '../../../ordering/history.ts';
import { newTrial, type Trial, worldOf } from '../build.ts';

function crashes(trial: Trial): CrashReport {
  return checkCrashes(trial.history, worldOf(), { budget: 1e6, seed: 1 });
}

/** Illegal states under completed, submitted and barrier. */
function illegal({ contracts }: CrashReport): number[] {
  return JUDGED.map((contract) => contracts[contract].illegal);
}

test("Eric Wheeler's diagram: b in flight when the flush is acknowledged is lost in the half of the images without it", () => {
  const trial = newTrial();
  trial.write({ unit: 0, at: [1, 2, 4, 5, 6] });
  const b = trial.write({ unit: 1, queue: 1, at: [2, 3, 20, 21, 22] });
  const flush = trial.flush({ at: [3, 4, 7, 8, 9] });
  const report = crashes(trial);
  // Before the fsync returned the cache has a, so 2 states; after it b alone, begun or not, so 2.
  assert.deepEqual([report.windows, report.explored, report.possible], [2, 4, 4]);
  assert.deepEqual(illegal(report), [0, 1, 1]);
  const { witness } = report.contracts.submitted;
  assert.deepEqual(witness?.rows, [b, flush]);
  assert.equal(witness?.crash, 9000);
  assert.equal(
    witness?.sentence,
    'WRITE of block 1 (4096 B at 4096, device disk, job 0, queue 1) was submitted at 2.0 us, before FLUSH (device disk, ' +
      'job 0, queue 0) was submitted at 3.0 us and acknowledged at 9.0 us; the write ran 20.0-21.0 us, no fsync of the ' +
      'file proves it by then, and after a crash at 9.0 us (0 of 1 writes in the cache survive) block 1 holds what it held ' +
      'before the trial: `submitted` forbids it.',
  );
});

test('his second: the dentries land, the commit before the flush does not', () => {
  const trial = newTrial();
  const commit = trial.write({ unit: 0, queue: 0, at: [1, 2, 20, 21, 22] });
  const flush = trial.flush({ queue: 1, at: [3, 4, 30, 31, 32] });
  const dentries = trial.write({ unit: 1, queue: 2, at: [8, 9, 10, 11, 12] });
  const report = crashes(trial);
  // The flush itself keeps `submitted`; of the 4 images before it returned, the one with dentries alone breaks `barrier`.
  assert.deepEqual(illegal(report), [0, 0, 1]);
  assert.deepEqual(report.contracts.barrier.witness?.rows, [commit, flush, dentries]);
  assert.equal(report.contracts.barrier.witness?.survivors, 1);
});

test("W1,C1,F1,W1',C1',F2,CF2,CF1: the later flush completes first; a stale W1 is in no image that anyone owes", () => {
  const trial = newTrial();
  const first = trial.write({ job: 0, at: [1, 2, 3, 4, 5] });
  trial.flush({ job: 1, at: [6, 7, 8, 40, 41] });
  const second = trial.write({ job: 0, at: [10, 11, 12, 13, 14] });
  const later = trial.flush({ job: 2, at: [15, 16, 17, 30, 31] });
  const kept = crashes(trial);
  assert.deepEqual(illegal(kept), [0, 0, 0]);
  // Until CF2 both writes are in the cache; the end of F1's fsync proves nothing new.
  assert.deepEqual([kept.windows, kept.explored], [3, 4 + 1 + 1]);
  // Had F2 made no fsync of its own, F1's, which began before the second write did, would serve W1 alone.
  trial.history.st[later] = trial.history.co[later] = 0;
  const stale = crashes(trial);
  // From CF2's acknowledgement on both must be there: 3 of the 4 images before CF1, and 1 of the 2 after it, are without W1'.
  assert.deepEqual(illegal(stale), [2 + 1, 2 + 1, 2 + 1]);
  assert.deepEqual(stale.contracts.completed.witness?.rows, [second, later]);
  assert.notEqual(stale.contracts.completed.witness?.rows[0], first);
});

test('W1,W2,W3,C3,C2,Wflush,C1,Cflush: W1 had not completed, so the flush owes W3 and W2 alone', () => {
  const trial = newTrial();
  const w1 = trial.write({ job: 0, unit: 0, at: [1, 2, 3, 12, 13] });
  trial.write({ job: 1, unit: 1, at: [2, 3, 4, 7, 8] });
  trial.write({ job: 2, unit: 2, at: [3, 4, 5, 6, 7] });
  const flush = trial.flush({ job: 3, at: [10, 11, 11, 14, 15] });
  const report = crashes(trial);
  assert.deepEqual([report.windows, report.explored], [2, 8 + 2]);
  // W1 returned while the fsync ran: it may have missed it. Only who wants all *submitted* writes is wronged.
  assert.deepEqual(illegal(report), [0, 1, 1]);
  assert.deepEqual(report.contracts.submitted.witness?.rows, [w1, flush]);
});

test('flushes that one fsync served: it proves for each what returned before it began', () => {
  const trial = newTrial();
  trial.write({ job: 0, unit: 0, at: [1, 2, 3, 4, 5] });
  trial.flush({ job: 0, at: [6, 7, 20, 30, 31] });
  trial.write({ job: 1, unit: 1, at: [8, 9, 10, 11, 12] });
  trial.flush({ job: 1, at: [13, 14, 20, 30, 32] });
  const joined = crashes(trial);
  assert.deepEqual(
    illegal(joined),
    [0, 0, 1],
    'the second write came after the first flush and may land before it',
  );
  assert.equal(joined.windows, 2, 'one return, one window');
  // A third that joins while the fsync runs already: its write came too late for it.
  const late = trial.write({ job: 2, unit: 2, at: [21, 22, 23, 24, 25] });
  const joiner = trial.flush({ job: 2, at: [26, 27, 20, 30, 33] });
  const report = crashes(trial);
  // `barrier`, of the 8 images before it returned: the second without the first, the third without both others.
  assert.deepEqual(illegal(report), [1, 1, 1 + 4]);
  assert.deepEqual(report.contracts.completed.witness?.rows, [late, joiner]);
});

test('a failed flush owes nothing, and what it may have dropped is owed again only when rewritten', () => {
  const trial = newTrial();
  trial.write({ unit: 0, at: [1, 2, 3, 4, 5] });
  const failed = trial.flush({ at: [6, 7, 8, 9, 10], end: 'failed' });
  const again = trial.flush({ at: [11, 12, 13, 14, 15] });
  // The second fsync returns well and has nothing to write: the write is in doubt, as after a real write-back error.
  assert.deepEqual(illegal(crashes(trial)), [0, 0, 0]);
  assert.equal(crashes(trial).explored, 2 + 2, 'it may be there or not, before and after');
  const rewrite = trial.write({ unit: 0, at: [16, 17, 18, 19, 20] });
  const skipped = trial.flush({ at: [21, 22, 0, 0, 23] });
  assert.deepEqual(crashes(trial).contracts.completed.witness?.rows, [rewrite, skipped]);
  // Had the first flush been fine, the doubt would not be there, and a skipped second one harmless.
  trial.history.result[failed] = 0;
  trial.history.st[again] = trial.history.co[again] = 0;
  trial.history.count[0] = 3;
  assert.deepEqual(illegal(crashes(trial)), [0, 0, 0]);
  assert.equal(crashes(trial).explored, 2 + 1);
});

test('FUA: durable at its own acknowledgement, whoever sees to it, and nothing else is', () => {
  const trial = newTrial();
  trial.write({ unit: 0, at: [1, 2, 3, 4, 5] });
  const commit = trial.write({ unit: 1, at: [6, 7, 8, 9, 10] });
  trial.history.flags[commit] = FUA;
  assert.deepEqual(illegal(crashes(trial)), [2, 2, 2], 'no fsync and no write-through: half of 4 images');
  assert.deepEqual(crashes(trial).contracts.completed.witness?.rows[0], commit);
  trial.history.flags[commit] = FUA | DSYNC;
  const through = crashes(trial);
  assert.deepEqual(illegal(through), [0, 0, 0]);
  assert.equal(through.explored, 4 + 2, 'its return ends a window; the plain write stays in the cache');
});

test('PREFLUSH: the medium never holds a commit record without what was acknowledged before it', () => {
  const trial = newTrial();
  const log = trial.write({ unit: 0, at: [1, 2, 3, 4, 5] });
  const commit = trial.write({ unit: 1, at: [6, 7, 20, 21, 22] });
  trial.history.flags[commit] = PREFLUSH | FUA | DSYNC;
  const report = crashes(trial);
  // Both in the cache: the image with the commit alone. Then the commit is durable: the image without the log.
  assert.deepEqual(illegal(report), [1 + 1, 1 + 1, 1 + 1]);
  assert.deepEqual(report.contracts.completed.witness?.rows, [log, commit]);
  // Another's fsync in between serves as well.
  trial.flush({ job: 1, at: [6, 7, 10, 11, 12] });
  assert.deepEqual(illegal(crashes(trial)), [0, 0, 0]);
});

test('overlapping writes in the cache: the newest that survives shows, in runs of blocks that they share', () => {
  const trial = newTrial();
  trial.write({ unit: 0, units: 4, at: [1, 2, 3, 4, 5] });
  trial.write({ unit: 2, units: 4, at: [6, 7, 8, 9, 10] });
  const flush = trial.flush({ at: [11, 12, 0, 0, 13] });
  const report = crashes(trial);
  // Acknowledged without an fsync: only the image with both is legal.
  assert.deepEqual([report.explored, ...illegal(report)], [4, 3, 3, 3]);
  assert.equal(report.contracts.completed.witness?.rows[1], flush);
  assert.ok(report.contracts.completed.illegalTorn > 0);
});

test('devices that share a file share its fsyncs; a flush owes its own device alone', () => {
  const trial = newTrial();
  trial.write({ device: 0, unit: 0, at: [1, 2, 3, 4, 5] });
  trial.flush({ job: 1, device: 1, at: [6, 7, 8, 9, 10] });
  trial.flush({ job: 2, device: 0, at: [11, 12, 0, 0, 13] });
  const shared = worldOf({ inodeOf: () => 7 });
  const plan = { budget: 1e6, seed: 1 };
  assert.deepEqual(illegal(checkCrashes(trial.history, shared, plan)), [0, 0, 0]);
  assert.deepEqual(illegal(crashes(trial)), [1, 1, 1], 'files of their own: nobody made it durable');
});

test('a window that can be tried whole is, where the plan allows it beyond the budget', () => {
  const trial = newTrial();
  for (let i = 0; i < 12; i++) {
    trial.write({ unit: i, at: [10 * i + 1, 10 * i + 2, 10 * i + 3, 10 * i + 4, 10 * i + 5] });
  }
  const plan = { budget: 100, seed: 1 };
  const sampled = checkCrashes(trial.history, worldOf(), plan);
  assert.equal(sampled.exhaustive, 0);
  assert.ok(sampled.explored <= 100 && sampled.possible === 2 ** 12);
  const whole = checkCrashes(trial.history, worldOf(), { ...plan, exhaustive: 2 ** 12 });
  assert.deepEqual([whole.exhaustive, whole.explored], [1, 2 ** 12]);
  const short = checkCrashes(trial.history, worldOf(), { ...plan, exhaustive: 2 ** 12 - 1 });
  assert.equal(short.exhaustive, 0);
});
