/**
 * `npm run bench:floor`: how much of what loopwq measures is loopwq itself. Each of our figures stands beside its peer,
 * in interleaved pairs of one run; the interval's lower bound is what counts.
 *
 * - our ring against fio's io_uring engine, on the same file, O_DIRECT and page cache;
 * - the null backend, recording on, beside fio's null engine;
 * - submitter -> queue -> `sync` worker beside the real /dev/loop on the same file.
 */
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { median } from 'simple-statistics';
import { readHost } from '../../datasets/host.ts';
import type { BackendName } from '../../datasets/schema.ts';
import type { Workload } from '../../datasets/workload.ts';
import {
  closeBacking,
  makeFolder,
  openBacking,
  removeFolder,
  requireSpace,
  warmBacking,
} from '../../engine/backing.ts';
import { type Crew, closeCrew, openWorkload, startCrew } from '../../engine/crew.ts';
import { close, exitNow, mapMemory, O_DIRECT, O_RDONLY, open } from '../../engine/libc.ts';
import { detachLoopsUnder, whyNoLoop } from '../../engine/loop-device.ts';
import { runTrial } from '../../engine/trial.ts';
import { historyBytes } from '../../ordering/history.ts';
import { parseDesign } from '../designs.ts';
import { leaveOnSignal } from '../leave-on-signal.ts';
import { inPairs } from '../pairs.ts';
import { historySize } from '../plan.ts';
import { ratioInterval } from '../statistics/ratio-interval.ts';
import { topologyFor } from '../topology.ts';
import { fioReadIops, fioVersion } from './fio.ts';

const PAIRS = Number(process.env.LOOPWQ_FLOOR_PAIRS ?? 9);
const SECONDS = Number(process.env.LOOPWQ_FLOOR_SECONDS ?? 1);
const FILE_BYTES = 256 * 2 ** 20;
const DEPTHS = [1, 8, 32, 128];
const BASE = 1;
const SPIN = 2000;
const BUFFER = 4096;

/** One submitter, 4 KiB random reads. */
function reads(name: string, iodepth: number): Workload {
  return {
    name,
    path: name,
    summary: '',
    direct: false,
    files: [{ name: 'disk', bytes: FILE_BYTES }],
    unitBytes: BUFFER,
    jobs: [
      {
        name: 'reader',
        pattern: 'randread',
        readPercent: 100,
        bs: BUFFER,
        size: FILE_BYTES,
        files: [0],
        iodepth,
        fsync: 0,
        dataSync: false,
        runtime: SECONDS,
        count: 0,
        randseed: 1,
      },
    ],
  };
}

const workloads = DEPTHS.map((depth) => reads(`qd${depth}`, depth));
const history = new SharedArrayBuffer(
  Math.max(...workloads.map(historySize).map((h) => historyBytes(h.submitters, h.rowsEach, h.seenEach))),
);

async function startFor(name: string): Promise<Crew> {
  const design = parseDesign(name);
  const data = mapMemory(Math.max(...DEPTHS) * BUFFER);
  const crew = await startCrew(design.crew, 1, design.crew ? 1 : 0, data, mapMemory(4096));
  const topology = topologyFor({ sockets: 1, cpusPerSocket: 2, virtual: true }, 1, 1);
  for (const workload of workloads)
    await openWorkload(crew, workload.name, workload, topology, design.crew !== undefined);
  return crew;
}

async function iops(
  crew: Crew,
  depth: number,
  backend: BackendName,
  fd: number,
  recording: boolean,
  direct = false,
): Promise<number> {
  const workload = workloads[DEPTHS.indexOf(depth)]!;
  const { reports } = await runTrial(crew, workload.name, {
    backend,
    direct,
    seed: 1,
    base: BASE,
    trial: BASE + 1,
    spin: SPIN,
    bufferBytes: BUFFER,
    history: recording ? { buffer: history, ...historySize(workload) } : undefined,
    files: [fd],
    runtimeLimit: 0,
    deadlineSeconds: 30,
  });
  const { start, end, inWindow, failure } = reports[0]!;
  if (failure) throw new Error(`the read at ${failure.offset} returned ${failure.result}`);
  return inWindow / ((end - start) / 1e9);
}

