/** `loopwq check --seeds N`: searches schedules of small workloads in the simulator, for every design. */
import { allDesigns, parseDesign, STANDARD_DESIGNS } from '../benchmarks/designs.ts';
import { everyDesign } from '../benchmarks/search/every-design.ts';
import { SCHEDULERS, type SchedulerName } from '../benchmarks/search/schedules.ts';
import { brokenClaims, type SearchResult, type Subject, search } from '../benchmarks/search/search.ts';
import { InputError, unknownName } from '../datasets/errors.ts';
import { CONTRACTS, type Contract } from '../ordering/contracts.ts';
import type { CheckMode } from './check.ts';
import { EXIT } from './exit.ts';
import { hasOption, readOptions, whole } from './options.ts';
import { list } from './run-options.ts';
import { grid } from './table.ts';
import type { Column } from './table-cells.ts';
import { breakName, count, item, type Page, painter, plural } from './table-text.ts';

const OPTIONS = {
  seeds: { type: 'string' },
  seed: { type: 'string' },
  scheduler: { type: 'string' },
  designs: { type: 'string' },
  json: { type: 'boolean' },
  'no-color': { type: 'boolean' },
} as const;

const MOST_SEEDS = 1_000_000_000;
const WIDTH = 160;

export const CHECK_SEEDS: CheckMode = {
  help: `  --seeds N          tries N seeds on every design in the simulator: each is a small workload and a schedule of it. The same
                     seeds print the same bytes
    --seed S         the first one (1)
    --scheduler NAME ${SCHEDULERS.join(', ')} (mixed)
    --designs LIST   as 'loopwq run'; all: every strategy and preset, the default beside the standard comparison;
                     every: each strategy with each choice, front, flush and order policy
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
  const results = subjectsOf(values.designs).map((subject) => search(subject, first, seeds, scheduler));
  const color = values['no-color'] !== true && process.stdout.isTTY === true && !process.env.NO_COLOR;
  const text = values.json
    ? `${JSON.stringify({ scheduler, seed: first, seeds, designs: results })}\n`
    : render(results, scheduler, { width: WIDTH, paint: painter(color) });
  process.stdout.write(text);
  return results.some((result) => brokenClaims(result).length > 0) ? EXIT.violated : EXIT.fine;
}

function schedulerNamed(name: string): SchedulerName {
  const found = SCHEDULERS.find((known) => known === name);
  if (found === undefined) throw unknownName('scheduler', name, SCHEDULERS);
  return found;
}

/** Throws InputError for a reference row: it has no design to run. */
function subjectsOf(designs: string | undefined): Subject[] {
  const asked = list('designs', designs) ?? [...STANDARD_DESIGNS, 'all'];
  const names = asked.flatMap((name) =>
    name === 'all' ? allDesigns() : name === 'every' ? everyDesign() : [name],
  );
  const found = new Map<string, Subject>();
  for (const text of names) {
    const { name, crew, claims } = parseDesign(text);
    if (!crew) throw new InputError(`design '${text}' is a reference row: there is nothing to simulate`);
    found.set(name, { name, design: { ...crew, parameter: crew.ref.parameter }, claims });
  }
  return [...found.values()];
}

function render(results: readonly SearchResult[], scheduler: SchedulerName, page: Page): string {
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
  return `${[...table.map((line) => line.trimEnd()), ...tellings(results, scheduler, page)].join('\n')}\n`;
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

/** Each broken claim with the command that shows it again; of what nobody claimed, the clearest of each contract. */
function tellings(results: readonly SearchResult[], scheduler: SchedulerName, page: Page): string[] {
  const lines: string[] = [];
  const tell = (label: string, result: SearchResult, contract: Contract): void => {
    const { seed, sentence } = result.first[contract]!;
    const text = `${result.name}, ${contract}, first with seed ${seed}: ${sentence} Again: ${replayCommand(result.name, seed, scheduler)}`;
    lines.push(...item(label, text, page, label === 'finding' ? 'yellow' : 'red'));
  };
  for (const result of results)
    for (const claim of brokenClaims(result))
      tell(result.verdicts[claim].lost > 0 ? 'VIOLATION' : 'UNPROVED', result, claim);
  for (const contract of CONTRACTS) {
    const losers = results.filter(
      ({ claims, verdicts }) => verdicts[contract].lost > 0 && !claims.includes(contract),
    );
    if (losers[0]) tell('finding', losers[0], contract);
  }
  const schedules = results.reduce((sum, result) => sum + result.schedules, 0);
  const claims = results.reduce((sum, result) => sum + brokenClaims(result).length, 0);
  lines.push(
    `${plural(schedules, 'schedule')} of ${plural(results.length, 'design')}, ${plural(claims, 'broken claim')}. *: the design claims it.`,
  );
  return ['', ...lines];
}

export function replayCommand(design: string, seed: number, scheduler: SchedulerName): string {
  const named = /[>]/.test(design) ? `'${design}'` : design;
  return `npx loopwq check --seeds 1 --seed ${seed} --scheduler ${scheduler} --designs ${named}`;
}
