/**
 * `npm run bench:fidelity`: how far the model's ratios can be believed. An unpatched kernel holds a natural experiment: its
 * loop driver gives each blkio cgroup a worker, so the real /dev/loopN with 1 against 4 cgroups takes the same step as the
 * model's `blk-flush>blkcg:1` against `blk-flush>blkcg:4`. Both ratios are measured in one run, cell by cell.
 *
 * Second table: FLUSHes that reach the driver for each fsync requested. The block layer in front of the kernel's driver merges
 * them, and so does `blk-flush` in front of the model.
 */
import { median, sampleRankCorrelation } from 'simple-statistics';
import { parseJobFile } from '../../datasets/fio.ts';
import { readHost } from '../../datasets/host.ts';
import type { Pattern, Workload } from '../../datasets/workload.ts';
import { exitNow } from '../../engine/libc.ts';
import { parseDesign } from '../designs.ts';
import { whyNot } from '../kernel-loop.ts';
import { leaveOnSignal } from '../leave-on-signal.ts';
import { measure, showRatio } from '../measure.ts';
import type { Cell } from '../plan.ts';
import { STEP, type Step, stepOf } from './step.ts';

const ROUNDS = Number(process.env.LOOPWQ_FIDELITY_ROUNDS ?? 9);
const RUNTIME = process.env.LOOPWQ_FIDELITY_RUNTIME ?? '250ms';

interface Measured extends Step {
  name: string;
  direct: boolean;
}

function workload(name: string, jobs: number, rw: Pattern, extra: string): Workload {
  const text = [
    '[global]',
    `rw=${rw}`,
    'bs=4k',
    'filename=disk',
    'size=64m',
    'iodepth=8',
    'time_based',
    `runtime=${RUNTIME}`,
    extra,
    '[job]',
    `numjobs=${jobs}`,
  ].join('\n');
  return parseJobFile(text, `${name}.fio`);
}

/** buffered and direct x the three patterns x written and sparse file. */
function cells(): Cell[] {
  const patterns: [string, Pattern, string][] = [
    ['randread', 'randread', ''],
    ['randwrite', 'randwrite', ''],
    ['randwrite+fsync=32', 'randwrite', 'fsync=32'],
  ];
  return patterns.flatMap(([name, rw, extra]) =>
    [false, true].flatMap((sparse) =>
      [false, true].map((direct): Cell => {
        const title = `${name}, ${sparse ? 'sparse' : 'written'}`;
        return {
          workload: { ...workload('fidelity', 4, rw, extra), name: title },
          direct,
          backend: direct ? 'uring' : 'sync',
          sparse,
        };
      }),
    ),
  );
}

async function main(): Promise<void> {
  const noLoop = whyNot(parseDesign('kernel-loop'));
  if (noLoop !== undefined) {
    console.log(`bench:fidelity: skipped, ${noLoop}`);
    return;
  }
  const host = readHost(process.cwd());
  console.log(
    `${host.cpuModel}, ${host.cores} cores, Linux ${host.kernel}, ${host.fileSystem.split(' ')[0]}; 4 jobs, 4 KiB, iodepth 8, ` +
      `${ROUNDS} shuffled rounds of ${RUNTIME}; ratio of IOPS with 4 cgroups to those with 1\n`,
  );
  const noCgroups = whyNot(parseDesign('kernel-loop:cgroups=4'));
  if (noCgroups === undefined) await steps();
  else console.log(`the step from 1 to 4 cgroups: skipped, ${noCgroups}`);
  await coalescing();
}

/** The kernel's step beside the model's, cell by cell. Sparse files hold no stamps, so nothing is recorded. */
async function steps(): Promise<void> {
  const all = cells();
  const measured: Measured[] = [];
  // A run keeps one file per workload; each cell is a run of its own so that written and sparse files do not meet.
  for (const cell of all) {
    const records = await measure({
      cells: [cell],
      designs: [...STEP.model, ...STEP.kernel],
      rounds: ROUNDS,
      label: cell.workload.name,
      recording: false,
      submitters: 16,
    });
    const step = stepOf(records);
    if (step) measured.push({ name: cell.workload.name, direct: cell.direct, ...step });
  }
  console.log('| cell | kernel 1 -> 4 | model 1 -> 4 | model / kernel |\n|---|---|---|---|');
  for (const { name, direct, kernel, model } of measured) {
    const cell = `${direct ? 'direct' : 'buffered'}, ${name}`;
    console.log(
      `| ${cell} | ${showRatio(kernel)} | ${showRatio(model)} | ${(model.value / kernel.value).toFixed(2)} |`,
    );
  }
  const kernels = measured.map((step) => step.kernel.value);
  const models = measured.map((step) => step.model.value);
  const errors = measured.map((step) => Math.abs(step.model.value / step.kernel.value - 1));
  console.log(
    `\nrank correlation ${sampleRankCorrelation(kernels, models).toFixed(2)} (goal 0.9), ` +
      `median error of the ratios ${(100 * median(errors)).toFixed(0)} % (goal 25 %), ${measured.length} cells`,
  );
}

/** FLUSHes at the driver for each fsync requested, fsync=1 with 1, 4 and 16 jobs. */
async function coalescing(): Promise<void> {
  console.log(
    '\n| jobs, fsync=1 | kernel, buffered | kernel, direct | model, buffered | model, direct |\n|---|---|---|---|---|',
  );
  for (const jobs of [1, 4, 16]) {
    const load = workload('fsync', jobs, 'randwrite', 'fsync=1');
    const columns: string[] = [];
    const records = await measure({
      cells: [
        { workload: load, direct: false, backend: 'sync' },
        { workload: load, direct: true, backend: 'uring' },
      ],
      designs: ['blk-flush>blkcg:0', 'kernel-loop'],
      rounds: ROUNDS,
      label: `fsync=1, ${jobs} jobs`,
      recording: true,
      submitters: 16,
    });
    for (const design of ['kernel-loop', 'blk-flush>blkcg:0']) {
      for (const direct of [false, true]) {
        const trials = records.filter((r) => r.design === design && r.direct === direct);
        const perFlush = trials.map((r) => r.metrics.fsyncs / Math.max(1, r.metrics.flushes));
        columns.push(
          `${median(perFlush).toFixed(2)} (${Math.min(...perFlush).toFixed(2)}-${Math.max(...perFlush).toFixed(2)})`,
        );
      }
    }
    console.log(`| ${jobs} | ${columns.join(' | ')} |`);
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
