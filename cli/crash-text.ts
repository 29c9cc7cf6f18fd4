/** Crash states as `loopwq check` prints them: a table, and each broken rule in one sentence. */
import { brokenBy, type CrashStates, JUDGED, type Judged } from '../benchmarks/crash-states.ts';
import { grid } from './table.ts';
import type { Column } from './table-cells.ts';
import { breakName, count, item, type Page, plural, wrap } from './table-text.ts';

export function renderCrashStates(all: readonly CrashStates[], page: Page): string {
  const column = (head: string, align: Column['align'], of: (one: CrashStates) => string): Column => ({
    head,
    align,
    cells: all.map((one) => ({ text: of(one) })),
  });
  const table = grid(
    [
      column('design', 'left', ({ design }) => breakName(design)),
      column('workload', 'left', ({ workload }) => workload),
      column('backend', 'left', ({ backend }) => backend),
      column('windows', 'right', ({ report }) => count(report.windows)),
      column('crash states explored', 'left', ({ report }) => explored(report)),
      ...JUDGED.map((contract) => column(contract, 'left', (one) => illegal(one, contract))),
      ...(all.some(({ recovery }) => recovery) ? [column('unrecoverable', 'left', unrecoverable)] : []),
    ],
    page,
  );
  return [...table.map((line) => line.trimEnd()), '', ...tellings(all, page), ...legend(page), ''].join('\n');
}

/** Sampled windows have far more states than can be written out. */
function many(states: number): string {
  return states < 1e15 ? count(states) : states.toExponential(0).replace('e+', 'e');
}

function explored({ explored, possible, torn }: CrashStates['report']): string {
  return `${many(explored)} of ${many(possible)}, ${many(torn)} torn`;
}

function illegal({ claims, report }: CrashStates, contract: Judged): string {
  const { illegal, illegalTorn } = report.contracts[contract];
  const mark = claims.includes(contract) ? '*' : '';
  if (illegal + illegalTorn === 0) return `0${mark}`;
  return `ILLEGAL ${count(illegal)}, ${count(illegalTorn)} torn${mark}`;
}

function unrecoverable({ recovery }: CrashStates): string {
  if (recovery === undefined) return '-';
  return `${count(recovery.unrecoverable + recovery.unrecoverableTorn)} of ${many(recovery.explored + recovery.torn)}`;
}

/** Each broken claim; of what nobody claimed, the smallest of each contract; and the smallest state of each client that loses one. */
function tellings(all: readonly CrashStates[], page: Page): string[] {
  const lines: string[] = [];
  for (const one of all) {
    for (const contract of brokenBy(one)) {
      const { witness } = one.report.contracts[contract];
      const text = `${one.design}, ${one.workload}, ${contract}: ${witness?.sentence ?? 'in torn images alone.'}`;
      lines.push(...item('VIOLATION', text, page, 'red'));
    }
  }
  for (const contract of JUDGED) {
    const found = all.find(
      ({ claims, report }) => !claims.includes(contract) && report.contracts[contract].witness !== undefined,
    );
    if (found === undefined) continue;
    const text = `${found.design}, ${found.workload}, ${contract}: ${found.report.contracts[contract].witness!.sentence}`;
    lines.push(...item('finding', text, page, 'yellow'));
  }
  for (const client of new Set(all.map(({ workload }) => workload))) {
    const found = all.find(
      ({ workload, recovery }) => workload === client && recovery?.witness !== undefined,
    );
    if (found)
      lines.push(...item('finding', `${found.design}: ${found.recovery!.witness!.sentence}`, page, 'yellow'));
  }
  const broken = all.reduce((sum, one) => sum + brokenBy(one).length, 0);
  return [...lines, `${plural(broken, 'broken claim')}.`];
}

function legend({ width }: Page): string[] {
  return wrap(
    'crash states: what a disk with a volatile cache could have left when a flush window ends, every subset of the writes in its ' +
      'cache where they are few; torn: images drawn by sectors. ILLEGAL: states that the contract forbids. *: the design claims it. ' +
      'unrecoverable: states from which the journals of the jobs do not recover.',
    width,
    2,
  );
}
