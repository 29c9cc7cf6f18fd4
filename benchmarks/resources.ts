/** What a run takes from the machine, and gives back whatever happens: folder, backing files, memory, threads. */
import { join } from 'node:path';
import { setImmediate as otherEvents } from 'node:timers/promises';
import { isOwnFile } from '../datasets/fio.ts';
import type { Workload } from '../datasets/workload.ts';
import {
  type BackingFile,
  closeBacking,
  makeFolder,
  openInSteps,
  removeFolder,
  requireSpace,
} from '../engine/backing.ts';
import { closeCrew } from '../engine/crew.ts';
import { cipherKey, type SectorCipher, sectorCipher } from '../engine/crypt.ts';
import { MachineError } from '../engine/errors.ts';
import { errorName, type Mapping, mapMemory, unmap } from '../engine/libc.ts';
import { detachLoopsUnder } from '../engine/loop-device.ts';
import { historyBytes } from '../ordering/history.ts';
import { type Crews, type Memory, startCrews, workloadsOf } from './crews.ts';
import type { Design } from './designs.ts';
import {
  attachLoops,
  detachLoops,
  type KernelLoops,
  noLoops,
  prepareCgroups,
  whyNot,
} from './kernel-loop.ts';
import {
  bufferBytes,
  type Cell,
  crewSizes,
  encrypts,
  historySize,
  type RunPlan,
  type Settings,
  tagsOf,
} from './plan.ts';
import { requireCpus, requireThreads, requireUsable, withFiles } from './requirements.ts';

export interface Resources extends Crews, Memory {
  /** The run's own folder; undefined where every cell is on the null backend. */
  folder: string | undefined;
  /** Backing files per workload name, by device. */
  files: Map<string, BackingFile[]>;
  /** The same for the designs that encrypt, none of which could read what the others write. */
  encrypted: Map<string, BackingFile[]>;
  encrypting: ReadonlySet<Design>;
  history: SharedArrayBuffer;
  loops: KernelLoops;
}

/** Bytes of scratch a run has for its threads, 64 each; crews share it, as only one runs at a time. */
const SCRATCH = 1 << 16;
/** Runs that have something on the disk; an exit that nobody announced takes it away as well. */
const onDisk = new Set<Resources>();
process.on('exit', () => {
  for (const resources of onDisk) removeBacking(resources);
});

/**
 * Makes everything. What was made until a failure is given back before the error goes on.
 *
 * @param base the run's random word, which fills the backing files
 * @param progress may throw to break the start-up off
 * @throws InputError for a file that the run may not or can't use, before anything is made; MachineError
 */
export async function takeResources(
  plan: RunPlan,
  settings: Settings,
  base: number,
  progress: (text: string) => void,
): Promise<Resources> {
  const sizes = crewSizes(plan);
  const workloads = workloadsOf(plan);
  requireUsable(plan);
  requireCpus(plan);
  const resources: Resources = {
    folder: undefined,
    files: new Map(),
    encrypted: new Map(),
    encrypting: new Set(
      plan.designs.filter((design) => workloads.some((workload) => encrypts(plan, design, workload))),
    ),
    data: { address: 0, bytes: 0 },
    scratch: { address: 0, bytes: 0 },
    history: new SharedArrayBuffer(0),
    crews: [],
    punts: undefined,
    starting: false,
    loops: noLoops(),
  };
  requireThreads(sizes, resources.encrypting.size > 0 ? [...workloads, ...workloads] : workloads);
  try {
    reserveMemory(plan, workloads, resources);
    await openFiles(plan, resources, base, progress);
    await startCrews(plan, settings, resources, progress);
    return resources;
  } catch (error) {
    await giveBack(resources);
    throw error;
  }
}

/** Gives back everything, in an order in which nobody uses what is gone. */
export async function giveBack(resources: Resources): Promise<void> {
  const closed = await Promise.allSettled(resources.crews.map((crew) => crew && closeCrew(crew)));
  const folder = resources.folder;
  try {
    removeBacking(resources);
  } catch (error) {
    // The run's own result, or error, matters more than this one.
    process.emitWarning(
      `${folder ?? 'the run'} is not cleaned up: ${(error as Error).message}. Do it by hand`,
    );
  }
  // A thread that sits in the kernel still has its hands in the data, and one that is on its way will have.
  const left = resources.crews.every((crew) => crew === undefined || crew.pool.threads.length === 0);
  if (left && !resources.starting)
    for (const mapping of [resources.data, resources.scratch]) release(mapping);
  for (const result of closed) if (result.status === 'rejected') throw result.reason;
}

/** The part that must happen even when threads no longer answer: nothing stays on the disk. */
export function removeBacking(resources: Resources): void {
  const { folder } = resources;
  onDisk.delete(resources);
  resources.folder = undefined;
  allOf(
    () => resources.punts?.close(),
    () => detachLoops(resources.loops),
    // Again by the file: a signal may have killed a losetup half-way.
    () => folder !== undefined && detachLoopsUnder(folder),
    () => {
      for (const of of [resources.files, resources.encrypted]) {
        for (const files of of.values()) for (const file of files) closeBacking(file);
        of.clear();
      }
    },
    () => folder !== undefined && removeFolder(folder),
  );
}

/** Takes every step, whatever the others throw; then throws what the first of them did. */
function allOf(...steps: (() => unknown)[]): void {
  const thrown: unknown[] = [];
  for (const step of steps) {
    try {
      step();
    } catch (error) {
      thrown.push(error);
    }
  }
  if (thrown.length > 0) throw thrown[0];
}

