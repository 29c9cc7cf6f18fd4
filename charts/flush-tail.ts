/**
 * The tail of the flush latency: what share of the flushes took at least so long. A design that makes a flush wait
 * pays there and not in the median, and a percentile table shows four points of it.
 */
import type { Group } from '../benchmarks/summary.ts';
import { decadeAxis, type LogAxis } from './axis.ts';
import type { Chart, ChartData, TopLevelSpec, View } from './chart.ts';
import { designKey } from './key.ts';
import {
  CONFIG,
  cellHeading,
  cellName,
  heading,
  hostNote,
  isFloor,
  lineWidth,
  scales,
  WIDTH,
} from './look.ts';
import type { DesignStyle } from './palette.ts';
import { type Survival, survival } from './survival.ts';

export const flushTail: Chart = {
  name: 'flush-tail',
  summary:
    'Share of flushes that took at least so long (1-CDF, both axes logarithmic), per design and workload.',
  draw,
};

/** Percentiles that carry the design's mark, so that a line is known without its colour. */
const MARKS = [0.5, 0.9, 0.99, 0.999];
const HEIGHT = 300;
/** Pixels that an axis with its labels and title takes beside a plot. */
const AXIS = 70;

interface Tail extends Survival {
  design: string;
}

interface Cell {
  group: Group;
  tails: Tail[];
}

function draw({ records, groups, styles }: ChartData): TopLevelSpec | string {
  const cells = groups
    .map((group): Cell => ({ group, tails: tailsOf(group, records) }))
    .filter((cell) => cell.tails.length > 0);
  if (cells.length === 0) return 'no flush was measured; run npx loopwq run --workloads flush-heavy';
  const columns = cells.length === 1 ? 1 : 2;
  const width = Math.floor(WIDTH / columns) - AXIS;
  const [axes, floorAxes] = [false, true].map((floor) =>
    axesOf(
      cells.filter((cell) => isFloor(cell.group) === floor),
      width,
    ),
  );
  const drawn = styles.filter(({ design }) =>
    cells.some((cell) => cell.tails.some((tail) => tail.design === design)),
  );
  return {
    $schema: 'https://vega.github.io/schema/vega-lite/v6.json',
    description: `${flushTail.summary} ${cells.map(inWords).join(' ')}`,
    title: heading(
      'How long a flush takes: the tail',
      [
        'Share of flushes that took at least so long, from submission to acknowledgement, all rounds together. Left is ' +
          'faster. Marks: p50, p90, p99, p99.9, where there are flushes enough to bound them, and the slowest flush.',
        hostNote(cells.map((cell) => cell.group)),
      ],
      WIDTH - AXIS,
    ),
    config: CONFIG,
    vconcat: [
      designKey(drawn, WIDTH - AXIS),
      {
        columns,
        spacing: 24,
        concat: cells.map((cell) => view(cell, drawn, (isFloor(cell.group) ? floorAxes : axes)!, width)),
      },
    ],
    spacing: 14,
  };
}

function tailsOf({ workload, direct, backend, rows }: Group, records: ChartData['records']): Tail[] {
  const mine = records.filter(
    (record) =>
      record.workload === workload &&
      record.direct === direct &&
      record.backend === backend &&
      // Neither is a measurement, as in the table.
      record.failure === undefined &&
      record.skipped === undefined,
  );
  return rows.flatMap(({ design }) => {
    const flushes = mine.flatMap((record) =>
      record.design === design && record.latency.flush ? [record.latency.flush] : [],
    );
    if (flushes.length === 0) return [];
    const { n, points, marks } = survival(flushes, MARKS);
    // The end of a line is told from the others there, and a single flush is a mark alone.
    return [{ design, n, points, marks: [...marks, points.at(-1)!] }];
  });
}

interface Axes {
  latency: LogAxis;
  share: LogAxis;
}

/** What some cells share, so that they can be compared; undefined for no cells. */
function axesOf(cells: readonly Cell[], width: number): Axes | undefined {
  if (cells.length === 0) return undefined;
  const points = cells.flatMap((cell) => cell.tails).flatMap((tail) => tail.points);
  const latencies = points.map((point) => point.latency);
  // Where every flush was the slowest the share is 1 alone, and the axis still goes down from there.
  const shares = [0.5, ...points.map((point) => point.share)];
  return {
    latency: decadeAxis(latencies, Math.floor(width / 50)),
    share: decadeAxis(shares, Math.floor(HEIGHT / 30)),
  };
}

function view({ group, tails }: Cell, styles: readonly DesignStyle[], axes: Axes, width: number): View {
  const scale = scales(styles);
  const x = {
    field: 'latency',
    type: 'quantitative',
    scale: { type: 'log', domain: axes.latency.domain, nice: false },
    axis: { title: 'flush latency', values: axes.latency.ticks, labelExpr: DURATION },
  } as const;
  const y = {
    field: 'share',
    type: 'quantitative',
    scale: { type: 'log', domain: axes.share.domain, nice: false },
    axis: { title: 'share of flushes, 1 - CDF', values: axes.share.ticks, format: '~%' },
  } as const;
  const color = { field: 'design', type: 'nominal', scale: scale.color, legend: null } as const;
  const flat = (of: 'points' | 'marks') =>
    tails.flatMap((tail) => tail[of].map((point) => ({ design: tail.design, ...point })));
  return {
    title: cellHeading(group, '', width),
    width,
    height: HEIGHT,
    layer: [
      {
        data: { values: flat('points') },
        mark: { type: 'line', interpolate: 'step-before' },
        encoding: {
          x,
          y,
          color,
          strokeDash: { field: 'design', type: 'nominal', scale: scale.dash, legend: null },
          strokeWidth: lineWidth(styles),
        },
      },
      {
        data: { values: flat('marks') },
        mark: { type: 'point', size: 45, opacity: 1 },
        encoding: {
          x,
          y,
          stroke: color,
          fill: { field: 'design', type: 'nominal', scale: scale.fill, legend: null },
          shape: { field: 'design', type: 'nominal', scale: scale.shape, legend: null },
        },
      },
    ],
  };
}

const DURATION =
  "datum.value < 1e3 ? format(datum.value, '~g') + ' ns' : datum.value < 1e6 ? format(datum.value / 1e3, '~g') + ' us' : " +
  "datum.value < 1e9 ? format(datum.value / 1e6, '~g') + ' ms' : format(datum.value / 1e9, '~g') + ' s'";

function inWords({ group, tails }: Cell): string {
  return `${cellName(group)}: ${tails.map((tail) => `${tail.design} (n = ${tail.n})`).join(', ')}.`;
}
