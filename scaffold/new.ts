/**
 * `npm run new -- strategy NAME`: a strategy that runs, with its test and its place in the explicit lists. The files are written
 * into the tree of the current directory; nothing that exists is written over.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { CATALOGUE, REFERENCES } from '../benchmarks/designs.ts';
import { PRESETS } from '../benchmarks/presets.ts';
import { InputError, unknownName } from '../datasets/errors.ts';
import { strategyFile, strategyTest } from './strategy.ts';

const USAGE = `npm run new -- strategy NAME

Writes strategies/NAME.ts and test/strategies/NAME.test.ts, and puts NAME into strategies/index.ts, charts/palette.ts and
test/strategies/strategies.test.ts. It runs at once; its comments say what to change.
`;

const NAME = /^[a-z][a-z0-9]*(-[a-z0-9]+)*$/;
const LONGEST = 24;
/** Names that no constant can have (ECMA-262, "Keywords and Reserved Words"), and those that the lists have already. */
const RESERVED =
  'await break case catch class const continue debugger default delete do else enum export extends false finally for function if ' +
  'implements import in instanceof interface let new null package private protected public return static super switch this throw ' +
  'true try typeof var void while with yield all none';

interface Edit {
  path: string;
  /** Where the new text goes: before the first occurrence of this behind `after`. */
  before: string;
  after: string;
  text: string;
}

/** Throws InputError and writes nothing where anything is not as it must be. Returns what it wrote. */
export function newStrategy(root: string, name: string): string[] {
  requireName(name);
  const constant = name.replace(/-([a-z0-9])/g, (_, letter: string) => letter.toUpperCase());
  const files = new Map([
    [`strategies/${name}.ts`, strategyFile(name, constant)],
    [`test/strategies/${name}.test.ts`, strategyTest(name, constant)],
  ]);
  for (const path of files.keys()) {
    if (existsSync(join(root, path))) throw new InputError(`${path} exists. Choose another name`);
  }
  const key = constant === name ? name : `'${name}'`;
  const edits: Edit[] = [
    {
      path: 'strategies/index.ts',
      after: '*/\n',
      before: 'import ',
      text: `import { ${constant} } from './${name}.ts';\n`,
    },
    {
      path: 'strategies/index.ts',
      after: 'STRATEGIES: readonly Strategy[] = [',
      before: '];',
      text: `  ${constant},\n`,
    },
    {
      path: 'charts/palette.ts',
      after: 'export const STRATEGIES = [',
      before: '] as const;',
      text: `  '${name}',\n`,
    },
    {
      path: 'test/strategies/strategies.test.ts',
      after: 'const PROMISED',
      before: '\n};',
      text: `\n  ${key}: (n, t) => ({ workers: t.devices * n }),`,
    },
  ];
  // All are looked up before the first is written.
  for (const [path, text] of edited(root, edits)) files.set(path, text);
  for (const [path, text] of files) writeFileSync(join(root, path), text);
  return [...files.keys()];
}

function requireName(name: string): void {
  if (!NAME.test(name) || name.length > LONGEST) {
    throw new InputError(
      `'${name}' can't be a strategy's name: small letters, digits and dashes, ${LONGEST} at most, as in my-design`,
    );
  }
  const { strategies, flushPolicies, orderPolicies, fronts } = CATALOGUE;
  const known = [...strategies, ...flushPolicies, ...orderPolicies, ...fronts, ...PRESETS].map(
    (it) => it.name,
  );
  if ([...known, ...REFERENCES, ...RESERVED.split(' ')].includes(name)) {
    throw new InputError(`'${name}' is taken. Choose another name`);
  }
}

function edited(root: string, edits: readonly Edit[]): Map<string, string> {
  const texts = new Map<string, string>();
  for (const { path, before, after, text } of edits) {
    const old = texts.get(path) ?? readTree(root, path);
    const from = old.indexOf(after);
    const at = from < 0 ? -1 : old.indexOf(before, from + after.length);
    if (at < 0)
      throw new InputError(
        `${path} has no '${after.trim()}' with '${before.trim()}' behind it: add ${text.trim()} by hand`,
      );
    texts.set(path, old.slice(0, at) + text + old.slice(at));
  }
  return texts;
}

function readTree(root: string, path: string): string {
  try {
    return readFileSync(join(root, path), 'utf8');
  } catch (cause) {
    throw new InputError(`${root} is no tree of loopwq: ${path} can't be read`, { cause });
  }
}

function main([kind, name, ...rest]: readonly string[]): number {
  if (kind === undefined || kind === '--help' || name === undefined || rest.length > 0) {
    process.stderr.write(USAGE);
    return kind === '--help' ? 0 : 2;
  }
  try {
    if (kind !== 'strategy') throw unknownName('kind', kind, ['strategy']);
    const root = process.cwd();
    const written = newStrategy(root, name);
    // Sorts the imports, and breaks lines that a long name made too long.
    spawnSync(join(root, 'node_modules/.bin/biome'), ['check', '--write', ...written], { cwd: root });
    process.stdout.write(
      `${written.map((path) => `wrote ${path}`).join('\n')}\n\n` +
        `Next: npm run build && node --test dist/test/strategies/${name}.test.js\n` +
        `      npx loopwq run --quick --designs single-wq,${name}\n`,
    );
    return 0;
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    process.stderr.write(`loopwq: ${error.message}\n`);
    return 2;
  }
}

if (process.argv[1]?.endsWith('scaffold/new.js')) process.exitCode = main(process.argv.slice(2));
