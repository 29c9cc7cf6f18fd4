/** A run on file systems that can clone files, made for it in the run's folder: every design, with snapshots beside it. */
import { randomUUID } from 'node:crypto';
import type { Host, TrialRecord } from '../../datasets/schema.ts';
import type { Workload } from '../../datasets/workload.ts';
import { clearFolder, makeFolder } from '../../engine/backing.ts';
import { type FileSystem, makeDisk, type REFLINK_SYSTEMS } from '../../engine/disk-image.ts';
import type { Contract } from '../../ordering/contracts.ts';
import type { SnapshotContract } from '../../ordering/snapshot/check.ts';
import type { RunPlan } from '../plan.ts';
import { type RunEnd, runPlan } from '../runner.ts';
import { seededRandom } from '../statistics/seeded-random.ts';
import { type Judged, photographer } from './take.ts';

export { REFLINK_SYSTEMS, whyNoDisk } from '../../engine/disk-image.ts';
export { SNAPSHOT_CONTRACTS } from '../../ordering/snapshot/check.ts';
export type ReflinkSystem = (typeof REFLINK_SYSTEMS)[number];

/** A trial whose snapshots are not all taken by then is given up; one that was cut is on record with what it has. */
const MOST_SECONDS = 20;
/** Room on the disk for the files, their clones and what a copy-on-write file system keeps of both; xfs wants 300 MiB to exist. */
const LEAST_DISK = 512 * 2 ** 20;
const DISK_PER_FILE = 8;

export interface SnapshotRow extends Judged {
  fileSystem: ReflinkSystem;
  wanted: number;
}

export interface SnapshotEvents {
  progress(text: string): void;
  row(row: SnapshotRow): void;
  /** A row that this machine can't run, or whose trial failed. */
  refused(fileSystem: ReflinkSystem, record: TrialRecord): void;
}

/** Runs the plan once on each of the file systems. The plan's folder is where the disks are made. */
export async function runSnapshots(
  plan: RunPlan,
  systems: readonly ReflinkSystem[],
  wanted: number,
  host: Host,
  events: SnapshotEvents,
  signal: AbortSignal,
): Promise<RunEnd> {
  const cells = plan.cells.map((cell) => ({ ...cell, workload: lasting(cell.workload) }));
  const files = cells.flatMap(({ workload }) => workload.files);
  const bytes = Math.max(LEAST_DISK, DISK_PER_FILE * files.reduce((sum, file) => sum + file.bytes, 0));
  let end: RunEnd = { interrupted: signal.aborted, failed: undefined };
  for (const fileSystem of systems) {
    if (end.interrupted || end.failed !== undefined) break;
    events.progress(`making ${fileSystem}`);
    const random = seededRandom(plan.seed);
    const beside = photographer(wanted, random, (judged) => events.row({ ...judged, fileSystem, wanted }));
    end = await onDisk(plan.dir, fileSystem, bytes, (dir) =>
      runPlan(
        { ...plan, cells, dir, rounds: 1 },
        randomUUID(),
        host,
        {
          progress: (text) => events.progress(`${fileSystem}: ${text}`),
          trial: (record) => {
            if (record.skipped !== undefined || record.failure !== undefined)
              events.refused(fileSystem, record);
          },
          beside,
        },
        signal,
      ),
    );
  }
  return end;
}

/** Makes a disk in a folder of its own under `dir`, which goes when `work` has ended, however it has. */
export async function onDisk<T>(
  dir: string,
  fileSystem: FileSystem,
  bytes: number,
  work: (mounted: string, folder: string) => Promise<T>,
): Promise<T> {
  const folder = makeFolder(dir);
  const onExit = (): void => clearFolder(folder);
  process.on('exit', onExit);
  try {
    return await work(makeDisk(folder, fileSystem, bytes), folder);
  } finally {
    clearFolder(folder);
    process.off('exit', onExit);
  }
}

/** Jobs go on until all snapshots are taken. */
function lasting(workload: Workload): Workload {
  const jobs = workload.jobs.map((job) => ({ ...job, runtime: MOST_SECONDS, count: 0, ramp: 0 }));
  return { ...workload, jobs };
}

/** The claims that the snapshots of a row broke. */
export function brokenClaims({ record, verdicts }: Judged): SnapshotContract[] {
  const claims: readonly Contract[] = record.claims;
  return (Object.keys(verdicts) as SnapshotContract[]).filter(
    (contract) => verdicts[contract].lost > 0 && claims.includes(contract),
  );
}
