/** Strategies and policies from files of the user's own: loaded, looked at field by field, and put behind the shipped ones. */
import { spawnSync } from 'node:child_process';
import { statSync } from 'node:fs';
import { resolve } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { InputError, unknownName } from '../datasets/errors.ts';
import { CONTRACTS } from '../ordering/contracts.ts';
import type { Plugin } from '../strategies/define.ts';
import { CATALOGUE, type Catalogue, REFERENCES } from './designs.ts';
import { PRESETS } from './presets.ts';

const PLUGINS: readonly Plugin['plugin'][] = ['strategy', 'flush policy', 'order policy'];
const NAME = /^[a-z][a-z0-9]*(-[a-z0-9]+)*$/;
/** Most of a strategy's parameter, and of a policy's words per device. */
const MOST = 65_536;

/**
 * The catalogue with what these files export by default.
 *
 * @param files paths, from the current directory, or file URLs
 * @throws InputError that names the file, the field and what was expected there
 */
export async function catalogueWith(files: readonly (string | URL)[]): Promise<Catalogue> {
  if (files.length === 0) return CATALOGUE;
  const paths = files.map((file) => (file instanceof URL ? fileURLToPath(file) : resolve(file)));
  const users = new Map<string, string>();
  for (const path of paths) {
    const plugin = await load(path);
    refuseKnown(path, plugin.name, users);
    users.set(plugin.name, path);
  }
  const module = new URL('./user-catalogue.js', import.meta.url);
  for (const path of paths) module.searchParams.append('file', pathToFileURL(path).href);
  const lists = (await import(module.href)) as typeof import('./user-catalogue.ts');
  return {
    module: module.href,
    strategies: lists.STRATEGIES,
    flushPolicies: lists.FLUSH_POLICIES,
    orderPolicies: lists.ORDER_POLICIES,
    fronts: lists.FRONTS,
    users,
  };
}

async function load(path: string): Promise<Plugin> {
  const stat = statSync(path, { throwIfNoEntry: false });
  if (stat === undefined) throw new InputError(`--design ${path}: there is no such file`);
  if (!stat.isFile()) throw new InputError(`--design ${path} is no file`);
  if (/\.[cm]?tsx?$/.test(path)) {
    throw new InputError(
      `--design ${path} is TypeScript, which Node 20 does not read. Compile it, for example with ` +
        `npx tsc --module nodenext --target es2022 ${path}, and give the .js file`,
    );
  }
  let module: Record<string, unknown>;
  try {
    module = (await import(pathToFileURL(path).href)) as Record<string, unknown>;
  } catch (error) {
    throw unloadable(path, error);
  }
  if (!('default' in module)) {
    const named = Object.keys(module);
    throw new InputError(
      `--design ${path} has no default export${named.length > 0 ? `, only ${named.join(', ')}` : ''}. ` +
        'Expected: export default defineStrategy({ … })',
    );
  }
  return checked(path, module.default);
}

function unloadable(path: string, error: unknown): InputError {
  const { code, message, stack } = Object(error) as NodeJS.ErrnoException;
  if (code === 'ERR_MODULE_NOT_FOUND' && /'loopwq'/.test(`${message}`)) {
    return new InputError(
      `--design ${path}: the package loopwq is not found from there. Link it with npm link, or export a plain object ` +
        "with plugin: 'strategy' in place of defineStrategy",
    );
  }
  const why = error instanceof SyntaxError ? whereSyntaxFails(path) : '';
  return new InputError(`--design ${path} can't be loaded: ${why || (stack ?? message ?? String(error))}`);
}

/** The line that has the error: Node keeps it from whoever catches. Empty where the error is in a module that this one imports. */
function whereSyntaxFails(path: string): string {
  return spawnSync(process.execPath, ['--check', path], { encoding: 'utf8' }).stderr.trim();
}

type Fields = Record<string, unknown>;

/** What a field must be: says what is expected where it is not. */
type Rule = (value: unknown) => string | undefined;

const rule =
  (expected: string, holds: (value: unknown) => boolean): Rule =>
  (value) =>
    holds(value) ? undefined : expected;
const optional =
  (inner: Rule): Rule =>
  (value) =>
    value === undefined ? undefined : inner(value);

