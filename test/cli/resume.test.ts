/** `--resume`: a run that was killed goes on, and its results are those of a run that was not. */
import assert from 'node:assert/strict';
import { appendFileSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, type TestContext, test } from 'node:test';
import { readRunOptions } from '../../cli/run-options.ts';
import { requireSameRun, resumedBy } from '../../cli/run-resume.ts';
import { readHost } from '../../datasets/host.ts';
import { readResults } from '../../datasets/results.ts';
import { ENDLESS, type Ended, folderFor, JOB, leftIn, run, SMALL, start, trialsIn } from './program.ts';

const DESIGNS = ['single-wq', 'n-wq:2'];
const WORDS = ['t.fio', '--designs', DESIGNS.join(), '--backend', 'sync', '--rounds', '4', '--seed', '7'];

const resume = (t: TestContext, cwd: string, ...words: string[]): Promise<Ended> =>
  run(t, { cwd }, 'run', '--resume', 'out', ...words);

describe('resume', { concurrency: 2 }, () => {
  test('kill -9, half a line, resume: each round of each design is there exactly once', async (t) => {
    const folder = folderFor(t);
    const out = join(folder, 'out');
    const killed = start(t, { cwd: folder }, 'run', ...WORDS, '--out', 'out');
    await trialsIn(out, killed, 2);
    killed.child.kill('SIGKILL');
    await killed.ended;
    const whole = readResults(out).records;
    assert.ok(whole.length >= 2 && whole.length < 12, `${whole.length} trials were made before the kill`);
    appendFileSync(join(out, 'results.jsonl'), '{"schema":"loopwq.trial","ver');

    const { code, stdout, stderr } = await resume(t, folder, '--no-color');
    assert.equal(code, 0, stderr);
    assert.match(stderr, new RegExp(`^out has ${whole.length} records; its last line was cut off`));
    assert.match(stdout, /added to those of before, are in out\. Next: /);
    assert.match(stdout, /^t: buffered, sync backend, 4 rounds/m);
    const { records, truncated } = readResults(out);
    assert.equal(truncated, false);
    assert.deepEqual(records.slice(0, whole.length), whole, 'what was there stays as it is');
    const made = records.map((r) => `${r.round} ${r.design}`).sort();
    const wanted = [0, 1, 2, 3].flatMap((round) => [...DESIGNS, 'raw'].map((name) => `${round} ${name}`));
    assert.deepEqual(made, wanted.sort());
    assert.equal(new Set(records.map((r) => r.run)).size, 1);
    assert.deepEqual(leftIn(folder), [], 'what the killed run left is gone');

    const again = await resume(t, folder, '--json');
    assert.equal(again.code, 0);
    assert.equal(JSON.parse(again.stdout).groups[0].rounds, 4);
    assert.equal(readResults(out).records.length, records.length, 'nothing was left to do');
  });

  test('two runs do not write into one folder', async (t) => {
    const folder = folderFor(t);
    const words = ['run', 't.fio', ...SMALL, ...ENDLESS, '--out', 'out'];
    const live = start(t, { cwd: folder }, ...words);
    await trialsIn(join(folder, 'out'), live);
    const [resumed, anew] = await Promise.all([resume(t, folder), run(t, { cwd: folder }, ...words)]);
    assert.deepEqual([resumed.code, anew.code], [2, 2]);
    assert.match(resumed.stderr, /run\.json: another process is running that run, or resuming it/);
    assert.match(anew.stderr, /run\.json: exists, and results are never overwritten/);
    live.child.kill('SIGINT');
    assert.equal((await live.ended).code, 130);
  });
});

test('what can not go on is refused, and says why', async (t) => {
  const folder = folderFor(t);
  const [job, out] = [join(folder, 't.fio'), join(folder, 'out')];
  assert.equal((await run(t, { cwd: folder }, 'run', job, ...SMALL, '--out', out)).code, 0);
  const [results, runFile] = [join(out, 'results.jsonl'), join(out, 'run.json')];
  const refused = (message: RegExp, ...words: string[]): void =>
    assert.throws(
      () => {
        const resumed = resumedBy(['--resume', out, ...words])!;
        const host = readHost(process.cwd());
        requireSameRun(resumed, readRunOptions(resumed.words, host).plan, host);
      },
      { name: 'InputError', message },
    );
  refused(/--rounds, --seed would be another run/, '--rounds', '9', '--seed', '3');
  refused(/t\.fio would be another run/, 't.fio');

  const lines = readFileSync(results, 'utf8');
  const about = readFileSync(runFile, 'utf8');
  const { run: id } = JSON.parse(about);
  writeFileSync(results, lines + lines.replaceAll(id, 'another-run'));
  refused(/holds trials of run another-run, and .*run\.json is of run /);
  writeFileSync(results, lines.replace(/"kernel":"[^"]*"/g, '"kernel":"2.6.39"'));
  refused(/host\.kernel \(2\.6\.39; now /);
  writeFileSync(results, lines.replaceAll(/"revision":"[^"]*"/g, '"revision":"0123"'));
  refused(/own revision \(0123; now /);
  writeFileSync(results, lines.replaceAll('loopwq.trial","version":1', 'loopwq.trial","version":99'));
  refused(/results\.jsonl:1: written by a newer loopwq \(schema version 99, this one reads 1\)/);
  writeFileSync(results, lines);

  writeFileSync(job, JOB.replace('iodepth=4', 'iodepth=5'));
  refused(/load of t\.depth \(8; now 10\)/);
  writeFileSync(job, JOB);
  writeFileSync(runFile, about.replace('"--designs",\n    "single-wq"', '"--designs",\n    "n-wq:2"'));
  refused(/its designs were single-wq, raw; the same words now mean n-wq:2, raw/);
  writeFileSync(runFile, about.replace(/"argv": \[[^\]]*\]/, '"argv": []'));
  refused(/has no command line, so nothing says how the run was started/);
});
