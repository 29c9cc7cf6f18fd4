/** `loopwq export`: a file or stdout, nothing overwritten. */
import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { exampleRecords } from '../datasets/formats/export-data.ts';
import { folderFor, run } from './program.ts';

test('export writes to stdout, or to a file that was not there', async (t) => {
  const folder = folderFor(t);
  writeFileSync(
    join(folder, 'a.jsonl'),
    exampleRecords()
      .map((record) => `${JSON.stringify(record)}\n`)
      .join(''),
  );
  const ask = (...args: string[]) => run(t, { cwd: folder }, 'export', ...args);
  const { code, stdout } = await ask('a.jsonl', '--format', 'csv');
  assert.equal(code, 0);
  assert.equal(stdout.trimEnd().split('\n').length, 7);
  const first = await ask('a.jsonl', '--format', 'csv', '--out', 'x.csv');
  assert.deepEqual([first.code, first.stdout], [0, '']);
  assert.equal(readFileSync(join(folder, 'x.csv'), 'utf8'), stdout);
  const again = await ask('a.jsonl', '--format', 'bencher', '--out', 'x.csv');
  assert.equal(again.code, 2);
  assert.match(again.stderr, /x\.csv: exists/);
  assert.equal(readFileSync(join(folder, 'x.csv'), 'utf8'), stdout);
  const unknown = await ask('a.jsonl', '--format', 'bench');
  assert.deepEqual([unknown.code, unknown.stdout], [2, '']);
  assert.match(unknown.stderr, /unknown format 'bench'.*Valid: csv, fio, bencher/);
  assert.match((await ask('a.jsonl')).stderr, /--format is missing/);
});
