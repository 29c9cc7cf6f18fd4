/** What tables of a run have in their cells, for a terminal and for a page alike. */
import { type Cost, exercised, type Group, type Percentile, type Row } from '../benchmarks/summary.ts';
import { CONTRACTS, type Verdict } from '../ordering/contracts.ts';
import { count, decimal, duration, type Style } from './table-text.ts';

export interface Cell {
  text: string;
  style?: Style;
}

export interface Column {
  /** May have several lines. */
  head: string;
  align: 'left' | 'right';
  /** One per row of the group. */
  cells: Cell[];
}

/** A column of nothing but these is left out. */
const NOTHING: Cell = { text: '-', style: 'dim' };

/** What stands behind a design's name: that it is none, or that it was not measured in every round. */
export function nameNote(row: Row, group: Group): string {
  const kind = row.reference ? ' (reference)' : '';
  return row.rounds < group.rounds ? `${kind} (${row.rounds} of ${group.rounds})` : kind;
}

/** A column of figures. */
export function columnOf(group: Group, head: string, of: (row: Row) => string | undefined): Column {
  const cells = group.rows.map((row) => {
    const text = of(row);
    return text === undefined ? NOTHING : { text };
  });
  return { head, align: 'right', cells };
}

export function filled(columns: readonly Column[]): Column[] {
  return columns.filter(({ cells }) => cells.some((cell) => cell !== NOTHING));
}

/** What was measured; no columns that would be empty. */
export function measures(group: Group): Column[] {
  const column = (head: string, of: (row: Row) => string | undefined): Column => columnOf(group, head, of);
  const cost = (it: Cost | undefined) => it && `${decimal(it.system)} (${decimal(it.tasks)})`;
  const columns = [
    column('IOPS', (row) => row.iops && count(row.iops.value)),
    column('±', halfWidth),
    column('ratio', (row) => (row.design === group.base ? 'base' : row.ratio && decimal(row.ratio.value))),
    column('interval', (row) => {
      const interval = row.ratio?.interval;
      return interval && `[${decimal(interval.low)}, ${decimal(interval.high)}]`;
    }),
    column('fsync/\nflush', (row) =>
      row.fsyncsPerFlush === undefined || group.rows.every((it) => (it.fsyncsPerFlush ?? 1) === 1)
        ? undefined
        : decimal(row.fsyncsPerFlush),
    ),
    column('flush\np50', (row) => percentile(row.flushP50)),
    column('flush\np99', (row) => percentile(row.flushP99)),
    column('read\np99', (row) => percentile(row.readP99)),
    column('write\np99', (row) => percentile(row.writeP99)),
    column('CPU us/IO\n(tasks)', (row) => cost(row.cpuUs)),
    column('cs/IO\n(tasks)', (row) => cost(row.switches)),
    column('workers', (row) => (row.rounds > 0 && row.workers > 0 ? String(row.workers) : undefined)),
    column('io-wq', (row) => (row.ioWqThreads ? String(row.ioWqThreads) : undefined)),
  ];
  return filled(columns);
}

/** The farther end of the interval, in percent of the median. */
function halfWidth({ iops }: Row): string | undefined {
  if (!iops?.interval) return undefined;
  const { low, high } = iops.interval;
  const percent = (Math.max(high - iops.value, iops.value - low) / iops.value) * 100;
  return `${percent.toFixed(percent < 9.95 ? 1 : 0)}%`;
}

function percentile(it: Percentile | undefined): string | undefined {
  return it && ('refused' in it ? `n<${it.needs}` : duration(it.value));
}

/** What was proved of each contract; or, in words, why there is nothing to show. */
export function contracts(group: Group): Column[] | string {
  if (!anyExercised(group))
    return group.settings.recording
      ? 'contracts: nothing here put one to the test'
      : 'contracts: not checked, the histories were not recorded';
  return CONTRACTS.map((contract) => ({
    head: contract,
    align: 'left',
    cells: group.rows.map((row) => verdictCell(row.verdicts[contract], row.claims.includes(contract))),
  }));
}

export function anyExercised({ rows }: Group): boolean {
  return rows.some((row) => CONTRACTS.some((contract) => exercised(row.verdicts[contract]) > 0));
}

export function verdictCell(verdict: Verdict, claimed: boolean): Cell {
  const mark = claimed ? '*' : '';
  const bad = claimed ? 'red' : 'yellow';
  if (verdict.lost > 0) return { text: `LOST ${outOf(verdict.lost, verdict)}${mark}`, style: bad };
  if (verdict.unproved > 0)
    return { text: `unproved ${outOf(verdict.unproved, verdict)}${mark}`, style: bad };
  if (verdict.proved > 0) return { text: `proved ${count(verdict.proved)}${mark}`, style: 'green' };
  return claimed ? { text: `-${mark}`, style: 'yellow' } : { text: '-', style: 'dim' };
}

/** `3/10`: of what was at stake. */
export function outOf(part: number, verdict: Verdict): string {
  return `${count(part)}/${count(exercised(verdict))}`;
}
