/** `loopwq report` as its user has it, and the page that a run leaves. */
import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { openResults } from '../../datasets/results.ts';
import { readRunFile, writeRunFile } from '../../datasets/run-file.ts';
import type { TrialRecord } from '../../datasets/schema.ts';
import { thread } from '../benchmarks/trials.ts';
import { folderFor, run, SMALL } from './program.ts';

/** Results of a run in `folder`/`name`, as `loopwq run` leaves them. */
function resultsIn(folder: string, name: string, records = thread(), designs?: string[]): void {
  const results = openResults(join(folder, name));
  for (const record of records) results.append(record);
  results.close();
  if (designs)
    writeRunFile(join(folder, name, 'run.json'), {
      schema: 'loopwq.run',
      version: 1,
      run: 'run-1',
      argv: ['run', '--designs', designs.join(',')],
      designs,
      base: designs[0]!,
      seed: 1,
    });
}

const another = (): TrialRecord[] => thread().map((record) => ({ ...record, run: 'run-2' }));

describe('report', { concurrency: 2 }, () => {
  test('everything into the folder of the results: a page, and each chart as SVG and PNG', async (t) => {
    const folder = folderFor(t);
    resultsIn(folder, 'r');
    const { code, stdout, stderr } = await run(t, { cwd: folder }, 'report', 'r');
    assert.deepEqual([code, stderr], [0, '']);
    const written = stdout.split('\n').filter((line) => line.startsWith('r/'));
    assert.equal(written[0], 'r/report.html');
    for (const name of ['ratio', 'flush-tail'])
      for (const format of ['svg', 'png']) assert.ok(written.includes(`r/charts/${name}.${format}`), name);
    for (const path of written) assert.ok(existsSync(join(folder, path)), path);
    assert.ok(readFileSync(join(folder, 'r/charts/ratio.png')).subarray(1, 4).equals(Buffer.from('PNG')));
    // It can be had again.
    assert.equal((await run(t, { cwd: folder }, 'report', 'r', '--html')).code, 0);
  });

  test('one chart in one format, elsewhere; the first design of the run is the base', async (t) => {
    const folder = folderFor(t);
    const order = ['steal:4', 'single-wq', 'blk-flush>n-wq:4+quiesce+range-lock', 'raw'];
    resultsIn(folder, 'r', thread(), order);
    const words = ['report', 'r/results.jsonl', '--svg', '--chart', 'ratio', '--out', 'a/b'];
    const { code, stdout } = await run(t, { cwd: folder }, ...words);
    assert.deepEqual([code, stdout], [0, 'a/b/charts/ratio.svg\n']);
    assert.deepEqual(readdirSync(join(folder, 'a/b'), { recursive: true }), ['charts', 'charts/ratio.svg']);
    assert.match(readFileSync(join(folder, 'a/b/charts/ratio.svg'), 'utf8'), />IOPS relative to steal:4</);
  });

  test('several runs are one report, in a folder of its own, with the command of each', async (t) => {
    const folder = folderFor(t);
    resultsIn(folder, 'r', thread(), ['single-wq', 'steal:4', 'raw']);
    resultsIn(folder, 's', another());
    const { code, stdout } = await run(t, { cwd: folder }, 'report', 'r', 's', '--html');
    assert.equal(code, 0);
    assert.match(stdout, /^results\/report-[\dTZ-]+\/report\.html\n/);
    const page = readFileSync(join(folder, stdout.split('\n')[0]!), 'utf8');
    assert.match(page, /uring backend, 10 rounds/);
    assert.match(page, /npx loopwq run --designs single-wq,steal:4,raw/);
    assert.match(page, /s\/results\.jsonl.*\n.*command was not kept/);
  });

  test('a chart without data is listed with what to run for it', async (t) => {
    const folder = folderFor(t);
    resultsIn(
      folder,
      'r',
      thread().filter((record) => record.reference),
    );
    const { code, stdout } = await run(
      t,
      { cwd: folder },
      'report',
      'r',
      '--svg',
      '--chart',
      'ratio,flush-tail',
    );
    assert.equal(code, 0);
    assert.match(stdout, /^r\/charts\/flush-tail\.svg\nno ratio: .*; run npx loopwq run --designs /);
  });

  test('--mail is the text alone on stdout; with a format the names of files go to stderr', async (t) => {
    const folder = folderFor(t);
    resultsIn(folder, 'r', thread(), ['single-wq', 'steal:4']);
    const alone = await run(t, { cwd: folder }, 'report', 'r', '--mail');
    assert.deepEqual([alone.code, alone.stderr], [0, '']);
    assert.match(
      alone.stdout,
      /^Subject: .*\n[\s\S]*steal:4[\s\S]*Rerun: npx loopwq run --designs single-wq,steal:4\n$/,
    );
    for (const line of alone.stdout.split('\n')) assert.ok(line.length <= 72, line);
    assert.ok(!existsSync(join(folder, 'r/report.html')));
    const both = await run(t, { cwd: folder }, 'report', 'r', '--mail', '--svg', '--chart', 'ratio');
    assert.deepEqual([both.stdout, both.stderr], [alone.stdout, 'r/charts/ratio.svg\n']);
  });

  test('the commands that charts name give their data: sweeps from one run, and a history from two', async (t) => {
    const folder = folderFor(t);
    const sweeps = 'scale-1,scale-2,depth-1,depth-4,rate-16000,rate-32000';
    const words = ['--designs', 'single-wq', '--backend', 'sync', '--quick', '--rounds', '1', '--quiet'];
    const { code } = await run(t, { cwd: folder }, 'run', '--workloads', sweeps, ...words, '--out', 'a');
    assert.equal(code, 0);
    const path = join(folder, 'a/results.jsonl');
    // Another commit's, later, in a file of its own.
    const later = readFileSync(path, 'utf8').replaceAll(/"run":"[^"]*"/g, '"run":"b"');
    const revised = later
      .split('\n')
      .map((line) => line && JSON.stringify({ ...JSON.parse(line), revision: 'b' }));
    writeFileSync(join(folder, 'b.jsonl'), revised.join('\n'));
    const charts = ['scaling', 'offered-load', 'trade-off', 'history'];
    const first = await run(
      t,
      { cwd: folder },
      'report',
      'a',
      '--svg',
      '--chart',
      charts.slice(0, 3).join(','),
    );
    assert.deepEqual(
      first.stdout.split('\n').filter((line) => line !== ''),
      charts.slice(0, 3).map((name) => `a/charts/${name}.svg`),
    );
    const whole = ['report', 'a', 'b.jsonl', '--svg', '--chart', 'history', '--out', 'h'];
    assert.equal((await run(t, { cwd: folder }, ...whole)).stdout, 'h/charts/history.svg\n');
  });

  test('what can not be meant is refused, with the nearest name', async (t) => {
    const folder = folderFor(t);
    resultsIn(folder, 'r');
    resultsIn(folder, 'same');
    const cases: [words: string[], message: RegExp][] = [
      [[], /report needs results/],
      [['r', '--chart', 'ratoi'], /unknown chart 'ratoi'\. Did you mean 'ratio'\?/],
      [['r', '--pgn'], /unknown option '--pgn'\. Did you mean '--png'\?/],
      [['nowhere'], /nowhere.*: can't read results: ENOENT/],
      [['r', 'r/results.jsonl'], /named twice; its rounds would count twice/],
      [['r', 'same'], /the same run as in \S+r\/results\.jsonl/],
    ];
    for (const [words, message] of cases) {
      const { code, stderr } = await run(t, { cwd: folder }, 'report', ...words);
      assert.equal(code, 2, words.join(' '));
      assert.match(stderr, message);
    }
  });

  test('a run leaves its words, its page and its charts', async (t) => {
    const folder = folderFor(t);
    const words = ['run', 't.fio', ...SMALL, '--seed', '9', '--out', 'r', '--quiet'];
    assert.equal((await run(t, { cwd: folder }, ...words)).code, 0);
    const { argv, designs, base, seed } = readRunFile(join(folder, 'r/run.json'))!;
    assert.deepEqual([argv, designs, base, seed], [words, ['single-wq', 'raw'], 'single-wq', 9]);
    const page = readFileSync(join(folder, 'r/report.html'), 'utf8');
    assert.ok(page.includes(`npx loopwq ${words.join(' ')}`));
    assert.ok(existsSync(join(folder, 'r/charts/ratio.svg')));
    assert.ok(!existsSync(join(folder, 'r/charts/ratio.png')));
  });
});
