/** What goes where: the answer to stdout, progress to a terminal only, and readers that stop reading. */
import assert from 'node:assert/strict';
import { existsSync, openSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { readResults } from '../../datasets/results.ts';
import { folderFor, leftIn, run, SMALL, start, startInTerminal } from './program.ts';

const NULL = ['run', 't.fio', ...SMALL, '--backend', 'null'];
/** What colours, erases and moves begins with it. */
const ESCAPE = '\x1b[';

describe('output', { concurrency: 3 }, () => {
  test('--json: one object on stdout and nothing else; the rest goes to stderr', async (t) => {
    const folder = folderFor(t);
    const { code, stdout, stderr } = await run(t, { cwd: folder }, ...NULL, '--json');
    assert.equal(code, 0);
    assert.equal(stdout.split('\n').length, 2, 'one line');
    const { groups, recordingCost } = JSON.parse(stdout);
    assert.deepEqual(
      groups.map((group: { workload: string }) => group.workload),
      ['t'],
    );
    assert.ok(recordingCost.pairs > 0);
    // A line at the end of the only round, and where the results are.
    assert.match(
      stderr,
      /^t, null backend: round 1 of 1; [^\n]+\n1 trial in \d+ s is in results\/\S+\. Next: [^\n]+\n$/,
    );
    assert.equal(readdirSync(join(folder, 'results')).length, 1);
  });

  test('on a terminal with --quiet and NO_COLOR, which says that it has no columns', async (t) => {
    const folder = folderFor(t);
    const where = { cwd: folder, env: { NO_COLOR: '1' } };
    const { code, stdout } = await startInTerminal(t, where, 0, ...NULL, '--quiet').ended;
    assert.equal(code, 0);
    assert.ok(!stdout.includes(ESCAPE));
    assert.match(stdout, /^t: null backend, 1 round, /);
  });

  test('into a pipe that nobody reads', async (t) => {
    const folder = folderFor(t);
    const running = start(t, { cwd: folder }, 'run', 't.fio', ...SMALL, '--quiet', '--out', 'out');
    running.child.stdout!.destroy();
    const { code, stderr } = await running.ended;
    assert.equal(code, 0);
    assert.equal(stderr, '');
    assert.deepEqual(leftIn(folder), []);
    assert.equal(readResults(join(folder, 'out')).records.length, 2);
  });

  test('onto a disk that is full', {
    skip: existsSync('/dev/full') ? false : 'needs /dev/full',
  }, async (t) => {
    const folder = folderFor(t);
    const full = openSync('/dev/full', 'w');
    const running = start(t, { cwd: folder, stdout: full }, 'list');
    const { code, stderr } = await running.ended;
    assert.equal(code, 4);
    assert.match(stderr, /^loopwq: not everything was written to stdout: ENOSPC/);
  });
});
