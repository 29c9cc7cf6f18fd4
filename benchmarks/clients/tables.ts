/** What was found, as tables in Markdown. */
import type { RecoveryReport } from '../../ordering/clients/recovery.ts';
import { addRecoveries } from '../../ordering/clients/recovery.ts';
import { showRatio, tableOf } from '../measure.ts';
import type { Ratio } from '../statistics/ratio-interval.ts';
import type { Cost } from './cost.ts';
import { count } from './words.ts';

/** One cell of the matrix. */
export interface Cell {
  client: string;
  rule: string;
  strategy: string;
  mode: string;
  report: RecoveryReport;
}

function shown({ unrecoverable, unrecoverableTorn, explored, torn, possible }: RecoveryReport): string {
  const broken = unrecoverable + unrecoverableTorn;
  const text = `${count(broken)} / ${count(explored + torn)} of ${count(possible + torn)}`;
  return broken > 0 ? `**${text}**` : text;
}

const each = <T>(list: readonly T[], of: (one: T) => string): string[] => [...new Set(list.map(of))];

/** The whole matrix, blocking workers and rings apart. */
export function matrixTables(cells: readonly Cell[]): string {
  const strategies = each(cells, ({ strategy }) => strategy);
  return each(cells, ({ mode }) => mode)
    .map((mode) => {
      const here = cells.filter((cell) => cell.mode === mode);
      const rows = each(here, ({ client, rule }) => `${client}\n${rule}`).map((key) => {
        const [client = '', rule = ''] = key.split('\n');
        return [
          client,
          rule,
          ...strategies.map((strategy) =>
            shown(
              here.find((it) => it.client === client && it.rule === rule && it.strategy === strategy)!.report,
            ),
          ),
        ];
      });
      return `### ${mode}\n\n${tableOf(['client', 'rule for a FLUSH', ...strategies], rows)}`;
    })
    .join('\n\n');
}

/** The smallest crash state of each client and rule that loses one. */
export function witnesses(cells: readonly Cell[]): string[] {
  return each(cells, ({ client, rule }) => `${client}\n${rule}`).flatMap((key) => {
    const here = cells.filter(({ client, rule }) => `${client}\n${rule}` === key);
    const { witness } = here.map(({ report }) => report).reduce(addRecoveries);
    return witness === undefined ? [] : [`- ${here[0]!.rule}: ${witness.sentence}`];
  });
}

const time = (ns: number | undefined): string => (ns === undefined ? '-' : `${(ns / 1e6).toFixed(2)} ms`);

export function costTable(costs: readonly Cost[]): string {
  const ratio = (of: Ratio | undefined, base: boolean): string => (base ? 'base' : of ? showRatio(of) : '-');
  const rows = costs.map((it) => {
    const base = it.design === costs[0]!.design;
    return [
      it.client,
      it.direct ? 'direct' : 'buffered',
      it.design,
      count(Math.round(it.transactions)),
      ratio(it.transactionsRatio, base),
      count(Math.round(it.iops)),
      ratio(it.iopsRatio, base),
      time(it.p50),
      time(it.p99),
      ratio(it.p99Ratio, base),
      shown(it.recovery),
    ];
  });
  return tableOf(
    [
      'client',
      'I/O',
      'design',
      'tx/s',
      'ratio',
      'IOPS',
      'ratio',
      'commit p50',
      'p99',
      'ratio',
      'unrecoverable',
    ],
    rows,
  );
}

/** All of it in one table: a column for each rule; the simulator's strategies together, and the price of each rule beside it. */
export function inShort(
  cells: readonly Cell[],
  costs: readonly Cost[],
  ruleOf: (design: string) => string,
): string {
  const rules = each(costs, ({ design }) => ruleOf(design));
  const found = each(cells, ({ client }) => client).map((client) => [
    `${client}: unrecoverable / explored of possible`,
    ...rules.map((rule) =>
      shown(
        cells
          .filter((it) => it.client === client && it.rule === rule)
          .map(({ report }) => report)
          .reduce(addRecoveries),
      ),
    ),
  ]);
  const prices = each(costs, ({ client, direct }) => `${client}, ${direct ? 'direct' : 'buffered'}`).flatMap(
    (name) => {
      const here = costs.filter(
        ({ client, direct }) => `${client}, ${direct ? 'direct' : 'buffered'}` === name,
      );
      const of = (pick: (cost: Cost) => string): string[] =>
        rules.map((rule) => pick(here.find(({ design }) => ruleOf(design) === rule)!));
      return [
        [
          `${name}: IOPS`,
          ...of((it) =>
            it === here[0] || !it.iopsRatio ? count(Math.round(it.iops)) : showRatio(it.iopsRatio),
          ),
        ],
        [`${name}: commit p50 / p99`, ...of(({ p50, p99 }) => `${time(p50)} / ${time(p99)}`)],
      ];
    },
  );
  return tableOf(['', ...rules], [...found, ...prices]);
}
