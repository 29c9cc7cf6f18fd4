import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CONTRACTS } from '../../ordering/contracts.ts';
import { folderFor, run } from './program.ts';

const SEARCH = ['check', '--seeds', '60', '--designs', 'single-wq,n-wq:2,n-wq:2+quiesce+range-lock'];

test('the same seeds print the same bytes, other seeds others', async (t) => {
  const where = { cwd: folderFor(t) };
  const [first, again, other] = await Promise.all([
    run(t, where, ...SEARCH),
    run(t, where, ...SEARCH),
    run(t, where, ...SEARCH, '--seed', '61'),
  ]);
  assert.equal(first.code, 0, first.stderr);
  assert.equal(again.stdout, first.stdout);
  assert.match(first.stderr, /^[\d.]+ s, \S+ schedules\/s$/m);
  assert.notEqual(other.stdout, first.stdout);
  assert.match(first.stdout, /^ {2}n-wq:2 +60 .*LOST \d+\/\d+ +LOST/m);
  assert.match(first.stdout, /^ {2}n-wq:2\+quiesce\+range-lock +60( +proved \S+\*){6}$/m);
  assert.match(first.stdout, /180 schedules of 3 designs, 0 broken claims\./);
});

test('what is told of a loss comes again with the command that is told', async (t) => {
  const where = { cwd: folderFor(t) };
  const { stdout } = await run(t, where, ...SEARCH);
  const told = stdout.replace(/\s+/g, ' ');
  const [, sentence, words] =
    /finding n-wq:2, submitted, first with seed \d+: (.*?) Again: npx loopwq (.*?--designs \S+)/.exec(told)!;
  const again = await run(t, where, ...words!.split(' '));
  assert.ok(again.stdout.replace(/\s+/g, ' ').includes(sentence!), again.stdout);
});

test('as JSON: each design with its claims, counts and first seeds', async (t) => {
  const { stdout } = await run(t, { cwd: folderFor(t) }, ...SEARCH, '--json', '--scheduler', 'pct');
  const { designs } = JSON.parse(stdout) as {
    designs: { name: string; verdicts: Record<string, { proved: number }> }[];
  };
  assert.deepEqual(
    designs.map(({ name }) => name),
    ['single-wq', 'n-wq:2', 'n-wq:2+quiesce+range-lock'],
  );
  for (const { verdicts } of designs) assert.deepEqual(Object.keys(verdicts), [...CONTRACTS]);
  assert.ok(designs.every(({ verdicts }) => verdicts.progress!.proved > 180));
});

test('words that mean nothing are refused by name', async (t) => {
  const where = { cwd: folderFor(t) };
  const cases: [words: string[], message: RegExp][] = [
    [['--scheduler', 'ptc'], /unknown scheduler 'ptc'\. Did you mean 'pct'\?/],
    [['--seeds', '0'], /--seeds is a whole number from 1/],
    [['--designs', 'n-wg'], /unknown design 'n-wg'\. Did you mean 'n-wq'\?/],
    [['--designs', 'raw'], /'raw' is a reference row/],
    [['--sed', '1'], /unknown option '--sed'\. Did you mean '--seed'\?/],
    [['job.fio'], /job\.fio/],
  ];
  for (const [words, message] of cases) {
    const { code, stderr } = await run(t, where, 'check', '--seeds', '2', ...words);
    assert.equal(code, 2, words.join(' '));
    assert.match(stderr, message);
  }
});
