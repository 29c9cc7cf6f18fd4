/** The package as its user has it: packed, unpacked into another folder's node_modules, imported by name, and type-checked. */
import assert from 'node:assert/strict';
import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';
import { command, JOB } from '../cli/program.ts';

const ROOT = fileURLToPath(new URL('../../../', import.meta.url));
const home = mkdtempSync(join(tmpdir(), 'loopwq-test-package-'));
after(() => rmSync(home, { recursive: true, force: true }));

before(() => {
  const modules = join(home, 'node_modules');
  mkdirSync(join(modules, 'loopwq'), { recursive: true });
  const archive = command('npm', 'pack', ROOT, '--pack-destination', home, '--silent').split('\n').at(-1)!;
  command('tar', '-xzf', join(home, archive), '-C', join(modules, 'loopwq'), '--strip-components=1');
  // What npm would install beside it.
  const { dependencies } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as {
    dependencies: Record<string, string>;
  };
  for (const name of Object.keys(dependencies)) {
    const [scope] = name.split('/');
    if (scope !== name) mkdirSync(join(modules, scope!), { recursive: true });
    symlinkSync(join(ROOT, 'node_modules', name), join(modules, name));
  }
  writeFileSync(join(home, 'package.json'), '{ "type": "module" }');
  writeFileSync(join(home, 't.fio'), JOB);
});

test('a user’s program runs a design of its own through the package, and ends by itself', () => {
  writeFileSync(
    join(home, 'mine.js'),
    `import { defineStrategy } from 'loopwq';
     export default defineStrategy({ name: 'mine', summary: 'one queue', source: 'a test', claims: ['completed'],
       open: () => ({ layout: { queues: [{}], workers: [{ serves: [0] }] }, route: () => 0 }) });`,
  );
  writeFileSync(
    join(home, 'program.js'),
    `import { run } from 'loopwq';
     const { summary } = await run({ design: [new URL('./mine.js', import.meta.url)], designs: ['mine+epoch'],
       workloads: ['t.fio'], backend: 'sync', rounds: 1, dir: process.argv[2] });
     console.log(JSON.stringify(summary[0].rows.map(({ design, workers }) => [design, workers])));`,
  );
  const dir = mkdtempSync(join(process.cwd(), 'loopwq-test-package-'));
  after(() => rmSync(dir, { recursive: true, force: true }));
  const said = command('sh', '-c', 'cd "$1" && exec "$2" program.js "$3"', 'sh', home, process.execPath, dir);
  assert.deepEqual(JSON.parse(said), [
    ['mine+epoch', 1],
    ['raw', 0],
  ]);
  assert.deepEqual(readdirSync(dir), []);
});

test('the command is in the package, with the job files, the types and nothing of the tests', () => {
  const inside = join(home, 'node_modules/loopwq');
  const said = command(process.execPath, join(inside, 'dist/cli/main.js'), 'list', 'workloads');
  assert.match(said, /^ {2}flush-heavy: /m);
  assert.equal(readdirSync(join(inside, 'dist')).includes('test'), false);
  for (const path of ['dist/api/index.d.ts', 'examples/journal-apart.js', 'README.md', 'LICENSE'])
    assert.ok(readFileSync(join(inside, path), 'utf8').length > 0, path);
});

/** What TypeScript says of each file under strict rules; of the package's declarations as well, as `.d.ts`. */
function faults(...files: string[]): Map<string, string[]> {
  const program = ts.createProgram(files, {
    strict: true,
    exactOptionalPropertyTypes: true,
    allowJs: true,
    checkJs: true,
    noEmit: true,
    // Only its own libraries are taken as right: those of the DOM have the URL and the AbortSignal of Node's types, and are there.
    skipDefaultLibCheck: true,
    module: ts.ModuleKind.NodeNext,
    target: ts.ScriptTarget.ES2022,
    lib: ['lib.es2023.d.ts', 'lib.dom.d.ts'],
    types: [],
  });
  const found = new Map(files.map((file): [string, string[]] => [file, []]));
  for (const { file, messageText } of ts.getPreEmitDiagnostics(program)) {
    const of = files.find((name) => name === file?.fileName) ?? '.d.ts';
    const text = ts.flattenDiagnosticMessageText(messageText, ' ');
    found.set(of, [...(found.get(of) ?? []), text]);
  }
  return found;
}

test('the types say what the program does: examples and a program of the user’s pass, mistakes do not', () => {
  const examples = readdirSync(join(ROOT, 'examples')).filter((name) => name.endsWith('.js'));
  assert.ok(examples.length > 0);
  const typed = join(home, 'typed.ts');
  writeFileSync(
    typed,
    `import { defineFlushPolicy, defineStrategy, GO, PARK, run, type Strategy } from 'loopwq';
     const strategy: Strategy = { name: 'a', summary: 's', source: 's', claims: ['completed'],
       open: (n, { devices }) => ({ layout: { queues: [{ maxActive: n }], workers: [{ serves: [0] }] },
         route: (op, rt) => (rt.ops.device[op] ?? 0) % devices }) };
     export default defineStrategy(strategy);
     defineFlushPolicy({ name: 'b', summary: 's', source: 's', claims: [], words: 1,
       submit: (op, gate) => (gate.load(0) > 0 ? PARK : GO), settle(op, gate, result) { if (result < 0) gate.release(); } });
     const { summary, records } = await run({ rounds: 2, signal: AbortSignal.timeout(5) });
     const lost: number = summary[0]!.rows[0]!.verdicts.submitted.lost + records[0]!.metrics.iops;
     console.log(lost);`,
  );
  const wrong = join(home, 'wrong.ts');
  const mistakes = [
    'run({ round: 2 });',
    "run({ backend: 'urign' });",
    "defineStrategy({ name: 'a', summary: 's', source: 's', claims: ['complete'], open: () => ({ layout: { queues: [], workers: [] }, route: () => 0 }) });",
    "defineStrategy({ name: 'a', summary: 's', source: 's', claims: [], open: () => ({ layout: { queues: [], workers: [] }, route: () => '0' }) });",
  ];
  writeFileSync(wrong, `import { defineStrategy, run } from 'loopwq';\n${mistakes.join('\n')}\n`);
  const right = [typed, ...examples.map((name) => join(ROOT, 'examples', name))];
  const found = faults(wrong, ...right);
  for (const file of right) assert.deepEqual(found.get(file), [], file);
  assert.equal(found.get('.d.ts'), undefined);
  assert.equal(found.get(wrong)!.length, mistakes.length, found.get(wrong)!.join('\n'));
});
