import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { InputError } from '../../datasets/errors.ts';
import { type RunFile, readRunFile, runFileBeside, writeRunFile } from '../../datasets/run-file.ts';

const RUN: RunFile = {
  schema: 'loopwq.run',
  version: 1,
  run: 'r-1',
  argv: ['run', '--designs', 'raw,blk-flush>n-wq:4', "it's.fio"],
  designs: ['raw', 'blk-flush>n-wq:4'],
  base: 'blk-flush>n-wq:4',
  seed: 7,
};

function folder(t: TestContext): string {
  const path = mkdtempSync(join(tmpdir(), 'loopwq-test-run-file-'));
  t.after(() => rmSync(path, { recursive: true }));
  return path;
}

test('what was written is read, and nothing is written over', (t) => {
  const path = join(folder(t), 'run.json');
  assert.equal(readRunFile(path), undefined);
  writeRunFile(path, RUN);
  assert.deepEqual(readRunFile(path), RUN);
  assert.throws(() => writeRunFile(path, RUN), /run\.json: can't be written: EEXIST/);
});

test('it stands beside its results, under a name of its own where several share a folder', () => {
  assert.equal(runFileBeside('/a/results.jsonl'), '/a/run.json');
  assert.equal(runFileBeside('/a/base.jsonl'), '/a/base.run.json');
});

test('what is none is refused with the file and the field', (t) => {
  const path = join(folder(t), 'run.json');
  const cases: [content: unknown, message: RegExp][] = [
    [undefined, /run\.json: can't be read: /],
    [null, /: no loopwq\.run file/],
    [[], /: no loopwq\.run file/],
    [{ ...RUN, schema: 'loopwq.trial' }, /: no loopwq\.run file/],
    [{ ...RUN, version: 2 }, /newer loopwq \(version 2, this one reads 1\)/],
    [{ ...RUN, version: '1' }, /: version is not 1/],
    [{ ...RUN, run: 1 }, /: run is no string/],
    [{ ...RUN, argv: 'run' }, /: argv is no list of strings/],
    [{ ...RUN, argv: [1] }, /: argv is no list of strings/],
    [{ ...RUN, designs: [] }, /: designs is no list of names/],
    [{ ...RUN, base: 'n-wq:4' }, /: base is none of the designs/],
    [{ ...RUN, seed: '7' }, /: seed is no whole number/],
  ];
  for (const [content, message] of cases) {
    writeFileSync(path, content === undefined ? '{"schema":' : JSON.stringify(content));
    assert.throws(
      () => readRunFile(path),
      (error) => error instanceof InputError && message.test(error.message),
      JSON.stringify(content),
    );
  }
  writeFileSync(path, JSON.stringify({ ...RUN, argv: [] }));
  assert.deepEqual(readRunFile(path)?.argv, []);
});
