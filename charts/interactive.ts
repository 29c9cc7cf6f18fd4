/**
 * A chart for a page: designs can be left out while it is looked at, and marks say what they stand for. The specification stays
 * one, so that a chart needs to know nothing about it.
 */
import type { TopLevelSpec } from './chart.ts';

/** The parameter that names the designs to leave out. */
export const HIDDEN = 'hidden';

type Node = Record<string, unknown>;
type Top = Node & { datasets?: Node; config?: Node & { mark?: Node }; params?: unknown[] };

/** Marks with many rows to a piece: a tooltip would show the first of them as if it were all. */
const LINES = ['line', 'area', 'trail'];

/**
 * Gives a specification the parameter `hidden`, a list of designs whose rows are left out wherever inline data has a field
 * `design`, and every mark a tooltip of its row. Scales that a chart fixed stay as they are.
 */
export function interactive(spec: TopLevelSpec): TopLevelSpec {
  const { datasets, config, params = [], ...views } = spec as unknown as Top;
  return {
    ...(withFilter(views, datasets ?? {}) as Node),
    ...(datasets ? { datasets } : {}),
    config: { ...config, mark: { ...config?.mark, tooltip: { content: 'data' } } },
    params: [...params, { name: HIDDEN, value: [] }],
  } as unknown as TopLevelSpec;
}

/** The filter stands where the data does, before everything that is computed from it. */
function withFilter(node: unknown, datasets: Node): unknown {
  if (Array.isArray(node)) return node.map((item) => withFilter(item, datasets));
  if (!isNode(node)) return node;
  // Rows are data, not views, however they look.
  const { data, mark, ...views } = node;
  const copy: Node = Object.fromEntries(
    Object.entries(views).map(([key, value]) => [key, withFilter(value, datasets)]),
  );
  if (mark !== undefined) copy.mark = withTooltip(mark);
  if (data === undefined) return copy;
  const { values, name } = Object(data) as { values?: unknown; name?: string };
  const rows = values ?? (name === undefined ? undefined : datasets[name]);
  if (!Array.isArray(rows) || !rows.some((row) => isNode(row) && 'design' in row)) return { data, ...copy };
  const filter = { filter: `indexof(${HIDDEN}, datum.design) < 0` };
  return { data, ...copy, transform: [filter, ...((copy.transform as unknown[]) ?? [])] };
}

function withTooltip(mark: unknown): unknown {
  const { type = mark, ...look } = Object(mark) as Node;
  if (!LINES.includes(String(type))) return mark;
  return { tooltip: { expr: 'datum.design' }, ...(isNode(mark) ? look : {}), type };
}

function isNode(value: unknown): value is Node {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
