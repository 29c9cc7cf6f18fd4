/** Names of designs, `strategy[:parameter][+flush][+order]`, to what they stand for. */
import { InputError, unknownName } from '../datasets/errors.ts';
import type { CrewDesign } from '../engine/crew.ts';
import type { Contract } from '../ordering/contracts.ts';
import { CONTRACTS } from '../ordering/contracts.ts';
import { FLUSH_POLICIES, FRONTS, ORDER_POLICIES, STRATEGIES } from '../strategies/index.ts';
import type { Front, GatePolicy, Parameter, Strategy } from '../strategies/types.ts';
import { PRESETS } from './presets.ts';

/** A row of the table: a design, or a reference row that is none. */
export interface Design {
  /** As printed: parameter spelled out, the default flush policy left out. */
  name: string;
  /** Undefined for a reference row. */
  crew: CrewDesign | undefined;
  reference: Reference | undefined;
  parameters: Record<string, number | string>;
  claims: Contract[];
}

/** Rows that are no designs: the submitters' own rings on the file, or on the real /dev/loopN over it. */
export type Reference = { kind: 'raw' } | { kind: 'kernel-loop'; cgroups: number };
export const REFERENCES = ['raw', 'kernel-loop'] as const;
const MAX_CGROUPS = 64;

/** The designs of the thread, in the order of the table; the ratios are to the first. */
export const STANDARD_DESIGNS = [
  'single-wq',
  'single-wq+quiesce',
  'per-socket',
  'per-socket+quiesce',
  'n-wq:4',
  'n-wq:4+quiesce',
  'shared-pool:4',
  'shared-pool:4+quiesce',
] as const;

/** `--designs all`: every strategy with its usual parameter, and every preset of a shipped kernel. */
export function allDesigns(): string[] {
  return [...STRATEGIES.map(({ name }) => name), ...PRESETS.map(({ name }) => name)];
}

/** The module that lists what the names stand for; a test brings one of its own with designs that must be rejected. */
export interface Catalogue {
  /** URL from which a thread imports it. */
  module: string;
  strategies: readonly Strategy[];
  flushPolicies: readonly GatePolicy[];
  orderPolicies: readonly GatePolicy[];
  fronts: readonly Front[];
  /** Files of the user's own, by the name of the strategy or policy that each exports. */
  users?: ReadonlyMap<string, string>;
}

export const CATALOGUE: Catalogue = {
  module: new URL('../strategies/index.js', import.meta.url).href,
  strategies: STRATEGIES,
  flushPolicies: FLUSH_POLICIES,
  orderPolicies: ORDER_POLICIES,
  fronts: FRONTS,
};

/** Throws InputError with the nearest name and the list. */
export function parseDesign(text: string, catalogue: Catalogue = CATALOGUE): Design {
  const preset = PRESETS.find((p) => p.name === text);
  // A preset keeps its name, so that a table says what was asked for; its parameters say what it stands for.
  if (preset) {
    const design = parseDesign(preset.design, catalogue);
    return { ...design, name: preset.name, parameters: { ...design.parameters, design: design.name } };
  }
  const reference = parseReference(text);
  if (reference) {
    const parameters = reference.kind === 'kernel-loop' ? { cgroups: reference.cgroups } : {};
    return { name: text, crew: undefined, reference, parameters, claims: [] };
  }
  const { front, rest: body } = splitFront(text, catalogue);
  const [head = '', ...policies] = body.split('+');
  const [strategyName = '', ...given] = head.split(':');
  const strategy = catalogue.strategies.find((s) => s.name === strategyName);
  if (!strategy) {
    throw unknownName('design', strategyName, [
      ...catalogue.strategies.map((s) => s.name),
      ...REFERENCES,
      ...PRESETS.map((p) => p.name),
    ]);
  }
  const parameter = parseParameter(text, strategy, given);

  const { flush, order } = parsePolicies(text, policies, catalogue);
  const parts = [strategy, flush, ...(order ? [order] : []), ...(front ? [front] : [])];
  const shown = [
    headOf(strategy, parameter),
    ...(flush === catalogue.flushPolicies[0] ? [] : [flush.name]),
    ...(order ? [order.name] : []),
  ];
  const name = `${front ? `${front.name}>` : ''}${shown.join('+')}`;
  const files = parts.flatMap((part) => catalogue.users?.get(part.name) ?? []);
  return {
    name,
    reference: undefined,
    crew: {
      ref: {
        module: catalogue.module,
        strategy: strategy.name,
        parameter,
        flush: flush.name,
        order: order?.name,
        front: front?.name,
      },
      strategy,
      flush,
      order,
      front,
      label: files.length > 0 ? `${name} (${files.join(', ')})` : name,
    },
    parameters: {
      ...(strategy.parameter
        ? { [strategy.parameter.name]: shownParameter(strategy.parameter, parameter) }
        : {}),
      flush: flush.name,
      order: order?.name ?? 'none',
      front: front?.name ?? 'none',
    },
    claims: CONTRACTS.filter(
      (contract) => !front?.voids.includes(contract) && parts.some((part) => part.claims.includes(contract)),
    ),
  };
}

