/** `npm run new -- strategy NAME` in a copy of the tree: what it writes passes the tests of the tree, and runs. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';
import { InputError } from '../../datasets/errors.ts';
import { newStrategy } from '../../scaffold/new.ts';
import { command } from '../cli/program.ts';

const ROOT = fileURLToPath(new URL('../../../', import.meta.url));
/** The tree without what runs have left, outside of it: a configuration inside another one's folder is an error to biome. */
const copy = mkdtempSync(join(tmpdir(), 'loopwq-test-new-'));
after(() => rmSync(copy, { recursive: true, force: true }));

before(() => {
  for (const name of readdirSync(ROOT)) {
    if (/^(\.|node_modules$|results$|loopwq-)/.test(name)) continue;
    cpSync(join(ROOT, name), join(copy, name), { recursive: true });
  }
  symlinkSync(join(ROOT, 'node_modules'), join(copy, 'node_modules'));
});

const scaffold = (...words: string[]) =>
  spawnSync(process.execPath, ['dist/scaffold/new.js', ...words], { cwd: copy, encoding: 'utf8' });

/** Every file of the copy that a scaffold may touch. */
const touched = (): Record<string, string> =>
  Object.fromEntries(
    ['strategies', 'test/strategies', 'charts'].flatMap((folder) =>
      readdirSync(join(copy, folder), { withFileTypes: true })
        .filter((entry) => entry.isFile())
        .map(({ name }) => [`${folder}/${name}`, readFileSync(join(copy, folder, name), 'utf8')]),
    ),
  );

/** What TypeScript says of files of the copy, by the tree's own rules. */
function faults(...paths: string[]): string[] {
  const { config } = ts.readConfigFile(join(copy, 'tsconfig.json'), ts.sys.readFile);
  const { options } = ts.parseJsonConfigFileContent({ ...config, files: [], include: [] }, ts.sys, copy);
  const program = ts.createProgram(
    paths.map((path) => join(copy, path)),
    { ...options, noEmit: true },
  );
  return ts
    .getPreEmitDiagnostics(program)
    .map(({ messageText }) => ts.flattenDiagnosticMessageText(messageText, ' '));
}

/** What a build would make of a file, types aside. */
function build(path: string): void {
  const { outputText } = ts.transpileModule(readFileSync(join(copy, path), 'utf8'), {
    compilerOptions: {
      module: ts.ModuleKind.ESNext,
      target: ts.ScriptTarget.ES2022,
      rewriteRelativeImportExtensions: true,
      verbatimModuleSyntax: true,
    },
  });
  writeFileSync(join(copy, 'dist', path.replace(/\.ts$/, '.js')), outputText);
}

test('names that can’t be are refused, and nothing is written', () => {
  const before = touched();
  for (const [name, says] of [
    ['n-wq', /'n-wq' is taken/],
    ['quiesce', /'quiesce' is taken/],
    ['raw', /'raw' is taken/],
    ['thread-2022-a', /'thread-2022-a' is taken/],
    ['class', /'class' is taken/],
    ['types', /strategies\/types\.ts exists/],
    ['N-wq', /'N-wq' can't be a strategy's name: small letters/],
    ['../evil', /can't be a strategy's name/],
    ['a'.repeat(25), /24 at most/],
  ] as const) {
    assert.throws(
      () => newStrategy(copy, name),
      (error) => error instanceof InputError && says.test(error.message),
    );
  }
  for (const [words, says] of [
    [['stratgy', 'mine'], /unknown kind 'stratgy'\. Did you mean 'strategy'/],
    [['strategy', 'n-wq'], /^loopwq: 'n-wq' is taken/],
    [['strategy', 'a', 'b'], /^npm run new -- strategy NAME/],
  ] as const) {
    const { status, stderr, stdout } = scaffold(...words);
    assert.equal(status, 2, stderr);
    assert.match(stderr, says);
    assert.equal(stdout, '');
  }
  assert.deepEqual(touched(), before);
});

