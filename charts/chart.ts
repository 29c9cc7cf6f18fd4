/** What a chart is: results in, a vega-lite specification out. Nothing here reads, writes or draws. */
import type { TopLevelSpec } from 'vega-lite';
import { type Group, summarize } from '../benchmarks/summary.ts';
import type { TrialRecord } from '../datasets/schema.ts';
import { type DesignStyle, designOrder, designStyles } from './palette.ts';

export type { TopLevelSpec } from 'vega-lite';

/** What all charts of one run are drawn from. */
export interface ChartData {
  records: readonly TrialRecord[];
  /** The same records as the table shows them, in its order of designs. */
  groups: readonly Group[];
  /** Every design of the run in that order, so that all charts agree on colours, dashes and shapes. */
  styles: readonly DesignStyle[];
}

export interface Chart {
  /** Also the name of its file. */
  name: string;
  /** One sentence for a list of charts. */
  summary: string;
  /** @returns the specification, or, where its data is missing, one sentence that says why and what to run. */
  draw(data: ChartData): TopLevelSpec | string;
}

/** One part of a chart: below a title, beside others. */
export type View = Extract<TopLevelSpec, { vconcat: unknown }>['vconcat'][number];

/**
 * @param order designs as in the table, whose first is the base of the ratios. Without it the fixed order of
 *   palette.ts: that of the records is a shuffled round's.
 */
export function chartData(records: readonly TrialRecord[], order = designOrder(records)): ChartData {
  const groups = summarize(records, order);
  const rows = new Map(groups.flatMap((group) => group.rows).map((row) => [row.design, row]));
  const known = order.filter((design) => rows.has(design));
  const designs = [...new Set([...known, ...rows.keys()])].map((design) => rows.get(design)!);
  return { records, groups, styles: designStyles(designs) };
}
