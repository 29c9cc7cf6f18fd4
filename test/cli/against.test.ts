/** `--against REV` in a repository of the test's own: an older revision whose single-wq is slow on purpose. */
import assert from 'node:assert/strict';
import { cpSync, existsSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { CATALOGUE, parseDesign } from '../../benchmarks/designs.ts';
import { besideRevision, catalogueOf } from '../../benchmarks/revisions/revision.ts';
import { readResults } from '../../datasets/results.ts';
import { PLUGIN_INTERFACE } from '../../strategies/index.ts';
import { assertGone, command, folderFor, JOB, type Running, started, until } from './program.ts';

const ROOT = fileURLToPath(new URL('../../../', import.meta.url));
const ROUTE = 'route: (op, rt) => rt.ops.device[op]!';
const DELAY = 'for (const end = performance.now() + 0.2; performance.now() < end; );';

/** A checkout with what is built of this one. Commits: `slow`, `old` (another plug-in interface), `broken` (does not compile), HEAD. */
function repository(t: TestContext): string {
  const root = join(folderFor(t, JOB), 'checkout');
  for (const name of ['strategies', 'ordering', 'package-lock.json', 'tsconfig.json'])
    cpSync(join(ROOT, name), join(root, name), { recursive: true });
  for (const name of ['benchmarks', 'charts', 'cli', 'datasets', 'engine', 'ordering', 'strategies'])
    cpSync(join(ROOT, 'dist', name), join(root, 'dist', name), { recursive: true });
  // Nothing but the strategies is loaded from a revision, and the compiler is quick with them alone.
  const tsconfig = readFileSync(join(root, 'tsconfig.json'), 'utf8');
  writeFileSync(
    join(root, 'tsconfig.json'),
    tsconfig.replace(/"include": \[[^\]]*\]/, '"include": ["strategies"]'),
  );
  writeFileSync(join(root, 'package.json'), '{"type":"module","version":"0.1.0","scripts":{"build":"tsc"}}');
  symlinkSync(join(ROOT, 'node_modules'), join(root, 'node_modules'));
  writeFileSync(join(root, '.gitignore'), 'node_modules\ndist\n.loopwq\nresults\n');
  writeFileSync(join(root, 't.fio'), JOB);
  const git = (...words: string[]): string =>
    command('git', '-C', root, '-c', 'user.name=test', '-c', 'user.email=test@localhost', ...words);
  git('init', '--quiet', '--initial-branch=main');
  const commit = (tag: string, file: string, change: (text: string) => string): void => {
    const path = join(root, file);
    const text = readFileSync(path, 'utf8');
    const changed = change(text);
    assert.notEqual(changed, text, tag);
    writeFileSync(path, changed);
    git('add', '--all');
    git('commit', '--quiet', '--message', tag);
    git('tag', tag);
    writeFileSync(path, text);
  };
  const single = 'strategies/single-wq.ts';
  commit('slow', single, (text) =>
    text.replace(ROUTE, `route: (op, rt) => { ${DELAY} return rt.ops.device[op]!; }`),
  );
  commit('old', 'strategies/types.ts', (text) =>
    text.replace(/PLUGIN_INTERFACE = \d+/, 'PLUGIN_INTERFACE = 0'),
  );
  commit('broken', single, (text) => `${text}const x: number = 'none';\n`);
  git('add', '--all');
  git('commit', '--quiet', '--message', 'this tree');
  return root;
}

const loopwq = (t: TestContext, root: string, ...words: string[]): Running =>
  started(t, { cwd: root }, [process.execPath, join(root, 'dist/cli/main.js'), ...words]);

/** Neither a worktree nor a change is left. */
function assertUntouched(root: string): void {
  assert.equal(command('git', '-C', root, 'worktree', 'list').split('\n').length, 1);
  assert.equal(command('git', '-C', root, 'status', '--porcelain'), '');
  assert.deepEqual(readdirSync(join(root, '.loopwq/against')), []);
}

