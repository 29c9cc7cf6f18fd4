import { latencyRecord } from '../../benchmarks/latency.ts';
import { seededRandom } from '../../benchmarks/statistics/seeded-random.ts';
import { SCHEMA, SCHEMA_VERSION, type TrialRecord } from '../../datasets/schema.ts';
import { CONTRACTS, type Contract, type Verdict, type Verdicts } from '../../ordering/contracts.ts';

/** What a test wants to differ from `trial()`; nested objects are merged field by field. */
export type Difference = Partial<
  Omit<TrialRecord, 'metrics' | 'verdicts' | 'host' | 'settings' | 'topology'>
> & {
  metrics?: Partial<TrialRecord['metrics']>;
  verdicts?: Partial<Record<Contract, Partial<Verdict>>>;
  host?: Partial<TrialRecord['host']>;
  settings?: Partial<TrialRecord['settings']>;
  topology?: Partial<TrialRecord['topology']>;
};

/** One record: round 0 of `single-wq`, 900 writes and 100 flushes in a second, nothing asserted. */
export function trial(difference: Difference = {}): TrialRecord {
  const { metrics, verdicts, host, settings, topology, ...rest } = difference;
  return {
    schema: SCHEMA,
    version: SCHEMA_VERSION,
    run: 'run-1',
    round: 0,
    position: 0,
    design: 'single-wq',
    reference: false,
    parameters: {},
    claims: [],
    workload: 'randwrite-fsync',
    direct: true,
    backend: 'uring',
    seed: 1,
    started: '2025-01-01T00:00:00.000Z',
    latency: {},
    ...rest,
    topology: { sockets: 1, cpus: 2, virtual: false, ...topology },
    host: {
      hostname: 'host',
      kernel: '6.18',
      cpuModel: 'cpu',
      cores: 2,
      sockets: 1,
      memoryBytes: 2 ** 33,
      node: 'v20.20.2',
      loopwq: '0.1.0',
      fileSystem: 'ext4 rw,relatime',
      clockSource: 'tsc',
      ...host,
    },
    settings: { spin: 200, pinned: true, recording: true, ...settings },
    metrics: {
      seconds: 1,
      reads: 0,
      writes: 900,
      flushes: 100,
      fsyncs: 100,
      iops: 900,
      bytes: 900 * 4096,
      cpuSystemUs: 20_000,
      cpuTasksUs: 10_000,
      switchesSystem: 3000,
      switchesTasks: 1000,
      ioWqThreads: 0,
      submitters: 2,
      workers: 1,
      cut: false,
      ...metrics,
      operations:
        metrics?.operations ?? (metrics?.reads ?? 0) + (metrics?.writes ?? 900) + (metrics?.flushes ?? 100),
    },
    verdicts: Object.fromEntries(
      CONTRACTS.map((contract) => [contract, { ...verdict(0, 0, 0), ...verdicts?.[contract] }]),
    ) as Verdicts,
  };
}

export function verdict(proved: number, unproved: number, lost: number): Verdict {
  return { proved, unproved, lost, notExercised: 0 };
}

/** Seeded log-normal latencies around a median in nanoseconds: a Box-Muller pair an entry. */
export function latencies(seed: number, n: number, medianNs: number, spread = 0.5): Float64Array {
  const random = seededRandom(seed);
  return Float64Array.from({ length: n }, () => {
    const normal = Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
    return Math.round(medianNs * Math.exp(spread * normal));
  });
}

/**
 * Five rounds of three designs and a reference, in an order that changes from round to round: what the golden
 * table shows. n-wq claims `submitted` and loses it, steal breaks what it does not claim and fails once.
 */
export function thread(): TrialRecord[] {
  const designs = ['raw', 'single-wq', 'blk-flush>n-wq:4+quiesce+range-lock', 'steal:4'];
  const speed = [1.3, 1, 1.82, 2.1];
  const records: TrialRecord[] = [];
  for (let round = 0; round < 5; round++)
    for (let position = 0; position < designs.length; position++) {
      const at = (position + round) % designs.length;
      records.push(member(designs[at]!, at, speed[at]! * (1 + 0.02 * ((round * 7 + at * 3) % 5)), round));
    }
  return records;
}

function member(design: string, at: number, speed: number, round: number): TrialRecord {
  const writes = Math.round(12_000 * speed);
  const flushes = at === 0 ? 60 : Math.round(writes / 32);
  const seed = round * 10 + at;
  const lost = at === 2 && round > 1;
  return trial({
    design,
    round,
    reference: at === 0,
    claims:
      at === 0
        ? []
        : at === 1
          ? ['integrity', 'completed', 'progress']
          : ['integrity', 'submitted', 'progress'],
    latency: {
      write: latencyRecord(latencies(seed, writes, 620_000 / speed))!,
      flush: latencyRecord(latencies(seed + 1000, flushes, 3_100_000 / speed))!,
    },
    metrics: {
      writes,
      flushes,
      fsyncs: flushes,
      iops: writes,
      cpuSystemUs: writes * (22 - 3 * at),
      cpuTasksUs: writes * (14 - 2 * at),
      switchesSystem: writes * (2.1 - 0.3 * at),
      switchesTasks: writes * 0.9,
      ioWqThreads: at === 2 ? 3 : 0,
      workers: [0, 1, 4, 4][at]!,
      submitters: 8,
    },
    verdicts:
      at === 0
        ? {}
        : {
            integrity: verdict(writes, 0, 0),
            completed: verdict(flushes, 0, 0),
            submitted:
              at === 1
                ? verdict(0, 0, 0)
                : {
                    ...verdict(flushes - 9, 7, lost || at === 3 ? 2 : 0),
                    witness: {
                      sentence: `FLUSH #${41 + round} (queue 0) was acknowledged at 5,114.2 us while WRITE #${37 + round} (queue ${lost ? 2 : 0}), submitted at 1,020.7 us, began at 5,120.9 us: no fsync after it.`,
                      rows: [37 + round, 41 + round],
                      crossesQueues: lost,
                    },
                  },
            barrier:
              at === 3
                ? {
                    ...verdict(3, 0, 12),
                    witness: { sentence: 'WRITE #9 passed FLUSH #8.', rows: [8, 9], crossesQueues: true },
                  }
                : {},
            progress: verdict(writes + flushes, 0, 0),
          },
    ...(at === 3 && round === 2 ? { failure: 'nothing completed for 5 s' } : {}),
  });
}
