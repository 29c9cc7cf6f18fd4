/**
 * The thread's question put to the real kernel: ext4 on /dev/loopN, whose backing file lies on a file system that can clone it. Files
 * are made, renamed and unlinked, each step waited for with fsync, while the backing file is cloned at instants drawn by chance. Each
 * clone is a disk after a crash: it must mount (which replays the journal), be clean to e2fsck afterwards, and hold every step
 * whose fsync had returned before the clone began.
 */
import { mkdirSync, readdirSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as after } from 'node:timers/promises';
import { Worker } from 'node:worker_threads';
import { now } from '../../engine/clock.ts';
import { makeFileSystem, mountAt, unmount } from '../../engine/disk-image.ts';
import { MachineError } from '../../engine/errors.ts';
import { close, O_RDWR, open } from '../../engine/libc.ts';
import { attachLoop, setDirectIo } from '../../engine/loop-device.ts';
import { cloneFile } from '../../engine/reflink.ts';
import { hasTool, runTool } from '../../engine/tool.ts';
import { checkFiles, type Finding, type Listing, type Step } from '../../ordering/files/check.ts';
import { onDisk, type ReflinkSystem, whyNoDisk } from '../snapshots/run.ts';
import { seededRandom } from '../statistics/seeded-random.ts';
import { stateOf } from './content.ts';
import type { WriterTask } from './file-writer.ts';

export interface Ext4Plan {
  /** Where the run's folder is made. */
  dir: string;
  /** Below the loop device. */
  fileSystem: ReflinkSystem;
  /** The driver does direct I/O on the backing file. */
  direct: boolean;
  snapshots: number;
  seed: number;
  /** False: writers that claim what they did not wait for. For tests of the test. */
  waits: boolean;
}

export interface Ext4Report {
  taken: number;
  /** Steps whose fsync returned, over the whole run. */
  durable: number;
  /** Snapshots that did not mount, or that e2fsck -fn found something in; the first of them in its words. */
  unmountable: number;
  unclean: number;
  complaint?: string;
  /** Snapshots with a finding; the first finding in words. */
  wrong: number;
  finding?: string;
}

const WRITERS = 3;
const EXT4_BYTES = 64 * 2 ** 20;
const DISK_BYTES = 768 * 2 ** 20;
/** Milliseconds from one snapshot to the next, on average, beside the time that looking at one takes. */
const PAUSE = 20;

/** Why this can't be done here; undefined when it can. */
export function whyNoExt4(fileSystem: ReflinkSystem): string | undefined {
  const reason = whyNoDisk(fileSystem) ?? whyNoDisk('ext4');
  if (reason !== undefined) return reason;
  return hasTool('e2fsck') ? undefined : 'e2fsck is not installed (Debian: apt-get install e2fsprogs)';
}

export function runExt4(plan: Ext4Plan, signal: AbortSignal): Promise<Ext4Report> {
  return onDisk(plan.dir, plan.fileSystem, DISK_BYTES, (disk, folder) => onLoop(plan, disk, folder, signal));
}

async function onLoop(
  plan: Ext4Plan,
  disk: string,
  folder: string,
  signal: AbortSignal,
): Promise<Ext4Report> {
  const file = join(disk, 'disk');
  writeFileSync(file, '');
  truncateSync(file, EXT4_BYTES);
  const device = attachLoop(file, folder);
  setDirectIo(device, plan.direct);
  makeFileSystem('ext4', device);
  const mounted = mountAt(folder, 'ext4-on-loop', device);
  const stop = new SharedArrayBuffer(4);
  const writers = Array.from({ length: WRITERS }, (_, index) => {
    const own = join(mounted, String(index));
    mkdirSync(own);
    return startWriter({ folder: own, index, seed: plan.seed + index, stop, waits: plan.waits });
  });
  const backing = open(file, O_RDWR);
  const shots: Shot[] = [];
  try {
    const random = seededRandom(plan.seed);
    while (shots.length < plan.snapshots && !signal.aborted) {
      await after(2 * PAUSE * random(), undefined, { signal }).catch(() => {});
      if (!signal.aborted) shots.push(takeShot(backing, disk, folder));
    }
  } finally {
    close(backing);
    Atomics.store(new Int32Array(stop), 0, 1);
    await Promise.allSettled(writers);
  }
  const steps = (await Promise.all(writers)).flat();
  unmount(mounted);
  return reportOf(shots, steps);
}

function startWriter(task: WriterTask): Promise<Step[]> {
  const { promise, resolve, reject } = withResolvers<Step[]>();
  const worker = new Worker(new URL('./file-writer.js', import.meta.url), { workerData: task });
  worker.once('message', resolve);
  worker.once('error', reject);
  // It is waited for at the end, and may have failed long before.
  promise.catch(() => {});
  return promise;
}

function withResolvers<T>(): { promise: Promise<T>; resolve(value: T): void; reject(error: Error): void } {
  let resolve: (value: T) => void = () => {};
  let reject: (error: Error) => void = () => {};
  const promise = new Promise<T>((yes, no) => {
    resolve = yes;
    reject = no;
  });
  return { promise, resolve, reject };
}

interface Shot {
  /** Undefined when the clone did not mount. */
  listing: Listing | undefined;
  /** What mount or e2fsck said. */
  complaint: string | undefined;
}

function takeShot(backing: number, disk: string, folder: string): Shot {
  const path = join(disk, 'snapshot');
  const begin = now();
  close(cloneFile(backing, path));
  const end = now();
  try {
    let listing: Listing;
    try {
      const mounted = mountAt(folder, 'snapshot', path, '-o', 'loop');
      listing = { begin, end, shows: filesIn(mounted) };
      unmount(mounted);
    } catch (error) {
      if (!(error instanceof MachineError)) throw error;
      return { listing: undefined, complaint: error.message };
    }
    try {
      runTool('e2fsck', '-fn', path);
      return { listing, complaint: undefined };
    } catch (error) {
      return { listing, complaint: (error as Error).message };
    }
  } finally {
    rmSync(path, { force: true });
  }
}

/** Every file in the writers' folders, by its name there. */
function filesIn(mounted: string): Map<string, number> {
  const shows = new Map<string, number>();
  for (const index of readdirSync(mounted).filter((name) => /^\d+$/.test(name))) {
    for (const name of readdirSync(join(mounted, index))) {
      shows.set(`${index}/${name}`, stateOf(readFileSync(join(mounted, index, name))));
    }
  }
  return shows;
}

function reportOf(shots: readonly Shot[], steps: readonly Step[]): Ext4Report {
  const complaints = shots.flatMap(({ complaint }) => complaint ?? []);
  const found = shots.flatMap(({ listing }) => {
    const findings = listing === undefined ? [] : checkFiles(steps, listing);
    return findings.length > 0 ? [{ listing: listing!, first: findings[0]! }] : [];
  });
  const unmountable = shots.filter(({ listing }) => listing === undefined).length;
  return {
    taken: shots.length,
    durable: steps.length,
    unmountable,
    unclean: complaints.length - unmountable,
    ...(complaints[0] === undefined ? {} : { complaint: complaints[0] }),
    wrong: found.length,
    ...(found[0] === undefined ? {} : { finding: tell(found[0].first, found[0].listing) }),
  };
}

function tell({ name, fault, step }: Finding, { begin }: Listing): string {
  const since =
    step === undefined
      ? 'nobody had made it'
      : `the last step before was durable ${((begin - step.durable) / 1e6).toFixed(1)} ms before the clone began`;
  return `${name} is ${fault} in a snapshot, and ${since}`;
}