test('a new strategy passes the tests of the tree at once, and runs', () => {
  const { status, stdout, stderr } = scaffold('strategy', 'my-own');
  assert.equal(status, 0, stderr);
  const written = [...stdout.matchAll(/^wrote (.*)$/gm)].map(([, path]) => path!);
  assert.deepEqual(written.sort(), [
    'charts/palette.ts',
    'strategies/index.ts',
    'strategies/my-own.ts',
    'test/strategies/my-own.test.ts',
    'test/strategies/strategies.test.ts',
  ]);
  assert.match(
    readFileSync(join(copy, 'strategies/index.ts'), 'utf8'),
    / {2}inline,\n(.*\n)* {2}myOwn,\n\];/,
  );
  assert.match(readFileSync(join(copy, 'charts/palette.ts'), 'utf8'), / {2}'my-own',\n\] as const;/);
  command(
    'sh',
    '-c',
    'cd "$1" && shift && exec node_modules/.bin/biome check --error-on-warnings "$@"',
    'sh',
    copy,
    ...written,
  );
  assert.deepEqual(faults('strategies/my-own.ts', 'test/strategies/my-own.test.ts'), []);
  for (const path of written) build(path);

  const tests = ['strategies/my-own', 'strategies/strategies', 'charts/palette', 'benchmarks/designs'];
  const files = tests.map((name) => join(copy, 'dist/test', `${name}.test.js`));
  // This test's own runner must not take the others for its children.
  const { NODE_TEST_CONTEXT: _, ...env } = process.env;
  const ran = spawnSync(process.execPath, ['--test', ...files], { cwd: copy, env, encoding: 'utf8' });
  assert.equal(ran.status, 0, ran.stdout);
  assert.match(ran.stdout, /my-own: every queue has a worker/);
  // A test that was written along fails where the strategy is changed.
  const strategy = join(copy, 'dist/strategies/my-own.js');
  const text = readFileSync(strategy, 'utf8');
  assert.ok(text.includes('% n)'));
  writeFileSync(strategy, text.replace('% n)', '% 2)'));
  assert.notEqual(spawnSync(process.execPath, ['--test', files[0]!], { cwd: copy, env }).status, 0);
  writeFileSync(strategy, text);

  const words = [
    'run',
    '--quick',
    '--designs',
    'single-wq,my-own',
    '--workloads',
    'fsync-4',
    '--backend',
    'sync',
  ];
  const run = spawnSync(process.execPath, ['dist/cli/main.js', ...words], { cwd: copy, encoding: 'utf8' });
  assert.equal(run.status, 0, run.stderr);
  assert.match(run.stdout, /^ {2}my-own:4 +[\d.]+k? /m);
  // Again is refused.
  assert.match(scaffold('strategy', 'my-own').stderr, /'my-own' is taken/);
});

test('a second one stands behind the first, and a name without a dash as well', () => {
  for (const name of ['another', 'third-one']) assert.equal(scaffold('strategy', name).status, 0);
  const index = readFileSync(join(copy, 'strategies/index.ts'), 'utf8');
  assert.match(index, / {2}myOwn,\n {2}another,\n {2}thirdOne,\n\];/);
  const palette = readFileSync(join(copy, 'charts/palette.ts'), 'utf8');
  assert.match(palette, / {2}'my-own',\n {2}'another',\n {2}'third-one',\n\] as const;/);
});

test('a folder that is no tree of loopwq is told so', () => {
  const empty = mkdtempSync(join(copy, 'empty-'));
  const words = [join(copy, 'dist/scaffold/new.js'), 'strategy', 'mine'];
  const { status, stderr } = spawnSync(process.execPath, words, { cwd: empty, encoding: 'utf8' });
  assert.equal(status, 2);
  assert.match(stderr, /is no tree of loopwq: strategies\/index\.ts can't be read/);
  assert.deepEqual(readdirSync(empty), []);
});
