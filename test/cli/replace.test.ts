/** Devices replaced under load by a user's run: every design keeps `integrity`, and nothing is left. */
import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { readResults } from '../../datasets/results.ts';
import { whyNoRing } from '../../engine/ring.ts';
import { folderFor, leftIn, run } from './program.ts';

/** Three disks with a job each, and one job that goes round them; the third disk's neighbour is the first. */
const JOBS = `[global]
rw=randrw
bs=4k
size=1m
iodepth=4
fsync=16
time_based
runtime=120ms
[a]
filename=d0
[b]
filename=d1
[c]
filename=d2
[d]
filename=d0:d1:d2
`;
/** With a dispatch table and without, with a gate and a front, and where the submitters are the readers of the file table. */
const DESIGNS = ['single-wq', 'shared-pool:2', 'blk-flush>n-wq:2+quiesce', 'inline', 'nowait'];

test('designs keep their claims while devices are replaced', async (t) => {
  const folder = folderFor(t, JOBS);
  const cells = whyNoRing() === undefined ? 2 : 1;
  const words = [
    '--replace',
    '1',
    '--rounds',
    '1',
    '--out',
    'out',
    ...(cells === 1 ? ['--backend', 'sync'] : []),
  ];
  const { code, stdout, stderr } = await run(
    t,
    { cwd: folder },
    'run',
    't.fio',
    '--designs',
    DESIGNS.join(','),
    ...words,
  );
  assert.equal(code, 0, stderr + stdout);
  const { records } = readResults(join(folder, 'out'));
  assert.deepEqual(
    records.filter(({ reference, skipped }) => reference !== (skipped !== undefined)),
    [],
    'a reference row has no file table',
  );
  const trials = records.filter(({ skipped }) => skipped === undefined);
  assert.equal(trials.length, cells * DESIGNS.length);
  for (const { design, verdicts, replaced, settings, failure, metrics } of trials) {
    assert.equal(failure, undefined, design);
    assert.equal(settings.replaceMs, 1);
    assert.equal(verdicts.integrity.lost, 0, verdicts.integrity.witness?.sentence);
    assert.ok(verdicts.integrity.proved > 0, design);
    assert.ok(replaced!.devices > 0 && replaced!.grace!.n === replaced!.devices, design);
    assert.ok(metrics.reads + metrics.writes > 0);
  }
  assert.ok(trials.some(({ replaced }) => replaced!.refused > 0));
  assert.match(stdout, /Devices were replaced under load, 1 ms after each other/);
  assert.match(stdout, /t, \w+, shared-pool:2 +.*max .*; \d+ devices, .* found theirs detached/);
  assert.deepEqual(leftIn(folder), []);
});

test('what can not be replaced is refused before anything is made', async (t) => {
  const folder = folderFor(t);
  const refused = async (says: RegExp, ...words: string[]): Promise<void> => {
    const { code, stderr } = await run(t, { cwd: folder }, 'run', 't.fio', ...words);
    assert.equal(code, 2, stderr);
    assert.match(stderr, says);
  };
  await refused(/--replace is a whole number from 1 to 60000, not '0'/, '--replace', '0');
  await refused(/null backend has none/, '--replace', '5', '--backend', 'null');
  await refused(
    /plays jbd2, and a journal ends with the first ENODEV/,
    '--replace',
    '5',
    '--workloads',
    'jbd2',
  );
  const own = join(folder, 't.fio');
  const named = folderFor(t, JOBS.replaceAll('d0', own));
  const { code, stderr } = await run(t, { cwd: named }, 'run', 't.fio', '--replace', '5', '--overwrite', own);
  assert.equal(code, 2);
  assert.match(stderr, /--replace: .*t\.fio of t\.fio is not the run's own to replace/);
  assert.deepEqual(readdirSync(folder), ['t.fio']);
});

test('a run on several numbers of devices has a table for each', async (t) => {
  const folder = folderFor(t);
  const words = [
    '--devices',
    '1,3,40',
    '--backend',
    'sync',
    '--rounds',
    '1',
    '--designs',
    'shared-pool:2',
    '--out',
    'out',
  ];
  const { code, stderr } = await run(t, { cwd: folder }, 'run', 't.fio', ...words);
  assert.equal(code, 0, stderr);
  const { records } = readResults(join(folder, 'out'));
  assert.deepEqual([...new Set(records.map(({ workload }) => workload))], ['t-1dev', 't-3dev', 't-40dev']);
  assert.ok(
    records.every(({ failure, metrics }) => failure === undefined && metrics.reads + metrics.writes > 0),
  );
  const bad = await run(t, { cwd: folder }, 'run', 't.fio', '--devices', '1,2000');
  assert.deepEqual([bad.code, /--devices is a whole number from 1 to 1024/.test(bad.stderr)], [2, true]);
});
