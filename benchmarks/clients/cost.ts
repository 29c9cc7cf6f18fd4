/** The clients on a real disk, under each rule for a FLUSH: transactions, IOPS and the time of a commit, round by round. */
import { median } from 'simple-statistics';
import type { LatencyRecord, TrialRecord } from '../../datasets/schema.ts';
import { loadWorkload } from '../../datasets/workloads.ts';
import type { Client } from '../../ordering/clients/client.ts';
import {
  addRecoveries,
  emptyRecovery,
  type RecoveryReport,
  recoveryOf,
} from '../../ordering/clients/recovery.ts';
import { parseDesign } from '../designs.ts';
import { latencyRecord, mergeLatencies } from '../latency.ts';
import { measure } from '../measure.ts';
import type { Cell } from '../plan.ts';
import { type Ratio, ratioInterval } from '../statistics/ratio-interval.ts';
import { commitsOf } from './commits.ts';
import { playersOf } from './players.ts';

/** Crash states of one trial at most, about. */
const BUDGET = 2 ** 15;
/** Those of windows that are tried whole. */
const EXHAUSTIVE = 2 ** 18;
/** The machine that is played has a CPU for each thread of a file system, and one more, on two sockets. */
const CPUS = 4;

/** One row of the cost table: a design under a client, direct or buffered, beside the first design. */
export interface Cost {
  client: string;
  direct: boolean;
  design: string;
  /** Medians over rounds, a second. */
  transactions: number;
  iops: number;
  /** To the first design, by round. */
  transactionsRatio: Ratio | undefined;
  iopsRatio: Ratio | undefined;
  /** Nanoseconds, of all rounds together; undefined where they are too few for that percentile. */
  p50: number | undefined;
  p99: number | undefined;
  /** To the first design, by round; undefined where the rounds have too few each. */
  p99Ratio: Ratio | undefined;
  recovery: RecoveryReport;
}

interface Trial {
  record: TrialRecord;
  commits: LatencyRecord | undefined;
  transactions: number;
  recovery: RecoveryReport;
}

/** Runs every design on every client, direct and buffered, in one interleaved run. */
export async function costsOf(
  clients: readonly Client[],
  designs: readonly string[],
  rounds: number,
  runtime: number,
): Promise<Cost[]> {
  const cells = clients.flatMap(({ name }) =>
    [false, true].map((direct): Cell => {
      const workload = loadWorkload(name);
      const jobs = workload.jobs.map((job) => ({ ...job, runtime }));
      return { workload: { ...workload, jobs }, direct, backend: direct ? 'uring' : 'sync' };
    }),
  );
  const trials: Trial[] = [];
  const records = await measure({
    cells,
    designs,
    rounds,
    label: 'clients on the disk',
    recording: true,
    submitters: CPUS,
    history(record, history, world) {
      const { workload } = cells.find((cell) => cell.workload.name === record.workload)!;
      const players = playersOf(workload);
      const commits = commitsOf(history, players);
      trials.push({
        record,
        commits: latencyRecord(commits),
        transactions: commits.length / record.metrics.seconds,
        recovery: recoveryOf(history, world, players, {
          budget: BUDGET,
          exhaustive: EXHAUSTIVE,
          seed: record.seed >>> 0,
        }),
      });
    },
  });
  const failed = records.find((record) => record.failure !== undefined);
  if (failed) throw new Error(`${failed.design}, ${failed.workload}: ${failed.failure}`);
  const names = designs.map((text) => parseDesign(text).name);
  return cells.flatMap(({ workload, direct }) =>
    names.map((design) => {
      const of = (name: string): (Trial | undefined)[] =>
        Array.from({ length: rounds }, (_, round) =>
          trials.find(
            ({ record: r }) =>
              r.workload === workload.name && r.direct === direct && r.design === name && r.round === round,
          ),
        );
      return costOf(workload.name, direct, design, of(names[0]!), of(design));
    }),
  );
}

function costOf(
  client: string,
  direct: boolean,
  design: string,
  base: readonly (Trial | undefined)[],
  own: readonly (Trial | undefined)[],
): Cost {
  const ratio = (of: (trial: Trial) => number | undefined): Ratio | undefined => {
    const each = (trials: typeof own): (number | undefined)[] =>
      trials.map((trial) => (trial && of(trial)) || undefined);
    return ratioInterval(each(base), each(own));
  };
  const p99 = ({ commits }: Trial): number | undefined =>
    commits && mergeLatencies([commits]).percentile(0.99);
  const had = own.filter((trial) => trial !== undefined);
  const commits = mergeLatencies(had.flatMap(({ commits }) => commits ?? []));
  return {
    client,
    direct,
    design,
    transactions: median(had.map(({ transactions }) => transactions)),
    iops: median(had.map(({ record }) => record.metrics.iops)),
    transactionsRatio: ratio(({ transactions }) => transactions),
    iopsRatio: ratio(({ record }) => record.metrics.iops),
    p50: commits.percentile(0.5),
    p99: commits.percentile(0.99),
    p99Ratio: ratio(p99),
    recovery: had.reduce((sum, { recovery }) => addRecoveries(sum, recovery), emptyRecovery()),
  };
}
