/** `loopwq list`: what exists, each with its summary and source. */

import { CATALOGUE, STANDARD_DESIGNS } from '../benchmarks/designs.ts';
import { PRESETS } from '../benchmarks/presets.ts';
import { CHARTS } from '../charts/index.ts';
import { unknownName } from '../datasets/errors.ts';
import { listWorkloads } from '../datasets/workloads.ts';
import { EXIT } from './exit.ts';
import { readOptions } from './options.ts';
import { wrap } from './table-text.ts';

export const LIST_HELP = `loopwq list [designs|policies|workloads|charts] [--json]

What exists, each with its summary and its source. A design's name is [front>]strategy[:parameter][+flush policy][+order policy].
`;

const OPTIONS = { json: { type: 'boolean' } } as const;
const WIDTH = 110;

interface Entry {
  name: string;
  summary: string;
  source?: string;
}

const KINDS: Record<string, () => Entry[]> = {
  designs: () => [
    ...CATALOGUE.strategies.map(({ name, summary, source, parameter }) => ({
      name: parameter ? `${name}:${parameter.name}` : name,
      summary: parameter ? `${summary} (${rangeOf(parameter)})` : summary,
      source,
    })),
    ...PRESETS.map(({ name, design, summary, source }) => ({
      name,
      summary: `${summary} (${design})`,
      source,
    })),
    { name: 'raw', summary: 'reference: the submitters’ own rings on the backing file' },
    {
      name: 'kernel-loop[:cgroups=N]',
      summary: 'reference: the submitters’ own rings on the real /dev/loopN over it, in N blkio cgroups',
    },
  ],
  policies: () =>
    [...CATALOGUE.flushPolicies, ...CATALOGUE.orderPolicies, ...CATALOGUE.fronts].map(
      ({ name, summary, source }) => ({
        name,
        summary,
        source,
      }),
    ),
  charts: () => CHARTS.map(({ name, summary }) => ({ name, summary })),
  workloads: () =>
    listWorkloads().map(({ name, summary }) => ({ name, summary: summary.replace(/\s+/g, ' ') })),
};

type Parameter = NonNullable<(typeof CATALOGUE.strategies)[number]['parameter']>;

/** What a parameter may be, and behind the comma what it is unless it is named. */
function rangeOf({ name, default: usual, least, most, choices }: Parameter): string {
  if (choices) return `${name} one of ${choices.join(' ')}, ${choices[usual]}`;
  return `${name} from ${least} to ${most}, ${usual}`;
}

export async function listCommand(args: string[]): Promise<number> {
  const { values, positionals } = readOptions(args, OPTIONS, true);
  const unknown = positionals.find((kind) => !Object.hasOwn(KINDS, kind));
  if (unknown !== undefined) throw unknownName('list', unknown, Object.keys(KINDS));
  const kinds = positionals.length > 0 ? positionals : Object.keys(KINDS);
  const lists = Object.fromEntries(kinds.map((kind) => [kind, KINDS[kind]!()]));
  process.stdout.write(values.json ? `${JSON.stringify(lists)}\n` : render(lists));
  return EXIT.fine;
}

function render(lists: Record<string, Entry[]>): string {
  const lines = Object.entries(lists).flatMap(([kind, entries]) => [
    kind,
    ...entries.flatMap(({ name, summary, source }) => [
      ...wrap(`  ${name}: ${summary}`, WIDTH, 6),
      ...(source ? wrap(`      ${source}`, WIDTH, 6) : []),
    ]),
    '',
  ]);
  if ('designs' in lists)
    lines.push(`The standard comparison: ${STANDARD_DESIGNS.join(', ')}, beside kernel-loop and raw.`);
  return `${lines.join('\n').trimEnd()}\n`;
}
