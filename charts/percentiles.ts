/**
 * Latency by percentile, as HDR histograms are looked at: an axis of nines gives the slowest thousandth as much room as the
 * fastest nine tenths.
 */
import type { MergedLatencies } from '../benchmarks/latency.ts';
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
import { survival } from './survival.ts';

export const percentiles: Chart = {
  name: 'percentiles',
  summary: 'Latency of reads and writes by percentile, on an axis of nines, per design and workload.',
  needs: 'npx loopwq run --workloads mixed',
  draw,
};

const MARKS = [0.5, 0.9, 0.99, 0.999, 0.9999];
/** Nines of the median, where the axis begins: what lies below it would take half of the height and says little. */
const FIRST = Math.log10(2);

interface Point {
  design: string;
  percentile: number;
  latency: number;
  /** -log10(1 - q): 2 for p99. */
  nines: number;
}

interface Cell {
  group: Group;
  lines: Point[];
  marks: Point[];
}

function draw(data: ChartData): TopLevelSpec | string {
  const cells = data.groups.map((group) => cellOf(group, data)).filter((cell) => cell.lines.length > 0);
  if (cells.length === 0) return `no read and no write was measured; run ${percentiles.needs}`;
  const drawn = stylesOf(
    data.styles,
    cells.flatMap((cell) => cell.lines),
  );
  const pages = cells.flatMap((cell) => sheets(drawn, cell.lines).map((sheet) => ({ cell, sheet })));
  const { width } = grid(pages.length);
  const [axis, floorAxis] = [false, true].map((floor) => {
    const alike = cells.filter((cell) => isFloor(cell.group) === floor).flatMap((cell) => cell.lines);
    return alike.length === 0
      ? undefined
      : decadeAxis(
          alike.map(({ latency }) => latency),
          Math.floor(HEIGHT / 30),
        );
  });
  return framed({
    chart: percentiles,
    title: 'Latency of reads and writes by percentile',
    note:
      'From submission to acknowledgement, in an open loop from when the operation was due; all rounds together. Lower is ' +
      'faster. The axis begins at the median; a line ends at the last percentile that there are operations enough to bound.',
    groups: cells.map((cell) => cell.group),
    styles: drawn,
    views: pages.map(({ cell, sheet }) =>
      view(cell, sheet, (isFloor(cell.group) ? floorAxis : axis)!, width),
    ),
    words: cells.map(inWords).join(' '),
  });
}

function cellOf(group: Group, { latencies }: ChartData): Cell {
  const each = group.rows.map(({ design }) => pointsOf(design, latencies(group, design, 'io')));
  return { group, lines: each.flatMap(({ line }) => line), marks: each.flatMap(({ marks }) => marks) };
}

function pointsOf(design: string, merged: MergedLatencies): { line: Point[]; marks: Point[] } {
  const last = ninesOf(lastBounded(merged.n));
  if (!(last > FIRST)) return { line: [], marks: [] };
  const tail = survival(merged, MARKS);
  const point = ({ latency, share }: { latency: number; share: number }): Point => ({
    design,
    percentile: (1 - share) * 100,
    latency,
    nines: -Math.log10(share),
  });
  const points = tail.points.map(point).filter(({ nines }) => nines <= last);
  const line = points.filter(({ nines }) => nines > FIRST);
  // The first and the last step are as long as the axis shows them.
  line.unshift({ ...points.findLast(({ nines }) => nines <= FIRST)!, nines: FIRST, percentile: 50 });
  line.push({ ...line.at(-1)!, nines: last, percentile: 100 * (1 - 10 ** -last) });
  return { line, marks: tail.marks.map(point) };
}

/** The largest quantile that so many latencies bound, as `percentileNeeds` has it. */
function lastBounded(n: number): number {
  return n === 0 ? 0 : 0.025 ** (1 / n);
}

function ninesOf(q: number): number {
  return -Math.log10(1 - q);
}

function view({ group, lines, marks }: Cell, sheet: Sheet, axis: LogAxis, width: number): View {
  const shown = rowsOf(lines, sheet);
  const most = Math.max(...lines.map(({ nines }) => nines));
  const x = {
    field: 'nines',
    type: 'quantitative',
    scale: { domain: [FIRST, most], nice: false, zero: false },
    axis: {
      title: 'percentile',
      // A label at the very end would stand beyond it.
      values: [FIRST, 1, 2, 3, 4, 5, 6].filter((nines) => nines <= 0.95 * most),
      labelOverlap: 'greedy',
      labelExpr: "format(100 - 100 * pow(10, -datum.value), '.6~r') + ' %'",
    },
  };
  const y = logPosition('latency', 'latency', axis, DURATION);
  return {
    title: cellHeading(group, sheet.note, width),
    width,
    height: HEIGHT,
    layer: [
      designLines(shown, x, y, sheet.styles, 'step-after'),
      designPoints(rowsOf(marks, sheet), x, y, sheet.styles),
    ],
  };
}

function inWords({ group, marks }: Cell): string {
  const tails = marks.filter(({ percentile }) => Math.abs(percentile - 99) < 1e-6);
  const told = tails.map(({ design, latency }) => `${design} ${Math.round(latency / 1000)} us`);
  return `${cellName(group)}${told.length > 0 ? `, p99: ${told.join(', ')}` : ''}.`;
}
