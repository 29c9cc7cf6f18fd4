/** Values of single keys that have a grammar of their own. Undefined for text that is not understood or not allowed. */
import { posix } from 'node:path';
import { parseDecimal, parseSize, parseWhole } from './fio-units.ts';
import type { BlockShare, Choice, Pattern } from './workload.ts';

/** One pread or pwrite moves less than 2 GiB (MAX_RW_COUNT). */
export const MAX_BS = 2 ** 30;
/** Linux's CONFIG_NR_CPUS goes no further. */
const MAX_CPU = 8191;
/** An interval of 100 ns; a clock read alone takes 54. */
const MAX_RATE = 10_000_000;

export const PATTERNS: readonly Pattern[] = [
  'read',
  'write',
  'rw',
  'randread',
  'randwrite',
  'randrw',
  'trim',
  'randtrim',
  'trimwrite',
  'randtrimwrite',
];

export const SPLIT_FORM =
  'size/percent parts divided by colons, with a comma between those for reads and those for writes, such as ' +
  '4k/60:64k/40; sizes are multiples of 512 and of the smallest one, percentages add up to 100, and those left out ' +
  'share the rest';
export const DISTRIBUTION_FORM =
  "random, zipf:THETA (not 1; 1.1 if unsaid) or pareto:H (between 0 and 1; 0.2 if unsaid), without fio's centre";
export const CPUS_FORM = `numbers of CPUs and ranges of them up to ${MAX_CPU}, divided by commas, such as 0,2-3`;
export const RATE_FORM = `operations per second, 1 to ${MAX_RATE}, for each direction or as reads,writes`;
export const NAMES_FORM =
  'names of files in the run folder or absolute ones, each once, divided by colons (\\: is a colon in a name)';

export function readPattern(text: string): Pattern | undefined {
  const pattern = text === 'readwrite' ? 'rw' : text;
  return PATTERNS.find((known) => known === pattern);
}

/** What asks for a write that is durable by itself. A loop device has FUA alone for it, so O_SYNC and O_DSYNC are one. */
export function readSync(text: string): boolean | undefined {
  if (text === '0' || text === 'none') return false;
  return ['1', 'sync', 'dsync'].includes(text) ? true : undefined;
}

export function readBlockSize(text: string): number | undefined {
  const bytes = parseSize(text);
  return bytes !== undefined && bytes >= 512 && bytes <= MAX_BS && bytes % 512 === 0 ? bytes : undefined;
}

/** Names come back normalised, or one file under two names would look like two devices that share nothing. */
export function readFileNames(text: string): string[] | undefined {
  const names: string[] = [];
  for (const part of text.split(/(?<!\\):/)) {
    if (part === '') continue;
    const name = part.replaceAll('\\:', ':');
    // fio replaces $keywords and ${variables}; loopwq does not, and would make a file called '$jobname'.
    if (name.split('/').includes('..') || /[\p{Cc}$]/u.test(name)) return undefined;
    const plain = posix.normalize(name);
    if (plain === '.' || plain.endsWith('/') || names.includes(plain)) return undefined;
    names.push(plain);
  }
  return names.length === 0 ? undefined : names;
}

/**
 * `4k/60:64k/40`, or two such halves. fio 3.33 takes percentages that don't add up to 100 and does something else (30 + 30:
 * the last got 69 %), and rounds each size down to a multiple of the smallest (3k and 5k: all were 3k).
 */
export function readSplit(text: string): { read: BlockShare[]; write: BlockShare[] } | undefined {
  const halves = text.split(',').map(readHalf);
  const [read, write = read] = halves;
  return halves.length > 2 || read === undefined || write === undefined ? undefined : { read, write };
}

function readHalf(text: string): BlockShare[] | undefined {
  const parts = text.split(':').map((part) => {
    const [size = '', percent = '', ...more] = part.split('/');
    const bytes = more.length > 0 ? undefined : readBlockSize(size);
    return {
      bytes: bytes ?? 0,
      percent: percent === '' ? 0 : (parseWhole(percent) ?? -1),
      open: percent === '',
    };
  });
  const open = parts.filter((part) => part.open).length;
  const said = parts.reduce((sum, part) => sum + part.percent, 0);
  const shares = parts.map((part) => ({
    bytes: part.bytes,
    percent: part.open ? (100 - said) / open : part.percent,
  }));
  const least = Math.min(...shares.map((share) => share.bytes));
  const sound =
    least > 0 &&
    (open > 0 || said === 100) &&
    shares.every((share) => share.percent > 0 && share.bytes % least === 0) &&
    new Set(shares.map((share) => share.bytes)).size === shares.length;
  return sound ? shares : undefined;
}

/** `random`, `zipf:1.2`, `pareto:0.2`. The bounds and the values if unsaid are fio 3.33's. */
export function readDistribution(text: string): Choice | 'random' | undefined {
  if (text === 'random') return 'random';
  const match = /^(zipf|pareto)(?::(.+))?$/.exec(text);
  if (match === null) return undefined;
  const given = match[2] === undefined ? undefined : parseDecimal(match[2]);
  if (match[2] !== undefined && given === undefined) return undefined;
  if (match[1] === 'zipf') return given === 1 ? undefined : { kind: 'zipf', theta: given ?? 1.1 };
  const h = given ?? 0.2;
  return h > 0 && h < 1 ? { kind: 'pareto', h } : undefined;
}

/** `0,2-3`: the numbers, each once, in rising order. */
export function readCpus(text: string): number[] | undefined {
  const cpus = new Set<number>();
  for (const part of text.split(',')) {
    const match = /^(\d+)(?:-(\d+))?$/.exec(part.trim());
    const first = Number(match?.[1]);
    const last = Number(match?.[2] ?? first);
    if (!(first <= last && last <= MAX_CPU)) return undefined;
    for (let cpu = first; cpu <= last; cpu++) cpus.add(cpu);
  }
  return [...cpus].sort((a, b) => a - b);
}

/** One rate for both directions, or one for each; 0 is none, as in fio. */
export function readRate(text: string): { read: number; write: number } | undefined {
  const rates = text.split(',').map(parseSize);
  const [read, write = read] = rates;
  if (rates.length > 2 || read === undefined || write === undefined) return undefined;
  return Math.max(read, write) <= MAX_RATE ? { read, write } : undefined;
}
