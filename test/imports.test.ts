/**
 * The tree's own rules: who may import whom, how long a file may be, and that no test sleeps. The files are parsed with
 * TypeScript itself; an import that only types come through is erased by the compiler and so binds less.
 */
import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, posix } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const MOST_LINES = 350;

interface Room {
  /** Folders (with a slash) and files outside the room from which it may import values. */
  values: readonly string[];
  /** The same for types; what may be imported as a value may be imported as a type. */
  types: readonly string[];
  /** No package and no module of Node's: the room computes and does nothing else. */
  pure?: boolean;
}

/** docs/ARCHITECTURE.md, "Rooms". A file belongs to the room with the longest name that fits. */
const ROOMS: Record<string, Room> = {
  'api/': {
    values: [
      'cli/run-options.ts',
      'benchmarks/',
      'datasets/',
      'ordering/history.ts',
      'strategies/define.ts',
      'strategies/types.ts',
    ],
    types: ['ordering/'],
  },
  'scaffold/': { values: ['benchmarks/', 'datasets/'], types: [] },
  'cli/': {
    values: [
      'benchmarks/',
      'charts/',
      'datasets/',
      'engine/errors.ts',
      'engine/libc.ts',
      'ordering/contracts.ts',
    ],
    types: ['ordering/'],
  },
  'benchmarks/': {
    values: ['benchmarks/statistics/', 'engine/', 'ordering/', 'datasets/', 'strategies/index.ts'],
    types: ['strategies/define.ts', 'strategies/types.ts'],
  },
  'benchmarks/statistics/': { values: [], types: [] },
  'engine/': {
    // The odds: what a crash leaves of the simulated disk is what crash states are drawn with.
    values: ['ordering/history.ts', 'ordering/clients/', 'ordering/crash/odds.ts', 'strategies/types.ts'],
    types: ['datasets/', 'ordering/contracts.ts'],
  },
  'strategies/': { values: [], types: ['ordering/contracts.ts'], pure: true },
  'ordering/': { values: [], types: [], pure: true },
  'charts/': { values: ['benchmarks/'], types: ['datasets/', 'ordering/contracts.ts'] },
  'datasets/': { values: ['ordering/contracts.ts', 'ordering/clients/'], types: [] },
};

/** Rooms into which no value of these may come, on whatever way. */
const NEVER: Record<string, readonly string[]> = {
  'ordering/': ['engine/', 'strategies/', 'benchmarks/', 'cli/'],
  'strategies/': ['engine/', 'benchmarks/', 'datasets/', 'cli/', 'api/'],
  'cli/': ['api/'],
  'charts/': ['engine/', 'strategies/', 'cli/'],
  'benchmarks/statistics/': ['engine/', 'strategies/', 'ordering/'],
  'datasets/': ['engine/', 'strategies/', 'benchmarks/', 'cli/'],
  'engine/': ['benchmarks/', 'datasets/', 'cli/', 'charts/'],
};

interface Import {
  /** A path from the root, or the name of a package. */
  target: string;
  own: boolean;
  typeOnly: boolean;
}

const parse = (path: string, text: string): ts.SourceFile =>
  ts.createSourceFile(path, text, ts.ScriptTarget.Latest, true);

/** Every import of a file, also those of `export ... from`, `import(...)` and types written as `import('...')`. */
function importsOf(path: string, text: string): Import[] {
  const found: Import[] = [];
  const add = (specifier: ts.Node | undefined, typeOnly: boolean): void => {
    if (specifier === undefined || !ts.isStringLiteralLike(specifier)) return;
    const own = specifier.text.startsWith('.');
    found.push({ target: own ? posix.join(dirname(path), specifier.text) : specifier.text, own, typeOnly });
  };
  const file = parse(path, text);
  for (const node of file.statements) {
    if (ts.isImportDeclaration(node)) add(node.moduleSpecifier, erased(node.importClause));
    else if (ts.isExportDeclaration(node))
      add(node.moduleSpecifier, node.isTypeOnly || allTypes(node.exportClause));
  }
  const visit = (node: ts.Node): void => {
    if (ts.isImportTypeNode(node) && ts.isLiteralTypeNode(node.argument)) add(node.argument.literal, true);
    else if (ts.isCallExpression(node) && node.expression.kind === ts.SyntaxKind.ImportKeyword) {
      add(node.arguments[0], false);
    }
    ts.forEachChild(node, visit);
  };
  if (text.includes('import(')) visit(file);
  return found;
}

