/** `loopwq list`: what exists, each with its summary and source. */

import { CATALOGUE, STANDARD_DESIGNS } from '../benchmarks/designs.ts';
import { catalogueWith } from '../benchmarks/plugins.ts';
import { PRESETS } from '../benchmarks/presets.ts';
import { CHARTS } from '../charts/index.ts';
import { InputError, unknownName } from '../datasets/errors.ts';
import { readHost } from '../datasets/host.ts';
import { listWorkloads } from '../datasets/workloads.ts';
import { costsOf, renderCosts } from './cost.ts';
import { EXIT } from './exit.ts';
import { readOptions } from './options.ts';
import { wrap } from './table-text.ts';

export const LIST_HELP = `loopwq list [designs|policies|workloads|charts] [--json]
loopwq list --cost [--designs LIST] [--design FILE] [--topology SxC] [--devices N] [--json]

What exists, each with its summary and its source. A design's name is [front>]strategy[:parameter][+flush policy][+order policy].

  --cost             what designs take only to exist: queues, threads, memory, descriptors, and which limit refuses them
  --designs LIST     of these (every strategy)
  --design FILE      and of one of your own; may be repeated
  --topology SxC     sockets x CPUs per socket (this machine's)
  --devices N        loop devices, 1 to 65536 (1)
`;

const OPTIONS = {
  json: { type: 'boolean' },
  cost: { type: 'boolean' },
  designs: { type: 'string' },
  design: { type: 'string', multiple: true },
  topology: { type: 'string' },
  devices: { type: 'string' },
} as const;
const WIDTH = 110;

interface Entry {
  name: string;
  summary: string;
  source?: string;
}

const KINDS: Record<string, () => Entry[]> = {
  designs: () => [
    ...CATALOGUE.strategies.map(({ name, summary, source, parameter }) => ({
      name: parameter ? `${name}${parameter.flags ? `[:${parameter.name}]` : `:${parameter.name}`}` : name,
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
function rangeOf({ name, default: usual, least, most, choices, flags }: Parameter): string {
  if (flags) return `${name} any of ${flags.join(' ')}, joined by colons`;
  if (choices) return `${name} one of ${choices.join(' ')}, ${choices[usual]}`;
  return `${name} from ${least} to ${most}, ${usual}`;
}

export async function listCommand(args: string[]): Promise<number> {
  const { values, positionals } = readOptions(args, OPTIONS, true);
  const { designs, design = [], topology, devices } = values;
  if (values.cost) {
    if (positionals.length > 0)
      throw new InputError(`--cost lists designs, and takes no word: '${positionals[0]}'`);
    const host = readHost(process.cwd());
    const question = { designs: designs?.split(',').filter((name) => name !== ''), topology, devices };
    const costs = costsOf(question, host, await catalogueWith(design));
    process.stdout.write(values.json ? `${JSON.stringify(costs)}\n` : renderCosts(costs, question, host));
    return EXIT.fine;
  }
  for (const [name, value] of Object.entries({ designs, topology, devices, design: design[0] }))
    if (value !== undefined) throw new InputError(`--${name} goes with --cost`);
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
