/** The tables of a report: per workload the verdict, then what was measured, then a witness of each violation. */
import { claimFailures, type Group, notExercisedClaims } from '../benchmarks/summary.ts';
import { CONTRACTS } from '../ordering/contracts.ts';
import { designTable, escapeHtml, items } from './report-html.ts';
import { type Column, contracts, measures, nameNote, outOf } from './table-cells.ts';
import { plural } from './table-text.ts';
import { waitLegend, waitTables } from './table-waits.ts';
import { facts, findings, legend, notes, untestedClaims } from './table-words.ts';

/** What the verdict shows of the measures; the second table has the rest. */
const VERDICT = ['IOPS', 'ratio', 'interval', 'flush\np99'];

/** HTML before each design's name. */
export type Swatches = ReadonlyMap<string, string>;

/** What one wants to know first: whether the designs kept what they claim. */
export function verdictLine(groups: readonly Group[]): string {
  const broken = groups.flatMap((group) =>
    claimFailures(group).map((it) => ({ ...it, where: `${group.workload}, ${facts(group).split(',')[0]}` })),
  );
  const untested = notExercisedClaims(groups.filter((group) => group.settings.recording));
  const claims = groups.flatMap((group) => group.rows.flatMap((row) => row.claims)).length;
  if (broken.length > 0) {
    const told = broken.map(
      ({ design, contract, kind, where }) =>
        `<b>${escapeHtml(design)}</b> ${contract} ${kind} (${escapeHtml(where)})`,
    );
    return `<p class="verdict red">${plural(broken.length, 'claim')} failed: ${told.join('; ')}.</p>`;
  }
  if (claims === 0) return '<p class="verdict">No design here claims anything about ordering.</p>';
  const left =
    untested.length > 0 ? `; ${plural(untested.length, 'claim')} that nothing put to the test` : '';
  return `<p class="verdict green">Every claim that was put to the test held${left}.</p>`;
}

/** @param lanes a picture of its violations, or nothing */
export function groupTables(group: Group, swatches: Swatches, lanes: string): string {
  const designs = group.rows.map((row) => row.design);
  const names = group.rows.map(
    (row) => `${swatches.get(row.design) ?? ''}${escapeHtml(row.design + nameNote(row, group))}`,
  );
  const measured = measures(group);
  const verdicts = contracts(group);
  const first = measured.filter(({ head }) => VERDICT.includes(head));
  const rest = measured.filter(({ head }) => !['ratio', 'interval'].includes(head));
  return `<section>
<h3>${escapeHtml(group.workload)}<small>: ${escapeHtml(facts(group))}</small></h3>
${notes(group)
  .map((note) => `<p class="note">${escapeHtml(note)}</p>`)
  .join('\n')}
${designTable(designs, names, typeof verdicts === 'string' ? first : [...first, ...verdicts])}
${typeof verdicts === 'string' ? `<p class="note">${verdicts}</p>` : ''}
${items(findings(group))}
${witnesses(group, lanes)}
<details><summary>All that was measured</summary>
${designTable(designs, names, rest)}
${waitTables(group)
  .map(({ title, columns }) => `<h4>${title}</h4>\n${designTable(designs, names, columns)}`)
  .join('\n')}
</details>
</section>`;
}

/** One for every design and contract; the findings above tell one for each contract. */
function witnesses(group: Group, lanes: string): string {
  const told = CONTRACTS.flatMap((contract) =>
    group.rows.flatMap(({ design, claims, verdicts }) => {
      const verdict = verdicts[contract];
      if (!verdict.witness) return [];
      const lost = verdict.lost > 0;
      return [
        {
          design,
          contract,
          claimed: claims.includes(contract),
          count: `${lost ? 'LOST' : 'unproved'} ${outOf(lost ? verdict.lost : verdict.unproved, verdict)}`,
          sentence: verdict.witness.sentence,
        },
      ];
    }),
  );
  if (told.length === 0) return '';
  const column = (head: string, of: (it: (typeof told)[number]) => string): Column => ({
    head,
    align: 'left',
    cells: told.map((it) => ({ text: of(it) })),
  });
  const table = designTable(
    told.map((it) => it.design),
    told.map((it) => escapeHtml(it.design)),
    [
      column('contract', (it) => (it.claimed ? `${it.contract}*` : it.contract)),
      column('of what was at stake', (it) => it.count),
      column('the smallest witness', (it) => it.sentence),
    ],
  );
  return `<details class="witnesses"><summary>A witness of each violation (${told.length})</summary>\n${table}\n<div class="wide">${lanes}</div></details>`;
}

/** What the tables leave unexplained, and the claims that no workload tested. */
export function belowTables(groups: readonly Group[]): string {
  const lines = [...legend(groups), ...waitLegend(groups)].map(
    (line) => `<p class="note">${escapeHtml(line)}</p>`,
  );
  return `${items(untestedClaims(groups))}\n${lines.join('\n')}`;
}