/** Descriptors of a cell's devices as a design has them; 0 each on the null backend, which has no files. */
export function descriptorsOf(resources: Resources, cell: Cell, design: Design): number[] {
  if (design.reference?.kind === 'kernel-loop') {
    return (resources.loops.devices.get(cell.workload.name) ?? []).map(({ fd }) => fd);
  }
  const files = filesOf(resources, cell, design);
  if (cell.backend === 'null' || !files) return cell.workload.files.map(() => 0);
  return files.map((file) => (cell.direct ? file.direct : file.buffered));
}

/** The files of a cell that a design reads and writes; undefined where there are none. */
export function filesOf(
  { files, encrypted, encrypting }: Resources,
  { workload }: Cell,
  design: Design,
): BackingFile[] | undefined {
  return (encrypting.has(design) ? encrypted : files).get(workload.name);
}

/** The files of a cell, whichever design they are for. */
export function allFilesOf({ files, encrypted }: Resources, { workload }: Cell): BackingFile[] {
  return [files, encrypted].flatMap((of) => of.get(workload.name) ?? []);
}

function reserveMemory(plan: RunPlan, workloads: readonly Workload[], resources: Resources): void {
  const histories = plan.recording ? workloads.map((workload) => historySize(workload)) : [];
  const historyNeeds = histories.map((h) => historyBytes(h.submitters, h.rowsEach, h.seenEach));
  const dataNeeds = workloads.map((workload) => tagsOf(workload) * bufferBytes(workload));
  const reserve = <T>(what: string, bytes: number, take: (bytes: number) => T): T => {
    try {
      return take(bytes);
    } catch (error) {
      throw new MachineError(
        `no memory for ${what}, ${Math.ceil(bytes / 2 ** 20)} MiB: ${(error as Error).message}. ` +
          'Make iodepth=, numjobs=, bs= or runtime= smaller',
      );
    }
  };
  resources.data = reserve('the data of all requests', Math.max(...dataNeeds), mapMemory);
  resources.scratch = reserve('the threads', SCRATCH, mapMemory);
  resources.history = reserve(
    'the history of a trial',
    Math.max(0, ...historyNeeds),
    (bytes) => new SharedArrayBuffer(bytes),
  );
}

function release(mapping: Mapping): void {
  if (mapping.bytes > 0) unmap(mapping);
  mapping.bytes = 0;
}

async function openFiles(
  plan: RunPlan,
  resources: Resources,
  base: number,
  progress: (text: string) => void,
): Promise<void> {
  const workloads = withFiles(plan);
  if (workloads.length === 0) return;
  const own = workloads.flatMap((w) => w.files.filter((file) => isOwnFile(file.name)));
  const folder = makeFolder(plan.dir);
  resources.folder = folder;
  onDisk.add(resources);
  const secret = resources.encrypting.size > 0;
  requireSpace(folder, (secret ? 2 : 1) * own.reduce((sum, file) => sum + file.bytes, 0));
  for (const [w, workload] of workloads.entries()) {
    const open = async (files: BackingFile[], ending: string, cipher?: SectorCipher): Promise<void> => {
      for (const [device, { name, bytes }] of workload.files.entries()) {
        const mine = isOwnFile(name);
        const path = mine ? join(folder, `${ownName(w, device, name)}${ending}`) : name;
        const say = (): void => progress(`writing ${workload.name}/${name}${ending}`);
        files.push(await openFile(openInSteps(path, bytes, device, base, mine, cipher), say));
      }
      if (plan.cells.some((cell) => cell.workload === workload && cell.direct)) requireDirect(files);
    };
    const [files, encrypted]: BackingFile[][] = [[], []];
    resources.files.set(workload.name, files!);
    await open(files!, '');
    // A file of the user's own there is but one of: who encrypts is skipped.
    if (!secret || !workload.files.every(({ name }) => isOwnFile(name))) continue;
    resources.encrypted.set(workload.name, encrypted!);
    await open(encrypted!, '.encrypted', sectorCipher(cipherKey(base), workload.unitBytes));
  }
  const kernel = plan.designs.filter((d) => d.reference?.kind === 'kernel-loop' && whyNot(d) === undefined);
  if (kernel.length === 0) return;
  progress('attaching loop devices');
  try {
    for (const [name, files] of resources.files)
      attachLoops(resources.loops, name, files, folder, plan.stacked === true);
    prepareCgroups(resources.loops, kernel);
  } catch (error) {
    if (!(error instanceof MachineError)) throw error;
    // A container may have no loop nodes left: the rows stand with the reason, and the designs run.
    detachLoops(resources.loops);
    resources.loops.refused = error.message;
  }
}

async function openFile(steps: ReturnType<typeof openInSteps>, progress: () => void): Promise<BackingFile> {
  try {
    for (;;) {
      // A signal is heard here; progress then throws.
      await otherEvents();
      progress();
      const step = steps.next();
      if (step.done) return step.value;
    }
  } catch (error) {
    // Has the generator close what it opened.
    steps.throw(error);
    throw error;
  }
}

/** The numbers tell files apart, whatever their names are (`a/b` and `a_b`, of one workload or of two); the name is for people. */
function ownName(workload: number, device: number, name: string): string {
  return `${workload}.${device}.${name.replaceAll('/', '_').slice(0, 40)}`;
}

function requireDirect(files: readonly BackingFile[]): void {
  const without = files.find((file) => file.direct < 0);
  if (!without) return;
  throw new MachineError(
    `O_DIRECT: the file system of ${without.path} refuses it (${errorName(without.direct)}). Name a folder on ext4, ` +
      'xfs or btrfs with --dir, or run the buffered cells alone with --backend sync',
  );
}
