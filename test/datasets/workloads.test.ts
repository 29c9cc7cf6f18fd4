import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { InputError } from '../../datasets/errors.ts';
import { listWorkloads, loadWorkload } from '../../datasets/workloads.ts';

test('flush-heavy is what the comparison says it is', () => {
  const { name, summary, direct, files, unitBytes, jobs } = loadWorkload('flush-heavy');
  assert.equal(name, 'flush-heavy');
  assert.match(summary, /loop: it looks like REQ_OP_FLUSH could return before IO completion/);
  assert.equal(direct, undefined, 'the comparison runs it direct and buffered');
  assert.deepEqual(files, [{ name: 'disk', bytes: 64 * 2 ** 20 }]);
  assert.equal(unitBytes, 4096);
  assert.equal(jobs.length, 4);
  for (const job of jobs) {
    const { pattern, iodepth, fsync, dataSync, runtime, count } = job;
    assert.deepEqual(
      { pattern, iodepth, fsync, dataSync, runtime, count, files: job.files },
      { pattern: 'randwrite', iodepth: 8, fsync: 32, dataSync: false, runtime: 0.2, count: 0, files: [0] },
    );
  }
  assert.equal(new Set(jobs.map((job) => job.randseed)).size, 4, 'every submitter draws its own offsets');
});

test('mixed is four disks with a submitter each', () => {
  const { summary, direct, files, jobs } = loadWorkload('mixed');
  assert.match(summary, /loop: it looks like REQ_OP_FLUSH could return before IO completion/);
  assert.equal(direct, undefined);
  assert.deepEqual(
    files,
    [0, 1, 2, 3].map((disk) => ({ name: `disk${disk}`, bytes: 4 * 2 ** 20 })),
  );
  assert.deepEqual(
    jobs.map((job) => [
      job.files,
      job.pattern,
      job.readPercent,
      job.iodepth,
      job.fsync,
      job.runtime,
      job.count,
    ]),
    [0, 1, 2, 3].map((disk) => [[disk], 'randrw', 70, 8, 8, 0.12, 0]),
  );
});

/** What tells the other workloads apart: jobs, pattern, block sizes, depth, flushes, files. */
const LIBRARY: Record<
  string,
  [jobs: number, pattern: string, bs: number, depth: number, fsync: number, files: number]
> = {
  'loop-mq-randread': [1, 'randread', 4096, 64, 0, 1],
  'loop-mq-read': [1, 'read', 4096, 64, 0, 1],
  'loop-mq-randwrite': [1, 'randwrite', 4096, 64, 0, 1],
  'loop-mq-write': [1, 'write', 4096, 64, 0, 1],
  'fsync-1': [1, 'randwrite', 4096, 1, 1, 1],
  'fsync-4': [4, 'randwrite', 4096, 1, 1, 1],
  'fsync-16': [16, 'randwrite', 4096, 1, 1, 1],
  qd1: [2, 'randread', 4096, 1, 0, 1],
  wal: [2, 'write', 8192, 1, 1, 1],
  'vm-image': [2, 'randrw', 65536, 16, 64, 1],
  'files-direct': [4, 'randwrite', 4096, 16, 0, 4],
  snapshots: [4, 'randwrite', 4096, 8, 8, 1],
  jbd2: [2, 'write', 16384, 16, 0, 1],
  'jbd2-async-commit': [2, 'write', 16384, 16, 0, 1],
  'xfs-log': [2, 'write', 16384, 16, 0, 1],
  'fire-and-forget': [2, 'write', 16384, 16, 0, 1],
  neighbours: [2, 'randwrite', 4096, 8, 16, 2],
  'many-devices': [16, 'randrw', 4096, 4, 32, 16],
};