function erased(clause: ts.ImportClause | undefined): boolean {
  if (clause === undefined) return false;
  return clause.isTypeOnly || (clause.name === undefined && allTypes(clause.namedBindings));
}

function allTypes(bindings: ts.NamedImportBindings | ts.NamedExportBindings | undefined): boolean {
  if (bindings === undefined || !(ts.isNamedImports(bindings) || ts.isNamedExports(bindings))) return false;
  return bindings.elements.length > 0 && bindings.elements.every((element) => element.isTypeOnly);
}

function roomOf(path: string): string | undefined {
  const fitting = Object.keys(ROOMS).filter((room) => path.startsWith(room));
  return fitting.sort((a, b) => b.length - a.length)[0];
}

const fits = (path: string, allowed: readonly string[]): boolean =>
  allowed.some((place) => (place.endsWith('/') ? path.startsWith(place) : path === place));

/** What an import breaks, in words; undefined when it may stand. */
function trouble(path: string, { target, own, typeOnly }: Import): string | undefined {
  const name = roomOf(path);
  if (name === undefined) return `${path} stands in no room`;
  const room = ROOMS[name]!;
  const words = `${path} imports ${typeOnly ? 'types' : 'values'} from ${target}`;
  if (!own) return room.pure ? `${words}, and ${name} uses nothing from outside` : undefined;
  if (roomOf(target) === name || fits(target, room.values)) return undefined;
  if (!fits(target, room.types)) return `${words}, which ${name} may not`;
  return typeOnly ? undefined : `${words}, and may only import types from there`;
}

function filesIn(folder: string): string[] {
  return readdirSync(join(ROOT, folder), { withFileTypes: true }).flatMap((entry) => {
    const path = folder + entry.name;
    return entry.isDirectory() ? filesIn(`${path}/`) : path.endsWith('.ts') ? [path] : [];
  });
}

const read = (path: string): string => readFileSync(join(ROOT, path), 'utf8');
const folders = [...new Set(Object.keys(ROOMS).map((room) => `${room.split('/')[0]}/`))];
const sources = folders.filter((folder) => existsSync(join(ROOT, folder))).flatMap(filesIn);
const tests = filesIn('test/');
const imports = new Map(sources.map((path) => [path, importsOf(path, read(path))]));

/** Own files that a file imports values from. */
const valuesOf = (path: string): string[] =>
  (imports.get(path) ?? []).flatMap(({ own, typeOnly, target }) => (own && !typeOnly ? [target] : []));

test('no file imports against the direction', () => {
  assert.ok(sources.length > 50);
  const troubles = [...imports].flatMap(([path, all]) => all.map((it) => trouble(path, it)));
  assert.deepEqual(
    troubles.filter((words) => words !== undefined),
    [],
  );
});

test('what a room must never see does not come in through another one either', () => {
  for (const path of sources) {
    const never = NEVER[roomOf(path)!] ?? [];
    // The way by which each file is reached: for the message.
    const ways = new Map([[path, path]]);
    for (const [at, way] of ways) {
      assert.ok(!fits(at, never), way);
      // strategies/types.ts is the engine's word for its plug-ins, so its three constants are no strategy.
      for (const target of valuesOf(at)) {
        if (!ways.has(target) && target !== 'strategies/types.ts') ways.set(target, `${way} -> ${target}`);
      }
    }
  }
});

test('no two source files import values from each other in a circle', () => {
  const done = new Set<string>();
  const walk = (path: string, way: readonly string[]): void => {
    assert.ok(!way.includes(path), [...way, path].join(' -> '));
    if (done.has(path)) return;
    for (const next of valuesOf(path)) walk(next, [...way, path]);
    done.add(path);
  };
  for (const path of sources) walk(path, []);
});

