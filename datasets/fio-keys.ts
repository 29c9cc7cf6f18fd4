/** The keys of fio job files that loopwq understands: how each is read, what it allows, what it is by default. */
import { posix } from 'node:path';
import { InputError, nearest, unknownName } from './errors.ts';
import { FLAG_FORM, parseFlag, parseSize, parseTime, parseWhole, SIZE_FORM, TIME_FORM } from './fio-units.ts';
import type { Pattern } from './workload.ts';

export const MAX_SUBMITTERS = 1024;
export const MAX_IODEPTH = 4096;
/** One pread or pwrite moves less than 2 GiB (MAX_RW_COUNT). */
export const MAX_BS = 2 ** 30;

const PATTERNS: readonly Pattern[] = ['read', 'write', 'rw', 'randread', 'randwrite', 'randrw'];
/**
 * These change nothing about what loopwq does: the design decides who does the I/O (ioengine, thread), and the rest
 * labels fio's own output.
 */
const IGNORED = ['ioengine', 'group_reporting', 'name', 'thread', 'description'];
const ALIASES: Record<string, string> = { readwrite: 'rw', blocksize: 'bs', rwmixwrite: 'rwmixread' };

export interface Settings {
  rw: Pattern;
  rwmixread: number;
  bs: number;
  size: number;
  filename: string[];
  numjobs: number;
  iodepth: number;
  direct: boolean;
  fsync: number;
  fdatasync: number;
  runtime: number;
  time_based: boolean;
  number_ios: number;
  randseed: number;
}

interface Key<T> {
  read(text: string): T | undefined;
  /** What is allowed, for the message. */
  form: string;
  /** The allowed words, where there are only some. */
  words?: readonly string[];
}

const whole = (least: number, most: number): Key<number> => ({
  read: (text) => within(parseWhole(text), least, most),
  form: `a whole number from ${least} to ${most}`,
});

const KEYS: { [K in keyof Settings]: Key<Settings[K]> } = {
  rw: { read: readPattern, form: PATTERNS.join(', '), words: PATTERNS },
  rwmixread: whole(0, 100),
  bs: { read: readBlockSize, form: `a multiple of 512 up to 1g; ${SIZE_FORM}` },
  size: { read: parseSize, form: SIZE_FORM },
  filename: {
    read: readFileNames,
    form: 'names of files in the run folder or absolute ones, each once, divided by colons (\\: is a colon in a name)',
  },
  numjobs: whole(1, MAX_SUBMITTERS),
  iodepth: whole(1, MAX_IODEPTH),
  direct: { read: parseFlag, form: FLAG_FORM },
  fsync: whole(0, 2 ** 31 - 1),
  fdatasync: whole(0, 2 ** 31 - 1),
  runtime: { read: parseTime, form: TIME_FORM },
  time_based: { read: parseFlag, form: FLAG_FORM },
  number_ios: whole(1, Number.MAX_SAFE_INTEGER),
  randseed: whole(0, 2 ** 32 - 1),
};

/** fio's own defaults; randseed's is arbitrary but fixed, so that two runs issue the same offsets. */
const DEFAULTS = {
  rw: 'read' as Pattern,
  rwmixread: 50,
  bs: 4096,
  numjobs: 1,
  iodepth: 1,
  fsync: 0,
  fdatasync: 0,
  runtime: 0,
  time_based: false,
  randseed: 1,
};

/** One section's settings, defaults filled in. */
export type Resolved = typeof DEFAULTS & Partial<Settings>;

/** What a section said, with the line where it did. */
export type Given = { [K in keyof Settings]?: { value: Settings[K]; line: number } };

/**
 * Notes one key of a section; a later one replaces an earlier one, as in fio.
 *
 * @param where file:line, for the messages
 * @throws InputError for an unknown key, a missing value or one that is not allowed
 */
export function setKey(
  given: Given,
  written: string,
  text: string | undefined,
  where: string,
  line: number,
): void {
  if (IGNORED.includes(written)) return;
  const name = Object.hasOwn(ALIASES, written) ? ALIASES[written]! : written;
  if (!Object.hasOwn(KEYS, name)) {
    throw unknownName('key', written, [...Object.keys(KEYS), ...Object.keys(ALIASES), ...IGNORED], where);
  }
  // fio lets only time_based stand alone.
  const raw = text ?? (name === 'time_based' ? '1' : undefined);
  const key = KEYS[name as keyof Settings];
  const value = raw === undefined ? undefined : key.read(raw);
  if (value === undefined) {
    const problem = raw === undefined ? 'needs a value' : `can't be '${raw}'`;
    const near = nearest(raw ?? '', key.words ?? []);
    const guess = near === undefined ? '' : ` Did you mean '${near}'?`;
    throw new InputError(`${where}: ${written} ${problem}.${guess} Allowed: ${key.form}.`);
  }
  const stored = written === 'rwmixwrite' ? 100 - (value as number) : value;
  Object.assign(given, { [name]: { value: stored, line } });
}

/** The settings of a section, with fio's defaults for what it did not say. */
export function resolve(given: Given): Resolved {
  const said = Object.entries(given).map(([key, { value }]) => [key, value]);
  return { ...DEFAULTS, ...Object.fromEntries(said) };
}

function readPattern(text: string): Pattern | undefined {
  const pattern = text === 'readwrite' ? 'rw' : text;
  return PATTERNS.find((known) => known === pattern);
}

function readBlockSize(text: string): number | undefined {
  const bytes = within(parseSize(text), 512, MAX_BS);
  return bytes === undefined || bytes % 512 !== 0 ? undefined : bytes;
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

function within(value: number | undefined, least: number, most: number): number | undefined {
  return value !== undefined && value >= least && value <= most ? value : undefined;
}