test('the library is what it says it is', () => {
  for (const [name, expected] of Object.entries(LIBRARY)) {
    const { jobs, files } = loadWorkload(name);
    const { pattern, bs, iodepth, fsync } = jobs[0]!;
    assert.deepEqual([jobs.length, pattern, bs, iodepth, fsync, files.length], expected, name);
  }
  const { jobs } = loadWorkload('wal');
  assert.deepEqual(
    jobs.map((job) => [job.name, job.pattern, job.dataSync, job.offset, job.rate]),
    [
      ['log', 'write', true, undefined, undefined],
      ['pages', 'randwrite', false, 16 * 2 ** 20, { read: 0, write: 500 }],
    ],
  );
  const image = loadWorkload('vm-image').jobs[0]!;
  assert.deepEqual(image.choice, { kind: 'zipf', theta: 1.1 });
  assert.deepEqual(
    image.split?.read.map(({ bytes, percent }) => [bytes / 1024, percent]),
    [
      [4, 60],
      [16, 25],
      [64, 15],
    ],
  );
  assert.equal(loadWorkload('files-direct').direct, true);
});

test('every shipped workload says where it comes from and what it asks, and fits the budget of a cell', () => {
  for (const { name, summary, jobs, files } of listWorkloads()) {
    assert.match(summary, /\bQuestion: [^?]*\?/, name);
    assert.match(summary, /^Origin: /m, name);
    for (const { runtime, count, ramp } of jobs) {
      assert.ok(runtime > 0 && runtime <= 0.2, name);
      assert.deepEqual([count, ramp], [0, undefined], name);
    }
    const bytes = files.reduce((sum, file) => sum + file.bytes, 0);
    assert.ok(bytes <= 128 * 2 ** 20, `${name}: ${bytes} bytes of files`);
  }
});

test('the list is sorted, and a list entry is what its name loads', () => {
  const list = listWorkloads();
  const names = list.map((workload) => workload.name);
  assert.deepEqual(names, [...names].sort());
  assert.ok(names.includes('flush-heavy') && names.includes('mixed'));
  for (const workload of list) {
    assert.deepEqual(workload, loadWorkload(workload.name));
    assert.notEqual(workload.summary, '', `${workload.name} says what it asks`);
  }
});

test('fio itself accepts every shipped job file, but those of clients, which it refuses for their key', (t) => {
  if (spawnSync('fio', ['--version']).error) return t.skip('fio is not installed');
  const isClient = ({ jobs }: (typeof all)[number]): boolean => jobs.some((job) => job.client !== undefined);
  const all = listWorkloads();
  const clients = all.filter(isClient);
  assert.equal(clients.length, 4);
  const refused = spawnSync('fio', ['--parse-only', clients[0]!.path], { encoding: 'utf8' });
  assert.match(`${refused.stdout}${refused.stderr}`, /Bad option <client=/);
  const paths = all.filter((workload) => !isClient(workload)).map(({ path }) => path);
  // One start of fio takes longer than reading them all; it names the section and the key that it refuses.
  const { status, stdout, stderr } = spawnSync('fio', ['--parse-only', ...paths], { encoding: 'utf8' });
  assert.equal(status, 0, `${stdout}${stderr}`);
});

test('a slash or the ending makes it a path', (t) => {
  const dir = mkdtempSync(join(tmpdir(), 'loopwq-'));
  t.after(() => rmSync(dir, { recursive: true }));
  const path = join(dir, 'mixed');
  writeFileSync(path, '[a]\nsize=8k\n');
  assert.equal(loadWorkload(path).jobs[0]!.count, 2);
  assert.throws(() => loadWorkload(dir), InputError, 'a folder is no job file');
  assert.throws(() => loadWorkload('mixed.fio'), {
    name: 'InputError',
    message: /^mixed\.fio: can't read the job file: ENOENT/,
  });
});

test('an unknown name gives the nearest and the list', () => {
  const message =
    /^unknown workload 'flush-hevy'\. Did you mean 'flush-heavy'\? Valid: .*flush-heavy, .*mixed/;
  assert.throws(() => loadWorkload('flush-hevy'), { name: 'InputError', message });
  assert.throws(() => loadWorkload(''), { name: 'InputError', message: /^unknown workload ''\. Valid: / });
});
