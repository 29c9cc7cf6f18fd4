/** Records for every chart: small, and each with the data of one chart alone, so that a test sees what it draws. */
import { latencyRecord } from '../../benchmarks/latency.ts';
import { latencyGrid } from '../../benchmarks/latency-grid.ts';
import type { TrialRecord } from '../../datasets/schema.ts';
import { type Difference, latencies, thread, trial, verdict } from '../benchmarks/trials.ts';

const DESIGNS = ['single-wq', 'n-wq:4', 'steal:4'];

/** Three rounds of three designs; a design is half as fast again as the one before it. */
export function rounds(difference: (round: number, at: number) => Difference): TrialRecord[] {
  return [0, 1, 2].flatMap((round) =>
    DESIGNS.map((design, at) =>
      trial({
        design,
        round,
        started: `2025-01-01T00:0${round}:0${at}.000Z`,
        latency: { write: latencyRecord(latencies(10 * round + at, 400, 1e6 / 1.5 ** at))! },
        ...difference(round, at),
      }),
    ),
  );
}

/** IOPS of a design in a round. */
export const speed = (round: number, at: number): number => 1000 * 1.5 ** at * (1 + 0.1 * round);

const series = (name: string, steps: readonly number[], load: (step: number) => TrialRecord['load']) =>
  steps.flatMap((step) =>
    rounds((round, at) => ({
      workload: `${name}-${step}`,
      load: load(step)!,
      metrics: { iops: speed(round, at) * Math.sqrt(step), submitters: load(step)!.submitters },
    })),
  );

export const scale = () =>
  series('scale', [1, 2, 8], (submitters) => ({ submitters, depth: 8 * submitters }));
export const depth = () => series('depth', [1, 16], (deep) => ({ submitters: 4, depth: 4 * deep }));
export const rate = () => series('rate', [1000, 16_000], (rate) => ({ submitters: 4, depth: 256, rate }));

/** Flushes on a grid of time and latency, 40 in each trial. */
export function grids(): TrialRecord[] {
  return rounds((round, at) => {
    const at40 = Float64Array.from({ length: 40 }, (_, i) => i * 5e6);
    const values = latencies(7 * round + at, 40, 3e6);
    return { grid: latencyGrid('flush', at40, values, 40) };
  });
}

/** Half a second of warm-up, then one second, in windows of a tenth. */
export function overTime(): TrialRecord[] {
  return rounds((round, at) => ({
    series: {
      seconds: 0.1,
      operations: Array.from({ length: 15 }, (_, i) =>
        Math.round((speed(round, at) / 10) * (i < 5 ? 0.5 : 1)),
      ),
      warmUp: 0.5,
      steady: at !== 2,
    },
  }));
}

export function commits(): TrialRecord[] {
  return ['4a6f0c1d2e9b8a7f6c5d', '8b2e1f90aa11bb22cc33-dirty'].flatMap((revision, run) =>
    rounds((round, at) => ({
      run: `run ${run}`,
      revision,
      started: `2025-01-0${2 - run}T00:0${round}:00.000Z`,
      metrics: { iops: speed(round, at) * (1 + run) },
    })),
  );
}

export function step(): TrialRecord[] {
  const designs = [
    ['blk-flush>blkcg:1', 1000, false],
    ['blk-flush>blkcg:4', 1500, false],
    ['kernel-loop:cgroups=1', 2000, true],
    ['kernel-loop:cgroups=4', 2400, true],
  ] as const;
  return ['flush-heavy', 'mixed'].flatMap((workload, w) =>
    [0, 1, 2].flatMap((round) =>
      designs.map(([design, iops, reference]) =>
        trial({
          workload,
          direct: w === 0,
          design,
          round,
          reference,
          metrics: { iops: iops * (1 + 0.1 * round * w) },
        }),
      ),
    ),
  );
}

/** n-wq:4 lets a write escape, which breaks `submitted` and `barrier`; steal:4 claims `dependent` and breaks it. */
export function violations(): TrialRecord[] {
  const escaped = {
    sentence: 'WRITE of block 7 began only at 30.0 us: a crash in between loses it.',
    rows: [1, 2],
    crossesQueues: true,
    operations: [
      {
        kind: 'WRITE',
        submitter: 2,
        queue: 1,
        worker: 1,
        unit: 7,
        units: 1,
        sb: 10,
        se: 11,
        st: 30,
        co: 31,
        ak: 32,
      },
      {
        kind: 'FLUSH',
        submitter: 1,
        queue: 0,
        worker: 0,
        unit: 0,
        units: 0,
        sb: 12,
        se: 13,
        st: 14,
        co: 24,
        ak: 25,
      },
      { kind: 'FSYNC', submitter: 0, queue: 2, worker: 2, unit: 0, units: 0, sb: 9, se: 9, st: 9.5, co: 20 },
    ],
  };
  const turned = {
    sentence: 'WRITE of block 9 began before an earlier one.',
    rows: [3, 4],
    crossesQueues: false,
    operations: [
      {
        kind: 'WRITE',
        submitter: 0,
        queue: 0,
        worker: 0,
        unit: 9,
        units: 2,
        sb: 50,
        se: 51,
        st: 60,
        co: 61,
        ak: 62,
      },
      { kind: 'WRITE', submitter: 1, unit: 9, units: 2, sb: 52, se: 53 },
    ],
  };
  return rounds((_, at) =>
    at === 1
      ? {
          verdicts: {
            submitted: { ...verdict(7, 0, 3), witness: escaped },
            barrier: { ...verdict(6, 0, 4), witness: escaped },
          },
        }
      : at === 2
        ? { claims: ['dependent'], verdicts: { dependent: { ...verdict(1, 2, 0), witness: turned } } }
        : {},
  );
}

/** What draws each chart. */
export const SAMPLES: Record<string, () => TrialRecord[]> = {
  ratio: thread,
  'flush-tail': thread,
  cost: thread,
  percentiles: thread,
  'heat-map': grids,
  scaling: scale,
  'offered-load': rate,
  'trade-off': depth,
  trials: thread,
  'steady-state': overTime,
  history: commits,
  fidelity: step,
  witness: violations,
};

/** One result that draws every chart. */
export function everything(): TrialRecord[] {
  const named = Object.entries({ grids, overTime, commits, step, violations }).flatMap(([name, make]) =>
    make().map((record) => ({ ...record, workload: name === 'step' ? record.workload : name })),
  );
  return [...thread(), ...named, ...scale(), ...depth(), ...rate()];
}
