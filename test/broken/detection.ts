/**
 * `npm run detection`: the search for violations, held to what is known. Every planted bug has to be found, by a rule that it
 * breaks, and no design of the catalogue may be accused on the same seeds. Prints how many schedules and operations it took, over
 * several independent stretches of seeds, and how few operations are left of the first one when it has been made small. Exit 1 where a bug was missed, misnamed, or a sound design accused.
 *
 * LOOPWQ_DETECTION_STRETCHES (5), LOOPWQ_DETECTION_SEEDS (4, of each stretch, for each sound design).
 */
import { fileURLToPath } from 'node:url';
import { median } from 'simple-statistics';
import { parseDesign } from '../../benchmarks/designs.ts';
import { type Detection, detect, smallestOf } from '../../benchmarks/search/detection.ts';
import { everyDesign } from '../../benchmarks/search/every-design.ts';
import { brokenClaims, search } from '../../benchmarks/search/search.ts';
import { PLANTED } from './index.ts';
import type { Planted } from './planted.ts';

/** Stretches of seeds so far apart that none reaches the next. */
const APART = 1_000_000;
/** Schedules after which a bug counts as missed in a stretch. */
const MOST = 20_000;
const WIDTHS = [22, 22, 22, 10, 24, 26, 9];

export interface Sizes {
  stretches: number;
  /** Of each stretch, for each sound design. */
  seeds: number;
  designs: readonly string[];
  /** Makes the first violation of each bug small. */
  shrinks: boolean;
}

export function firstOf(stretch: number): number {
  return 1 + stretch * APART;
}

/** Prints as it goes; true when all was found and rightly named, and nobody was falsely accused. */
export function detection(
  { stretches, seeds, designs, shrinks }: Sizes,
  print: (line: string) => void,
): boolean {
  print(
    row(
      'planted bug',
      'breaks',
      'rejected by',
      'found',
      'schedules until found',
      'operations until found',
      'shrunk to',
    ),
  );
  let found = 0;
  for (const bug of PLANTED) {
    const each = Array.from({ length: stretches }, (_, s) => detect(bug, firstOf(s), MOST, 'mixed'));
    const hits = each.filter((it): it is Detection => it !== undefined);
    const named = rules(bug, hits);
    const misnamed = named.filter((rule) => !bug.breaks.includes(rule));
    if (hits.length === stretches && misnamed.length === 0) found++;
    print(
      row(
        bug.name,
        bug.breaks.join(', '),
        named.join(', ') || 'nothing',
        `${hits.length} of ${stretches}`,
        spread(hits.map((it) => it.schedules)),
        spread(hits.map((it) => it.operations)),
        hits[0] === undefined || !shrinks ? '-' : String(smallestOf(bug, hits[0], 'mixed')),
      ),
    );
    if (misnamed.length > 0) print(`  it does not break ${misnamed.join(', ')}: the wrong rule was named`);
  }
  print(`${found} of ${PLANTED.length} planted bugs found in every stretch, each by a rule that it breaks.`);

  let schedules = 0;
  let alarms = 0;
  for (const text of designs) {
    const { name, crew, claims } = parseDesign(text);
    const subject = { name, claims, design: { ...crew!, parameter: crew!.ref.parameter } };
    for (let stretch = 0; stretch < stretches; stretch++) {
      const result = search(subject, firstOf(stretch), seeds, 'mixed');
      schedules += result.schedules;
      for (const claim of brokenClaims(result)) {
        alarms++;
        print(`  false alarm: ${name}, ${claim}: ${result.first[claim]!.sentence}`);
      }
    }
  }
  print(`${alarms} false alarms in ${schedules} schedules of ${designs.length} sound designs.`);
  return found === PLANTED.length && alarms === 0;
}

function rules({ claims }: Planted, hits: readonly Detection[]): Planted['claims'] {
  return claims.filter((claim) => hits.some((hit) => hit.rules.includes(claim)));
}

/** `8 [1, 37]`: the median, and the least and most. */
function spread(numbers: readonly number[]): string {
  if (numbers.length === 0) return '-';
  return `${Math.round(median([...numbers]))} [${Math.min(...numbers)}, ${Math.max(...numbers)}]`;
}

function row(...cells: string[]): string {
  return cells
    .map((cell, i) => cell.padEnd(WIDTHS[i]!))
    .join(' ')
    .trimEnd();
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const { LOOPWQ_DETECTION_STRETCHES = 5, LOOPWQ_DETECTION_SEEDS = 4 } = process.env;
  const sizes = {
    stretches: Number(LOOPWQ_DETECTION_STRETCHES),
    seeds: Number(LOOPWQ_DETECTION_SEEDS),
    designs: everyDesign(),
    shrinks: true,
  };
  const began = performance.now();
  const fine = detection(sizes, console.log);
  console.log(`${((performance.now() - began) / 1000).toFixed(0)} s`);
  process.exitCode = fine ? 0 : 1;
}
