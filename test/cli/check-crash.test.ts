/** Crash states as `loopwq check` tells of them, of real runs and of the simulator's disk. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { folderFor, JOB, leftIn, run, start, until } from './program.ts';

const VOLATILE = ['check', '--backend', 'volatile', '--rounds', '4', '--workloads', 'jbd2,fire-and-forget'];
const DESIGNS = ['--designs', 'n-wq:4,n-wq:4+quiesce'];

test('on the simulated disk: explored of possible, legality by contract, and which journals do not recover', async (t) => {
  const where = { cwd: folderFor(t) };
  const [first, again, other] = await Promise.all([
    run(t, where, ...VOLATILE, ...DESIGNS),
    run(t, where, ...VOLATILE, ...DESIGNS),
    run(t, where, ...VOLATILE, ...DESIGNS, '--seed', '9'),
  ]);
  assert.equal(first.code, 0, first.stderr);
  assert.deepEqual(again, first);
  assert.notEqual(other.stdout, first.stdout);
  const row = (design: string, client: string): string =>
    first.stdout
      .split('\n')
      .find((line) => line.trim().split(/ +/).slice(0, 2).join(' ') === `${design} ${client}`)!;
  assert.match(row('n-wq:4', 'jbd2'), / volatile +\S+ +\S+ of \S+, \S+ torn +0\* +ILLEGAL .* 0 of \S+$/);
  assert.match(row('n-wq:4', 'fire-and-forget'), / 0\* +ILLEGAL .* ILLEGAL .* [1-9]\S* of \S+$/);
  assert.match(row('n-wq:4+quiesce', 'fire-and-forget'), / 0\* +0\* +0\* +0 of \S+$/);
  assert.match(first.stdout, /finding +n-wq:4: fire-and-forget: after a crash/);
  assert.match(first.stdout, /0 broken claims\./);
});

test('of a real run as well, beside what its stamps say', async (t) => {
  const words = [
    'check',
    '--workloads',
    'jbd2',
    '--backend',
    'sync',
    '--designs',
    'n-wq:4+quiesce',
    '--quiet',
  ];
  const { code, stdout, stderr } = await run(t, { cwd: folderFor(t) }, ...words);
  assert.equal(code, 0, stderr);
  assert.match(stdout, /n-wq:4\+quiesce +jbd2 +sync +\S+ +\S+ of \S+, \S+ torn +0\* +0\* +0\* +0 of \S+$/m);
  assert.doesNotMatch(stdout, /VIOLATION/);
});

test('a check that was interrupted says so by its exit code, and leaves nothing', async (t) => {
  const folder = folderFor(t, JOB.replace('runtime=20ms', 'runtime=2s'));
  const running = start(t, { cwd: folder }, 'check', 't.fio', '--backend', 'sync', '--quiet');
  await until('a folder of the run', running, () => leftIn(folder).length > 0);
  running.child.kill('SIGINT');
  const { code, stderr } = await running.ended;
  assert.equal(code, 130, stderr);
  assert.deepEqual(leftIn(folder), []);
});

test('as JSON, with the odds that were asked for', async (t) => {
  const words = [
    'check',
    '--backend=volatile',
    '--rounds',
    '2',
    ...DESIGNS,
    '--preset',
    'foundationdb',
    '--json',
  ];
  const { stdout } = await run(t, { cwd: folderFor(t) }, ...words);
  const { preset, designs } = JSON.parse(stdout) as {
    preset: string;
    designs: { design: string; runs: number; report: { explored: number; possible: number } }[];
  };
  assert.equal(preset, 'foundationdb');
  assert.deepEqual(
    designs.map(({ design, runs }) => [design, runs]),
    [
      ['n-wq:4', 2],
      ['n-wq:4+quiesce', 2],
    ],
  );
  for (const { report } of designs) assert.ok(report.explored > 0 && report.explored <= report.possible);
});

test('words that mean nothing are refused by name', async (t) => {
  const where = { cwd: folderFor(t) };
  const cases: [words: string[], message: RegExp][] = [
    [
      ['--backend', 'volatile', '--preset', 'foundation'],
      /unknown preset 'foundation'\. Did you mean 'foundationdb'\?/,
    ],
    [['--preset', 'randum'], /unknown preset 'randum'\. Did you mean 'random'\?/],
    [['--backend', 'volatile', '--workloads', 'jbd'], /unknown client 'jbd'\. Did you mean 'jbd2'\?/],
    [['--backend', 'volatile', '--designs', 'raw'], /'raw' is a reference row/],
    [['--backend', 'volatile', '--rounds', '0'], /--rounds is a whole number from 1/],
  ];
  for (const [words, message] of cases) {
    const { code, stderr } = await run(t, where, 'check', ...words);
    assert.equal(code, 2, words.join(' '));
    assert.match(stderr, message);
  }
});
