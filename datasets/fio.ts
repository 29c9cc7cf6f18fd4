/**
 * Reads fio job files. What a key means is what fio's HOWTO says and fio 3.33 does; where loopwq can't do the same
 * it refuses the file, so that one file never means two things.
 *
 * fio-keys.ts has the keys; a key that it does not have is an error. fio-job.ts has what they mean together.
 */
import { basename } from 'node:path';
import { InputError } from './errors.ts';
import { addJobs, type Draft, type Section, unitOf } from './fio-job.ts';
import { type Given, setKey } from './fio-keys.ts';
import { leadingComment, readLines } from './fio-lines.ts';
import type { Workload } from './workload.ts';

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
 * - A job ends by `runtime`, by `count` or by `bytes`, whichever comes first. `size` and number_ios bound count (bytes
 *   with several block sizes), times loops; with time_based neither does.
 * - `size` is divided by the files of the job, as in fio, and rounded down to whole blocks: Job.size is per file.
 * - readPercent is 100 for pure reads and 0 for pure writes, whatever rwmixread says.
 * - randseed is final per clone: the section's randseed plus the clone's index in `jobs`, modulo 2^32.
 * - Without `filename` every clone has files of its own, `section.k.0` and so on. `./disk` and `disk` are one file.
 * - A stonewall holds for its section and those behind it; the clones of one section begin together.
 *
 * One thing differs from fio 3.33: `fsync=N` counts and flushes every file of a job by itself, as the HOWTO says. fio
 * counts the job's writes and flushes the file whose turn it is, so of two files with fsync=1 only one is ever flushed.
 *
 * @param path where the text came from: names the workload and stands in every message
 * @throws InputError with file:line, and no other error whatever the text is
 */
export function parseJobFile(text: string, path: string): Workload {
  const sections = readSections(text, path);
  if (sections.length === 0)
    throw new InputError(`${path}: no job: the file has no section besides [global].`);
  const named = sections.some(({ given }) => given.cgroup !== undefined);
  const draft: Draft = {
    path,
    jobs: [],
    files: [],
    indexes: new Map(),
    cgroups: named ? [] : undefined,
    wall: 0,
  };
  for (const section of sections) addJobs(section, draft);
  return {
    name: basename(path, '.fio'),
    path,
    summary: leadingComment(text),
    direct: commonDirect(sections, path),
    files: draft.files,
    ...(draft.cgroups && { cgroups: draft.cgroups }),
    unitBytes: unitOf(draft),
    jobs: draft.jobs,
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
