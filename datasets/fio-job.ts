/** One section of a job file to the jobs that it makes: what its settings mean together. */
import { REGION_UNITS, SLOT_UNITS } from '../ordering/clients/client.ts';
import { InputError } from './errors.ts';
import { type Given, MAX_FILES, MAX_SUBMITTERS, type Resolved, resolve, type Settings } from './fio-keys.ts';
import { readFileNames } from './fio-values.ts';
import type { BlockShare, Choice, Job, Workload } from './workload.ts';

export interface Section {
  name: string;
  line: number;
  given: Given;
}

/** A workload in the making. */
export interface Draft {
  path: string;
  jobs: Job[];
  files: Workload['files'];
  /** Index of each file by its name. */
  indexes: Map<string, number>;
  /** Names of cgroups, '' among them where a job has none; undefined where no section names one. */
  cgroups: string[] | undefined;
  /** Jobs before the last stonewall. */
  wall: number;
}

/** Throws: what is wrong with a job, at the line of a key. */
type Refuse = (key: keyof Settings, why: string) => never;

/** A file system's block. */
const CLIENT_BLOCK = 4096;
const CLIENT_DECIDES = [
  'rw',
  'rwmixread',
  'bs',
  'bssplit',
  'size',
  'sync',
  'fsync',
  'fdatasync',
  'end_fsync',
  'random_distribution',
  'norandommap',
  'rate_iops',
  'thinktime',
] as const;

/** Units of a file have 32-bit numbers, those of a block are counted in 16 bits. */
const MAX_FILE_UNITS = 2 ** 32;
const MAX_BLOCK_UNITS = 65535;
/** Blocks that a job can remember to have visited where it has several sizes: 32 MiB of bits. */
const MAX_MAP = 2 ** 28;

/** What a section's blocks are: their sizes, and what part of each file they lie in. */
interface Blocks {
  split: Job['split'];
  largest: number;
  least: number;
  /** Bytes of each file. */
  size: number;
}

/**
 * Adds the jobs of a section to the draft.
 *
 * @throws InputError for settings that don't go together
 */
export function addJobs(section: Section, draft: Draft): void {
  const { given, name } = section;
  const { path, jobs, files } = draft;
  const at = (key: keyof Settings): string => `${path}:${given[key]?.line ?? section.line}`;
  const set = resolve(given);
  const refuse: Refuse = (key, why) => {
    throw new InputError(`${at(key)}: job '${name}' ${why}.`);
  };
  if (set.client !== undefined) fitClient(set, given, refuse);
  requireSense(set, refuse);
  const total = jobs.length + set.numjobs;
  if (total > MAX_SUBMITTERS) {
    throw new InputError(
      `${at('numjobs')}: ${total} jobs up to here; ${MAX_SUBMITTERS} at most in one file.`,
    );
  }
  // As in fio, a list of names is the number of files, whatever nrfiles says.
  const fileCount = set.filename?.length ?? set.nrfiles;
  const blocks = blocksOf(set, fileCount, at);
  const choice = choiceOf(set);
  requireMap(set, blocks, choice, fileCount, refuse);
  if (set.stonewall) draft.wall = jobs.length;
  const shared = {
    pattern: set.rw,
    readPercent: readPercent(set),
    bs: blocks.largest,
    ...(blocks.split && { split: blocks.split }),
    size: blocks.size,
    iodepth: set.iodepth,
    ...(choice && { choice }),
    fsync: set.fsync + set.fdatasync,
    dataSync: set.fdatasync > 0,
    ...(set.sync && readPercent(set) < 100 && !/^(rand)?trim$/.test(set.rw) && { fua: true as const }),
    ...(set.end_fsync && { endFlush: true as const }),
    ...rateOf(set, refuse),
    ...(set.thinktime > 0 && { think: set.thinktime }),
    ...(set.ramp_time > 0 && { ramp: set.ramp_time }),
    runtime: set.runtime,
    ...endOf(set, blocks, fileCount),
    ...(draft.wall > 0 && { after: draft.wall }),
    ...(set.cpus_allowed && { cpus: set.cpus_allowed }),
    ...(set.client !== undefined && { client: set.client }),
    ...(draft.cgroups && { cgroup: indexOf(draft.cgroups, set.cgroup ?? '') }),
  };
  for (let k = 0; k < set.numjobs; k++) {
    // Each clone of a client is a file system of its own, on its part of the file.
    const apart = set.client === undefined ? 0 : k * blocks.size;
    const names = set.filename ?? ownFiles(`${name}.${k}`, set.nrfiles, `${path}:${section.line}`);
    jobs.push({
      name: set.numjobs > 1 ? `${name}.${k}` : name,
      ...shared,
      ...(set.offset + apart > 0 && { offset: set.offset + apart }),
      files: names.map((file) => useFile(file, set.offset + apart + blocks.size, draft)),
      randseed: (set.randseed + jobs.length) % 2 ** 32,
    });
    if (files.length > MAX_FILES) {
      throw new InputError(`${at('filename')}: more than ${MAX_FILES} files up to here.`);
    }
  }
}

