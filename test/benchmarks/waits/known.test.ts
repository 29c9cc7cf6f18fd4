/** Histories by hand, in microseconds, with the waits that one can count on one's fingers. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { besideFlushes } from '../../../benchmarks/waits/beside-flushes.ts';
import { flushIssue } from '../../../benchmarks/waits/flush-issue.ts';
import { flushParts } from '../../../benchmarks/waits/flush-parts.ts';
import { headOfLine } from '../../../benchmarks/waits/head-of-line.ts';
import { queueWaits } from '../../../benchmarks/waits/queue-waits.ts';
import { DSYNC, NO_QUEUE, PREFLUSH } from '../../../ordering/history.ts';
import { newTrial } from '../../ordering/build.ts';
import { callsIn, measuredIn, micro } from './sides.ts';

test('the parts of a FLUSH: gate, queue, device, settle; together they are its latency', () => {
  const trial = newTrial();
  // No gate; through a gate that held it until 30; done without an fsync; failed.
  trial.flush({ at: [0, 1, 5, 15, 18] });
  trial.flush({ at: [20, 21, 36, 46, 50], go: 30 });
  trial.flush({ at: [60, 61, 0, 0, 67] });
  trial.flush({ at: [70, 71, 72, 73, 74], end: 'failed' });
  trial.write({ at: [80, 81, 82, 83, 84] });
  assert.deepEqual(micro(flushParts(trial.history, measuredIn(trial.history, 1))), {
    gate: [0, 10, 7],
    queue: [5, 6],
    device: [10, 10],
    settle: [3, 4],
  });
});

test('the queue wait is counted by kind, without the gate and without what went through no queue', () => {
  const trial = newTrial();
  trial.read({ at: [0, 1, 4, 9, 10] });
  trial.write({ at: [10, 11, 30, 40, 41], go: 28 });
  trial.write({ at: [12, 13, 19, 40, 41] });
  trial.flush({ at: [50, 51, 58, 59, 60], go: 53 });
  trial.read({ at: [60, 61, 62, 63, 64], queue: NO_QUEUE });
  trial.write({ at: [70, 71, 99, 100, 101], flags: PREFLUSH });
  assert.deepEqual(micro(queueWaits(trial.history, measuredIn(trial.history, 1))), {
    read: [4],
    write: [2, 7],
    flush: [5],
  });
});

test('at the beginning of an fsync: writes let go and not completed, bytes completed and not covered', () => {
  const trial = newTrial();
  trial.write({ at: [0, 1, 2, 10, 11] }); // completed before both
  trial.write({ at: [1, 2, 3, 25, 26], units: 2 }); // in flight at the first
  trial.write({ at: [2, 3, 30, 40, 41], go: 28 }); // parked at the first, in flight at the second
  trial.write({ at: [3, 4, 5, 12, 13], device: 1 }); // another device
  trial.write({ at: [4, 5, 6, 14, 15], flags: DSYNC }); // written through
  trial.write({ at: [5, 6, 7, 16, 17], end: 'failed' }); // nothing lies there
  trial.flush({ at: [18, 19, 20, 24, 27] });
  trial.flush({ at: [28, 29, 35, 45, 46] });
  trial.write({ at: [50, 51, 0, 0, 0], end: 'pending' });
  trial.flush({ at: [58, 59, 60, 61, 62] });
  const issue = flushIssue(trial.history, 1, callsIn(trial.history, 1));
  assert.deepEqual(issue.inFlight, [1, 1, 1]);
  // One unit; then the two that the first did not cover; then the one that completed during the second.
  assert.deepEqual(issue.dirtyBytes, [4096, 8192, 4096]);
});

test('a write whose submission had not ended may not have reached the gate: it is in flight from its call on', () => {
  const trial = newTrial();
  trial.write({ at: [0, 30, 31, 40, 41] });
  trial.write({ at: [1, 30, 12, 40, 41] });
  trial.flush({ job: 1, at: [2, 3, 10, 11, 13] });
  trial.flush({ job: 1, at: [14, 15, 20, 21, 23] });
  assert.deepEqual(flushIssue(trial.history, 2, callsIn(trial.history, 2)).inFlight, [0, 1]);
});

test('an fsync that failed covers nothing, one that runs still covers nothing yet', () => {
  const trial = newTrial();
  trial.write({ at: [0, 1, 2, 3, 4] });
  trial.flush({ at: [5, 6, 7, 8, 9], end: 'failed' });
  trial.flush({ at: [10, 11, 12, 20, 21] });
  trial.flush({ at: [13, 14, 15, 22, 23] });
  trial.flush({ at: [24, 25, 26, 27, 28] });
  const { dirtyBytes } = flushIssue(trial.history, 1, callsIn(trial.history, 1));
  assert.deepEqual(dirtyBytes, [4096, 4096, 4096, 0]);
});

test('FLUSHes that one call served are one call, also where it is noted besides; what began in the ramp is not counted', () => {
  const trial = newTrial();
  trial.flush({ at: [0, 1, 10, 20, 21] });
  trial.flush({ at: [2, 3, 10, 20, 22] });
  trial.flush({ at: [30, 31, 40, 50, 51] });
  trial.flush({ at: [32, 33, 40, 50, 52] });
  trial.flush({ at: [60, 61, 0, 0, 62] });
  // The segment of job 0's notes, behind the read-back's.
  trial.fsync({ job: 2, at: [0, 0, 40, 50, 0] });
  trial.fsync({ job: 2, at: [0, 0, 70, 80, 0] });
  const calls = callsIn(trial.history, 1, 25_000);
  const st = [...calls.rows].map((row) => trial.history.st[row] / 1000);
  assert.deepEqual(st, [10, 40, 70]);
  assert.deepEqual([...calls.counts], [0, 1, 1]);
});

test('a read is told by what it found when it began, and its own job does not count', () => {
  const trial = newTrial();
  trial.flush({ job: 1, device: 1, at: [10, 11, 12, 19, 20] });
  trial.read({ at: [5, 6, 7, 17, 18] }); // before it, though it overlaps
  trial.read({ at: [12, 13, 14, 15, 16] }); // beside it
  trial.read({ at: [20, 21, 22, 29, 30] }); // after it
  trial.flush({ at: [40, 41, 42, 49, 50] });
  trial.read({ at: [44, 45, 46, 47, 51] }); // its own
  trial.flush({ job: 1, at: [60, 61, 0, 0, 0], end: 'pending' });
  trial.read({ at: [70, 71, 72, 73, 75] }); // beside one that never ended
  assert.deepEqual(micro(besideFlushes(trial.history, 2, measuredIn(trial.history, 2))), {
    beside: [4, 5],
    alone: [13, 10, 7],
  });
});

/** Job 1 is in another cgroup than jobs 0 and 2. */
const around = { jobs: 3, cgroupOf: (job: number) => job % 2, rings: false };