/** Measures two sides in turn and prints both with the ratio ours / theirs. */
async function pair(
  title: string,
  ours: () => Promise<number>,
  peer: string,
  theirs: () => Promise<number>,
  show: (iops: number) => string,
): Promise<void> {
  const { ours: a, theirs: b } = await inPairs(PAIRS, ours, theirs);
  const ratio = ratioInterval(b, a);
  if (!ratio) throw new Error(`${title}: no pair could be measured`);
  const { value, interval } = ratio;
  const range = interval ? `[${interval.low.toFixed(2)}, ${interval.high.toFixed(2)}]` : '';
  console.log(
    `${title.padEnd(44)} ${show(median(a)).padStart(12)}   ${peer.padEnd(24)} ${show(median(b)).padStart(12)}   ` +
      `${value.toFixed(2)} ${range}`,
  );
}

const kilo = (value: number): string => `${(value / 1000).toFixed(1)}k`;
const nanoseconds = (value: number): string => `${(1e9 / value).toFixed(0)} ns`;

async function main(): Promise<void> {
  const host = readHost(process.cwd());
  const fio = fioVersion();
  console.log(
    `${host.cpuModel}, ${host.cores} cores, Linux ${host.kernel}, ${host.fileSystem.split(' ')[0]}, Node ${host.node}, ${fio ?? 'no fio'}`,
  );
  console.log(
    `4 KiB random reads, ${PAIRS} interleaved pairs of ${SECONDS} s, spin ${SPIN}, one submitter; in the rows with a worker it is pinned to core 0, the worker to core 1`,
  );
  console.log(
    `${''.padEnd(44)} ${'loopwq'.padStart(12)}   ${'peer'.padEnd(24)} ${''.padStart(12)}   ratio of IOPS [95 %]`,
  );
  requireSpace(process.cwd(), FILE_BYTES);
  const folder = makeFolder(process.cwd());
  process.on('exit', () => {
    if (whyNoLoop() === undefined) detachLoopsUnder(folder);
    removeFolder(folder);
  });
  const path = join(folder, 'disk');
  const file = openBacking(path, FILE_BYTES, 0, BASE, true);
  const crews: Crew[] = [];
  let loop: string | undefined;
  try {
    const raw = await startFor('raw');
    const queued = await startFor('single-wq');
    crews.push(raw, queued);
    if (fio === undefined)
      console.log('fio rows: skipped, fio is not installed (Debian: apt-get install fio)');
    else {
      const peer = (direct: boolean) => async (): Promise<number> =>
        fioReadIops({
          filename: path,
          ioengine: 'io_uring',
          direct,
          iodepth: 32,
          bytes: FILE_BYTES,
          seconds: SECONDS,
        });
      await pair(
        'ring, O_DIRECT, QD32',
        () => iops(raw, 32, 'uring', file.direct, false, true),
        'fio io_uring',
        peer(true),
        kilo,
      );
      warmBacking([file]);
      await pair(
        'ring, page cache, QD32',
        () => iops(raw, 32, 'uring', file.buffered, false),
        'fio io_uring',
        peer(false),
        kilo,
      );
      await pair(
        'ring, page cache, QD32, recording',
        () => iops(raw, 32, 'uring', file.buffered, true),
        'fio io_uring',
        peer(false),
        kilo,
      );
      const none = async (): Promise<number> =>
        fioReadIops({ ioengine: 'null', direct: false, iodepth: 32, bytes: 2 ** 30, seconds: SECONDS });
      await pair(
        'null backend, QD32, recording',
        () => iops(queued, 32, 'null', 0, true),
        'fio null',
        none,
        nanoseconds,
      );
      await pair(
        'null backend, QD32',
        () => iops(queued, 32, 'null', 0, false),
        'fio null',
        none,
        nanoseconds,
      );
    }
    const noLoop = whyNoLoop();
    if (noLoop !== undefined) console.log(`/dev/loop rows: skipped, ${noLoop}`);
    else {
      loop = execFileSync('losetup', ['-f', '--show', path], { encoding: 'utf8' }).trim();
      const fd = open(loop, O_RDONLY | O_DIRECT);
      warmBacking([file]);
      for (const depth of DEPTHS) {
        await pair(
          `sync worker, page cache, QD${depth}, recording`,
          () => iops(queued, depth, 'sync', file.buffered, true),
          `/dev/loop, QD${depth}`,
          () => iops(raw, depth, 'uring', fd, true, true),
          kilo,
        );
      }
      close(fd);
    }
  } finally {
    if (loop) execFileSync('losetup', ['-d', loop]);
    closeBacking(file);
    await Promise.all(crews.map(closeCrew));
    removeFolder(folder);
  }
}

leaveOnSignal();
await main().then(
  () => exitNow(0),
  (error: Error) => {
    console.error(error.stack);
    exitNow(1);
  },
);
