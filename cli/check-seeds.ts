/** `loopwq check --seeds N`: searches schedules of small workloads in the simulator, for every design. */
import { mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { allDesigns, parseDesign, STANDARD_DESIGNS } from '../benchmarks/designs.ts';
import { everyDesign } from '../benchmarks/search/every-design.ts';
import { smallestLitmus } from '../benchmarks/search/litmus.ts';
import { SCHEDULERS, type SchedulerName } from '../benchmarks/search/schedules.ts';
import {
  brokenClaims,
  type FirstSeen,
  type SearchResult,
  type Subject,
  search,
} from '../benchmarks/search/search.ts';
import { whyNotStacked } from '../benchmarks/stacking.ts';
import { InputError, unknownName } from '../datasets/errors.ts';
import { formatLitmus, LITMUS_ENDING } from '../datasets/litmus.ts';
import { CONTRACTS, type Contract } from '../ordering/contracts.ts';
import type { CheckMode } from './check.ts';
import { EXIT } from './exit.ts';
import { hasOption, readOptions, whole } from './options.ts';
import { list } from './run-options.ts';
import { grid } from './table.ts';
import type { Column } from './table-cells.ts';
import { breakName, count, item, type Page, painter, plural, wrap } from './table-text.ts';

const OPTIONS = {
  seeds: { type: 'string' },
  seed: { type: 'string' },
  scheduler: { type: 'string' },
  designs: { type: 'string' },
  out: { type: 'string' },
  stacked: { type: 'boolean' },
  json: { type: 'boolean' },
  'no-color': { type: 'boolean' },
} as const;

const MOST_SEEDS = 1_000_000_000;
const WIDTH = 160;
/** Characters of a comment's line. */
const ABOUT = 100;

export const CHECK_SEEDS: CheckMode = {
  help: `  --seeds N          tries N seeds on every design in the simulator: each is a small workload and a schedule of it. The same
                     seeds print the same bytes
    --seed S         the first one (1)
    --scheduler NAME ${SCHEDULERS.join(', ')} (mixed)
    --designs LIST   as 'loopwq run'; all: every strategy and preset, the default beside the standard comparison;
                     every: each strategy with each choice, front, flush and order policy
    --out DIR        makes each violation and finding that is told small, and writes it there as a litmus file
    --stacked        each device lies on another one of the same design, whose queues it shares or does not
    --json, --no-color
`,
  takes: (args) => hasOption(args, 'seeds'),
  run: checkSeeds,
};

async function checkSeeds(args: string[]): Promise<number> {
  const { values } = readOptions(args, OPTIONS, false);
  const seeds = whole('seeds', values.seeds, 1, 1, MOST_SEEDS);
  const first = whole('seed', values.seed, 1, 0, MOST_SEEDS);
  const scheduler = schedulerNamed(values.scheduler ?? SCHEDULERS[0]);
  const stacked = values.stacked === true;
  if (stacked && values.out !== undefined)
    throw new InputError('--out writes litmus files, which have no word for the devices of --stacked');
  const { subjects, without } = subjectsOf(values.designs, stacked);
  if (values.out !== undefined) emptyFolder(values.out);
  const began = performance.now();
  const results = subjects.map((subject) => search(subject, first, seeds, scheduler, stacked));
  sayRate(results, (performance.now() - began) / 1000);
  const told = worthTelling(results);
  const files = values.out === undefined ? [] : writeLitmus(values.out, subjects, told, scheduler);
  const color = values['no-color'] !== true && process.stdout.isTTY === true && !process.env.NO_COLOR;
  const text = values.json
    ? `${JSON.stringify({ scheduler, seed: first, seeds, designs: results, litmus: files })}\n`
    : render(results, without, told, files, { scheduler, stacked }, { width: WIDTH, paint: painter(color) });
  process.stdout.write(text);
  return results.some((result) => brokenClaims(result).length > 0) ? EXIT.violated : EXIT.fine;
}

/** How fast it went stands on stderr: what is printed on stdout is the same each time. */
function sayRate(results: readonly SearchResult[], seconds: number): void {
  const schedules = results.reduce((sum, result) => sum + result.schedules, 0);
  process.stderr.write(`${seconds.toFixed(1)} s, ${count(schedules / seconds)} schedules/s\n`);
}

function schedulerNamed(name: string): SchedulerName {
  const found = SCHEDULERS.find((known) => known === name);
  if (found === undefined) throw unknownName('scheduler', name, SCHEDULERS);
  return found;
}

/** How a seed is made into a run, besides its number. */
interface Manner {
  scheduler: SchedulerName;
  stacked: boolean;
}

/** A design that was asked for and has no runs. */
interface Without {
  name: string;
  why: string;
}

/** Throws InputError for a reference row: it has no design to run. */
function subjectsOf(
  designs: string | undefined,
  stacked: boolean,
): { subjects: Subject[]; without: Without[] } {
  const asked = list('designs', designs) ?? [...STANDARD_DESIGNS, 'all'];
  const names = asked.flatMap((name) =>
    name === 'all' ? allDesigns() : name === 'every' ? everyDesign() : [name],
  );
  const found = new Map<string, Subject>();
  const without = new Map<string, Without>();
  for (const text of names) {
    const design = parseDesign(text);
    const { name, crew, claims } = design;
    if (!crew) throw new InputError(`design '${text}' is a reference row: there is nothing to simulate`);
    const why = stacked ? whyNotStacked(design) : undefined;
    if (why !== undefined) without.set(name, { name, why });
    else found.set(name, { name, design: { ...crew, parameter: crew.ref.parameter }, claims });
  }
  return { subjects: [...found.values()], without: [...without.values()] };
}

function render(
  results: readonly SearchResult[],
  without: readonly Without[],
  told: readonly Told[],
  files: readonly string[],
  manner: Manner,
  page: Page,
): string {
  const column = (head: string, align: Column['align'], of: (result: SearchResult) => string): Column => ({
    head,
    align,
    cells: results.map((result) => ({ text: of(result) })),
  });
  const table = grid(
    [
      column('design', 'left', ({ name }) => breakName(name)),
      column('schedules', 'right', ({ schedules }) => count(schedules)),
      ...CONTRACTS.map((contract) => ({
        ...column(contract, 'left', (result) => cellOf(result, contract)),
      })),
    ],
    page,
  );
  const skipped = without.flatMap(({ name, why }) => item('skipped', `${name}: ${why}`, page, 'yellow'));
  const tellers = tellings(results, told, files, manner, page);
  return `${[...table.map((line) => line.trimEnd()), '', ...skipped, ...tellers].join('\n')}\n`;
}

function cellOf({ claims, verdicts }: SearchResult, contract: Contract): string {
  const { proved, unproved, lost } = verdicts[contract];
  const mark = claims.includes(contract) ? '*' : '';
  const all = proved + unproved + lost;
  if (all === 0) return `-${mark}`;
  if (lost > 0) return `LOST ${count(lost)}/${count(all)}${mark}`;
  if (unproved > 0) return `unproved ${count(unproved)}/${count(all)}${mark}`;
  return `proved ${count(proved)}${mark}`;
}

interface Told {
  label: 'VIOLATION' | 'UNPROVED' | 'finding';
  result: SearchResult;
  contract: Contract;
  first: FirstSeen;
}

/** Each broken claim; of what nobody claimed, the clearest of each contract. */
function worthTelling(results: readonly SearchResult[]): Told[] {
  const told = (label: Told['label'], result: SearchResult, contract: Contract): Told[] => {
    const first = result.first[contract];
    return first === undefined ? [] : [{ label, result, contract, first }];
  };
  const broken = results.flatMap((result) =>
    brokenClaims(result).flatMap((claim) =>
      told(result.verdicts[claim].lost > 0 ? 'VIOLATION' : 'UNPROVED', result, claim),
    ),
  );
  const findings = CONTRACTS.flatMap((contract) => {
    const loser = results.find(
      ({ claims, verdicts }) => verdicts[contract].lost > 0 && !claims.includes(contract),
    );
    return loser ? told('finding', loser, contract) : [];
  });
  return [...broken, ...findings];
}

function tellings(
  results: readonly SearchResult[],
  told: readonly Told[],
  files: readonly string[],
  manner: Manner,
  page: Page,
): string[] {
  const lines = told.flatMap(({ label, result: { name }, contract, first: { seed, sentence } }, i) => {
    const again = files[i] === undefined ? replayCommand(name, seed, manner) : `npx loopwq check ${files[i]}`;
    const text = `${name}, ${contract}, first with seed ${seed}: ${sentence} Again: ${again}`;
    return item(label, text, page, label === 'finding' ? 'yellow' : 'red');
  });
  if (lines.length > 0 && files.length === 0 && !manner.stacked)
    lines.push('--out DIR writes each of these down in as few operations as show it.');
  const schedules = results.reduce((sum, result) => sum + result.schedules, 0);
  const claims = results.reduce((sum, result) => sum + brokenClaims(result).length, 0);
  lines.push(
    `${plural(schedules, 'schedule')} of ${plural(results.length, 'design')}, ${plural(claims, 'broken claim')}. *: the design claims it.`,
  );
  return lines;
}

/** Nothing that was there before is written over. */
function emptyFolder(folder: string): void {
  mkdirSync(folder, { recursive: true });
  if (readdirSync(folder).length > 0)
    throw new InputError(`--out ${folder}: the folder is not empty; name a new one`);
}

/** One file for each of what is told, in its order. */
function writeLitmus(
  folder: string,
  subjects: readonly Subject[],
  told: readonly Told[],
  scheduler: SchedulerName,
): string[] {
  return told.map(({ result: { name }, contract, first }) => {
    const subject = subjects.find((it) => it.name === name)!;
    const litmus = smallestLitmus(subject, { number: first.seed, scheduler }, contract, (sentence) =>
      [
        `${name}, \`${contract}\`, from seed ${first.seed}, scheduler ${scheduler}.`,
        ...wrap(sentence, ABOUT, 0),
      ].join('\n'),
    );
    const path = join(folder, `${name.replace(/[^\w-]+/g, '_')}-${contract}${LITMUS_ENDING}`);
    writeFileSync(path, formatLitmus(litmus), { flag: 'wx' });
    return path;
  });
}

function replayCommand(design: string, seed: number, { scheduler, stacked }: Manner): string {
  const named = /[>]/.test(design) ? `'${design}'` : design;
  return `npx loopwq check --seeds 1 --seed ${seed} --scheduler ${scheduler}${stacked ? ' --stacked' : ''} --designs ${named}`;
}