function requireSense(set: Resolved, refuse: Refuse): void {
  if (set.rw.includes('trim') && set.bssplit) refuse('bssplit', 'has both bssplit and trims: give bs');
  if (set.rw.includes('trim') && Math.max(set.rate_iops.read, set.rate_iops.write) > 0) {
    refuse('rate_iops', 'has both rate_iops and trims: fio has a rate of their own for these');
  }
  if (set.size === undefined) refuse('size', 'has no size');
  if (set.time_based && set.runtime === 0) refuse('time_based', 'is time_based and has no runtime');
  if (set.fsync > 0 && set.fdatasync > 0) refuse('fdatasync', 'has both fsync and fdatasync: choose one');
  if (set.ramp_time > 0 && !set.time_based) {
    refuse('ramp_time', 'has a ramp_time and is not time_based: it could be over before the ramp is');
  }
  if (set.end_fsync && set.loops > 1 && !set.time_based) {
    refuse('end_fsync', 'has end_fsync and loops: fio flushes after each loop, loopwq only at the very end');
  }
}

/** What a client decides itself, and what may not be said beside it. */
function fitClient(set: Resolved, given: Given, refuse: Refuse): void {
  const own = CLIENT_DECIDES.find((key) => given[key] !== undefined);
  if (own !== undefined) refuse(own, `has both client and ${own}: its client decides that`);
  if ((set.filename?.length ?? set.nrfiles) > 1) refuse('client', 'has a client, and that is on one file');
  if (!set.time_based) refuse('client', 'has a client, which never ends: set time_based and runtime');
  if (set.offset % CLIENT_BLOCK !== 0)
    refuse('offset', `has a client, whose blocks lie at multiples of ${CLIENT_BLOCK}`);
  set.rw = 'write';
  set.bs = SLOT_UNITS * CLIENT_BLOCK;
  set.size = REGION_UNITS * CLIENT_BLOCK;
}

/** fio shares size among the files and rounds down to whole blocks (3.33: 40k over 3 files made 3 blocks of 4k each). */
function blocksOf(set: Resolved, fileCount: number, at: (key: keyof Settings) => string): Blocks {
  const split = splitOf(set);
  const sizes = split ? [...split.read, ...split.write].map((share) => share.bytes) : [set.bs];
  const largest = Math.max(...sizes);
  const least = set.client === undefined ? Math.min(...sizes) : CLIENT_BLOCK;
  const size = Math.floor(set.size! / fileCount / least) * least;
  if (size < largest) {
    const share = fileCount === 1 ? '' : ` divided by ${fileCount} files`;
    throw new InputError(
      `${at('size')}: size ${set.size}${share} is less than one block of ${largest} bytes.`,
    );
  }
  const single = split?.read.length === 1 && split.write.length === 1 && largest === least;
  return { split: single ? undefined : split, largest, least, size };
}

/** The halves of bssplit that the pattern uses. */
function splitOf({ rw, bssplit }: Resolved): Job['split'] {
  if (bssplit === undefined) return undefined;
  if (rw === 'read' || rw === 'randread') return { read: bssplit.read, write: bssplit.read };
  if (rw === 'write' || rw === 'randwrite') return { read: bssplit.write, write: bssplit.write };
  return bssplit;
}

/** Only random patterns choose; a distribution implies norandommap, as in fio. */
function choiceOf(set: Resolved): Choice | undefined {
  if (!set.rw.startsWith('rand')) return undefined;
  if (set.random_distribution !== 'random') return set.random_distribution;
  return set.norandommap ? { kind: 'uniform' } : undefined;
}

/** Several sizes and a map of what was visited go together only so far. */
function requireMap(
  set: Resolved,
  { split, least, size }: Blocks,
  choice: Choice | undefined,
  fileCount: number,
  refuse: Refuse,
): void {
  if (split === undefined || !set.rw.startsWith('rand')) return;
  if (choice !== undefined && choice.kind !== 'uniform' && leastOf(split.read) !== leastOf(split.write)) {
    refuse('bssplit', 'has another smallest block for reads than for writes, and one distribution for both');
  }
  if (choice !== undefined) return;
  if (set.rw === 'randrw' && !sameShares(split.read, split.write)) {
    // 3.33 gave up after 51 of 256 MiB with 4k/60:64k/40,8k/100.
    refuse(
      'bssplit',
      'has other sizes for reads than for writes: fio needs norandommap for that, or it ends early',
    );
  }
  if ((size / least) * fileCount > MAX_MAP) {
    refuse('bssplit', `has more than ${MAX_MAP} blocks of ${least} bytes to remember: set norandommap`);
  }
}

