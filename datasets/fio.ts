/**
 * Reads fio job files. What a key means is what fio's HOWTO says and fio 3.33 does; where loopwq can't do the same
 * it refuses the file, so that one file never means two things.
 *
 * fio-keys.ts has the keys; a key that it does not have is an error.
 */
import { basename } from 'node:path';
import { InputError } from './errors.ts';
import { type Given, MAX_SUBMITTERS, readFileNames, resolve, type Settings, setKey } from './fio-keys.ts';
import { leadingComment, readLines } from './fio-lines.ts';
import type { Job, Pattern, Workload } from './workload.ts';

export const MAX_FILES = 1024;

interface Section {
  name: string;
  line: number;
  given: Given;
}

/**
 * True for a file that the run may make inside its own folder: relative, and without `..`. Any other name is
 * absolute: the run has to refuse it unless the user named it with --overwrite. An own file's name can have folders
 * in it (`a/b`): `a/b` and `a_b` are two files.
 */
export function isOwnFile(name: string): boolean {
  return !name.startsWith('/') && !name.split('/').includes('..');
}

/**
 * Reads one fio job file.
 *
 * - A job ends by `runtime`, by `count`, or by whichever comes first. count is the job's size in blocks, lowered to
 *   number_ios where given; with time_based only number_ios limits it.
 * - `size` is divided by the files of the job, as in fio, and rounded down to whole blocks: Job.size is per file.
 * - readPercent is 100 for pure reads and 0 for pure writes, whatever rwmixread says.
 * - randseed is final per clone: the section's randseed plus the clone's index in `jobs`, modulo 2^32.
 * - Without `filename` every clone has its own file `section.k.0`. `./disk` and `disk` are one file.
 *
 * @param path where the text came from: names the workload and stands in every message
 * @throws InputError with file:line, and no other error whatever the text is
 */
export function parseJobFile(text: string, path: string): Workload {
  const sections = readSections(text, path);
  if (sections.length === 0)
    throw new InputError(`${path}: no job: the file has no section besides [global].`);
  const files: Workload['files'] = [];
  const indexes = new Map<string, number>();
  const jobs: Job[] = [];
  for (const section of sections) addJobs(section, path, jobs, files, indexes);
  return {
    name: basename(path, '.fio'),
    path,
    summary: leadingComment(text),
    direct: commonDirect(sections, path),
    files,
    unitBytes: jobs.reduce((unit, job) => gcd(unit, job.bs), 0),
    jobs,
  };
}

/** Sections in file order, each with what [global] had said by then. */
function readSections(text: string, path: string): Section[] {
  const globals: Given = {};
  const sections: Section[] = [];
  let current: Given | undefined;
  for (const entry of readLines(text, path)) {
    const where = `${path}:${entry.line}`;
    if (!('section' in entry)) {
      if (current === undefined)
        throw new InputError(`${where}: '${entry.key}' stands before the first [section].`);
      setKey(current, entry.key, entry.value, where, entry.line);
    } else if (entry.section === 'global') {
      current = globals;
    } else if (entry.section.startsWith('global')) {
      // fio compares six letters only, so it would take this job for a [global].
      throw new InputError(`${where}: '[${entry.section}]' is a [global] to fio. Did you mean '[global]'?`);
    } else {
      current = { ...globals };
      sections.push({ name: entry.section, line: entry.line, given: current });
    }
  }
  return sections;
}

function addJobs(
  section: Section,
  path: string,
  jobs: Job[],
  files: Workload['files'],
  indexes: Map<string, number>,
): void {
  const { given, name } = section;
  const at = (key: keyof Settings) => `${path}:${given[key]?.line ?? section.line}`;
  const set = resolve(given);

  if (set.size === undefined) throw new InputError(`${at('size')}: job '${name}' has no size.`);
  if (set.time_based && set.runtime === 0) {
    throw new InputError(`${at('time_based')}: job '${name}' is time_based and has no runtime.`);
  }
  if (set.fsync > 0 && set.fdatasync > 0) {
    throw new InputError(`${at('fdatasync')}: job '${name}' has both fsync and fdatasync: choose one.`);
  }
  const total = jobs.length + set.numjobs;
  if (total > MAX_SUBMITTERS) {
    throw new InputError(
      `${at('numjobs')}: ${total} jobs up to here; ${MAX_SUBMITTERS} at most in one file.`,
    );
  }
  const fileCount = set.filename?.length ?? 1;
  const blocks = Math.floor(set.size / fileCount / set.bs);
  if (blocks === 0) {
    const share = fileCount === 1 ? '' : ` divided by ${fileCount} files`;
    throw new InputError(
      `${at('size')}: size ${set.size}${share} is less than one block of ${set.bs} bytes.`,
    );
  }

  const whole = set.time_based ? Infinity : blocks * fileCount;
  const limit = Math.min(whole, set.number_ios ?? Infinity);
  for (let k = 0; k < set.numjobs; k++) {
    const names = set.filename ?? ownFile(`${name}.${k}.0`, `${path}:${section.line}`);
    jobs.push({
      name: set.numjobs > 1 ? `${name}.${k}` : name,
      pattern: set.rw,
      readPercent: readPercent(set.rw, set.rwmixread),
      bs: set.bs,
      size: blocks * set.bs,
      files: names.map((file) => useFile(file, blocks * set.bs, files, indexes)),
      iodepth: set.iodepth,
      fsync: set.fsync + set.fdatasync,
      dataSync: set.fdatasync > 0,
      runtime: set.runtime,
      count: limit === Infinity ? 0 : limit,
      randseed: (set.randseed + jobs.length) % 2 ** 32,
    });
    if (files.length > MAX_FILES) {
      throw new InputError(`${at('filename')}: more than ${MAX_FILES} files up to here.`);
    }
  }
}

/** fio's name for the file of a clone that names none. */
function ownFile(name: string, where: string): string[] {
  const names = readFileNames(name.replaceAll(':', '\\:'));
  if (names === undefined) throw new InputError(`${where}: '${name}' can't be a file's name: set filename.`);
  return names;
}

/** The index of a file, which is added or made larger as needed: bytes is the most that any of its jobs touches. */
function useFile(
  name: string,
  bytes: number,
  files: Workload['files'],
  indexes: Map<string, number>,
): number {
  const known = indexes.get(name);
  if (known === undefined) {
    indexes.set(name, files.length);
    return files.push({ name, bytes }) - 1;
  }
  files[known]!.bytes = Math.max(files[known]!.bytes, bytes);
  return known;
}

function readPercent(pattern: Pattern, mix: number): number {
  if (pattern === 'rw' || pattern === 'randrw') return mix;
  return pattern === 'read' || pattern === 'randread' ? 100 : 0;
}

/** Direct or buffered is an axis of the run, so sections may not differ in it; saying nothing is a value too. */
function commonDirect(sections: Section[], path: string): boolean | undefined {
  const first = sections[0]!.given.direct?.value;
  for (const { given, line } of sections) {
    if (given.direct?.value === first) continue;
    throw new InputError(
      `${path}:${given.direct?.line ?? line}: direct is not the same in every section. Set it once, in [global].`,
    );
  }
  return first;
}

function gcd(a: number, b: number): number {
  return b === 0 ? a : gcd(b, a % b);
}
