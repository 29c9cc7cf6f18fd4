/**
 * The verdict: how many times as many IOPS as the base each design has, with its interval, per workload. Intervals
 * are the table's, from `ratioInterval`; vega-lite's own would be bootstrapped without a seed.
 */
import type { Group, Row } from '../benchmarks/summary.ts';
import { type LogAxis, ratioAxis } from './axis.ts';
import type { Chart, ChartData, TopLevelSpec, View } from './chart.ts';
import { stylesOf } from './frame.ts';
import { label } from './key.ts';
import {
  CONFIG,
  cellHeading,
  cellName,
  FONT_SIZE,
  heading,
  hostNote,
  isFloor,
  scales,
  WIDTH,
  widest,
} from './look.ts';
import type { DesignStyle } from './palette.ts';
import { MONO } from './text-width.ts';

/** Pixels from one design to the next. */
const STEP = 18;
/** Pixels between the plot and the texts on either side of it. */
const BESIDE = 8;

export const ratio: Chart = {
  name: 'ratio',
  summary: 'IOPS relative to the base, with the interval over rounds, per design and workload.',
  needs: 'npx loopwq run --designs single-wq,n-wq:4',
  draw,
};

interface Point {
  design: string;
  label: string;
  /** Null where there is none: the row stands, and its text says why. */
  ratio: number | null;
  low: number | null;
  high: number | null;
  text: string;
}

function draw({ groups, styles }: ChartData): TopLevelSpec | string {
  const cells = groups.filter((group) => group.rows.some((row) => row.ratio));
  if (cells.length === 0) return `no round measured the base and another design; run ${ratio.needs}`;
  const points = cells.map((group) => group.rows.map((row) => point(row, group)));
  // Cells share their scales, also where they have different designs.
  const drawn = stylesOf(styles, points.flat());
  const names = widest(points.flat().map((it) => it.label));
  const width = Math.max(260, WIDTH - names - widest(points.flat().map((it) => it.text)) - 2 * BESIDE);
  const bases = [...new Set(cells.map((group) => group.base))];
  const base = bases.length === 1 ? bases[0]! : 'the base';
  return {
    $schema: 'https://vega.github.io/schema/vega-lite/v6.json',
    description: `${ratio.summary} ${cells.map((group, at) => inWords(group, points[at]!)).join(' ')}`,
    title: heading(
      `IOPS relative to ${base}`,
      [
        'Point: median over rounds of the quotient within a round. Bar: its interval. Right of the line is faster.',
        hostNote(cells),
      ],
      width,
    ),
    config: CONFIG,
    vconcat: cells.map((group, at) => {
      const alike = points.filter((_, other) => isFloor(cells[other]!) === isFloor(group)).flat();
      const axis = ratioAxis(alike.flatMap(numbers), width);
      const title = at === cells.length - 1 ? `times the IOPS of ${base}` : null;
      return cell(group, points[at]!, drawn, { ...axis, title }, width);
    }),
    spacing: 18,
  };
}

function numbers({ ratio, low, high }: Point): number[] {
  return [ratio, low, high].filter((number) => number !== null);
}

function point(row: Row, group: Group): Point {
  const { design } = row;
  const isBase = design === group.base;
  const ratio = isBase ? 1 : (row.ratio?.value ?? null);
  const interval = isBase ? undefined : row.ratio?.interval;
  return {
    design,
    label: label(row),
    ratio,
    low: interval?.low ?? null,
    high: interval?.high ?? null,
    text: isBase ? 'base' : inNumbers(row),
  };
}

function inNumbers({ ratio, rounds, failures, skipped }: Row): string {
  if (!ratio && rounds === 0 && skipped !== undefined) return 'skipped';
  if (!ratio) return rounds === 0 && failures.length > 0 ? 'failed' : 'no round with the base';
  const { value, interval } = ratio;
  return interval
    ? `${decimal(value)} [${decimal(interval.low)}, ${decimal(interval.high)}]`
    : decimal(value);
}

function cell(
  group: Group,
  values: Point[],
  styles: readonly DesignStyle[],
  axis: LogAxis & { title: string | null },
  width: number,
): View {
  const scale = scales(styles);
  const y = {
    field: 'label',
    type: 'nominal',
    sort: values.map((value) => value.label),
    axis: { title: null, labelFont: MONO, grid: true, ticks: false, domain: false, labelPadding: BESIDE },
  } as const;
  const x = {
    field: 'ratio',
    type: 'quantitative',
    scale: { type: 'log', domain: axis.domain, nice: false },
    axis: { title: axis.title, values: axis.ticks, format: '~g' },
  } as const;
  const color = { field: 'design', type: 'nominal', scale: scale.color, legend: null } as const;
  return {
    title: cellHeading(group, intervalNote(group), width),
    data: { values },
    width,
    height: { step: STEP },
    layer: [
      {
        mark: { type: 'rule', color: '#555555' },
        data: { values: [{ one: 1 }] },
        encoding: { x: { ...x, field: 'one' } },
      },
      {
        mark: { type: 'rule', strokeWidth: 2.5 },
        transform: [{ filter: 'datum.low !== null' }],
        encoding: { x: { ...x, field: 'low' }, x2: { field: 'high' }, y, color },
      },
      {
        mark: { type: 'point', size: 60, opacity: 1 },
        transform: [{ filter: 'datum.ratio !== null' }],
        encoding: {
          x,
          y,
          stroke: color,
          fill: { field: 'design', type: 'nominal', scale: scale.fill, legend: null },
          shape: { field: 'design', type: 'nominal', scale: scale.shape, legend: null },
        },
      },
      {
        mark: { type: 'text', align: 'left', baseline: 'middle', font: MONO, fontSize: FONT_SIZE },
        encoding: { x: { value: width + BESIDE }, y, text: { field: 'text', type: 'nominal' } },
      },
    ],
  };
}

/** What the intervals are worth when rounds were few. */
function intervalNote({ rounds, rows }: Group): string {
  if (rounds === 1) return '; no intervals';
  const reached = rows.flatMap(({ ratio }) => (ratio?.interval ? [ratio.interval.confidence] : []));
  const few = [...new Set(reached.filter((confidence) => confidence < 0.95))].sort((a, b) => b - a);
  if (few.length === 0) return '';
  return `; intervals are the range, which covers ${few.map((it) => +(it * 100).toFixed(2)).join(' or ')} %`;
}

function inWords(group: Group, values: Point[]): string {
  return `${cellName(group)}: ${values.map((value) => `${value.label} ${value.text}`).join(', ')}.`;
}

/** As the table prints it. */
function decimal(value: number): string {
  if (value < 0.0995) return value < 0.0005 ? '<0.001' : value.toFixed(3);
  return value.toFixed(value < 9.995 ? 2 : value < 99.95 ? 1 : 0);
}
