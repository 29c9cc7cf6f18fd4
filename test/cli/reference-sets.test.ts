/** The committed result sets: whole, neutral, and taken by the commands that the README names them for. */
import assert from 'node:assert/strict';
import { existsSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { gunzipSync } from 'node:zlib';
import { readResults } from '../../datasets/results.ts';
import { readRunFile, runFileBeside } from '../../datasets/run-file.ts';
import { folderFor, run } from './program.ts';

const ROOT = fileURLToPath(new URL('../../../', import.meta.url));
const SETS = { thread: 4, writers: 4 };

for (const [name, cells] of Object.entries(SETS)) {
  const folder = join(ROOT, 'datasets/results', name);

  test(`${name}: each design has each round of each cell once, and nothing names the machine`, () => {
    const { path, records, truncated } = readResults(folder);
    const { designs, argv } = readRunFile(runFileBeside(path))!;
    assert.equal(truncated, false);
    assert.ok(statSync(path).size < 300_000);
    const keys = records.map((r) => `${r.workload} ${r.direct} ${r.round} ${r.design}`);
    assert.equal(new Set(keys).size, records.length);
    assert.equal(records.length, cells * 6 * designs.length);
    assert.ok(records.every((r) => r.skipped === undefined && r.failure === undefined));
    assert.deepEqual([...new Set(records.map((r) => r.host.hostname))], ['reference']);
    assert.doesNotMatch(gunzipSync(readFileSync(path)).toString(), /\/(home|root|tmp|work|usr|Users)\b/);
    for (const word of argv.filter((it) => it.endsWith('.fio')))
      assert.ok(existsSync(join(ROOT, word)), word);
  });
}

test('compare, export and report take a set as they take any results', async (t) => {
  const cwd = folderFor(t);
  const set = join(ROOT, 'datasets/results/thread');
  const compared = await run(t, { cwd }, 'compare', set, '--base', 'single-wq', '--new', 'n-wq:4+quiesce');
  assert.match(compared.stdout, /inconclusive of \d+ cells\.\n$/);
  assert.equal(compared.stderr, '');
  const mail = await run(t, { cwd }, 'report', set, '--mail');
  assert.deepEqual([mail.code, mail.stderr], [0, '']);
  assert.match(mail.stdout, /^Subject: \[RFC\] loop: 6 queue designs compared$/m);
  assert.match(mail.stdout, /^n-wq:4\+quiesce\s+\| .*P 0U 0L/m);
  assert.doesNotMatch(mail.stdout, /Inconclusive/);
  for (const line of mail.stdout.split('\n')) assert.ok(line.length <= 72 || /^ {2}\S+ \\$/.test(line), line);
  const exported = await run(t, { cwd }, 'export', set, '--format', 'csv');
  assert.equal(exported.code, 0);
  assert.equal(exported.stdout.trimEnd().split('\n').length, 1 + 4 * 6 * 8);
});
