import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseJobFile } from '../../datasets/fio.ts';
import { Course } from '../../engine/course.ts';
import { Generator } from '../../engine/generator.ts';
import { Recorder } from '../../engine/recorder.ts';
import { CONTROL } from '../../engine/shared.ts';
import { FLUSH, KIND_NAMES } from '../../ordering/history.ts';

const MS = 1e6;

/** A submitter that only counts, on a clock of its own; operations complete when the test says so. */
const start = (...lines: string[]) => startFor(0, ...lines);

function startFor(limit: number, ...lines: string[]) {
  const job = parseJobFile(['[a]', 'size=1m', ...lines].join('\n'), 'a.fio').jobs[0]!;
  const generator = new Generator(job, 1);
  const recorder = new Recorder({
    history: undefined,
    submitter: 0,
    notes: -1,
    job,
    unitBytes: 512,
    dataHeld: false,
    base: 0,
    trial: 0,
    data: new Uint32Array(),
    bufferWords: 0,
  });
  const { report } = recorder;
  const control = new Int32Array(new SharedArrayBuffer(CONTROL.words * 4));
  const course = new Course(job, generator, report, control, 0, limit);
  const outstanding: { kind: number; bytes: number; device: number }[] = [];
  const trace: string[] = [];
  return {
    course,
    report,
    control,
    trace,
    outstanding,
    /** What a submitter does in one turn of its loop at `clock`, with all its tags. */
    turn(clock: number): void {
      course.look(clock);
      while (outstanding.length < job.iodepth && course.may(clock, outstanding.length)) {
        course.advance();
        const { kind, bytes, device } = generator;
        outstanding.push({ kind, bytes, device });
        trace.push(`${clock / MS} ${KIND_NAMES[kind]}${kind === FLUSH ? ` ${device}` : ''}`);
        course.endWhenDue(clock);
      }
    },
    complete(count = outstanding.length): void {
      for (const { kind, bytes, device } of outstanding.splice(0, count)) {
        recorder.finished(0, kind, 0, 0, bytes, device, kind === FLUSH ? 0 : bytes);
      }
    },
  };
}

test('a job ends after its count, and is over with its last acknowledgement', () => {
  const job = start('number_ios=5', 'iodepth=3', 'rw=write');
  job.turn(1 * MS);
  assert.equal(job.outstanding.length, 3);
  job.complete(1);
  job.turn(2 * MS);
  job.complete();
  job.turn(3 * MS);
  assert.equal(job.trace.length, 5);
  assert.ok(job.course.isOver());
  job.complete();
  job.course.finish(9 * MS);
  assert.deepEqual([job.report.start, job.report.end, job.report.inWindow], [0, 9 * MS, 5]);
});

test('a job with several sizes ends when its bytes are issued', () => {
  const job = start('size=1m', 'filename=x', 'bssplit=4k/50:64k/50', 'rw=randwrite');
  while (!job.course.isOver()) {
    job.turn(1);
    job.complete();
  }
  assert.equal(job.report.bytes, 2 ** 20);
});

test('a timed job counts what was acknowledged while it issued', () => {
  const job = start('runtime=10ms', 'time_based', 'iodepth=2', 'rw=randread');
  job.turn(0);
  job.complete(1);
  job.turn(9 * MS);
  job.complete(1);
  job.turn(10 * MS);
  assert.ok(job.course.isOver());
  job.complete();
  job.course.finish(12 * MS);
  assert.deepEqual([job.report.end, job.report.inWindow, job.report.reads], [10 * MS, 2, 3]);
});

test('the time of the last issue ends a timed job as well', () => {
  const job = start('runtime=10ms', 'time_based', 'rw=randread');
  job.turn(5 * MS);
  job.complete();
  job.course.look(6 * MS);
  assert.ok(job.course.may(6 * MS, 0));
  job.course.advance();
  job.course.endWhenDue(10 * MS);
  assert.ok(job.course.isOver());
});

test('nothing of the ramp counts, and the run time begins behind it', () => {
  const job = start('runtime=10ms', 'time_based', 'ramp_time=5ms', 'rw=write', 'fsync=1', 'iodepth=4');
  job.turn(0);
  job.complete();
  job.turn(4 * MS);
  job.complete();
  assert.deepEqual([job.report.writes, job.report.flushes], [4, 4]);
  job.turn(6 * MS);
  assert.deepEqual([job.report.start, job.report.origin], [6 * MS, 0]);
  job.complete(2);
  job.turn(15.9 * MS);
  assert.ok(!job.course.isOver());
  job.complete();
  job.turn(16 * MS);
  assert.ok(job.course.isOver());
  job.complete();
  job.course.finish(17 * MS);
  const { start: from, end, inWindow, writes, flushes, bytes } = job.report;
  assert.deepEqual([from, end, inWindow, writes, flushes, bytes], [6 * MS, 16 * MS, 3, 3, 3, 3 * 4096]);
});

test('a stop within the ramp leaves what was counted', () => {
  const job = start('runtime=10ms', 'time_based', 'ramp_time=5ms', 'rw=write');
  job.turn(0);
  job.complete();
  job.control[CONTROL.stopIssuing] = 1;
  job.turn(2 * MS);
  assert.ok(job.course.isOver());
  job.course.finish(2 * MS);
  assert.deepEqual([job.report.start, job.report.end, job.report.inWindow], [0, 2 * MS, 1]);
});