test('head of line: the part of a queue wait in which the worker was inside a call for somebody else', () => {
  const trial = newTrial();
  // Worker 0: device 1 of cgroup 1 from 10 to 20, device 0 of cgroup 0 from 20 to 26, then the one that waited.
  trial.flush({ job: 1, device: 1, at: [0, 1, 10, 20, 21] });
  trial.write({ job: 2, at: [1, 2, 20, 26, 27] });
  trial.read({ at: [14, 15, 27, 28, 29] });
  const line = headOfLine(trial.history, measuredIn(trial.history, 3), callsIn(trial.history, 3), around);
  // FLUSH 10; WRITE 19, of which 10 behind the FLUSH; READ 13, of which 6 behind the FLUSH.
  assert.deepEqual(micro(line), { queued: 10 + 19 + 13, behindDevice: 10 + 6, behindCgroup: 10 + 6 });
});

test('head of line: not what another worker does, not what is in the ring, not what the gate held', () => {
  const waits = (rings: boolean, worker: number, go: number) => {
    const trial = newTrial();
    trial.write({ job: 1, device: 1, worker, at: [0, 1, 2, 20, 21] });
    trial.read({ at: [4, 5, 24, 28, 29], go });
    return micro(
      headOfLine(trial.history, measuredIn(trial.history, 3), callsIn(trial.history, 3), {
        ...around,
        rings,
      }),
    );
  };
  assert.deepEqual(waits(false, 0, 0), { queued: 2 + 20, behindDevice: 16, behindCgroup: 16 });
  assert.deepEqual(waits(false, 1, 0), { queued: 2 + 20, behindDevice: 0, behindCgroup: 0 });
  assert.deepEqual(waits(true, 0, 0), { queued: 2 + 20, behindDevice: 0, behindCgroup: 0 });
  assert.deepEqual(waits(false, 0, 18), { queued: 2 + 6, behindDevice: 2, behindCgroup: 2 });
});

test('head of line: FLUSHes that one call served waited once and keep the worker busy once', () => {
  const trial = newTrial();
  trial.flush({ job: 1, device: 1, at: [0, 1, 10, 20, 21], go: 4 });
  trial.flush({ job: 1, device: 1, at: [2, 3, 10, 20, 22], go: 4 });
  trial.read({ at: [10, 11, 20, 21, 22] });
  const line = headOfLine(trial.history, measuredIn(trial.history, 3), callsIn(trial.history, 3), around);
  assert.deepEqual(micro(line), { queued: 6 + 10, behindDevice: 10, behindCgroup: 10 });
});