test('the rule itself tells values from types and sees every way to import', () => {
  const verdicts = (path: string, text: string): boolean[] =>
    importsOf(path, text).map((it) => trouble(path, it) === undefined);
  const cases: [path: string, text: string, allowed: boolean][] = [
    ['ordering/x.ts', "import { a } from '../engine/gate.ts';", false],
    ['ordering/x.ts', "import type { a } from '../engine/gate.ts';", false],
    ['ordering/x.ts', "import { a } from './history.ts';", true],
    ['ordering/x.ts', "import { readFileSync } from 'node:fs';", false],
    ['engine/x.ts', "import type { Job } from '../datasets/workload.ts';", true],
    ['engine/x.ts', "import { type Job } from '../datasets/workload.ts';", true],
    ['engine/x.ts', "import { type Job, b } from '../datasets/workload.ts';", false],
    ['engine/x.ts', "import '../datasets/workload.ts';", false],
    ['engine/x.ts', "import * as all from '../datasets/workload.ts';", false],
    ['engine/x.ts', "import whole from '../datasets/workload.ts';", false],
    ['engine/x.ts', "export { b } from '../datasets/workload.ts';", false],
    ['engine/x.ts', "export * from '../datasets/workload.ts';", false],
    ['engine/x.ts', "export type { Job } from '../datasets/workload.ts';", true],
    ['engine/x.ts', "const late = await import('../datasets/workload.ts');", false],
    ['engine/x.ts', "let job: import('../datasets/workload.ts').Job;", true],
    ['engine/x.ts', "import { check } from '../ordering/check.ts';", false],
    ['engine/x.ts', "import { STRATEGIES } from '../strategies/index.ts';", false],
    ['strategies/flush/x.ts', "import { GO } from '../types.ts';", true],
    ['strategies/x.ts', "import { LINE } from '../engine/rings.ts';", false],
    ['strategies/x.ts', "import type { LINE } from '../engine/rings.ts';", false],
    ['strategies/x.ts', "import { CONTRACTS } from '../ordering/contracts.ts';", false],
    ['benchmarks/statistics/x.ts', "import type { P } from '../plan.ts';", false],
    ['benchmarks/x.ts', "import { mean } from './statistics/mean.ts';", true],
    ['benchmarks/x.ts', "import { run } from '../cli/run.ts';", false],
    ['datasets/x.ts', "import { open } from '../engine/libc.ts';", false],
    ['cli/x.ts', "import { Gates } from '../engine/gate.ts';", false],
    ['attic/x.ts', "import { a } from './b.ts';", false],
  ];
  for (const [path, text, allowed] of cases)
    assert.deepEqual(verdicts(path, text), [allowed], `${path}: ${text}`);
});

test(`every file has fewer than ${MOST_LINES} lines`, () => {
  const long = [...sources, ...tests].filter((path) => read(path).trimEnd().split('\n').length >= MOST_LINES);
  assert.deepEqual(long, []);
});

/** Files that look at other processes and at the kernel's own lists, which nothing tells of. Each goes on when it has seen it. */
const LOOK_AND_REST = ['test/cli/program.ts', 'test/engine/stops.test.ts'];

/** A promise that a timer alone resolves: a guess at how long something takes. */
function sleeps(path: string, text: string): boolean {
  if (!/setTimeout|timers/.test(text)) return false;
  let found = importsOf(path, text).some(({ target }) => target.endsWith('timers/promises'));
  const visit = (node: ts.Node): void => {
    if (ts.isCallExpression(node) && node.expression.getText().endsWith('setTimeout')) {
      let executor: ts.Node | undefined = node;
      while (
        executor !== undefined &&
        !(ts.isNewExpression(executor) && executor.expression.getText() === 'Promise')
      ) {
        executor = executor.parent;
      }
      if (executor !== undefined) found = true;
    }
    ts.forEachChild(node, visit);
  };
  visit(parse(path, text));
  return found;
}

test('no test sleeps', () => {
  assert.deepEqual(
    tests.filter((path) => sleeps(path, read(path)) && !LOOK_AND_REST.includes(path)),
    [],
  );
  assert.ok(sleeps('x.ts', 'await new Promise((resolve) => setTimeout(resolve, 50));'));
  assert.ok(sleeps('x.ts', "import { setTimeout as rest } from 'node:timers/promises';"));
  assert.ok(!sleeps('x.ts', 'const limit = setTimeout(() => child.kill(), 9000);'));
});