const text = rule('a text', (value) => typeof value === 'string' && value.trim() !== '');
const func = rule('a function', (value) => typeof value === 'function');
const whole = rule(
  `a whole number from 0 to ${MOST}`,
  (value) => Number.isInteger(value) && Number(value) >= 0 && Number(value) <= MOST,
);
const name = rule('a word of small letters, digits and dashes, as in my-design', (value) =>
  NAME.test(String(value)),
);
const COMMON = {
  name,
  summary: text,
  source: text,
  claims: rule(`a list of contracts (${CONTRACTS.join(', ')})`, Array.isArray),
};
const STRATEGY: Record<string, Rule> = {
  ...COMMON,
  parameter: optional(rule('an object { name, default, least, most }', (value) => value instanceof Object)),
  open: func,
};
const words = rule(
  'a list of words as in my-choice',
  (value) => Array.isArray(value) && value.every((it) => NAME.test(it)),
);
const PARAMETER: Record<string, Rule> = {
  name: rule('a word', (value) => typeof value === 'string' && /^\w+$/.test(value)),
  default: whole,
  least: whole,
  most: whole,
  choices: optional(words),
  flags: optional(words),
};
const POLICY: Record<string, Rule> = {
  ...COMMON,
  words: rule(
    // The gate asks nothing of a policy that keeps nothing: that is how pass-through costs nothing.
    `a whole number from 1 to ${MOST} (a policy without a word of state is never asked), or a function of the tags`,
    (value) => typeof value === 'function' || (value !== 0 && whole(value) === undefined),
  ),
  label: optional(func),
  submit: func,
  settle: func,
};

function checked(path: string, value: unknown): Plugin {
  const fields = Object(value) as Fields;
  const { plugin } = fields;
  if (!PLUGINS.includes(plugin as Plugin['plugin'])) {
    throw new InputError(
      `--design ${path}: the default export is ${shown(value)}, not what defineStrategy, defineFlushPolicy or ` +
        'defineOrderPolicy returns',
    );
  }
  obey(path, '', fields, plugin === 'strategy' ? STRATEGY : POLICY);
  const unknown = (fields.claims as string[]).find(
    (claim) => !(CONTRACTS as readonly string[]).includes(claim),
  );
  if (unknown !== undefined) throw unknownName('contract', unknown, CONTRACTS, `--design ${path}: claims`);
  if (fields.parameter !== undefined) checkParameter(path, fields.parameter as Fields);
  return value as Plugin;
}

function checkParameter(path: string, fields: Fields): void {
  obey(path, 'parameter.', fields, PARAMETER);
  const { least, most, default: usual } = fields as Record<string, number>;
  const { choices, flags } = fields as Partial<Record<string, string[]>>;
  if (!(least! <= usual! && usual! <= most!)) {
    throw new InputError(
      `--design ${path}: parameter: least ${least}, default ${usual} and most ${most} must not fall`,
    );
  }
  if (choices && (least !== 0 || most !== choices.length - 1)) {
    throw new InputError(
      `--design ${path}: parameter: ${choices.length} choices go from least 0 to most ${choices.length - 1}`,
    );
  }
  // None set is what the bare name stands for.
  if (flags && (choices || usual !== 0 || least !== 0 || most !== 2 ** flags.length - 1)) {
    throw new InputError(
      `--design ${path}: parameter: ${flags.length} flags go without choices, from least 0 and default 0 to most ` +
        `${2 ** flags.length - 1}`,
    );
  }
}

function obey(path: string, prefix: string, fields: Fields, rules: Record<string, Rule>): void {
  for (const [field, of] of Object.entries(rules)) {
    const expected = of(fields[field]);
    if (expected === undefined) continue;
    throw new InputError(
      `--design ${path}: ${prefix}${field} is ${shown(fields[field])}; expected ${expected}`,
    );
  }
}

/** A value in an error: short, whatever it is. */
function shown(value: unknown): string {
  if (typeof value === 'function') return 'a function';
  if (typeof value !== 'object' || value === null) {
    return value === undefined ? 'missing' : String(JSON.stringify(value)).slice(0, 60);
  }
  return Array.isArray(value)
    ? `a list of ${value.length}`
    : `an object with ${Object.keys(value).join(', ') || 'nothing'}`;
}

function refuseKnown(path: string, name: string, users: ReadonlyMap<string, string>): void {
  const other = users.get(name);
  if (other !== undefined) throw new InputError(`--design ${path}: ${other} is named '${name}' as well`);
  const { strategies, flushPolicies, orderPolicies, fronts } = CATALOGUE;
  const known = [...strategies, ...flushPolicies, ...orderPolicies, ...fronts, ...PRESETS].map(
    (it) => it.name,
  );
  if (![...known, ...REFERENCES, 'none', 'all'].includes(name)) return;
  throw new InputError(`--design ${path}: '${name}' is taken by loopwq itself. Choose another name`);
}
