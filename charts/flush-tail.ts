/**
 * The tail of the flush latency: what share of the flushes took at least so long. A design that makes a flush wait
 * pays there and not in the median, and a percentile table shows four points of it.
 */
import type { Group } from '../benchmarks/summary.ts';
import { decadeAxis, type LogAxis } from './axis.ts';
import type { Chart, ChartData, TopLevelSpec, View } from './chart.ts';
import {
  DURATION,
  designLines,
  designPoints,
  framed,
  grid,
  HEIGHT,
  logPosition,
  rowsOf,
  type Sheet,
  sheets,
  stylesOf,
} from './frame.ts';
import { cellHeading, cellName, isFloor } from './look.ts';
import { type Survival, survival } from './survival.ts';

export const flushTail: Chart = {
  name: 'flush-tail',
  summary:
    'Share of flushes that took at least so long (1-CDF, both axes logarithmic), per design and workload.',
  needs: 'npx loopwq run --workloads flush-heavy',
  draw,
};

/** Percentiles that carry the design's mark, so that a line is known without its colour. */
const MARKS = [0.5, 0.9, 0.99, 0.999];

interface Tail extends Survival {
  design: string;
}

interface Cell {
  group: Group;
  tails: Tail[];
}

function draw(data: ChartData): TopLevelSpec | string {
  const cells = data.groups
    .map((group): Cell => ({ group, tails: tailsOf(group, data) }))
    .filter((cell) => cell.tails.length > 0);
  if (cells.length === 0) return `no flush was measured; run ${flushTail.needs}`;
  const drawn = stylesOf(
    data.styles,
    cells.flatMap((cell) => cell.tails),
  );
  const pages = cells.flatMap((cell) => sheets(drawn, cell.tails).map((sheet) => ({ cell, sheet })));
  const { width } = grid(pages.length);
  const [axes, floorAxes] = [false, true].map((floor) =>
    axesOf(
      cells.filter((cell) => isFloor(cell.group) === floor),
      width,
    ),
  );
  return framed({
    chart: flushTail,
    title: 'How long a flush takes: the tail',
    note:
      'Share of flushes that took at least so long, from submission to acknowledgement, all rounds together. Left is ' +
      'faster. Marks: p50, p90, p99, p99.9, where there are flushes enough to bound them, and the slowest flush.',
    groups: cells.map((cell) => cell.group),
    styles: drawn,
    views: pages.map(({ cell, sheet }) =>
      view(cell, sheet, (isFloor(cell.group) ? floorAxes : axes)!, width),
    ),
    words: cells.map(inWords).join(' '),
  });
}

function tailsOf(group: Group, { latencies }: ChartData): Tail[] {
  return group.rows.flatMap(({ design }) => {
    const flushes = latencies(group, design, 'flush');
    if (flushes.n === 0) return [];
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

function view({ group, tails }: Cell, sheet: Sheet, axes: Axes, width: number): View {
  const { styles, note } = sheet;
  const x = logPosition('latency', 'flush latency', axes.latency, DURATION);
  const y = logPosition('share', 'share of flushes, 1 - CDF', axes.share, { format: '~%' });
  const flat = (of: 'points' | 'marks') =>
    rowsOf(tails, sheet).flatMap((tail) => tail[of].map((point) => ({ design: tail.design, ...point })));
  return {
    title: cellHeading(group, note, width),
    width,
    height: HEIGHT,
    layer: [
      designLines(flat('points'), x, y, styles, 'step-before'),
      designPoints(flat('marks'), x, y, styles),
    ],
  };
}

function inWords({ group, tails }: Cell): string {
  return `${cellName(group)}: ${tails.map((tail) => `${tail.design} (n = ${tail.n})`).join(', ')}.`;
}