/** A strategy with its parameter, as in n-wq:4; without one where it has none, or none of its flags is set. */
export function headOf({ name, parameter }: Strategy, value: number): string {
  if (!parameter || (parameter.flags && value === 0)) return name;
  return `${name}:${shownParameter(parameter, value)}`;
}

/** The values of a parameter that are tried where all are: every choice, no flag, each flag, all of them; else the usual one. */
export function variantsOf({ parameter }: Strategy): number[] {
  if (parameter?.choices) return parameter.choices.map((_, choice) => choice);
  if (parameter?.flags) return [0, ...parameter.flags.map((_, flag) => 1 << flag), parameter.most];
  return [parameter?.default ?? 0];
}

function shownParameter({ choices, flags }: Parameter, value: number): number | string {
  if (flags) return flags.filter((_, flag) => (value & (1 << flag)) !== 0).join(':') || 'none';
  return choices?.[value] ?? value;
}

/** `blk-flush>n-wq:4` to its front and the rest; `none>` is the same as no front. */
function splitFront(text: string, { fronts }: Catalogue): { front: Front | undefined; rest: string } {
  const at = text.indexOf('>');
  if (at < 0) return { front: undefined, rest: text };
  const name = text.slice(0, at);
  const rest = text.slice(at + 1);
  if (name === 'none') return { front: undefined, rest };
  const front = fronts.find((f) => f.name === name);
  if (!front) throw unknownName('front', name, [...fronts.map((f) => f.name), 'none'], `design '${text}'`);
  return { front, rest };
}

/** The words behind the strategy: a flush policy, an order policy, each at most once. */
function parsePolicies(
  text: string,
  names: readonly string[],
  { flushPolicies, orderPolicies }: Catalogue,
): { flush: GatePolicy; order: GatePolicy | undefined } {
  const given = names.filter((name) => name !== 'none');
  const all = [...flushPolicies, ...orderPolicies].map((policy) => policy.name);
  const unknown = given.find((name) => !all.includes(name));
  if (unknown !== undefined) throw unknownName('policy', unknown, [...all, 'none'], `design '${text}'`);
  const one = (kind: string, policies: readonly GatePolicy[]): GatePolicy | undefined => {
    const named = policies.filter((policy) => given.includes(policy.name));
    if (named.length > 1 || given.filter((name) => name === named[0]?.name).length > 1) {
      throw new InputError(
        `design '${text}': one ${kind} policy at most, of ${policies.map((p) => p.name).join(', ')}`,
      );
    }
    return named[0];
  };
  return { flush: one('flush', flushPolicies) ?? flushPolicies[0]!, order: one('order', orderPolicies) };
}

/** `raw`, `kernel-loop` or `kernel-loop:cgroups=4`; undefined for what is none. */
function parseReference(text: string): Reference | undefined {
  const plain = REFERENCES.find((name) => new RegExp(`^${name}[+:]`).test(text));
  if (plain !== undefined && !/^kernel-loop:cgroups=/.test(text)) {
    const takes =
      plain === 'kernel-loop'
        ? `kernel-loop:cgroups=N, N from 1 to ${MAX_CGROUPS}, and nothing else`
        : 'neither parameter nor policy';
    throw new InputError(`design '${text}': ${plain} is a reference row and takes ${takes}`);
  }
  if (text === 'raw') return { kind: 'raw' };
  if (text === 'kernel-loop') return { kind: 'kernel-loop', cgroups: 0 };
  if (!text.startsWith('kernel-loop:')) return undefined;
  const cgroups = Number(/^kernel-loop:cgroups=(\d+)$/.exec(text)?.[1]);
  if (!(cgroups >= 1 && cgroups <= MAX_CGROUPS)) {
    throw new InputError(`design '${text}': kernel-loop:cgroups=N, N from 1 to ${MAX_CGROUPS}`);
  }
  return { kind: 'kernel-loop', cgroups };
}

function parseParameter(text: string, { name, parameter }: Strategy, words: readonly string[]): number {
  const [given, ...more] = words;
  if (given === undefined) return parameter?.default ?? 0;
  if (!parameter) throw new InputError(`design '${text}': ${name} has no parameter`);
  if (parameter.flags) return parseFlags(text, parameter, words);
  if (more.length > 0) throw new InputError(`design '${text}': one parameter at most, as in n-wq:4`);
  if (parameter.choices) {
    const place = parameter.choices.indexOf(given);
    if (place < 0) throw unknownName(parameter.name, given, parameter.choices, `design '${text}'`);
    return place;
  }
  const value = Number(given);
  if (!/^\d+$/.test(given) || value < parameter.least || value > parameter.most) {
    throw new InputError(
      `design '${text}': ${parameter.name} is a whole number from ${parameter.least} to ${parameter.most}, not '${given}'`,
    );
  }
  return value;
}

/** Words in any order, each once. */
function parseFlags(text: string, { name, flags = [] }: Parameter, words: readonly string[]): number {
  let value = 0;
  for (const word of words) {
    const place = flags.indexOf(word);
    if (place < 0) throw unknownName(name, word, flags, `design '${text}'`);
    if ((value & (1 << place)) !== 0) throw new InputError(`design '${text}': '${word}' stands there twice`);
    value |= 1 << place;
  }
  return value;
}
