/** `loopwq aa`: a design against itself. What the machine can tell, and how often it would tell of something that is not there. */
import { randomUUID } from 'node:crypto';
import { type Aa, aaOf } from '../benchmarks/aa.ts';
import { detectableApart, detectablePaired, LEAST_ROUNDS } from '../benchmarks/compare/detectable.ts';
import { metricOf } from '../benchmarks/compare/judge.ts';
import { RENEW_AFTER } from '../benchmarks/crews.ts';
import { itself } from '../benchmarks/itself.ts';
import { runPlan } from '../benchmarks/runner.ts';
import { AA_SCHEMA, AA_VERSION, writeAa } from '../datasets/aa-file.ts';
import { InputError } from '../datasets/errors.ts';
import { readHost } from '../datasets/host.ts';
import type { TrialRecord } from '../datasets/schema.ts';
import { cellGroup } from './compare-text.ts';
import { EXIT } from './exit.ts';
import { readOptions, whole } from './options.ts';
import { openProgress } from './progress.ts';
import { readRunOptions } from './run-options.ts';
import { untilSignal } from './signals.ts';

export const AA_HELP = `loopwq aa [options] [JOB.fio ...]

Runs a design beside itself, under a second name, rounds shuffled together as always. Whatever differs is noise: it says how large a change must
be to be seen on this machine, and how often a gate would find something where nothing is. New threads begin after every ${RENEW_AFTER} rounds, as in gates.
What it finds is kept in .loopwq/aa, and is the threshold of \`loopwq compare\` and of gates on this host from then on, where --threshold says
no other. A gate wants the whole interval beyond its threshold, so a change of twice that size is found in four of five cases.

  --designs LIST     the designs to put beside themselves (single-wq)
  --rounds N         of a comparison, ${LEAST_ROUNDS} to 100 (10)
  --comparisons N    1 to 100 (10)
  --workloads LIST, --backend NAME, --topology SxC, --seed N, --quick, --dir FOLDER   as of \`loopwq run\`; without a job file: flush-heavy, mixed
  --json             on stdout, in place of the tables
  --quiet
`;

const OPTIONS = {
  designs: { type: 'string' },
  rounds: { type: 'string' },
  comparisons: { type: 'string' },
  workloads: { type: 'string' },
  backend: { type: 'string' },
  topology: { type: 'string' },
  seed: { type: 'string' },
  dir: { type: 'string' },
  quick: { type: 'boolean' },
  json: { type: 'boolean' },
  quiet: { type: 'boolean' },
} as const;

const PASSED_ON = ['workloads', 'backend', 'topology', 'seed', 'dir'] as const;

export async function aaCommand(args: string[]): Promise<number> {
  const { values, positionals } = readOptions(args, OPTIONS, true);
  const rounds = whole('rounds', values.rounds, 10, LEAST_ROUNDS, 100);
  const comparisons = whole('comparisons', values.comparisons, 10, 1, 100);
  const words = [
    `--designs=${values.designs ?? 'single-wq'}`,
    ...PASSED_ON.flatMap((name) => (values[name] === undefined ? [] : [`--${name}=${values[name]}`])),
    ...(values.quick ? ['--quick'] : []),
    '--',
    ...positionals,
  ];
  const { plan } = readRunOptions(words, readHost(process.cwd()));
  const own = plan.designs.filter(({ crew }) => crew !== undefined);
  if (own.length === 0) throw new InputError('--designs names reference rows alone: aa is of designs');
  const all = {
    ...plan,
    designs: own.flatMap((it) => [it, itself(it)]),
    rounds: rounds * comparisons,
    renewAfter: RENEW_AFTER,
  };
  const host = readHost(plan.dir);
  const records: TrialRecord[] = [];
  // In a log a line for each of hundreds of rounds would help nobody.
  const progress = openProgress(values.quiet === true || !process.stderr.isTTY, all);
  const stop = untilSignal();
  try {
    const events = {
      progress(text: string) {
        stop.signal.throwIfAborted();
        progress.say(text);
      },
      trial(record: TrialRecord) {
        progress.trial(record);
        records.push(record);
      },
    };
    const end = await runPlan(all, randomUUID(), host, events, stop.signal).finally(() => progress.clear());
    if (!end.interrupted) {
      if (end.failed === undefined) return conclude(records);
      process.stderr.write(`loopwq: the run ended early. ${end.failed}\n`);
      return EXIT.machine;
    }
  } catch (error) {
    if (!stop.signal.aborted || error !== stop.signal.reason) throw error;
  } finally {
    stop.forget();
  }
  process.stderr.write('loopwq: interrupted: nothing is kept\n');
  return EXIT.interrupted;

  function conclude(made: readonly TrialRecord[]): number {
    const names = own.map(({ name }) => name);
    const aa = aaOf(made, names, rounds, comparisons);
    if (aa.cells.length === 0) throw new InputError('no trial was a measurement, so nothing is known');
    const { cells } = aa;
    const file = {
      schema: AA_SCHEMA,
      version: AA_VERSION,
      made: new Date().toISOString(),
      host,
      cells,
    } as const;
    const path = writeAa(file);
    if (values.json)
      process.stdout.write(`${JSON.stringify({ ...aa, cells: detectableOf(aa, rounds), rounds })}\n`);
    else process.stdout.write(`${renderAa(aa, rounds).join('\n')}\n`);
    process.stderr.write(`kept in ${path}: the threshold of compare and of gates on this host\n`);
    return EXIT.fine;
  }
}

interface Detectable extends Omit<Aa['cells'][number], 'base' | 'other' | 'seconds'> {
  paired: number;
  apart: number;
}

function detectableOf({ cells }: Aa, rounds: number): Detectable[] {
  return cells.map(({ base, other, seconds: _, ...name }) => ({
    ...name,
    paired: detectablePaired(base, other, rounds),
    apart: detectableApart(base, other, rounds),
  }));
}

export function renderAa(aa: Aa, rounds: number): string[] {
  const percent = (share: number): string => `${(100 * share).toFixed(1)} %`;
  const row = (label: string, one: string, across: string): string =>
    `${label.padEnd(42)} ${one.padStart(12)} ${across.padStart(12)}`;
  const lines = [
    `The change that ${rounds} rounds find in four of five cases:`,
    '',
    row('', 'in one run', 'across runs'),
  ];
  const detectable = detectableOf(aa, rounds);
  for (const group of new Set(detectable.map(cellGroup))) {
    lines.push(group);
    for (const it of detectable.filter((cell) => cellGroup(cell) === group))
      lines.push(row(`  ${it.design}: ${metricOf(it.metric).title}`, percent(it.paired), percent(it.apart)));
  }
  lines.push('', `A gate of ${aa.cellsEach} cells found something where nothing is in`);
  for (const { kind, threshold, hits, comparisons, interval } of aa.falsePositives)
    lines.push(
      `  ${hits} of ${comparisons} comparisons ${kind} with a threshold of ${100 * threshold} %: ${percent(hits / comparisons)} [${percent(interval.low)}, ${percent(interval.high)}]`,
    );
  lines.push(
    'Across runs: rounds of this run against later ones. A machine that changes from day to day, or with a new boot, differs by more.',
  );
  return lines;
}
