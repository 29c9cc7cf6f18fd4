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
    [0, 1, 2, 3].map((disk) => [[disk], 'randrw', 70, 8, 8, 0.2, 0]),
  );
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

test('fio itself accepts every shipped job file', (t) => {
  if (spawnSync('fio', ['--version']).error) return t.skip('fio is not installed');
  for (const { path } of listWorkloads()) {
    const { status, stdout, stderr } = spawnSync('fio', ['--parse-only', path], { encoding: 'utf8' });
    assert.equal(status, 0, `${path}: ${stdout}${stderr}`);
  }
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
