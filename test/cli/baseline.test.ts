/** `--save-baseline` and `--baseline`: what is kept, what is refused before a trial, and the exit codes. */
import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { openGate } from '../../cli/run-gate.ts';
import { readRunOptions } from '../../cli/run-options.ts';
import { readBaseline, saveBaseline } from '../../datasets/baselines.ts';
import { readHost } from '../../datasets/host.ts';
import { openResults, readResults } from '../../datasets/results.ts';
import { runFileBeside } from '../../datasets/run-file.ts';
import type { TrialRecord } from '../../datasets/schema.ts';
import { folderFor, JOB, run } from './program.ts';

const WORDS = ['--designs', 'single-wq', '--backend', 'sync'];
const FEW = [...WORDS, '--rounds', '5'];
/** Without flushes: one cell. */
const WRITES = JOB.replace('rw=randrw', 'rw=randwrite').replace('fsync=8\n', '');

/** Lines of results, each changed. */
function rewrite(path: string, change: (record: TrialRecord) => void): void {
  const lines = readFileSync(path, 'utf8').trimEnd().split('\n');
  const records = lines.map((line) => JSON.parse(line) as TrialRecord);
  for (const record of records) change(record);
  writeFileSync(path, `${records.map((record) => JSON.stringify(record)).join('\n')}\n`);
}

test('kept, held against, worse in two runs: exit 1; better: exit 0 and kept in its place', async (t) => {
  const cwd = folderFor(t, WRITES);
  const folder = join(cwd, '.loopwq/baselines/main');
  const results = join(folder, 'results.jsonl');
  const kept = await run(t, { cwd }, 'run', 't.fio', ...FEW, '--save-baseline', 'main');
  assert.equal(kept.code, 0, kept.stderr);
  assert.match(kept.stderr, /^kept as baseline main, in \.loopwq\/baselines\/main$/m);
  assert.deepEqual(readdirSync(folder).sort(), ['results.jsonl', 'run.json']);

  // Nothing on this machine is a thousand times as fast.
  rewrite(results, (record) => {
    record.metrics.iops *= 1000;
    record.host.kernel = 'another';
  });
  const words = ['run', 't.fio', ...FEW, '--baseline', 'main', '--no-color'];
  const worse = await run(t, { cwd }, ...words, '--out', 'out', '--save-baseline', 'main');
  assert.equal(worse.code, 1, worse.stderr);
  assert.match(
    worse.stdout,
    /^gate: REGRESSION, in a second run too: t, buffered, sync, single-wq: IOPS -\d/m,
  );
  assert.match(worse.stdout, /^What was worse, run again:$/m);
  assert.match(worse.stdout, /^Linux another against /m);
  assert.match(worse.stderr, /no baseline main is kept: it would be worse/);
  assert.equal(readResults(join(cwd, 'out/rerun')).records.length, 10);

  rewrite(results, (record) => {
    record.metrics.iops /= 1e6;
  });
  const better = await run(t, { cwd }, ...words, '--json', '--save-baseline', 'main');
  assert.equal(better.code, 0, better.stderr);
  const { gate } = JSON.parse(better.stdout);
  assert.deepEqual(
    gate.comparison.judgement.verdicts.map((it: { answer: string }) => it.answer),
    ['better'],
  );
  assert.equal(gate.rerun, undefined);
  assert.ok(readResults(folder).records.every(({ host }) => host.kernel !== 'another'));
  assert.deepEqual(readdirSync(join(cwd, '.loopwq/baselines')), ['main']);
});

test('refused before the first trial, with what is wrong and what would be right', async (t) => {
  const cwd = folderFor(t, WRITES);
  const job = join(cwd, 't.fio');
  const made = await run(t, { cwd }, 'run', job, ...WORDS, '--rounds', '6', '--out', 'out');
  assert.equal(made.code, 0, made.stderr);
  const root = join(cwd, '.loopwq/baselines');
  saveBaseline('main', join(cwd, 'out/results.jsonl'), root);
  const host = readHost(cwd);
  const here = process.cwd();
  process.chdir(cwd);
  t.after(() => process.chdir(here));
  const open = (...words: string[]) => {
    const choices = readRunOptions([job, ...WORDS, '--baseline', 'main', ...words], host);
    openGate(choices, host);
    return choices.plan.rounds;
  };
  const refused = (message: RegExp, ...words: string[]) =>
    assert.throws(() => open(...words), { name: 'InputError', message });

  assert.equal(open(), 24);
  // One cell: 2 / C(11, 5) is far below 0.05.
  assert.equal(open('--quick'), 5);
  refused(/with 2 rounds no difference in 1 cell, .* --rounds 5;/, '--rounds', '2');
  refused(/unknown baseline 'mian'\. Did you mean 'main'\?/, '--baseline', 'mian');
  refused(/has up to 64 letters/, '--baseline', '../main');
  refused(/nothing of what this run measures\. There: t, buffered, sync, single-wq/, '--designs', 'n-wq:2');
  refused(/one at a time/, '--against', 'HEAD');
  refused(/--threshold is a number/, '--threshold', 'much');

  const results = join(root, 'main/results.jsonl');
  rewrite(results, (record) => {
    record.host.kernel = '1.0';
  });
  assert.equal(open(), 24, 'the kernel is what may differ');
  rewrite(results, (record) => {
    record.host.memoryBytes += 1;
  });
  refused(/not measured under the same conditions.*host\.memoryBytes/);
  assert.equal(open('--cross-host'), 24);
  const lines = readFileSync(results, 'utf8').split('\n');
  writeFileSync(results, `${lines.filter((line) => /"round":[01],/.test(line)).join('\n')}\n`);
  refused(/has 2 rounds, .* Save it anew with --rounds 5$/, '--cross-host');
});

test('a baseline takes the place of the one of its name, and a name stays inside its folder', (t) => {
  const cwd = folderFor(t);
  const root = join(cwd, 'kept');
  const from = (name: string): string => {
    const writer = openResults(join(cwd, name));
    writer.close();
    writeFileSync(runFileBeside(writer.path), `{"name":"${name}"}`);
    return writer.path;
  };
  const told = () => JSON.parse(readFileSync(join(root, 'a/run.json'), 'utf8')).name;
  saveBaseline('a', from('one'), root);
  assert.equal(told(), 'one');
  saveBaseline('a', from('two'), root);
  assert.equal(told(), 'two');
  assert.deepEqual(readdirSync(root), ['a']);
  assert.throws(() => readBaseline('a', root), /no trial in it/);
  assert.throws(() => readBaseline('b', join(cwd, 'none')), /make it with loopwq run --save-baseline b/);
  for (const name of ['', '.', '..', 'a/b', '.new', '-x'])
    assert.throws(() => saveBaseline(name, 'x', root), { name: 'InputError' }, name);
  assert.equal(existsSync(join(cwd, 'none')), false);
});
