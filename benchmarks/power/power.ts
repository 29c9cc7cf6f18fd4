/**
 * `npm run bench:power`: can the gate be believed on this machine? A hundred comparisons of a design with itself, and with itself slowed down by 10 %, on the
 * null backend. How many find something in the first (5 at most are allowed), and how many find the second (90 are asked for)?
 *
 * New threads begin after every five comparisons: two crews of the same code differ by a few per cent for as long as they live (how V8
 * compiled them, where their memory lies), and a hundred comparisons of two crews would tell of one such difference. A round
 * has all three rows: A, A again, and A with a loop in its way whose turns were calibrated before. The first 6, 8, ... rounds tell
 * what fewer would have found. The rule is that of `--against`: sign-flip test at 5 %, and the whole order-statistic interval beyond the threshold.
 */
import { median } from 'simple-statistics';
import { parseJobFile } from '../../datasets/fio.ts';
import { readHost } from '../../datasets/host.ts';
import type { TrialRecord } from '../../datasets/schema.ts';
import { exitNow } from '../../engine/libc.ts';
import { type Answer, DEFAULT_THRESHOLD, judge } from '../compare/judge.ts';
import { CATALOGUE, type Design, parseDesign } from '../designs.ts';
import { itself, nameOfItself } from '../itself.ts';
import { leaveOnSignal } from '../leave-on-signal.ts';
import { measure, tableOf } from '../measure.ts';
import type { Cell } from '../plan.ts';
import { wilson } from '../statistics/wilson.ts';
import * as lists from './slowed.ts';

const COMPARISONS = Number(process.env.LOOPWQ_POWER_COMPARISONS ?? 100);
/** Comparisons of one run, each with rounds of its own. */
const EACH = 5;
/** Rounds at the beginning of each run that count for nothing: V8 still compiles what runs in them. */
const UNCOUNTED = 10;
const ROUNDS = Number(process.env.LOOPWQ_POWER_ROUNDS ?? 16);
const RUNTIME = process.env.LOOPWQ_POWER_RUNTIME ?? '10ms';
/** Time of an operation, as a share of what it takes without. */
const SLOWDOWN = 0.1;
/** Turns with which a turn is measured: about as long as an operation, so that both are known equally well. */
const PROBE = 1000;
const PROBES = 40;
const LOOKS = [6, 8, 10, 12, 16, 20, 24].filter((n) => n <= ROUNDS);
const THRESHOLDS = [DEFAULT_THRESHOLD, 0];

const catalogue = {
  ...CATALOGUE,
  strategies: lists.STRATEGIES,
  module: new URL('./slowed.js', import.meta.url).href,
};
const JOB = `[global]\nrw=randwrite\nbs=4k\nfilename=disk\nsize=64m\niodepth=8\ntime_based\nruntime=${RUNTIME}\n[writer]\n`;
const cell: Cell = { workload: parseJobFile(JOB, 'power.fio'), direct: false, backend: 'null' };

const withTurns = (turns: number): Design => parseDesign(`slowed:${turns}`, catalogue);
const run = (label: string, designs: readonly Design[], rounds: number, seed = 1): Promise<TrialRecord[]> =>
  measure({ cells: [cell], designs, rounds, label, recording: false, submitters: 1, seed });

const of = (records: readonly TrialRecord[], design: string, rounds = ROUNDS): TrialRecord[] =>
  records.filter((r) => r.design === design && r.round < rounds && r.metrics.iops > 0);

/** The rounds of one comparison, counted from 0. */
const blockOf = (records: readonly TrialRecord[], i: number): TrialRecord[] =>
  records
    .map((record) => ({ ...record, round: record.round - UNCOUNTED - i * ROUNDS }))
    .filter(({ round }) => round >= 0 && round < ROUNDS);

/** Nanoseconds of an operation, by round. */
const times = (records: readonly TrialRecord[], design: string): number[] =>
  of(records, design, UNCOUNTED + PROBES).map((r) => 1e9 / r.metrics.iops);

async function calibrate(): Promise<{ turns: number; operation: number; turn: number }> {
  const [plain, probe] = [withTurns(0), withTurns(PROBE)];
  const records = await run('calibrating', [plain, probe], UNCOUNTED + PROBES);
  const [a, b] = [times(records, plain.name), times(records, probe.name)];
  // Other work on the machine only ever adds to a time, so the least one is the truest.
  const operation = Math.min(...a);
  const turn = (Math.min(...b) - operation) / PROBE;
  return { turns: Math.max(1, Math.round((SLOWDOWN * operation) / turn)), operation, turn };
}