function leastOf(shares: BlockShare[]): number {
  return Math.min(...shares.map((share) => share.bytes));
}

function sameShares(a: BlockShare[], b: BlockShare[]): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}

/** rate_iops holds for each direction by itself, so a mixed job issues as many of each as was asked, whatever its mix. */
function rateOf(set: Resolved, refuse: Refuse): Pick<Job, 'rate'> {
  const { read, write } = set.rate_iops;
  const reads = readPercent(set) > 0;
  const writes = readPercent(set) < 100;
  const rate = { read: reads ? read : 0, write: writes ? write : 0 };
  if (rate.read === 0 && rate.write === 0) return {};
  if (reads && writes && (read === 0 || write === 0)) {
    refuse('rate_iops', 'reads and writes: a rate for one of them alone would leave the other one unbounded');
  }
  if (set.thinktime > 0) refuse('rate_iops', 'has both rate_iops and thinktime: choose one');
  // 3.33 makes bytes a second of it, counted in the smallest block: 64 operations a second in place of 500.
  if (set.bssplit) refuse('rate_iops', 'has both rate_iops and bssplit: fio does not reach the rate then');
  return { rate };
}

/**
 * A job ends with its size, or earlier with number_ios; time_based, with neither: fio 3.33 ignores number_ios there. loops
 * repeats all of it.
 */
function endOf(set: Resolved, blocks: Blocks, fileCount: number): { count: number; bytes?: number } {
  if (set.time_based) return { count: 0 };
  const ios = set.number_ios ?? Number.POSITIVE_INFINITY;
  if (blocks.split) {
    const bytes = blocks.size * fileCount * set.loops;
    return { count: set.number_ios === undefined ? 0 : ios * set.loops, bytes };
  }
  return { count: Math.min((blocks.size / blocks.largest) * fileCount, ios) * set.loops };
}

/** fio's names for the files of a clone that names none. */
function ownFiles(clone: string, count: number, where: string): string[] {
  const text = Array.from({ length: count }, (_, i) => `${clone}.${i}`.replaceAll(':', '\\:')).join(':');
  const names = readFileNames(text);
  if (names === undefined) {
    throw new InputError(`${where}: '${clone}.0' can't be a file's name: set filename.`);
  }
  return names;
}

/** The index of a file, which is added or made larger as needed: bytes is the most that any of its jobs touches. */
function useFile(name: string, bytes: number, { files, indexes }: Draft): number {
  const known = indexes.get(name);
  if (known === undefined) {
    indexes.set(name, files.length);
    return files.push({ name, bytes }) - 1;
  }
  files[known]!.bytes = Math.max(files[known]!.bytes, bytes);
  return known;
}

function indexOf(names: string[], name: string): number {
  const known = names.indexOf(name);
  return known >= 0 ? known : names.push(name) - 1;
}

function readPercent({ rw, rwmixread }: Resolved): number {
  if (rw === 'rw' || rw === 'randrw') return rwmixread;
  return rw === 'read' || rw === 'randread' ? 100 : 0;
}

/** Bytes of one unit of a workload: the largest that every block and offset is a multiple of. */
export function unitOf({ jobs, files, path }: Draft): number {
  let unit = 0;
  let largest = 0;
  for (const { bs, split, offset, client } of jobs) {
    const bytes = client === undefined ? bs : CLIENT_BLOCK;
    const sizes = split ? [...split.read, ...split.write].map((share) => share.bytes) : [bytes];
    for (const bytes of [...sizes, offset ?? 0]) unit = gcd(unit, bytes);
    largest = Math.max(largest, bs);
  }
  if (largest / unit > MAX_BLOCK_UNITS) {
    throw new InputError(
      `${path}: blocks of ${largest} bytes beside blocks or offsets at multiples of ${unit}: at most ` +
        `${MAX_BLOCK_UNITS} times as large.`,
    );
  }
  const huge = files.find((file) => file.bytes / unit > MAX_FILE_UNITS);
  if (huge !== undefined) {
    throw new InputError(
      `${path}: ${huge.name} is to have ${huge.bytes} bytes, with blocks or offsets at multiples of ${unit} at most ` +
        `${MAX_FILE_UNITS * unit}.`,
    );
  }
  return unit;
}

function gcd(a: number, b: number): number {
  return b === 0 ? a : gcd(b, a % b);
}
