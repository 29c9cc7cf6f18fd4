/** `loopwq aa` as its user has it, and what comparisons make of it. */
import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { type AaFile, readAa, writeAa } from '../../datasets/aa-file.ts';
import { folderFor, leftIn, run, start, until } from './program.ts';

describe('aa', { concurrency: 2 }, () => {
  test('it is kept, and compare takes its threshold from there', async (t) => {
    const cwd = folderFor(t);
    const words = ['t.fio', '--designs', 'single-wq', '--backend', 'null'];
    const { code, stdout, stderr } = await run(
      t,
      { cwd },
      'aa',
      ...words,
      '--rounds',
      '6',
      '--comparisons',
      '2',
    );
    assert.equal(code, 0, stderr);
    assert.match(stdout, /^t, null\n {2}single-wq: IOPS +\d+\.\d % +\d+\.\d %$/m);
    assert.match(stdout, /^ {2}\d of 2 comparisons in one run with a threshold of 5 %: /m);
    assert.match(stdout, /^ {2}\d of 1 comparisons across runs with a threshold of 5 %: /m);
    const [name] = readdirSync(join(cwd, '.loopwq/aa'));
    const { cells, host } = JSON.parse(readFileSync(join(cwd, '.loopwq/aa', name!), 'utf8')) as AaFile;
    assert.equal(cells[0]!.base.length, 12);
    assert.match(stderr, /kept in \.loopwq\/aa\//);

    assert.equal((await run(t, { cwd }, 'run', ...words, '--rounds', '6', '--out', 'out')).code, 0);
    const compared = await run(t, { cwd }, 'compare', 'out', 'out');
    assert.equal(compared.code, 0);
    assert.match(compared.stdout, /^threshold from the aa of \d{4}-\d\d-\d\d, /m);
    const told = await run(t, { cwd }, 'compare', 'out', 'out', '--threshold', '3');
    assert.doesNotMatch(told.stdout, /the aa of/);

    writeFileSync(join(cwd, '.loopwq/aa', name!), '{"schema":"loopwq.aa","version":9}');
    const newer = await run(t, { cwd }, 'compare', 'out', 'out');
    assert.equal(newer.code, 2);
    assert.match(newer.stderr, /version 9, this loopwq reads 1\. loopwq aa makes it anew/);
    assert.equal(readAa(host.hostname, join(cwd, 'none')), undefined);
  });

  test('a signal: 130, and nothing is kept or left', async (t) => {
    const cwd = folderFor(t);
    const words = ['aa', 't.fio', '--backend', 'sync', '--rounds', '100', '--comparisons', '10'];
    const running = start(t, { cwd }, ...words);
    await until('the folder of the run', running, () => leftIn(cwd).length > 0);
    running.child.kill('SIGINT');
    const { code, stdout, stderr } = await running.ended;
    assert.deepEqual([code, stdout], [130, '']);
    assert.match(stderr, /interrupted: nothing is kept/);
    assert.deepEqual([leftIn(cwd), existsSync(join(cwd, '.loopwq'))], [[], false]);
  });
});

test('what can not be meant', async (t) => {
  const cwd = folderFor(t);
  const refused = await run(t, { cwd }, 'aa', 't.fio', '--designs', 'raw');
  assert.equal(refused.code, 2);
  assert.match(refused.stderr, /--designs names reference rows alone/);
});

test('the file of a host with an odd name stays in its folder', (t) => {
  const root = join(folderFor(t), 'aa');
  const host = { hostname: '../x' } as AaFile['host'];
  const file: AaFile = { schema: 'loopwq.aa', version: 1, made: '2026-01-01T00:00:00Z', host, cells: [] };
  assert.equal(writeAa(file, root), join(root, '_._x.json'));
  assert.deepEqual(readdirSync(root), ['_._x.json']);
  assert.deepEqual(readAa('../x', root), file);
});