/** How a comparison of a row with the base ends after so many rounds. */
function answer(records: readonly TrialRecord[], design: string, rounds: number, threshold: number): Answer {
  const options = { paired: true, metrics: ['iops' as const], threshold };
  return judge(of(records, withTurns(0).name, rounds), of(records, design, rounds), options).verdicts[0]!
    .answer;
}

/** How many times as long an operation takes in a row as in the base. */
function slowness(records: readonly TrialRecord[], design: string): number {
  const base = new Map(of(records, withTurns(0).name).map((r) => [r.round, r.metrics.iops]));
  const ratios = of(records, design).flatMap(({ round, metrics }) => {
    const iops = base.get(round);
    return iops === undefined ? [] : [iops / metrics.iops];
  });
  return median(ratios);
}

/** The median over comparisons, and their range. */
function spread(values: readonly number[]): string {
  return `${median([...values]).toFixed(3)} [${Math.min(...values).toFixed(3)} to ${Math.max(...values).toFixed(3)}]`;
}

function share(hits: number): string {
  const { low, high } = wilson(hits, COMPARISONS);
  return `${hits} of ${COMPARISONS} [${(100 * low).toFixed(1)}, ${(100 * high).toFixed(1)} %]`;
}

async function main(): Promise<void> {
  const host = readHost(process.cwd());
  console.log(
    `${host.cpuModel}, ${host.cores} cores, Linux ${host.kernel}, Node ${host.node}; null backend, one submitter, depth 8, trials of ${RUNTIME}`,
  );
  const { turns, operation, turn } = await calibrate();
  console.log(
    `an operation takes ${operation.toFixed(0)} ns, a turn ${turn.toFixed(2)} ns: ${turns} turns are a slowdown of ${((100 * turns * turn) / operation).toFixed(1)} %`,
  );
  const [plain, slow] = [withTurns(0), withTurns(turns)];
  const comparisons: TrialRecord[][] = [];
  while (comparisons.length < COMPARISONS) {
    const n = comparisons.length;
    const each = Math.min(EACH, COMPARISONS - n);
    const label = `${n} of ${COMPARISONS} comparisons`;
    const records = await run(label, [plain, itself(plain), slow], UNCOUNTED + each * ROUNDS, n + 1);
    for (let i = 0; i < each; i++) comparisons.push(blockOf(records, i));
  }
  const again = nameOfItself(plain.name);
  console.log(
    `times as long as A over ${ROUNDS} rounds, median and range of ${COMPARISONS} comparisons: with the loop ${spread(comparisons.map((it) => slowness(it, slow.name)))}, ` +
      `A again ${spread(comparisons.map((it) => slowness(it, again)))}\n`,
  );
  const rows = THRESHOLDS.flatMap((threshold) =>
    LOOKS.map((n) => {
      const count = (design: string, ...which: Answer[]): number =>
        comparisons.filter((records) => which.includes(answer(records, design, n, threshold))).length;
      return {
        threshold,
        n,
        false: count(again, 'better', 'worse'),
        found: count(slow.name, 'worse'),
      };
    }),
  );
  console.log(
    tableOf(
      [
        'threshold',
        'rounds',
        'A/A: found something (at most 5 %)',
        `slower by ${100 * SLOWDOWN} %: found (at least 90)`,
      ],
      rows.map((it) => [`${100 * it.threshold} %`, `${it.n}`, share(it.false), share(it.found)]),
    ),
  );
  const enough = rows.find(
    (it) =>
      it.threshold === DEFAULT_THRESHOLD && it.found >= 0.9 * COMPARISONS && it.false <= 0.05 * COMPARISONS,
  );
  console.log(
    enough
      ? `\nWith the threshold of ${100 * DEFAULT_THRESHOLD} % this machine needs ${enough.n} rounds.`
      : `\nWith the threshold of ${100 * DEFAULT_THRESHOLD} % and ${ROUNDS} rounds at most this machine does not get there: trials of one round, or the crews of a run, differ too much (LOOPWQ_POWER_ROUNDS, LOOPWQ_POWER_RUNTIME).`,
  );
}

leaveOnSignal();
await main().then(
  () => exitNow(0),
  (error: Error) => {
    console.error(error.stack);
    exitNow(1);
  },
);
