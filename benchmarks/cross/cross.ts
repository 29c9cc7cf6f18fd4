/**
 * `npm run bench:cross [-- WORKLOAD ...]`: does a job file mean to loopwq what it means to fio? Each file runs under fio and as
 * the reference row `raw`, on the same backing files, in interleaved pairs: IOPS as a ratio with its interval, and flushes
 * per thousand writes of both beside each other. Without names: the whole library.
 *
 * The counts of flushes are held to what the file asks for; ours must be exact, and where fio 3.33's are not the row says
 * so. Buffered rows compare io-wq with itself: fio's io_uring engine and `raw` both leave buffered writes to the kernel.
 */
import { mkdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { max, median, min } from 'simple-statistics';
import { InputError } from '../../datasets/errors.ts';
import { isOwnFile } from '../../datasets/fio.ts';
import { readHost } from '../../datasets/host.ts';
import type { Workload } from '../../datasets/workload.ts';
import { listWorkloads, loadWorkload } from '../../datasets/workloads.ts';
import {
  type BackingFile,
  closeBacking,
  makeFolder,
  openBacking,
  removeFolder,
  requireSpace,
  settleBacking,
  warmBacking,
} from '../../engine/backing.ts';
import { type Crew, closeCrew, openWorkload, startCrew } from '../../engine/crew.ts';
import { exitNow, mapMemory } from '../../engine/libc.ts';
import { runTrial } from '../../engine/trial.ts';
import { fioVersion, runFio } from '../floor/fio.ts';
import { leaveOnSignal } from '../leave-on-signal.ts';
import { inPairs } from '../pairs.ts';
import { bufferBytes, cgroupsOf, tagsOf } from '../plan.ts';
import { ratioInterval } from '../statistics/ratio-interval.ts';
import { topologyFor } from '../topology.ts';
import { engineFor, fioSide, forFio, noteOf, ourSide, type Side, slackOf } from './rows.ts';

const PAIRS = Number(process.env.LOOPWQ_CROSS_PAIRS ?? 9);
const BASE = 1;
const WIDTHS = [28, 9, 22, 22, 18, 7, 7];

function print(cells: readonly string[]): void {
  const padded = cells.map((cell, i) => (i < 2 ? cell.padEnd(WIDTHS[i]!) : cell.padStart(WIDTHS[i] ?? 0)));
  console.log(padded.join(' ').trimEnd());
}

/** Median and range of one side's rates. */
function rates(sides: readonly Side[]): string {
  const all = sides.map((side) => side.iops);
  const show = (iops: number): string => (iops < 10_000 ? iops.toFixed(0) : `${(iops / 1000).toFixed(1)}k`);
  return `${show(median(all))} (${show(min(all))}-${show(max(all))})`;
}

function flushesPerThousand(sides: readonly Side[]): string {
  const writes = sides.reduce((n, side) => n + side.writes, 0);
  const flushes = sides.reduce((n, side) => n + side.flushes, 0);
  return flushes === 0 ? '-' : ((1000 * flushes) / writes).toFixed(1);
}

/** One workload, direct or buffered: its pairs and its row. */
async function cross(
  crew: Crew,
  workload: Workload,
  direct: boolean,
  files: readonly BackingFile[],
  folder: string,
): Promise<void> {
  const engine = engineFor(workload);
  const text = forFio(readFileSync(workload.path, 'utf8'), engine, direct);
  const before = (): void => {
    settleBacking(files);
    if (!direct) warmBacking(files);
  };
  const ours = async (): Promise<Side> => {
    before();
    const { reports } = await runTrial(crew, workload.name, {
      backend: direct ? 'uring' : 'sync',
      direct,
      seed: 1,
      base: BASE,
      trial: BASE + 1,
      spin: 0,
      bufferBytes: bufferBytes(workload),
      history: undefined,
      files: files.map((file) => (direct ? file.direct : file.buffered)),
      runtimeLimit: 0,
      deadlineSeconds: 30,
    });
    const side = ourSide(workload, reports);
    if (Math.abs(side.flushes - side.asked) > slackOf(workload)) {
      throw new Error(
        `${workload.name}: ${side.flushes} flushes after ${side.writes} writes, not ${side.asked}`,
      );
    }
    return side;
  };
  const theirs = async (): Promise<Side> => {
    before();
    return fioSide(workload, runFio(text, folder));
  };
  const all = await inPairs(PAIRS, ours, theirs);
  const ratio = ratioInterval(
    all.theirs.map((side) => side.iops),
    all.ours.map((side) => side.iops),
  )!;
  const { interval } = ratio;
  const range = interval ? ` [${interval.low.toFixed(2)}, ${interval.high.toFixed(2)}]` : '';
  print([
    `${workload.name}, ${direct ? 'direct' : 'buffered'}`,
    engine,
    rates(all.ours),
    rates(all.theirs),
    `${ratio.value.toFixed(2)}${range}`,
    flushesPerThousand(all.ours),
    flushesPerThousand(all.theirs),
    ` ${noteOf(workload, engine, direct, all.theirs)}`,
  ]);
}

/** Files of a workload under the names that the job file gives them. */
function openFiles(workload: Workload, folder: string): BackingFile[] {
  return workload.files.map(({ name, bytes }, device) => {
    if (!isOwnFile(name)) throw new InputError(`${workload.path}: ${name} is no file of the bench's own`);
    const path = join(folder, name);
    mkdirSync(dirname(path), { recursive: true });
    return openBacking(path, bytes, device, BASE, true);
  });
}

/** All cells of a workload, in a folder of its own that is gone afterwards. */
async function crossWorkload(crew: Crew, workload: Workload, parent: string): Promise<void> {
  requireSpace(
    parent,
    workload.files.reduce((sum, file) => sum + file.bytes, 0),
  );
  const folder = join(parent, workload.name);
  mkdirSync(folder);
  const files = openFiles(workload, folder);
  try {
    const choice = { sockets: 1, cpusPerSocket: workload.jobs.length, virtual: true };
    const topology = topologyFor(choice, files.length, cgroupsOf(workload));
    await openWorkload(crew, workload.name, workload, topology, false);
    const modes = workload.direct === undefined ? [false, true] : [workload.direct];
    for (const direct of modes) await cross(crew, workload, direct, files, folder);
  } finally {
    for (const file of files) closeBacking(file);
    removeFolder(folder);
  }
}

async function main(): Promise<void> {
  const names = process.argv.slice(2);
  const workloads =
    names.length > 0
      ? names.map((name) => loadWorkload(name))
      : // fio has no clients.
        listWorkloads().filter(({ jobs }) => jobs.every((job) => job.client === undefined));
  const host = readHost(process.cwd());
  const fio = fioVersion();
  console.log(
    `${host.cpuModel}, ${host.cores} cores, Linux ${host.kernel}, ${host.fileSystem.split(' ')[0]}, Node ${host.node}, ${fio ?? 'no fio'}`,
  );
  if (fio === undefined) {
    console.log('skipped: fio is not installed (Debian: apt-get install fio)');
    return;
  }
  console.log(
    `${PAIRS} interleaved pairs, each as long as its job file says; IOPS as median (least-most), ratio raw / fio [95 %]`,
  );
  print(['', 'fio with', 'raw', 'fio', 'ratio', 'flushes', 'per 1,000 writes: raw, fio']);
  const data = mapMemory(Math.max(...workloads.map((workload) => tagsOf(workload) * bufferBytes(workload))));
  const submitters = Math.max(...workloads.map((workload) => workload.jobs.length));
  const parent = makeFolder(process.cwd());
  process.on('exit', () => removeFolder(parent));
  let crew: Crew | undefined;
  try {
    crew = await startCrew(undefined, submitters, 0, data, mapMemory(4096));
    for (const workload of workloads) await crossWorkload(crew, workload, parent);
  } finally {
    if (crew) await closeCrew(crew);
    removeFolder(parent);
  }
}

leaveOnSignal();
await main().then(
  () => exitNow(0),
  (error: Error) => {
    console.error(error instanceof InputError ? error.message : error.stack);
    exitNow(1);
  },
);
