/** The keys of fio job files that loopwq understands: how each is read, what it allows, what it is by default. */
import { CLIENTS } from '../ordering/clients/index.ts';
import { InputError, nearest, unknownName } from './errors.ts';
import { whyRefused } from './fio-refused.ts';
import {
  FLAG_FORM,
  parseFlag,
  parseSize,
  parseTime,
  SHORT_TIME_FORM,
  SIZE_FORM,
  TIME_FORM,
} from './fio-units.ts';
import {
  CPUS_FORM,
  DISTRIBUTION_FORM,
  NAMES_FORM,
  PATTERNS,
  RATE_FORM,
  readBlockSize,
  readCpus,
  readDistribution,
  readFileNames,
  readPattern,
  readRate,
  readSplit,
  readSync,
  SPLIT_FORM,
} from './fio-values.ts';
import type { BlockShare, Choice, Pattern } from './workload.ts';

export const MAX_SUBMITTERS = 1024;
export const MAX_FILES = 1024;
export const MAX_IODEPTH = 4096;
/** A longer rest would look like a stall: nothing completes meanwhile. */
const MAX_THINK = 10;

/**
 * These change nothing about what loopwq does: the design decides who does the I/O (ioengine, thread), and the rest
 * labels fio's own output.
 */
const IGNORED = [
  'ioengine',
  'group_reporting',
  'name',
  'thread',
  'description',
  'percentile_list',
  'lat_percentiles',
  'clat_percentiles',
];
const ALIASES: Record<string, string> = {
  readwrite: 'rw',
  blocksize: 'bs',
  rwmixwrite: 'rwmixread',
  wait_for_previous: 'stonewall',
};
const CLIENT_NAMES = CLIENTS.map(({ name }) => name);
const SYNC = ['0', 'none', '1', 'sync', 'dsync'];
/** fio lets these stand alone, and no others. */
const BARE = ['time_based', 'norandommap', 'stonewall'];

export interface Settings {
  rw: Pattern;
  rwmixread: number;
  bs: number;
  bssplit: { read: BlockShare[]; write: BlockShare[] };
  size: number;
  offset: number;
  filename: string[];
  nrfiles: number;
  numjobs: number;
  iodepth: number;
  direct: boolean;
  sync: boolean;
  fsync: number;
  fdatasync: number;
  end_fsync: boolean;
  random_distribution: Choice | 'random';
  norandommap: boolean;
  runtime: number;
  ramp_time: number;
  time_based: boolean;
  number_ios: number;
  loops: number;
  rate_iops: { read: number; write: number };
  thinktime: number;
  stonewall: boolean;
  cpus_allowed: number[];
  client: string;
  cgroup: string;
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
  read: (text) => within(parseSize(text), least, most),
  form: `a whole number from ${least} to ${most}`,
});
const flag: Key<boolean> = { read: parseFlag, form: FLAG_FORM };
const time: Key<number> = { read: (text) => parseTime(text), form: TIME_FORM };

const KEYS: { [K in keyof Settings]: Key<Settings[K]> } = {
  rw: { read: readPattern, form: PATTERNS.join(', '), words: PATTERNS },
  rwmixread: whole(0, 100),
  bs: { read: readBlockSize, form: `a multiple of 512 up to 1g; ${SIZE_FORM}` },
  bssplit: { read: readSplit, form: SPLIT_FORM },
  size: { read: parseSize, form: SIZE_FORM },
  offset: {
    read: (text) => {
      const bytes = parseSize(text);
      return bytes === undefined || bytes % 512 !== 0 ? undefined : bytes;
    },
    form: `a multiple of 512; ${SIZE_FORM}`,
  },
  filename: { read: readFileNames, form: NAMES_FORM },
  nrfiles: whole(1, MAX_FILES),
  numjobs: whole(1, MAX_SUBMITTERS),
  iodepth: whole(1, MAX_IODEPTH),
  direct: flag,
  sync: { read: readSync, form: SYNC.join(', '), words: SYNC },
  fsync: whole(0, 2 ** 31 - 1),
  fdatasync: whole(0, 2 ** 31 - 1),
  end_fsync: flag,
  random_distribution: { read: readDistribution, form: DISTRIBUTION_FORM },
  norandommap: flag,
  runtime: time,
  ramp_time: time,
  time_based: flag,
  number_ios: whole(1, Number.MAX_SAFE_INTEGER),
  // fio 3.33 reads 0 as 1.
  loops: whole(1, 2 ** 31 - 1),
  rate_iops: { read: readRate, form: RATE_FORM },
  thinktime: { read: (text) => within(parseTime(text, 'us'), 0, MAX_THINK), form: SHORT_TIME_FORM },
  stonewall: flag,
  cpus_allowed: { read: readCpus, form: CPUS_FORM },
  /** No key of fio's, which refuses a file that has it. */
  client: {
    read: (text) => (CLIENT_NAMES.includes(text) ? text : undefined),
    form: CLIENT_NAMES.join(', '),
    words: CLIENT_NAMES,
  },
  cgroup: { read: (text) => (text === '' ? undefined : text), form: 'a name' },
  randseed: whole(0, 2 ** 32 - 1),
};

/** fio's own defaults; randseed's is arbitrary but fixed, so that two runs issue the same offsets. */
const DEFAULTS = {
  rw: 'read' as Pattern,
  rwmixread: 50,
  bs: 4096,
  offset: 0,
  nrfiles: 1,
  numjobs: 1,
  iodepth: 1,
  fsync: 0,
  fdatasync: 0,
  sync: false,
  end_fsync: false,
  random_distribution: 'random' as Choice | 'random',
  norandommap: false,
  runtime: 0,
  ramp_time: 0,
  time_based: false,
  loops: 1,
  rate_iops: { read: 0, write: 0 },
  thinktime: 0,
  stonewall: false,
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
    const why = whyRefused(written);
    if (why !== undefined) throw new InputError(`${where}: loopwq does not take fio's ${written}: ${why}.`);
    throw unknownName('key', written, [...Object.keys(KEYS), ...Object.keys(ALIASES), ...IGNORED], where);
  }
  const raw = text ?? (BARE.includes(name) ? '1' : undefined);
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

function within(value: number | undefined, least: number, most: number): number | undefined {
  return value !== undefined && value >= least && value <= most ? value : undefined;
}