test('a revision that is slower: its rows stand beside this tree’s, paired, and it is gone afterwards', async (t) => {
  const root = repository(t);
  const words = [
    '--designs',
    'single-wq',
    '--backend',
    'null',
    '--threshold',
    '900',
    '--out',
    'results/out',
    '--no-color',
  ];

  // What a killed process leaves goes with the next run.
  const killed = loopwq(t, root, 'run', 't.fio', '--against', 'slow', ...words);
  const folder = join(root, '.loopwq/against');
  await until(
    'the worktree',
    killed,
    () => existsSync(folder) && readdirSync(folder).some((it) => existsSync(join(folder, it, 'strategies'))),
  );
  killed.child.kill('SIGKILL');
  await killed.ended;
  assert.ok(readdirSync(folder).length > 0);

  const { code, stdout, stderr } = await loopwq(t, root, 'run', 't.fio', '--against', 'slow', ...words).ended;
  assert.equal(code, 0, stderr);
  assert.match(stdout, /^ {2}single-wq@slow .* base /m);
  assert.match(stdout, /^BASE slow\nNEW {2}this tree$/m);
  assert.match(stdout, /^\d worse, \d better, \d same, \d inconclusive of [1-3] cells?\.$/m);
  assert.match(stdout, /^gate: /m);
  assert.doesNotMatch(stdout, /REGRESSION/);
  assertUntouched(root);
  const { records } = readResults(join(root, 'results/out'));
  const rounds = new Set(records.filter((r) => !r.skipped).map((r) => r.round));
  assert.equal(rounds.size, 24);
  for (const round of rounds) {
    const names = records.filter((r) => r.round === round && !r.skipped).map((r) => r.design);
    assert.deepEqual(names.sort(), ['single-wq', 'single-wq@slow']);
  }
  // Each of two submitters is held up for 0.2 ms an operation.
  const slow = records.filter((r) => r.design === 'single-wq@slow');
  assert.ok(
    slow.every((r) => r.metrics.iops < 12_000),
    'what runs is the strategy of that revision',
  );
  const commit = command('git', '-C', root, 'rev-parse', 'slow');
  assert.equal(records.find((r) => r.design === 'single-wq@slow')!.parameters.revision, commit);
  const orders = new Set(
    [...rounds].map((round) =>
      records
        .filter((r) => r.round === round)
        .map((r) => r.design)
        .join(),
    ),
  );
  assert.ok(orders.size > 1, 'rounds are shuffled together');

  const stopped = loopwq(t, root, 'run', 't.fio', '--against', 'slow', ...words);
  await until('the worktree', stopped, () => readdirSync(folder).length > 0);
  stopped.child.kill('SIGINT');
  const { code: interrupted } = await stopped.ended;
  assert.equal(interrupted, 130);
  assertGone(stopped.pid);
  assertUntouched(root);

  const [broken, old, none] = await Promise.all(
    ['broken', 'old', 'slwo'].map((tag) => loopwq(t, root, 'run', 't.fio', '--against', tag, ...words).ended),
  );
  assert.deepEqual([broken!.code, old!.code, none!.code], [2, 2, 2]);
  assert.match(
    broken!.stderr,
    /can't be built: npm run --silent build: strategies\/single-wq\.ts\(\d+,\d+\): error TS2322/,
  );
  assert.match(
    old!.stderr,
    /--against old: its strategies are written for plug-in interface 0, this engine has 1\. /,
  );
  assert.match(none!.stderr, /unknown revision 'slwo'\. Did you mean 'slow'\?/);
  assertUntouched(root);
});

test('lists that this engine can not run are refused', () => {
  const of = (lists: Record<string, unknown>) => () => catalogueOf('v1', 'file:///x.js', lists);
  assert.throws(of({}), { name: 'InputError', message: /from before plug-in interfaces had numbers/ });
  assert.throws(of({ PLUGIN_INTERFACE, STRATEGIES: [], FLUSH_POLICIES: [] }), /has not the lists/);
  const lists = { STRATEGIES: [], FLUSH_POLICIES: [], ORDER_POLICIES: [], FRONTS: [] };
  assert.deepEqual(of({ PLUGIN_INTERFACE, ...lists })(), {
    module: 'file:///x.js',
    strategies: [],
    flushPolicies: [],
    orderPolicies: [],
    fronts: [],
  });
});

test('what the revision has not runs alone, references run once, a user’s own has no other revision', () => {
  const without = CATALOGUE.strategies.filter(({ name }) => name !== 'n-wq');
  const revision = {
    name: 'v1',
    commit: 'abc',
    catalogue: { ...CATALOGUE, module: 'file:///v1.js', strategies: without },
  };
  const designs = ['single-wq', 'n-wq:2', 'blk-flush>per-cpu+epoch', 'linux-5.14', 'inline', 'raw'].map(
    (name) => parseDesign(name),
  );
  const all = besideRevision(designs, revision, new Map([['inline', 'inline.js']]));
  assert.deepEqual(
    all.map(({ name }) => name),
    [
      ...['single-wq@v1', 'single-wq', 'n-wq:2', 'blk-flush>per-cpu+epoch@v1', 'blk-flush>per-cpu+epoch'],
      ...['linux-5.14@v1', 'linux-5.14', 'inline', 'raw'],
    ],
  );
  for (const { name, crew, parameters } of all) {
    const old = name.endsWith('@v1');
    assert.equal(parameters.revision, old ? 'abc' : undefined);
    if (crew) assert.equal(crew.ref.module === 'file:///v1.js', old, name);
  }
  assert.throws(() => besideRevision([parseDesign('n-wq:2')], revision), /v1 has none of the designs n-wq:2/);
});
