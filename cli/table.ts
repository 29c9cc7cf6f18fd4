import Table from 'cli-table3';
import type { Group } from '../benchmarks/summary.ts';
import { type Column, contracts, measures, nameNote } from './table-cells.ts';
import { breakName, item, type Page, painter, wrap } from './table-text.ts';
import { waitLegend, waitTables } from './table-waits.ts';
import { facts, findings, type Item, legend, notes, untestedClaims } from './table-words.ts';

/** Spaces before each column. */
const GAP = 2;

export interface TableOptions {
  /** ANSI colours; false gives plain text for files and mails. */
  color: boolean;
  /** Columns of the terminal: a table that does not fit is split into several. Default 160. */
  width?: number;
  /** Also where operations waited. */
  waits?: boolean;
}

/**
 * The tables of a run: per group its conditions, what was measured, what was proved of each contract, and the
 * findings in words; at the end the claims that nothing tested, and a legend for what was printed.
 *
 * @returns text that ends in a newline; empty for no groups
 */
export function renderTable(groups: readonly Group[], options: TableOptions): string {
  if (groups.length === 0) return '';
  const page: Page = { width: options.width ?? 160, paint: painter(options.color) };
  const lines = groups.flatMap((group) => {
    const verdicts = contracts(group);
    return [
      ...heading(group, page),
      ...tables(group, measures(group), page),
      '',
      ...(options.waits ? waits(group, page) : []),
      ...(typeof verdicts === 'string' ? [`  ${verdicts}`] : tables(group, verdicts, page)),
      ...below(findings(group), page),
      '',
    ];
  });
  const untested = untestedClaims(groups);
  if (untested.length > 0) lines.push(...items(untested, page), '');
  const said = [...legend(groups), ...(options.waits ? waitLegend(groups) : [])];
  for (const line of said.flatMap((text) => wrap(text, page.width, 2))) lines.push(page.paint(line, 'dim'));
  return `${lines.map((line) => line.trimEnd()).join('\n')}\n`;
}

function waits(group: Group, page: Page): string[] {
  return waitTables(group).flatMap(({ title, columns }) => [
    page.paint(`  ${title}`, 'dim'),
    ...tables(group, columns, page),
    '',
  ]);
}

/** What the numbers below hold for, and what they do not. */
function heading(group: Group, page: Page): string[] {
  const lines = wrap(`${group.workload}: ${facts(group)}`, page.width, 4);
  lines[0] = page.paint(group.workload, 'bold') + lines[0]!.slice(group.workload.length);
  return [...lines, ...notes(group).flatMap((note) => wrap(`  ${note}`, page.width, 4)), ''];
}

function below(found: readonly Item[], page: Page): string[] {
  return found.length > 0 ? ['', ...items(found, page)] : [];
}

function items(found: readonly Item[], page: Page): string[] {
  return found.flatMap(({ label, text, style }) => item(label, text, page, style));
}

/** The columns beside the designs' names, in as many tables as the width asks for. */
function tables(group: Group, columns: readonly Column[], page: Page): string[] {
  const names: Column = {
    head: 'design',
    align: 'left',
    cells: group.rows.map((row) => ({ text: breakName(row.design) + nameNote(row, group) })),
  };
  const parts: Column[][] = [];
  let room = 0;
  for (const column of columns) {
    room -= columnWidth(column);
    if (parts.length === 0 || room < 0) {
      parts.push([names]);
      room = page.width - columnWidth(names) - columnWidth(column);
    }
    parts.at(-1)!.push(column);
  }
  return parts.flatMap((part, i) => (i === 0 ? grid(part, page) : ['', ...grid(part, page)]));
}

function columnWidth({ head, cells }: Column): number {
  const texts = [head, ...cells.map((cell) => cell.text)].flatMap((text) => text.split('\n'));
  return GAP + Math.max(...texts.map((text) => text.length));
}

/** The lines of a table of these columns, the heads first. */
export function grid(columns: readonly Column[], { paint }: Page): string[] {
  const sides = ['top', 'bottom', 'left', 'right', 'mid'];
  const joints = ['top-mid', 'top-left', 'top-right', 'bottom-mid', 'bottom-left', 'bottom-right'];
  const inner = ['left-mid', 'mid-mid', 'right-mid', 'middle'];
  const table = new Table({
    chars: Object.fromEntries([...sides, ...joints, ...inner].map((name) => [name, ''])),
    style: { head: [], border: [], 'padding-left': GAP, 'padding-right': 0 },
    head: columns.map(({ head }) => paint(head, 'bold')),
    colAligns: columns.map(({ align }) => align),
  });
  for (const row of columns[0]!.cells.keys())
    table.push(columns.map(({ cells }) => paint(cells[row]!.text, cells[row]!.style)));
  return table.toString().split('\n');
}
