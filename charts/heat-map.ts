/**
 * Latencies over the time of a trial, a plot per design: stalls that come back, two modes, and a tail that is one burst look
 * alike in every percentile and different here.
 */
import type { Group } from '../benchmarks/summary.ts';
import type { LatencyGrid, TrialRecord } from '../datasets/schema.ts';
import { decadeAxis } from './axis.ts';
import type { Chart, ChartData, TopLevelSpec, View } from './chart.ts';
import { AXIS, DURATION, framed, logPosition } from './frame.ts';
import { cellHeading, cellName, FONT_SIZE, WIDTH } from './look.ts';
import { MONO } from './text-width.ts';

export const heatMap: Chart = {
  name: 'heat-map',
  summary:
    'When operations were acknowledged and how long they had taken, as counts, per design and workload.',
  needs: 'npx loopwq run --workloads flush-heavy',
  draw,
};

const COLUMNS = 4;
const HEIGHT = 110;
/** Rectangles of a whole chart: beyond it, columns are joined, or a page with it opens slowly. */
const MOST_RECTANGLES = 12_000;
const LEAST_COLUMNS = 8;

/** The grids of several trials added up. */
interface Sum {
  kind: LatencyGrid['kind'];
  columnMs: number;
  /** By column, by half octave of the latency in nanoseconds. */
  counts: Map<number, number>[];
}

interface Plot {
  design: string;
  sum: Sum;
}

interface Cell {
  group: Group;
  plots: Plot[];
}

interface Rectangle {
  design: string;
  ms: number;
  ms2: number;
  latency: number;
  latency2: number;
  count: number;
}

function draw(data: ChartData): TopLevelSpec | string {
  const cells = data.groups
    .map((group): Cell => ({ group, plots: plotsOf(group, data) }))
    .filter(({ plots }) => plots.length > 0);
  if (cells.length === 0) return `no record has latencies over time; run ${heatMap.needs}`;
  const drawn = withinLimit(cells.map((cell) => cell.plots));
  const most = drawn.flat().reduce((least, { count }) => Math.max(least, count), 1);
  return framed({
    chart: heatMap,
    title: 'Latencies over the time of a trial',
    note:
      'Across: when an operation was acknowledged, since the measured window began. Up: how long it had taken. Darker is ' +
      'more operations, all rounds together.',
    groups: cells.map(({ group }) => group),
    styles: [],
    views: cells.map((cell, at) => view(cell, drawn[at]!, most, data)),
    columns: 1,
    words: cells.map(inWords).join(' '),
  });
}

function plotsOf(group: Group, { trials }: ChartData): Plot[] {
  return group.rows.flatMap(({ design }) => {
    const sum = sumOf(trials(group, design));
    return sum ? [{ design, sum }] : [];
  });
}

/** Grids of the kind that the first trial has; columns are as wide as the widest of them, of which all others are a part. */
function sumOf(trials: readonly TrialRecord[]): Sum | undefined {
  const kind = trials.find(({ grid }) => grid)?.grid?.kind;
  const grids = trials.flatMap(({ grid }) => (grid && grid.kind === kind ? [grid] : []));
  if (kind === undefined) return undefined;
  const columnMs = Math.max(...grids.map((grid) => grid.columnMs));
  const counts: Map<number, number>[] = [];
  for (const grid of grids) {
    for (const [column, rows] of grid.counts.entries()) {
      const at = Math.floor((column * grid.columnMs) / columnMs);
      while (counts.length <= at) counts.push(new Map());
      for (const [row, count] of rows.entries()) if (count > 0) add(counts[at]!, grid.low + row, count);
    }
  }
  return { kind, columnMs, counts };
}

function add(counts: Map<number, number>, row: number, count: number): void {
  counts.set(row, (counts.get(row) ?? 0) + count);
}

/** Joins columns of every plot, two to one, until all of them together are few enough to be looked at. */
function withinLimit(cells: readonly Plot[][]): Rectangle[][] {
  for (let plots = cells; ; plots = plots.map((cell) => cell.map(joined))) {
    const drawn = plots.map((cell) => cell.flatMap(rectangles));
    const coarse = plots.every((cell) => cell.every(({ sum }) => sum.counts.length <= LEAST_COLUMNS));
    if (coarse || drawn.reduce((n, cell) => n + cell.length, 0) <= MOST_RECTANGLES) return drawn;
  }
}

function joined({ design, sum: { kind, columnMs, counts } }: Plot): Plot {
  if (counts.length <= LEAST_COLUMNS) return { design, sum: { kind, columnMs, counts } };
  const half = Array.from({ length: Math.ceil(counts.length / 2) }, () => new Map<number, number>());
  for (const [column, rows] of counts.entries())
    for (const [row, count] of rows) add(half[column >> 1]!, row, count);
  return { design, sum: { kind, columnMs: 2 * columnMs, counts: half } };
}

function rectangles({ design, sum: { columnMs, counts } }: Plot): Rectangle[] {
  return counts.flatMap((rows, column) =>
    [...rows].map(([row, count]) => ({
      design,
      ms: column * columnMs,
      ms2: (column + 1) * columnMs,
      latency: Math.round(2 ** (row / 2)),
      latency2: Math.round(2 ** ((row + 1) / 2)),
      count,
    })),
  );
}

function view({ group, plots }: Cell, values: Rectangle[], most: number, { styles }: ChartData): View {
  const shown = new Set(plots.map(({ design }) => design));
  const designs = styles.filter(({ design }) => shown.has(design)).map(({ design }) => design);
  const columns = Math.min(COLUMNS, designs.length);
  const width = Math.floor((WIDTH - AXIS) / COLUMNS) - 22;
  const kinds = [...new Set(plots.map(({ sum }) => sum.kind))];
  const end = Math.max(...values.map(({ ms2 }) => ms2));
  const ends = values.flatMap(({ latency, latency2 }) => [latency, latency2]);
  return {
    title: cellHeading(group, `; ${kinds.join(' and ')} latency`, WIDTH - AXIS),
    data: { values },
    columns,
    spacing: 14,
    facet: {
      field: 'design',
      type: 'nominal',
      sort: designs,
      header: {
        title: null,
        labelFont: MONO,
        labelFontSize: FONT_SIZE,
        labelAnchor: 'start',
        labelPadding: 3,
      },
    },
    spec: {
      width,
      height: HEIGHT,
      mark: { type: 'rect', stroke: null },
      encoding: {
        x: {
          field: 'ms',
          type: 'quantitative',
          scale: { domain: [0, end], nice: false },
          axis: { title: 'ms', tickCount: 5 },
        },
        x2: { field: 'ms2' },
        y: logPosition('latency', null, decadeAxis(ends, 5), DURATION),
        y2: { field: 'latency2' },
        color: {
          field: 'count',
          type: 'quantitative',
          scale: {
            type: 'log',
            domain: [1, Math.max(2, most)],
            scheme: 'viridis',
            reverse: true,
            nice: false,
          },
          legend: { title: 'operations', orient: 'right', format: '~s' },
        },
      },
    },
  } as unknown as View;
}

function inWords({ group, plots }: Cell): string {
  return `${cellName(group)}: ${plots.map(({ design, sum }) => `${design} (${sum.kind})`).join(', ')}.`;
}
