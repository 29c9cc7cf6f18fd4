import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import {
  engineFor,
  fioSide,
  forFio,
  noteOf,
  ourSide,
  type Side,
  slackOf,
} from '../../benchmarks/cross/rows.ts';
import type { FioResult } from '../../benchmarks/floor/fio.ts';
import { inPairs } from '../../benchmarks/pairs.ts';
import { parseJobFile } from '../../datasets/fio.ts';
import type { SubmitterReport } from '../../engine/recorder.ts';

const parse = (...lines: string[]) => parseJobFile(['[a]', 'size=1m', ...lines].join('\n'), 'a.fio');

function fioResult(reads: number, writes: number, syncs: number, runtime: number): FioResult {
  const direction = (total_ios: number) => ({ iops: 0, io_bytes: 0, total_ios, runtime });
  return {
    jobname: 'a',
    error: 0,
    read: direction(reads),
    write: direction(writes),
    sync: { total_ios: syncs },
  };
}

function report(change: Partial<SubmitterReport>): SubmitterReport {
  return {
    origin: 0,
    start: 0,
    end: 0,
    inWindow: 0,
    reads: 0,
    writes: 0,
    flushes: 0,
    closing: 0,
    bytes: 0,
    blocked: 0,
    oddities: [],
    failed: 0,
    detached: 0,
    cut: false,
    ...change,
  };
}

test('rates and flushes of both sides', () => {
  const workload = parse('rw=write', 'fsync=4', 'numjobs=2');
  const fio = fioSide(workload, [fioResult(0, 103, 25, 500), fioResult(0, 50, 12, 400)]);
  assert.deepEqual(fio, { iops: 306, writes: 153, flushes: 37, asked: 25 + 12 });
  const ours = ourSide(workload, [
    report({ start: 1e9, end: 1.5e9, inWindow: 100, writes: 103, flushes: 25 }),
    report({ start: 1.1e9, end: 1.6e9, inWindow: 50, writes: 50, flushes: 12 }),
  ]);
  assert.deepEqual(ours, { iops: 250, writes: 153, flushes: 37, asked: 37 });
  const failure = { kind: 1, device: 0, offset: 4096, bytes: 4096, result: -5 };
  assert.throws(() => ourSide(workload, [report({ failure })]), /at 4096 returned -5/);
});

test('several files are flushed each by its own count', () => {
  const workload = parse('rw=write', 'fsync=4', 'filename=x:y');
  assert.equal(ourSide(workload, [report({ end: 1e9, writes: 31 })]).asked, 6);
  assert.equal(slackOf(workload), 2);
  assert.equal(slackOf(parse('rw=write')), 0);
});

test('fio stands beside a ring with io_uring, unless it would flush too often there', () => {
  assert.equal(engineFor(parse('rw=write', 'fsync=4')), 'io_uring');
  assert.equal(engineFor(parse('rw=write', 'iodepth=4')), 'io_uring');
  assert.equal(engineFor(parse('rw=write', 'iodepth=4', 'fsync=4')), 'libaio');
  assert.equal(engineFor(parse('rw=write', 'iodepth=2', 'fdatasync=1')), 'libaio');
});

test('fio gets the job file with nothing changed but engine and O_DIRECT', () => {
  const text = '# direct=0\n[global]\n ioengine = psync\ndirect=1\nbs=4k\n[direct]\nsize=1m\n';
  assert.equal(
    forFio(text, 'libaio', false),
    '[global]\nioengine=libaio\ndirect=0\ninvalidate=0\n# direct=0\n[global]\nbs=4k\n[direct]\nsize=1m\n',
  );
});

test('a row says where the flushes of fio are not what the file asks for', () => {
  const side = (flushes: number, asked: number): Side[] => [{ iops: 1, writes: 1, flushes, asked }];
  const note = (flushes: number, asked: number, ...lines: string[]) =>
    noteOf(parse(...lines), 'io_uring', true, side(flushes, asked));
  assert.equal(note(25, 25, 'rw=write', 'fsync=4'), '');
  assert.equal(note(24, 25, 'rw=write', 'fsync=4'), '');
  assert.equal(note(27, 25, 'rw=write', 'fsync=4'), 'FIO FLUSHES TOO OFTEN');
  assert.equal(note(23, 25, 'rw=write', 'fsync=4'), 'FIO FLUSHES TOO SELDOM');
  assert.equal(note(60, 25, 'rw=randrw', 'fsync=4'), 'fio flushes after reads too');
  assert.equal(note(0, 25, 'rw=write', 'fdatasync=4'), 'fio counts no fdatasync');
  assert.equal(
    noteOf(parse('rw=write', 'fsync=4', 'iodepth=2'), 'libaio', false, side(25, 25)),
    'libaio for its syncs: it blocks',
  );
});

test('pairs begin with either side in turn, after one run of each that does not count', async () => {
  const order: string[] = [];
  const all = await inPairs(
    3,
    async () => order.push('a'),
    async () => order.push('b'),
  );
  assert.equal(order.join(''), 'ababbaab');
  assert.deepEqual(all, { ours: [3, 6, 7], theirs: [4, 5, 8] });
});

test('the bench runs, on a tiny job file', (t) => {
  if (spawnSync('fio', ['--version']).error) return t.skip('fio is not installed');
  const folder = mkdtempSync(join(process.cwd(), 'loopwq-test-cross-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  const path = join(folder, 'tiny.fio');
  writeFileSync(path, '[a]\nrw=randwrite\nsize=1m\nfsync=8\nnumber_ios=81\nnrfiles=2\n');
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    [fileURLToPath(new URL('../../benchmarks/cross/cross.js', import.meta.url)), path],
    { cwd: folder, encoding: 'utf8', env: { ...process.env, LOOPWQ_CROSS_PAIRS: '2' }, timeout: 60_000 },
  );
  if (/io_uring_setup/.test(stderr)) return t.skip(stderr);
  assert.equal(status, 0, stderr);
  assert.match(stdout, /^tiny, buffered +io_uring .* \[[\d.]+, [\d.]+\]/m);
  // 41 and 40 writes to two files, each with a flush after 8: 10 for 81 writes.
  assert.match(stdout, /^tiny, direct .* 123\.5 /m);
  assert.deepEqual(readdirSync(folder), ['tiny.fio'], 'nothing is left behind');
});
