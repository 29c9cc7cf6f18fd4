/** What a chart is: results in, a vega-lite specification out. Nothing here reads, writes or draws. */
import type { TopLevelSpec } from 'vega-lite';
import { type MergedLatencies, mergeLatencies } from '../benchmarks/latency.ts';
import { type Group, summarize } from '../benchmarks/summary.ts';
import type { TrialRecord } from '../datasets/schema.ts';
import { type DesignStyle, designOrder, designStyles } from './palette.ts';

export type { TopLevelSpec } from 'vega-lite';

/** `io`: reads and writes together, the operations that IOPS count. */
export type LatencyKind = keyof TrialRecord['latency'] | 'io';

/** What all charts of one run are drawn from. */
export interface ChartData {
  records: readonly TrialRecord[];
  /** The same records as the table shows them, in its order of designs. */
  groups: readonly Group[];
  /** Every design of the run in that order, so that all charts agree on colours, dashes and shapes. */
  styles: readonly DesignStyle[];
  /** The measurements of a group, or of one design in it: neither failed nor skipped. */
  trials(group: Group, design?: string): readonly TrialRecord[];
  /** One kind of latency of one design over all rounds; n is 0 where there are none. Merged once for all charts. */
  latencies(group: Group, design: string, kind: LatencyKind): MergedLatencies;
}

export interface Chart {
  /** Also the name of its file. */
  name: string;
  /** One sentence for a list of charts. */
  summary: string;
  /** The command that gives records with its data. */
  needs: string;
  /** @returns the specification, or, where its data is missing, one sentence that says why and what to run: `needs`. */
  draw(data: ChartData): TopLevelSpec | string;
}

/** One part of a chart: below a title, beside others. */
export type View = Extract<TopLevelSpec, { vconcat: unknown }>['vconcat'][number];

/** One layer of a view. */
export type Layer = Extract<View, { layer: unknown }>['layer'][number];

/**
 * @param order designs as in the table, whose first is the base of the ratios. Without it the fixed order of
 *   palette.ts: that of the records is a shuffled round's.
 */
export function chartData(records: readonly TrialRecord[], order = designOrder(records)): ChartData {
  const groups = summarize(records, order);
  const rows = new Map(groups.flatMap((group) => group.rows).map((row) => [row.design, row]));
  const known = order.filter((design) => rows.has(design));
  const designs = [...new Set([...known, ...rows.keys()])].map((design) => rows.get(design)!);
  const measured = records.filter((it) => it.failure === undefined && it.skipped === undefined);
  const cellOf = (it: Group | TrialRecord): string => `${it.workload}\n${it.direct}\n${it.backend}`;
  const byCell = collect(measured, cellOf);
  const byDesign = collect(measured, (record) => `${cellOf(record)}\n${record.design}`);
  const merged = new Map<string, MergedLatencies>();
  const trials: ChartData['trials'] = (group, design) =>
    (design === undefined ? byCell.get(cellOf(group)) : byDesign.get(`${cellOf(group)}\n${design}`)) ?? [];
  return {
    records,
    groups,
    styles: designStyles(designs),
    trials,
    latencies(group, design, kind) {
      const key = `${cellOf(group)}\n${design}\n${kind}`;
      const known = merged.get(key);
      if (known) return known;
      const all = mergeLatencies(
        trials(group, design).flatMap(({ latency }) =>
          kind === 'io' ? [latency.read ?? [], latency.write ?? []].flat() : (latency[kind] ?? []),
        ),
      );
      merged.set(key, all);
      return all;
    },
  };
}

/** Items with the same key together, in order of first appearance. */
export function collect<T>(items: readonly T[], keyOf: (item: T) => string): Map<string, T[]> {
  const byKey = new Map<string, T[]>();
  for (const item of items) {
    const key = keyOf(item);
    const same = byKey.get(key);
    if (same) same.push(item);
    else byKey.set(key, [item]);
  }
  return byKey;
}
