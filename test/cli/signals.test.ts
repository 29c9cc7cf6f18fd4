/** Every stop that a user or a service manager can ask for, at every moment of a run. */
import assert from 'node:assert/strict';
import { existsSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, type TestContext, test } from 'node:test';
import { readResults } from '../../datasets/results.ts';
import {
  assertDetached,
  assertGone,
  ENDLESS,
  type Ended,
  folderFor,
  JOB,
  leftIn,
  type Running,
  start,
  startInTerminal,
  trialsIn,
  until,
} from './program.ts';

interface Stopped extends Ended {
  folder: string;
  running: Running;
}

/** Starts a run that would take minutes, waits for `moment`, and stops it. */
async function stopped(
  t: TestContext,
  options: string[],
  moment: (folder: string, running: Running) => Promise<unknown>,
  ...signals: NodeJS.Signals[]
): Promise<Stopped> {
  const folder = folderFor(t);
  const running = start(t, { cwd: folder }, 'run', 't.fio', '--out', 'out/of/it', ...ENDLESS, ...options);
  await moment(folder, running);
  for (const signal of signals) process.kill(running.pid, signal);
  const ended = await running.ended;
  assertGone(running.pid);
  assert.deepEqual(leftIn(folder), [], 'files of the run are left');
  await assertDetached(folder);
  return { ...ended, folder, running };
}

const ONE = ['--designs', 'n-wq:2+quiesce'];
const firstTrial = (folder: string, running: Running) => trialsIn(join(folder, 'out/of/it'), running);
const resultsMade = (folder: string, running: Running) =>
  until('the results file', running, () => existsSync(join(folder, 'out/of/it/results.jsonl')));
const folderMade = (folder: string, running: Running) =>
  until('the folder of the run', running, () => leftIn(folder).length > 0);

describe('a signal', { concurrency: 2 }, () => {
  test('SIGINT in a trial: finished trials are kept and printed, everything else goes', async (t) => {
    const { code, stdout, stderr, folder } = await stopped(
      t,
      [...ONE, '--backend', 'sync'],
      firstTrial,
      'SIGINT',
    );
    assert.equal(code, 130);
    const { records, truncated } = readResults(join(folder, 'out/of/it'));
    assert.equal(truncated, false);
    assert.ok(records.length > 0);
    assert.ok(records.every((record) => record.failure === undefined));
    assert.match(
      stdout,
      new RegExp(`^interrupted: ${records.length} trials? in \\d+ s (is|are) in out/of/it\\. Next: `, 'm'),
    );
    assert.doesNotMatch(stderr, /loopwq|Error/);
  });

  test('SIGHUP when only the cost of recording is left to measure', async (t) => {
    const rounds = [...ONE, '--backend', 'null', '--rounds', '1'];
    // The row raw, which does nothing on this backend, and the trial.
    const lastTrial = (folder: string, running: Running) => trialsIn(join(folder, 'out/of/it'), running, 2);
    const { code, stdout } = await stopped(t, rounds, lastTrial, 'SIGHUP');
    assert.equal(code, 130);
    assert.match(stdout, /^interrupted: 1 trial in /m);
    assert.doesNotMatch(stdout, /^Recording and stamping cost/m);
  });

  test('a signal cuts a trial of minutes short; it is no measurement', async (t) => {
    const folder = folderFor(t);
    writeFileSync(join(folder, 'long.fio'), JOB.replace('20ms', '10m'));
    const words = ['run', 't.fio', 'long.fio', '--out', 'out', '--rounds', '1', ...ONE, '--backend', 'uring'];
    const running = start(t, { cwd: folder }, ...words);
    // The trials of t.fio, n-wq and raw; after them only the long ones are left.
    await trialsIn(join(folder, 'out'), running, 2);
    const asked = performance.now();
    process.kill(running.pid, 'SIGTERM');
    const { code } = await running.ended;
    assert.equal(code, 130);
    assert.ok(performance.now() - asked < 10_000, 'the trial was not cut short');
    assert.deepEqual(
      new Set(readResults(join(folder, 'out')).records.map((r) => r.workload)),
      new Set(['t']),
    );
    assert.deepEqual(leftIn(folder), []);
  });

  test('two signals leave at once, and still nothing is left but the finished trials', async (t) => {
    const { code, folder } = await stopped(
      t,
      [...ONE, '--backend', 'uring'],
      firstTrial,
      'SIGINT',
      'SIGTERM',
    );
    assert.equal(code, 130);
    assert.ok(readResults(join(folder, 'out/of/it')).records.length > 0);
  });

  // Eight designs have forty threads: starting them takes long enough to be hit in the middle.
  for (const [what, moment] of [
    ['before the first thread starts', resultsMade],
    ['while threads start', folderMade],
  ] as const) {
    test(`SIGINT ${what}: no results folder without results`, async (t) => {
      const { code, stdout, stderr, folder } = await stopped(t, [], moment, 'SIGINT');
      assert.equal(code, 130);
      assert.equal(stdout, '');
      assert.equal(stderr, 'loopwq: interrupted before the end of the first trial\n');
      assert.deepEqual(readdirSync(folder), ['t.fio']);
    });

    test(`two signals ${what}`, async (t) => {
      const { code, folder } = await stopped(t, [], moment, 'SIGINT', 'SIGTERM');
      assert.equal(code, 130);
      assert.deepEqual(readdirSync(folder), ['t.fio']);
    });
  }

  test('Ctrl-C in a terminal: the progress line goes, the table has colour, the cursor stays', async (t) => {
    const folder = folderFor(t);
    const running = startInTerminal(
      t,
      { cwd: folder },
      120,
      'run',
      't.fio',
      '--out',
      'out',
      ...ENDLESS,
      ...ONE,
      '--backend',
      'sync',
    );
    await trialsIn(join(folder, 'out'), running);
    running.child.stdin!.write('\x03');
    const { code, stdout } = await running.ended;
    assert.equal(code, 130);
    assert.deepEqual(leftIn(folder), []);
    assert.match(stdout, /stopping; a second signal leaves at once; \d+ of 2000 trials/);
    assert.match(stdout, /^interrupted: \d+ trials? /m);
    const [erase, bold] = ['\x1b[2K', '\x1b[1m'];
    assert.ok(stdout.lastIndexOf(erase) > stdout.lastIndexOf('stopping; a second signal'));
    assert.ok(stdout.lastIndexOf(bold) > stdout.lastIndexOf(erase));
    // Whatever hides the cursor has to show it again.
    assert.equal(
      stdout.lastIndexOf('\x1b[?25l') > stdout.lastIndexOf('\x1b[?25h'),
      false,
      'the cursor is left hidden',
    );
  });
});
