/** What a run takes from the machine, and gives back whatever happens: folder, backing files, memory, threads. */
import { isAbsolute, join } from 'node:path';
import { InputError } from '../datasets/errors.ts';
import { isOwnFile } from '../datasets/fio.ts';
import {
  type BackingFile,
  closeBacking,
  makeFolder,
  openBacking,
  removeFolder,
  requireSpace,
} from '../engine/backing.ts';
import { type Crew, closeCrew, openWorkload, startCrew } from '../engine/crew.ts';
import { MachineError } from '../engine/errors.ts';
import { errorName, type Mapping, mapMemory, unmap } from '../engine/libc.ts';
import { historyBytes } from '../ordering/history.ts';
import {
  bufferBytes,
  type Cell,
  crewSizes,
  historySize,
  type RunPlan,
  type Settings,
  tagsOf,
} from './plan.ts';
import { topologyFor } from './topology.ts';

export interface Resources {
  /** The run's own folder; undefined where every cell is on the null backend. */
  folder: string | undefined;
  /** Backing files per workload name, by device. */
  files: Map<string, BackingFile[]>;
  data: Mapping;
  scratch: Mapping;
  history: SharedArrayBuffer;
  /** One crew per design of the plan, in its order. */
  crews: Crew[];
}

/** Bytes of scratch a run has for its threads, 64 each; crews share it, as only one runs at a time. */
const SCRATCH = 1 << 16;

/**
 * Makes everything. What was made until a failure is given back before the error goes on.
 *
 * @param base the run's random word, which fills the backing files
 */
export async function takeResources(
  plan: RunPlan,
  settings: Settings,
  base: number,
  progress: (text: string) => void,
): Promise<Resources> {
  const sizes = crewSizes(plan);
  const workloads = [...new Set(plan.cells.map((cell) => cell.workload))];
  const histories = workloads.map((w) => historySize(w));
  const resources: Resources = {
    folder: undefined,
    files: new Map(),
    data: mapMemory(Math.max(...workloads.map((w) => tagsOf(w) * bufferBytes(w)))),
    scratch: mapMemory(SCRATCH),
    history: new SharedArrayBuffer(
      plan.recording
        ? Math.max(...histories.map((h) => historyBytes(h.submitters, h.rowsEach, h.seenEach)))
        : 0,
    ),
    crews: [],
  };
  try {
    openFiles(plan, resources, base, progress);
    for (const [i, design] of plan.designs.entries()) {
      progress(`starting ${design.name}`);
      const { submitters, workers } = sizes[i]!;
      const crew = await startCrew(design.crew, submitters, workers, resources.data, resources.scratch);
      resources.crews.push(crew);
      for (const workload of workloads) {
        const topology = topologyFor(plan.topology, workload.files.length, workload.jobs.length);
        await openWorkload(crew, workload.name, workload, topology, settings.pinned);
      }
    }
    return resources;
  } catch (error) {
    await giveBack(resources);
    throw error;
  }
}

export async function giveBack(resources: Resources): Promise<void> {
  await Promise.all(resources.crews.map((crew) => closeCrew(crew)));
  removeBacking(resources);
  unmap(resources.data);
  unmap(resources.scratch);
}

/** The part that must happen even when threads no longer answer: nothing stays on the disk. */
export function removeBacking(resources: Resources): void {
  for (const files of resources.files.values()) for (const file of files) closeBacking(file);
  resources.files.clear();
  if (resources.folder !== undefined) removeFolder(resources.folder);
  resources.folder = undefined;
}

/** Descriptors of a cell's devices; -1 each on the null backend, which has no files. */
export function descriptorsOf(resources: Resources, cell: Cell): number[] {
  const files = resources.files.get(cell.workload.name);
  if (cell.backend === 'null' || !files) return cell.workload.files.map(() => 0);
  return files.map((file) => (cell.direct ? file.direct : file.buffered));
}

function openFiles(
  plan: RunPlan,
  resources: Resources,
  base: number,
  progress: (text: string) => void,
): void {
  const cells = plan.cells.filter((cell) => cell.backend !== 'null');
  const workloads = [...new Set(cells.map((cell) => cell.workload))];
  if (workloads.length === 0) return;
  const own = workloads.flatMap((w) => w.files.filter((file) => isOwnFile(file.name)));
  resources.folder = makeFolder(plan.dir);
  requireSpace(
    plan.dir,
    own.reduce((sum, file) => sum + file.bytes, 0),
  );
  for (const workload of workloads) {
    const files: BackingFile[] = [];
    resources.files.set(workload.name, files);
    for (const [device, { name, bytes }] of workload.files.entries()) {
      progress(`writing ${workload.name}/${name}`);
      const mine = isOwnFile(name);
      if (!mine) requireAllowed(plan, workload.path, name);
      const path = mine ? join(resources.folder, `${workload.name}.${name.replaceAll('/', '_')}`) : name;
      files.push(openBacking(path, bytes, device, base, mine));
    }
    if (cells.some((cell) => cell.workload === workload && cell.direct)) requireDirect(plan, files);
  }
}

function requireAllowed(plan: RunPlan, path: string, name: string): void {
  if (isAbsolute(name) && plan.overwrite.includes(name)) return;
  throw new InputError(
    `${path}: filename=${name} is outside the run's own folder and its content would be lost. ` +
      `If that is what you want, say --overwrite ${name}; otherwise give it a plain name`,
  );
}

function requireDirect(plan: RunPlan, files: readonly BackingFile[]): void {
  const without = files.find((file) => file.direct < 0);
  if (!without) return;
  throw new MachineError(
    `O_DIRECT: the file system of ${plan.dir} refuses it (${errorName(without.direct)}). Name a folder on ext4, xfs or ` +
      'btrfs with --dir, or run the buffered cells alone with --backend sync',
  );
}
