/**
 * What the harness itself costs: the null backend with recording and stamping on against off, in interleaved pairs of
 * one crew, one submitter and one worker.
 */
import { median } from 'simple-statistics';
import type { Host } from '../datasets/schema.ts';
import type { Workload } from '../datasets/workload.ts';
import { runTrial } from '../engine/trial.ts';
import { parseDesign } from './designs.ts';
import { bufferBytes, historySize, type RunPlan, settingsFor } from './plan.ts';
import { descriptorsOf, giveBack, takeResources } from './resources.ts';
import { orderStatisticInterval } from './statistics/order-statistic-interval.ts';

export interface RecordingCost {
  /** Median over pairs of (on - off), nanoseconds an operation, with the exact interval of 7 pairs, which covers 98 %. */
  nanoseconds: number;
  low: number;
  high: number;
  /** Medians of each side. */
  on: number;
  off: number;
  pairs: number;
  spin: number;
}

const PAIRS = 7;
const SECONDS = 0.03;

/** Random writes of 4 KiB, depth 32: every operation is stamped. */
const WORKLOAD: Workload = {
  name: 'recording-cost',
  path: 'recording-cost',
  summary: '',
  direct: false,
  files: [{ name: 'none', bytes: 2 ** 26 }],
  unitBytes: 4096,
  jobs: [
    {
      name: 'writer',
      pattern: 'randwrite',
      readPercent: 0,
      bs: 4096,
      size: 2 ** 26,
      files: [0],
      iodepth: 32,
      fsync: 0,
      dataSync: false,
      runtime: SECONDS,
      count: 0,
      randseed: 1,
    },
  ],
};

/** Undefined when `signal` came first. */
export async function recordingCost(
  of: RunPlan,
  host: Host,
  signal: AbortSignal,
): Promise<RecordingCost | undefined> {
  const plan: RunPlan = {
    ...of,
    cells: [{ workload: WORKLOAD, direct: false, backend: 'null' }],
    designs: [parseDesign('single-wq')],
    recording: true,
  };
  const settings = settingsFor(plan, host.cores);
  const resources = await takeResources(plan, settings, 1, () => {});
  try {
    const size = historySize(WORKLOAD);
    const nsPerOp = async (recording: boolean): Promise<number> => {
      const { reports } = await runTrial(resources.crews[0]!, WORKLOAD.name, {
        backend: 'null',
        direct: false,
        seed: of.seed,
        base: 1,
        trial: 2,
        spin: settings.spin,
        bufferBytes: bufferBytes(WORKLOAD),
        history: recording ? { buffer: resources.history, ...size } : undefined,
        files: descriptorsOf(resources, plan.cells[0]!, plan.designs[0]!),
        runtimeLimit: 0,
        deadlineSeconds: of.deadlineSeconds,
        signal,
      });
      const { start, end, inWindow } = reports[0]!;
      return (end - start) / Math.max(1, inWindow);
    };
    for (let i = 0; i < 3; i++) await nsPerOp(i % 2 === 0);
    const on: number[] = [];
    const off: number[] = [];
    for (let pair = 0; pair < PAIRS; pair++) {
      if (signal.aborted) return undefined;
      // Which side goes first alternates, so that a drift of the machine's speed falls on both.
      for (const recording of pair % 2 === 0 ? [true, false] : [false, true]) {
        (recording ? on : off).push(await nsPerOp(recording));
      }
    }
    const differences = on.map((value, i) => value - off[i]!);
    const { low, high } = orderStatisticInterval(differences);
    return {
      nanoseconds: median(differences),
      low,
      high,
      on: median(on),
      off: median(off),
      pairs: PAIRS,
      spin: settings.spin,
    };
  } finally {
    await giveBack(resources);
  }
}
