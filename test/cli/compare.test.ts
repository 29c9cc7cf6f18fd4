/** `loopwq compare` as its user has it: files in, verdicts out, exit codes. */
import assert from 'node:assert/strict';
import { appendFileSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, type TestContext, test } from 'node:test';
import { seededRandom } from '../../benchmarks/statistics/seeded-random.ts';
import type { TrialRecord } from '../../datasets/schema.ts';
import { type Difference, trial } from '../benchmarks/trials.ts';
import { type Ended, folderFor, run } from './program.ts';

/** Results of rounds of two designs, the first of which does `iops`. */
function results(folder: string, name: string, iops: number, rounds = 10, more: Difference = {}): string {
  const random = seededRandom(name.length);
  const records: TrialRecord[] = [];
  for (let round = 0; round < rounds; round++)
    for (const [design, value] of [
      ['single-wq', iops],
      ['n-wq:4', 2000],
    ] as const)
      records.push(
        trial({ run: name, round, design, metrics: { iops: value * (1 + 0.01 * random()) }, ...more }),
      );
  mkdirSync(join(folder, name));
  writeFileSync(
    join(folder, name, 'results.jsonl'),
    `${records.map((record) => JSON.stringify(record)).join('\n')}\n`,
  );
  return name;
}

const compare = (t: TestContext, folder: string, ...args: string[]): Promise<Ended> =>
  run(t, { cwd: folder }, 'compare', ...args);

describe('compare', { concurrency: 2 }, () => {
  test('worse: exit 1, and the table says it', async (t) => {
    const folder = folderFor(t);
    results(folder, 'base', 1000);
    results(folder, 'newer', 800);
    const { code, stdout, stderr } = await compare(t, folder, 'base', join('newer', 'results.jsonl'));
    assert.equal(stderr, '');
    assert.equal(code, 1);
    assert.match(
      stdout,
      /^ {2}single-wq +1\.0\dk ± 0% +80\d ± 0% +-\d+\.\d\d% +\[-.*%\] +\(p=0\.000 n=10\) +worse$/m,
    );
    assert.match(stdout, /^ {2}n-wq:4 .* ~ +\[.*\] +\(p=\S+ n=10\) +same$/m);
    assert.match(stdout, /^1 worse, 0 better, 3 same, 0 inconclusive of 4 cells\.$/m);
  });

  test('the same: exit 0; another threshold makes it better', async (t) => {
    const folder = folderFor(t);
    results(folder, 'base', 1000);
    results(folder, 'newer', 1030);
    assert.equal((await compare(t, folder, 'base', 'newer', '--strict')).code, 0);
    const { code, stdout } = await compare(t, folder, 'base', 'newer', '--threshold', '1', '--json');
    assert.equal(code, 0);
    const { judgement } = JSON.parse(stdout);
    assert.equal(
      judgement.verdicts.find((it: { design: string }) => it.design === 'single-wq').answer,
      'better',
    );
  });

  test('few rounds say so, and exit 3 under --strict', async (t) => {
    const folder = folderFor(t);
    results(folder, 'base', 1000, 4);
    results(folder, 'newer', 500, 4);
    const { code, stdout } = await compare(t, folder, 'base', 'newer');
    assert.equal(code, 0);
    assert.match(stdout, /TOO FEW ROUNDS: in 4 of 4 cells .*; 5 rounds would do/s);
    assert.equal((await compare(t, folder, 'base', 'newer', '--strict')).code, 3);
  });

  test('another machine: exit 2 and the field; --cross-host', async (t) => {
    const folder = folderFor(t);
    results(folder, 'base', 1000);
    results(folder, 'newer', 1000, 10, { host: { memoryBytes: 1 } });
    const refused = await compare(t, folder, 'base', 'newer');
    assert.deepEqual([refused.code, refused.stdout], [2, '']);
    assert.match(refused.stderr, /host\.memoryBytes/);
    const { code, stdout } = await compare(t, folder, 'base', 'newer', '--cross-host');
    assert.equal(code, 0);
    assert.match(stdout, /^differs: host\.memoryBytes/m);
  });

  test('two designs of one run; Markdown and CSV', async (t) => {
    const folder = folderFor(t);
    results(folder, 'base', 1000);
    const markdown = await compare(t, folder, 'base', '--markdown');
    assert.equal(markdown.code, 0);
    assert.match(markdown.stdout, /^\*\*0 worse, 1 better, 1 same/);
    assert.match(markdown.stdout, /\| `n-wq:4` \| .* \| \*\*better\*\* \|$/m);
    const { stdout } = await compare(t, folder, 'base', '--csv', '--base', 'n-wq:4', '--new', 'single-wq');
    const [head, ...rows] = stdout
      .trimEnd()
      .split('\n')
      .map((line) => line.split(','));
    assert.equal(rows.length, 2);
    for (const row of rows) assert.equal(row.length, head!.length);
    assert.deepEqual(
      rows.map((row) => [row[head!.indexOf('metric')], row[head!.indexOf('verdict')]]),
      [
        ['iops', 'worse'],
        ['cpuUs', 'same'],
      ],
    );
  });

  test('a last line that was cut off is told, by export too', async (t) => {
    const folder = folderFor(t);
    results(folder, 'base', 1000);
    results(folder, 'newer', 1000);
    appendFileSync(join(folder, 'newer/results.jsonl'), '{"schema":"loopwq.tr');
    const { code, stdout } = await compare(t, folder, 'base', 'newer');
    assert.equal(code, 0);
    assert.match(stdout, /^newer: the last line was cut off, and its trial is left out$/m);
    const exported = await run(t, { cwd: folder }, 'export', 'newer', '--format', 'csv');
    assert.match(exported.stderr, /results\.jsonl: the last line was cut off, and its trial is left out/);
    assert.equal(exported.stdout.trimEnd().split('\n').length, 1 + 20);
  });

  test('what can not be meant', async (t) => {
    const folder = folderFor(t);
    results(folder, 'base', 1000, 1);
    const refused = async (message: RegExp, ...args: string[]) => {
      const { code, stdout, stderr } = await compare(t, folder, ...args);
      assert.deepEqual([code, stdout], [2, '']);
      assert.match(stderr, message);
    };
    await refused(/BASE and NEW/);
    await refused(/nothing-there.*can't read results/s, 'base', 'nothing-there');
    await refused(/one form at a time/, 'base', 'base', '--csv', '--json');
    await refused(/--threshold .*'much'/, 'base', 'base', '--threshold', 'much');
    await refused(/t\.fio:1: broken line/, 'base', 't.fio');
  });
});
