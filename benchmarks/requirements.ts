/** What a run needs of its files and of the machine, looked at before anything is made. */
import os from 'node:os';
import { posix } from 'node:path';
import { InputError } from '../datasets/errors.ts';
import { isOwnFile } from '../datasets/fio.ts';
import type { Workload } from '../datasets/workload.ts';
import { lookAt } from '../engine/backing.ts';
import { MachineError } from '../engine/errors.ts';
import { descriptorLimit, type Limit, threadLimits, tightest } from './limits.ts';
import type { RunPlan } from './plan.ts';

/**
 * Descriptors that a thread has open at most: its event loop four on Node 20 and five on Node 24, its ring, its eventfd
 * (counted in /proc/self/fd). While a thread starts it has more, for the modules that it reads: on Node 20 all of them at
 * once, so what is asked for here is the least, and a run that has little more may still be refused.
 */
const DESCRIPTORS_EACH = 7;
/** Of a backing file: through the page cache, with O_DIRECT, and the loop device over it. */
const DESCRIPTORS_FILE = 3;
/** What the process opens besides: its own modules, the results, a look into /proc. */
const DESCRIPTORS_SPARE = 16;

/** Workloads that need files. */
export function withFiles(plan: RunPlan): Workload[] {
  const cells = plan.cells.filter((cell) => cell.backend !== 'null');
  return [...new Set(cells.map((cell) => cell.workload))];
}

/** Looks at every file that the run does not make itself, before it writes to the first. */
export function requireUsable(plan: RunPlan): void {
  const overwrite = new Set(plan.overwrite.map((path) => posix.normalize(path)));
  const users = new Map<string, string>();
  for (const { path, files } of withFiles(plan)) {
    for (const { name, bytes } of files) {
      if (isOwnFile(name)) continue;
      const where = `${path}: filename=${name}`;
      if (!overwrite.has(posix.normalize(name))) {
        throw new InputError(
          `${where} is outside the run's own folder and its content would be lost. ` +
            `If that is what you want, say --overwrite ${name}; otherwise give it a plain name`,
        );
      }
      const found = lookAt(name);
      if (!found)
        throw new InputError(`${where}: there is no such file or device, or you may not look at it`);
      if (found.kind === 'other') throw new InputError(`${where} is neither a file nor a block device`);
      if (found.bytes !== undefined && found.bytes < bytes) {
        throw new InputError(
          `${where} has ${found.bytes} bytes, the jobs need ${bytes}: make it larger, or size= smaller`,
        );
      }
      const other = users.get(found.id);
      if (other !== undefined) {
        throw new InputError(
          `${where} is the same ${found.kind} as ${other}. Each would overwrite what the other one wrote: ` +
            'use one name for it in one job file, and run two job files one after the other',
        );
      }
      users.set(found.id, where);
    }
  }
}

/** The CPUs that jobs want to run on. */
export function requireCpus(plan: RunPlan): void {
  const cpus = os.cpus().length;
  for (const { workload } of plan.cells) {
    for (const { name, cpus: wanted = [] } of workload.jobs) {
      const missing = wanted.find((cpu) => cpu >= cpus);
      if (missing === undefined) continue;
      throw new MachineError(
        `${workload.path}: cpus_allowed of job '${name}' names CPU ${missing}, this machine has CPUs 0 to ${cpus - 1}. ` +
          'CPUs that it has not can be played: --topology',
      );
    }
  }
}

/** What a run of these crews asks for: threads, and descriptors beside those that are open already. */
export function demandOf(
  crews: readonly { submitters: number; workers: number }[],
  files: number,
): { threads: number; descriptors: number } {
  const sizes = crews.map(({ submitters, workers }) => submitters + workers);
  const threads = sizes.reduce((sum, size) => sum + size, 0);
  const descriptors =
    threads * DESCRIPTORS_EACH + Math.max(...sizes) + DESCRIPTORS_FILE * files + DESCRIPTORS_SPARE;
  return { threads, descriptors };
}

/** Why a limit is too low for `wanted` more; undefined where it is not. */
export function tooLow(limit: Limit | undefined, wanted: number, what: string): string | undefined {
  if (limit === undefined || limit.used + wanted <= limit.most) return undefined;
  const { name, used, most, remedy } = limit;
  return `${what} take about ${wanted}, ${name} is ${most} with ${used} taken: ${remedy}`;
}

/** Without this a thread can't start, or finds no descriptor, and Node ends the process. */
export function requireThreads(
  sizes: readonly { submitters: number; workers: number }[],
  workloads: readonly Workload[],
): void {
  const files = workloads.reduce((sum, workload) => sum + workload.files.length, 0);
  const { threads, descriptors } = demandOf(sizes, files);
  const few = tooLow(tightest(threadLimits()), threads, `${threads} threads`);
  if (few !== undefined) throw new MachineError(`too few threads: ${few}. ${FEWER}`);
  const less = tooLow(descriptorLimit(), descriptors, `${threads} threads and their files`);
  if (less !== undefined) throw new MachineError(`too few descriptors: ${less}. ${FEWER}`);
}

const FEWER = 'Or choose fewer designs with --designs';
