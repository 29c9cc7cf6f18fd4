/** IOPS over the seconds of a trial, its warm-up too: whether what was measured was a steady state. */
import { median } from 'simple-statistics';
import { orderStatisticInterval } from '../benchmarks/statistics/order-statistic-interval.ts';
import type { Group } from '../benchmarks/summary.ts';
import type { Series } from '../datasets/schema.ts';
import { largest } from './axis.ts';
import type { Chart, ChartData, TopLevelSpec, View } from './chart.ts';
import {
  designBands,
  designLines,
  designPoints,
  framed,
  fromZero,
  grid,
  HEIGHT,
  MOST_BANDS,
  rowsOf,
  type Sheet,
  sheets,
  stylesOf,
} from './frame.ts';
import { cellHeading, cellName, plural } from './look.ts';

export const steadyState: Chart = {
  name: 'steady-state',
  summary: 'IOPS over the seconds of a trial, with the warm-up shaded, per design and workload.',
  needs: 'npx loopwq run --steady --workloads flush-heavy',
  draw,
};

/** Windows from one mark on a line to the next. */
const MARK_EVERY = 5;

/** Of all trials of a design. */
interface Point {
  design: string;
  /** Since the measured window began; below zero in the warm-up. */
  second: number;
  iops: number;
  low: number;
  high: number;
}

interface Cell {
  group: Group;
  points: Point[];
  /** Trials whose warm-up did not end in a steady state. */
  unsteady: string[];
}

function draw(data: ChartData): TopLevelSpec | string {
  const cells = data.groups.map((group) => cellOf(group, data)).filter(({ points }) => points.length > 0);
  if (cells.length === 0) return `no record has IOPS over time; run ${steadyState.needs}`;
  const drawn = stylesOf(
    data.styles,
    cells.flatMap(({ points }) => points),
  );
  const pages = cells.flatMap((cell) => sheets(drawn, cell.points).map((sheet) => ({ cell, sheet })));
  const { width } = grid(pages.length);
  return framed({
    chart: steadyState,
    title: 'IOPS over the time of a trial',
    note:
      'Seconds since the measured window began; the warm-up, where there is one, lies before and is shaded. Line: median ' +
      `over rounds; band, up to ${MOST_BANDS} designs: its interval. Windows that most of the trials have.`,
    groups: cells.map(({ group }) => group),
    styles: drawn,
    views: pages.map(({ cell, sheet }) => view(cell, sheet, width)),
    words: cells.map(inWords).join(' '),
  });
}

function cellOf(group: Group, { trials }: ChartData): Cell {
  const unsteady = group.rows.filter((row) => row.unsteady > 0).map(({ design }) => design);
  const all = trials(group).flatMap(({ series }) => series ?? []);
  if (all.length === 0) return { group, points: [], unsteady };
  // One grid for all: the windows of a design that was stopped early may be shorter than the others'.
  const seconds = Math.max(...all.map((series) => series.seconds));
  const points = group.rows.flatMap(({ design }) => {
    const byWindow = new Map<number, number[]>();
    const mine = trials(group, design).flatMap(({ series }) => series ?? []);
    for (const series of mine)
      for (const [window, iops] of alignedAtStart(series, seconds)) {
        const same = byWindow.get(window);
        if (same) same.push(iops);
        else byWindow.set(window, [iops]);
      }
    // What few of the trials lasted for tells of these few: a straggler, or a long warm-up.
    const windows = [...byWindow]
      .filter(([, values]) => 2 * values.length > mine.length)
      .sort(([a], [b]) => a - b);
    return windows.map(([window, values]) => ({
      design,
      second: (window + 0.5) * seconds,
      ...estimate(values),
    }));
  });
  return { group, points, unsteady };
}

/**
 * IOPS in windows of so many seconds that begin where the measured one does: 0 is the first, -1 the last of the warm-up. An
 * operation counts evenly over the window that it was counted in; windows that the series covers in part are left out.
 */
export function* alignedAtStart(series: Series, seconds: number): Generator<[window: number, iops: number]> {
  const { operations, warmUp } = series;
  const [first, last] = [-warmUp, operations.length * series.seconds - warmUp];
  // Sums of seconds that are no binary fractions miss an end by a rounding.
  const slack = 1e-9;
  // Plus zero: a ceiling may be a negative one.
  for (
    let window = Math.ceil(first / seconds - slack) + 0;
    (window + 1) * seconds <= last + slack;
    window++
  ) {
    const [from, to] = [window * seconds + warmUp, (window + 1) * seconds + warmUp];
    let count = 0;
    for (let at = Math.max(0, Math.floor(from / series.seconds)); at < operations.length; at++) {
      const [begin, end] = [at * series.seconds, (at + 1) * series.seconds];
      if (begin >= to) break;
      count += (operations[at]! * Math.max(0, Math.min(to, end) - Math.max(from, begin))) / series.seconds;
    }
    yield [window, count / seconds];
  }
}

function estimate(values: number[]): { iops: number; low: number; high: number } {
  const iops = median(values);
  if (values.length === 1) return { iops, low: iops, high: iops };
  const { low, high } = orderStatisticInterval(values);
  return { iops, low, high };
}

function view({ group, points: all, unsteady }: Cell, sheet: Sheet, width: number): View {
  const points = rowsOf(all, sheet);
  const banded = sheet.designs.size <= MOST_BANDS;
  // So that a line is known without its colour; not all at the same seconds.
  const marks = sheet.styles.flatMap(({ design }, turn) =>
    points.filter((point) => point.design === design).filter((_, at) => (at + turn) % MARK_EVERY === 0),
  );
  const begin = Math.min(0, ...all.map(({ second }) => second));
  const end = largest(all.map(({ second }) => second));
  const x = {
    field: 'second',
    type: 'quantitative',
    scale: { domain: [begin, end], nice: false },
    axis: { title: 'seconds', format: '~g', tickCount: 8 },
  };
  const y = fromZero('iops', 'IOPS', largest(points.map(({ iops, high }) => (banded ? high : iops))));
  const warmUp = {
    data: { values: [{ x: begin, x2: 0 }] },
    mark: { type: 'rect', color: '#000000', opacity: 0.08, tooltip: null },
    encoding: { x: { ...x, field: 'x' }, x2: { field: 'x2' } },
  };
  const note =
    unsteady.length > 0 ? `; ${plural(unsteady.length, 'design')} not steady after the warm-up` : '';
  return {
    title: cellHeading(group, note + sheet.note, width),
    width,
    height: HEIGHT,
    layer: [
      ...(begin < 0 ? [warmUp] : []),
      ...(banded ? [designBands(points, x, { ...y, field: 'low' }, 'high', sheet.styles)] : []),
      designLines(points, x, y, sheet.styles),
      designPoints(marks, x, y, sheet.styles, 30),
    ],
  } as unknown as View;
}

function inWords({ group, points, unsteady }: Cell): string {
  const designs = new Set(points.map(({ design }) => design));
  const note = unsteady.length > 0 ? ` (not steady after the warm-up: ${unsteady.join(', ')})` : '';
  return `${cellName(group)}: ${[...designs].join(', ')}${note}.`;
}
