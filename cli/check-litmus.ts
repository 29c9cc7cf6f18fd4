/** `loopwq check FILE.litmus ...`: replays litmus files under their schedules, and holds what came out to what they expect. */
import {
  crashOutcomeOf,
  type LitmusRun,
  outcomeOf,
  runLitmus,
  surprises,
} from '../benchmarks/search/litmus.ts';
import { CRASH_CONTRACTS, LITMUS_ENDING, type Litmus } from '../datasets/litmus.ts';
import { readLitmus } from '../datasets/litmus-read.ts';
import { CONTRACTS, type Witness } from '../ordering/contracts.ts';
import type { CheckMode } from './check.ts';
import { EXIT } from './exit.ts';
import { readOptions, whole } from './options.ts';
import { grid } from './table.ts';
import type { Column } from './table-cells.ts';
import { item, type Page, painter, plural, wrap } from './table-text.ts';

const OPTIONS = {
  times: { type: 'string' },
  json: { type: 'boolean' },
  'no-color': { type: 'boolean' },
} as const;

const MOST_TIMES = 1_000_000;
const WIDTH = 160;

export const CHECK_LITMUS: CheckMode = {
  help: `  FILE.litmus ...    replays litmus files (datasets/litmus/, or from --seeds with --out). Exit 1 when a rule's verdict is not the
                     expected one, or when two replays differ
    --times N        replays of each (100)
    --json, --no-color
`,
  takes: (args) => args.some((word) => word.endsWith(LITMUS_ENDING)),
  run: checkLitmus,
};

interface Replayed {
  path: string;
  litmus: Litmus;
  run: LitmusRun;
  /** Replays, and those of them that were like the first, byte by byte. */
  times: number;
  alike: number;
  surprises: string[];
}

async function checkLitmus(args: string[]): Promise<number> {
  const { values, positionals } = readOptions(args, OPTIONS, true);
  const times = whole('times', values.times, 100, 1, MOST_TIMES);
  const read = positionals.map((path) => ({ path, litmus: readLitmus(path) }));
  const all = read.map(({ path, litmus }) => replayed(path, litmus, times));
  const color = values['no-color'] !== true && process.stdout.isTTY === true && !process.env.NO_COLOR;
  const page: Page = { width: WIDTH, paint: painter(color) };
  process.stdout.write(
    values.json ? `${JSON.stringify(all.map(inJson))}\n` : all.map((it) => render(it, page)).join('\n'),
  );
  const fine = all.every((it) => it.alike === it.times && it.surprises.length === 0);
  return fine ? EXIT.fine : EXIT.violated;
}

function replayed(path: string, litmus: Litmus, times: number): Replayed {
  const run = runLitmus(litmus, path);
  const bytes = bytesOf(run);
  let alike = 1;
  for (let i = 1; i < times; i++) if (bytesOf(runLitmus(litmus, path)).equals(bytes)) alike++;
  return { path, litmus, run, times, alike, surprises: surprises(litmus, run) };
}

function bytesOf({ outcome }: LitmusRun): Buffer {
  return Buffer.from(outcome.history.sb.buffer);
}

function inJson({ path, litmus, run, times, alike, surprises: otherwise }: Replayed): object {
  return {
    path,
    design: run.subject.name,
    about: litmus.about,
    replays: times,
    alike,
    verdicts: run.verdicts,
    crash: run.crash,
    surprises: otherwise,
  };
}

function render({ path, litmus, run, times, alike, surprises: otherwise }: Replayed, page: Page): string {
  const operations = plural(litmus.operations.length, 'operation');
  const lines = [
    page.paint(path, 'bold'),
    ...wrap(`  ${litmus.about.replaceAll('\n', ' ')}`, page.width, 2),
    `  ${run.subject.name}, ${litmus.backend}, ${operations} under the recorded schedule: ${alike} of ${times} replays alike.`,
    '',
    ...operationTable(litmus, run, page),
    '',
    ...verdictTable(litmus, run, page),
  ];
  lines.push(...witnesses(run, page));
  for (const text of otherwise) lines.push(...item('OTHERWISE', `${text}.`, page, 'red'));
  return `${lines.map((line) => line.trimEnd()).join('\n')}\n`;
}

/** One for each rule that is broken; what `submitted` tells already is not told again of `barrier`. */
function witnesses({ verdicts, crash }: LitmusRun, page: Page): string[] {
  const same = (a: Witness | undefined, b: Witness | undefined): boolean => a?.rows.join() === b?.rows.join();
  const lines: string[] = [];
  for (const rule of CONTRACTS) {
    const { lost, witness } = verdicts[rule];
    if (!witness || (rule === 'barrier' && same(witness, verdicts.submitted.witness))) continue;
    lines.push(...item(lost > 0 ? 'lost' : 'unproved', `${rule}: ${witness.sentence}`, page, 'yellow'));
  }
  for (const rule of CRASH_CONTRACTS) {
    const { witness } = crash.contracts[rule];
    if (!witness || (rule === 'barrier' && same(witness, crash.contracts.submitted.witness))) continue;
    lines.push(...item('crash', `${rule}: ${witness.sentence}`, page, 'yellow'));
  }
  return lines;
}

/** Who submitted what, where it went, and when: microseconds of the simulator's clock, which ticks at every look. */
function operationTable({ operations }: Litmus, { outcome: { history } }: LitmusRun, page: Page): string[] {
  const counts = new Map<number, number>();
  const rows = operations.map(({ submitter }) => {
    const place = counts.get(submitter) ?? 0;
    counts.set(submitter, place + 1);
    return submitter * history.rowsEach + place;
  });
  const us = (stamp: number): string => (stamp > 0 ? String(stamp / 1000) : 'never');
  const span = (from: number, to: number): string =>
    from > 0 ? `${us(from)}-${to > 0 ? us(to) : ''}` : 'never';
  const blocks = (unit: number, units: number): string =>
    units === 0 ? '' : units === 1 ? ` block ${unit}` : ` blocks ${unit}-${unit + units - 1}`;
  const column = (head: string, align: Column['align'], of: (i: number, row: number) => string): Column => ({
    head,
    align,
    cells: rows.map((row, i) => ({ text: of(i, row) })),
  });
  return grid(
    [
      column('', 'left', (i) => operations[i]!.name),
      column('operation', 'left', (i) => {
        const { kind, flags, device, unit, units } = operations[i]!;
        return `${[...flags, kind].join('|')} disk${device}${blocks(unit, units)}`;
      }),
      column('submitter', 'right', (i) => String(operations[i]!.submitter)),
      column('queue', 'right', (_, row) =>
        history.queue[row] === 0xffff ? '-' : String(history.queue[row]),
      ),
      column('submitted', 'right', (_, row) => span(history.sb[row]!, history.se[row]!)),
      column('ran', 'right', (_, row) => span(history.st[row]!, history.co[row]!)),
      column('acknowledged', 'right', (_, row) => us(history.ak[row]!)),
    ],
    page,
  );
}

function verdictTable(
  { expected, expectedCrash }: Litmus,
  { verdicts, crash }: LitmusRun,
  page: Page,
): string[] {
  const rows = [
    ...CONTRACTS.map((rule) => [rule, outcomeOf(verdicts[rule]), expected[rule]]),
    ...CRASH_CONTRACTS.map((rule) => [`crash ${rule}`, crashOutcomeOf(crash, rule), expectedCrash[rule]]),
  ];
  return grid(
    ['rule', 'verdict', 'expected'].map((head, i) => ({
      head,
      align: 'left',
      cells: rows.map((row) => ({ text: row[i] ?? '-' })),
    })),
    page,
  );
}
