/**
 * `npm run bench:power`: can the gate be believed on this machine? A hundred comparisons of a design with itself, and with itself slowed down by 10 %, on the
 * null backend. How many find something in the first (5 at most are allowed), and how many find the second (90 are asked for)?
 *
 * A round has all three rows: A, A again, and A with a loop in its way whose turns were calibrated before. The first 8, 12, ... rounds tell
 * what fewer would have found. Threads and rule are those of `--against`: new crews after every four rounds, sign-flip test at 5 %, and the whole
 * order-statistic interval beyond the threshold.
 */
import { median } from 'simple-statistics';
import { parseJobFile } from '../../datasets/fio.ts';
import { readHost } from '../../datasets/host.ts';
import type { TrialRecord } from '../../datasets/schema.ts';
import { exitNow } from '../../engine/libc.ts';
import { type Answer, DEFAULT_THRESHOLD, judge } from '../compare/judge.ts';
import { RENEW_AFTER } from '../crews.ts';
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
const ROUNDS = Number(process.env.LOOPWQ_POWER_ROUNDS ?? 32);
const RUNTIME = process.env.LOOPWQ_POWER_RUNTIME ?? '10ms';
/** Time of an operation, as a share of what it takes without. */
const SLOWDOWN = 0.1;
/** Turns of the first look, around what is searched on this machine, and the crews that measure each; then those of each further step. */
const COARSE = [4, 8, 12, 16, 20, 24, 28, 32];
const COARSE_CREWS = 6;
const FINE_CREWS = 24;
const MOST_STEPS = 8;
const LOOKS = [8, 12, 16, 20, 24, 28, 32, 40, 48].filter((n) => n <= ROUNDS);
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
  measure({
    cells: [cell],
    designs,
    rounds,
    label,
    recording: false,
    submitters: 1,
    seed,
    renewAfter: RENEW_AFTER,
  });

const of = (records: readonly TrialRecord[], design: string, rounds = ROUNDS): TrialRecord[] =>
  records.filter((r) => r.design === design && r.round < rounds && r.metrics.iops > 0);

/** The rounds of one comparison, counted from 0. */
const blockOf = (records: readonly TrialRecord[], i: number): TrialRecord[] =>
  records
    .map((record) => ({ ...record, round: record.round - i * ROUNDS }))
    .filter(({ round }) => round >= 0 && round < ROUNDS);

interface Tried {
  turns: number;
  /** Nanoseconds of an operation without them, and how many times as long it takes with them. */
  operation: number;
  slower: number;
}

/**
 * How many turns make an operation slower by SLOWDOWN: tried out. What a turn takes alone is no guide, as the first few overlap with the operation, and V8
 * unrolls the loop: 12 turns of 4.4 ns made one of 453 ns slower by 9 %, 16 by 15 %. Nor is a run of other rows than the comparisons have: 11 turns
 * were 10.0 % beside six other numbers of them, and 8.1 % beside the two rows.
 */
async function calibrate(): Promise<Tried> {
  const tried: Tried[] = [];
  let turns = nearest(await tryOut(COARSE, COARSE_CREWS)).turns;
  while (tried.length < MOST_STEPS && !tried.some((it) => it.turns === turns)) {
    const [it] = await tryOut([turns], FINE_CREWS);
    tried.push(it!);
    turns += it!.slower < 1 + SLOWDOWN ? 1 : -1;
  }
  return nearest(tried);
}

/** A run in which each number of turns has a row, beside A and A again. */
async function tryOut(numbers: readonly number[], crews: number): Promise<Tried[]> {
  const rounds = crews * RENEW_AFTER;
  const plain = withTurns(0);
  const rows = [plain, itself(plain), ...numbers.map(withTurns)];
  const records = await run('calibrating', rows, rounds);
  const operation = median(of(records, plain.name, rounds).map(({ metrics }) => 1e9 / metrics.iops));
  return numbers.map((turns) => ({
    turns,
    operation,
    slower: slowness(records, withTurns(turns).name, rounds),
  }));
}

function nearest(tried: readonly Tried[]): Tried {
  const off = ({ slower }: Tried): number => Math.abs(slower - 1 - SLOWDOWN);
  return tried.reduce((best, it) => (off(it) < off(best) ? it : best));
}

/** How a comparison of a row with the base ends after so many rounds. */
function answer(records: readonly TrialRecord[], design: string, rounds: number, threshold: number): Answer {
  const options = { paired: true, metrics: ['iops' as const], threshold };
  return judge(of(records, withTurns(0).name, rounds), of(records, design, rounds), options).verdicts[0]!
    .answer;
}

/** How many times as long an operation takes in a row as in the base. */
function slowness(records: readonly TrialRecord[], design: string, rounds = ROUNDS): number {
  const base = new Map(of(records, withTurns(0).name, rounds).map((r) => [r.round, r.metrics.iops]));
  const ratios = of(records, design, rounds).flatMap(({ round, metrics }) => {
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
  const { turns, operation, slower } = await calibrate();
  console.log(
    `an operation takes ${operation.toFixed(0)} ns, and ${slower.toFixed(3)} times as long with ${turns} turns of the loop`,
  );
  const [plain, slow] = [withTurns(0), withTurns(turns)];
  const comparisons: TrialRecord[][] = [];
  while (comparisons.length < COMPARISONS) {
    const n = comparisons.length;
    const each = Math.min(EACH, COMPARISONS - n);
    const label = `${n} of ${COMPARISONS} comparisons`;
    const records = await run(label, [plain, itself(plain), slow], each * ROUNDS, n + 1);
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
      : `\nWith the threshold of ${100 * DEFAULT_THRESHOLD} % and ${ROUNDS} rounds at most this machine does not get there: rounds and crews differ too much (LOOPWQ_POWER_ROUNDS, LOOPWQ_POWER_RUNTIME).`,
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