test('a rest begins when all is acknowledged; a flush that is due ends it, and rests not', () => {
  const job = start('thinktime=1ms', 'iodepth=8', 'rw=write', 'fsync=2');
  for (let clock = 0; clock <= 4 * MS; clock += 0.5 * MS) {
    job.turn(clock);
    job.complete();
  }
  // As in fio: write, rest, write, rest, flush and the next write with it.
  assert.deepEqual(job.trace, ['0 WRITE', '1.5 WRITE', '3 FLUSH 0', '3 WRITE']);
  const slow = start('thinktime=1ms', 'iodepth=8', 'rw=write');
  slow.turn(0);
  slow.turn(5 * MS);
  assert.equal(slow.trace.length, 1, 'nothing is issued beside what is outstanding');
  slow.complete();
  slow.turn(6 * MS);
  assert.equal(slow.course.timeLeft(6.25 * MS), 0.75 * MS);
  slow.turn(7 * MS);
  assert.equal(slow.trace.length, 2);
});

test('an open loop issues what is due, and catches up with what came too late', () => {
  const job = start('rate_iops=1000', 'iodepth=2', 'rw=randread');
  job.turn(0);
  assert.deepEqual(job.trace, ['0 READ']);
  assert.equal(job.course.timeLeft(0), 1 * MS);
  job.turn(0.9 * MS);
  assert.equal(job.trace.length, 1);
  // Both tags are taken at 1 ms; what was due at 2 and 3 ms waits for one.
  job.turn(1 * MS);
  job.turn(3.5 * MS);
  assert.equal(job.trace.length, 2);
  job.complete();
  job.turn(3.5 * MS);
  assert.deepEqual(job.trace.slice(2), ['3.5 READ', '3.5 READ']);
});

test('sleeps are short, and end with the job', () => {
  const idle = start('rate_iops=1', 'rw=randread', 'runtime=30ms', 'time_based');
  idle.turn(0);
  idle.complete();
  idle.turn(1 * MS);
  assert.equal(idle.course.timeLeft(1 * MS), 29 * MS);
  const long = start('rate_iops=1', 'rw=randread');
  long.turn(0);
  long.complete();
  long.turn(1 * MS);
  assert.equal(long.course.timeLeft(1 * MS), 50 * MS);
  const plain = start('rw=randread');
  plain.turn(0);
  assert.equal(plain.course.timeLeft(0), Number.POSITIVE_INFINITY);
});

test('end_fsync flushes each file by itself when all is acknowledged, and counts nowhere but in time', () => {
  const job = start('number_ios=3', 'iodepth=4', 'rw=write', 'end_fsync=1', 'filename=x:y', 'fsync=1');
  job.turn(0);
  job.complete(1);
  job.turn(1 * MS);
  job.complete(3);
  job.turn(2 * MS);
  assert.ok(!job.course.isOver());
  for (let clock = 3; job.outstanding.length > 0; clock++) {
    job.turn(clock * MS);
    job.complete(1);
  }
  assert.ok(!job.course.isOver());
  job.turn(10 * MS);
  assert.ok(!job.course.isOver(), 'one flush at a time');
  job.complete();
  job.turn(11 * MS);
  assert.ok(job.course.isOver());
  job.complete();
  job.course.finish(12 * MS);
  assert.deepEqual(job.trace.slice(-2), ['10 FLUSH 0', '11 FLUSH 1']);
  const { end, flushes, closing, inWindow } = job.report;
  assert.deepEqual([end, flushes, closing, inWindow], [12 * MS, 2, 2, 3]);
});

test('the flushes at the end lengthen a timed job, as in fio', () => {
  const job = start('runtime=10ms', 'time_based', 'rw=write', 'end_fsync=1', 'iodepth=2');
  job.turn(0);
  job.complete(1);
  job.turn(10 * MS);
  job.complete();
  job.turn(11 * MS);
  job.complete();
  job.turn(15 * MS);
  job.course.finish(15 * MS);
  assert.deepEqual([job.report.end, job.report.inWindow], [15 * MS, 2]);
});

test('a job that only read has nothing to flush at the end', () => {
  const job = start('number_ios=1', 'rw=read', 'end_fsync=1');
  job.turn(0);
  assert.ok(job.course.isOver());
});

test('a stop takes the flushes at the end with it', () => {
  const job = start('number_ios=1', 'rw=write', 'end_fsync=1', 'filename=x:y');
  job.turn(0);
  assert.ok(!job.course.isOver());
  job.control[CONTROL.stopIssuing] = 1;
  job.turn(1 * MS);
  assert.ok(job.course.isOver());
});

test('a limit ends a job early and leaves its ramp out, and a job that ends by count as well', () => {
  const timed = startFor(0.003, 'time_based', 'runtime=10', 'ramp_time=5', 'iodepth=1', 'rw=write');
  timed.turn(1 * MS);
  timed.complete();
  assert.deepEqual([timed.report.writes, timed.report.start, timed.course.isOver()], [1, 0, false]);
  timed.turn(3 * MS);
  timed.complete();
  assert.equal(timed.course.isOver(), true);
  const counted = startFor(0.003, 'number_ios=1000', 'iodepth=1', 'rw=write');
  counted.turn(2 * MS);
  counted.complete();
  assert.equal(counted.course.isOver(), false);
  counted.turn(3 * MS);
  assert.equal(counted.course.isOver(), true);
  const short = startFor(5, 'time_based', 'runtime=2ms', 'iodepth=1', 'rw=write');
  short.turn(2 * MS);
  assert.equal(short.course.isOver(), true, 'a limit makes nothing longer');
});
