import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseJobFile } from '../../datasets/fio.ts';
import { Recorder } from '../../engine/recorder.ts';
import { stamp } from '../../engine/stamps.ts';
import { FLUSH, historyBytes, openHistory, READ, WRITE } from '../../ordering/history.ts';

test('operations of several lengths are noted, stamped and checked with their own', () => {
  const workload = parseJobFile('[a]\nsize=1m\nrw=randrw\nbssplit=4k/50:16k/50\n', 'a.fio');
  const history = openHistory(new SharedArrayBuffer(historyBytes(1, 8, 64)), 1, 8, 64);
  const data = new Uint32Array(16384 / 4);
  const trial = 7;
  const recorder = new Recorder({
    history,
    submitter: 0,
    notes: -1,
    job: workload.jobs[0]!,
    unitBytes: 4096,
    dataHeld: true,
    base: 5,
    trial,
    data,
    bufferWords: data.length,
  });
  const long = recorder.prepare(WRITE, 0, 0, 8192, 16384, 0);
  assert.deepEqual([data[0], data[2], data[3]], [trial, 16, 1]);
  assert.equal(data[12288 / 4 + 3], 1, 'the last unit is stamped');
  recorder.finished(long, WRITE, 0, 8192, 16384, 0, 16384);
  data.fill(0);
  const short = recorder.prepare(WRITE, 0, 0, 0, 4096, 0);
  assert.equal(data[4096 / 4], 0, 'nothing behind the block is stamped');
  recorder.finished(short, WRITE, 0, 0, 4096, 0, 4096);
  const flush = recorder.prepare(FLUSH, 0, 0, 0, 0, 0);
  recorder.finished(flush, FLUSH, 0, 0, 0, 0, 0);
  const first = recorder.prepare(READ, 0, 0, 8192, 4096, 0);
  const second = recorder.prepare(READ, 0, 0, 8192, 16384, 0);
  assert.deepEqual([...history.units.subarray(0, 5)], [4, 1, 0, 1, 4]);
  assert.equal(history.seenAt[second]! - history.seenAt[first]!, 1);
  stamp(data, 0, 16384, 8192, trial, 0, 1);
  recorder.finished(second, READ, 0, 8192, 16384, 0, 16384);
  // What lies behind a short read in its buffer is not of it.
  stamp(data, 1024, 12288, 12288, trial, 0, 9);
  recorder.finished(first, READ, 0, 8192, 4096, 0, 4096);
  assert.deepEqual([...history.seen.subarray(0, 6)], [1, 1, 1, 1, 1, 0]);
  assert.equal(recorder.report.bytes, 16384 + 4096 + 16384 + 4096);
  assert.equal(recorder.report.failure, undefined);
});

test('a transfer that is shorter than its own block is a failure', () => {
  const workload = parseJobFile('[a]\nsize=1m\nbssplit=4k/50:16k/50\n', 'a.fio');
  const recorder = new Recorder({
    history: undefined,
    submitter: 0,
    notes: -1,
    job: workload.jobs[0]!,
    unitBytes: 4096,
    dataHeld: true,
    base: 5,
    trial: 7,
    data: new Uint32Array(4096),
    bufferWords: 4096,
  });
  recorder.finished(0, READ, 0, 0, 4096, 0, 4096);
  assert.equal(recorder.report.failure, undefined);
  recorder.finished(1, READ, 0, 4096, 16384, 0, 4096);
  assert.deepEqual(recorder.report.failure, {
    kind: READ,
    device: 0,
    offset: 4096,
    bytes: 16384,
    result: 4096,
  });
});
