/** `loopwq list --cost`: what each design takes to exist on a machine and with devices that need not be there. */
import Table from 'cli-table3';
import { COST_TAGS, type Cost, costOf, limitsHere } from '../benchmarks/cost.ts';
import { type Catalogue, parseDesign } from '../benchmarks/designs.ts';
import { parseTopology, topologyFor } from '../benchmarks/topology.ts';
import { InputError } from '../datasets/errors.ts';
import type { Host } from '../datasets/schema.ts';
import { breakName, item, painter, wrap } from './table-text.ts';

/** Of the device column (engine/shared.ts). */
const MOST_DEVICES = 65_536;
const WIDTH = 110;
const PAGE = { width: WIDTH, paint: painter(false) };

export interface CostQuestion {
  designs: string[] | undefined;
  topology: string | undefined;
  devices: string | undefined;
}

/** Throws InputError for anything that can't be meant. */
export function costsOf(question: CostQuestion, host: Host, catalogue: Catalogue): Cost[] {
  const devices = devicesOf(question.devices);
  const topology = topologyFor(parseTopology(machineOf(question.topology, host)), devices, 1);
  const names = question.designs ?? catalogue.strategies.map(({ name }) => name);
  const limits = limitsHere();
  return names
    .map((name) => parseDesign(name, catalogue))
    .filter(({ crew }) => crew !== undefined)
    .map((design) => costOf(design, topology, limits));
}

function machineOf(topology: string | undefined, { sockets, cores }: Host): string {
  return topology ?? `${sockets}x${Math.max(1, Math.floor(cores / sockets))}`;
}

function devicesOf(text = '1'): number {
  const devices = Number(text);
  if (!/^\d+$/.test(text) || devices < 1 || devices > MOST_DEVICES) {
    throw new InputError(`--devices is a whole number from 1 to ${MOST_DEVICES}, not '${text}'`);
  }
  return devices;
}

export function renderCosts(costs: readonly Cost[], question: CostQuestion, host: Host): string {
  const devices = devicesOf(question.devices);
  const table = new Table({
    head: ['design', 'queues', 'workers', 'shared', 'rings', 'threads', 'descriptors'],
    colAligns: ['left', 'right', 'right', 'right', 'right', 'right', 'right'],
    style: { head: [], border: [], 'padding-left': 2, 'padding-right': 0 },
    chars: Object.fromEntries(BORDERS.map((part) => [part, ''])),
  });
  for (const it of costs) {
    const about = it.exact ? '' : '~';
    table.push([
      breakName(it.design),
      about + grouped(it.queues),
      about + grouped(it.workers),
      bytes(it.sharedBytes),
      bytes(it.ringBytes),
      bytes(it.threadBytes),
      grouped(it.descriptors),
    ]);
  }
  const refused = costs.flatMap(({ design, refused }) =>
    refused === undefined ? [] : item('refused', `${design}: ${refused}`, PAGE, 'red'),
  );
  const heading =
    `${devices} device${devices === 1 ? '' : 's'} on ${machineOf(question.topology, host)} CPUs; one submitter, ${COST_TAGS} requests ` +
    `in flight with ${bytes(costs[0]?.bufferBytes ?? 0)} of data. Nothing was started.`;
  const lines = [
    ...wrap(heading, WIDTH, 0),
    '',
    table.toString(),
    ...(refused.length > 0 ? ['', ...refused] : []),
    '',
  ];
  const legend =
    'shared: queues, gates, tables and operations. rings: an io_uring for each thread that does I/O, if direct. threads: an isolate of about ' +
    '10 MiB for each worker. descriptors: of threads, eventfds, rings and backing files. ~: so many that they were not laid out.';
  return `${[...lines, ...wrap(legend, WIDTH, 0)].map((line) => line.trimEnd()).join('\n')}\n`;
}

const BORDERS = [
  ...['top', 'top-mid', 'top-left', 'top-right', 'bottom', 'bottom-mid', 'bottom-left', 'bottom-right'],
  ...['left', 'left-mid', 'mid', 'mid-mid', 'right', 'right-mid', 'middle'],
];

function grouped(value: number): string {
  return value.toLocaleString('en-US');
}

/** 512 B, 12.3 KiB, 4.20 GiB. */
function bytes(value: number): string {
  const units = ['B', 'KiB', 'MiB', 'GiB', 'TiB', 'PiB'];
  let unit = 0;
  let rest = value;
  while (rest >= 1023.5 && unit < units.length - 1) {
    rest /= 1024;
    unit++;
  }
  return `${rest >= 99.95 || unit === 0 ? Math.round(rest) : rest.toFixed(rest < 9.995 ? 2 : 1)} ${units[unit]}`;
}
