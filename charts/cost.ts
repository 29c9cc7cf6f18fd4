/** What a design costs: CPU time and context switches of an operation, and threads. */
import { median } from 'simple-statistics';
import type { Interval } from '../benchmarks/statistics/interval.ts';
import { orderStatisticInterval } from '../benchmarks/statistics/order-statistic-interval.ts';
import type { Group } from '../benchmarks/summary.ts';
import type { Metrics } from '../datasets/schema.ts';
import { largest } from './axis.ts';
import type { Chart, ChartData, TopLevelSpec, View } from './chart.ts';
import { framed, fromZero } from './frame.ts';
import { label } from './key.ts';
import { cellHeading, cellName, scales, WIDTH, widest } from './look.ts';
import type { DesignStyle } from './palette.ts';
import { MONO } from './text-width.ts';

export const cost: Chart = {
  name: 'cost',
  summary: 'CPU time and context switches of an operation, and threads, per design and workload.',
  needs: 'npx loopwq run',
  draw,
};

const STEP = 18;
const BETWEEN = 26;

interface Measure {
  title: string;
  all: (metrics: Metrics) => number;
  /** The part that is loopwq's own. */
  own: (metrics: Metrics) => number;
}

const MEASURES: readonly Measure[] = [
  {
    title: 'CPU us of an operation',
    all: (it) => it.cpuSystemUs / it.operations,
    own: (it) => it.cpuTasksUs / it.operations,
  },
  {
    title: 'context switches of an operation',
    all: (it) => it.switchesSystem / it.operations,
    own: (it) => it.switchesTasks / it.operations,
  },
  {
    title: 'workers, and threads of io-wq',
    all: (it) => it.workers + it.ioWqThreads,
    own: (it) => it.workers,
  },
];

interface Bar {
  design: string;
  label: string;
  value: number;
  own: number;
  low: number | null;
  high: number | null;
}

interface Cell {
  group: Group;
  /** One list for each measure. */
  bars: Bar[][];
}

function draw(data: ChartData): TopLevelSpec | string {
  const cells = data.groups
    .map((group): Cell => ({ group, bars: MEASURES.map((measure) => barsOf(group, measure, data)) }))
    .filter(({ bars }) => bars[0]!.length > 0);
  if (cells.length === 0) return `no trial was measured; run ${cost.needs}`;
  const names = widest(cells.flatMap(({ bars }) => bars[0]!.map((bar) => bar.label)));
  const all = WIDTH - names - 20;
  const width = Math.floor((all - (MEASURES.length - 1) * BETWEEN) / MEASURES.length);
  return framed({
    chart: cost,
    title: 'What a design costs',
    note:
      'The whole bar: the whole machine, kernel workers included; its dark part: the submitters and workers of loopwq alone. ' +
      'Medians over rounds; line: the interval of the whole.',
    groups: cells.map(({ group }) => group),
    styles: [],
    views: cells.map((cell) => view(cell, data.styles, width, all)),
    columns: 1,
    width: all,
    words: cells.map(inWords).join(' '),
  });
}

function barsOf(group: Group, { all, own }: Measure, { trials }: ChartData): Bar[] {
  return group.rows.flatMap((row): Bar[] => {
    const measured = trials(group, row.design).filter(({ metrics }) => metrics.operations > 0);
    if (measured.length === 0) return [];
    const values = measured.map(({ metrics }) => all(metrics));
    const interval: Interval | undefined = values.length > 1 ? orderStatisticInterval(values) : undefined;
    return [
      {
        design: row.design,
        label: label(row),
        value: median(values),
        own: median(measured.map(({ metrics }) => own(metrics))),
        low: interval?.low ?? null,
        high: interval?.high ?? null,
      },
    ];
  });
}

function view({ group, bars }: Cell, styles: readonly DesignStyle[], width: number, all: number): View {
  return {
    title: cellHeading(group, '', all),
    spacing: BETWEEN,
    hconcat: MEASURES.map(({ title }, at) => panel(bars[at]!, title, at === 0, styles, width)),
  } as unknown as View;
}

function panel(
  values: Bar[],
  title: string,
  first: boolean,
  styles: readonly DesignStyle[],
  width: number,
): View {
  const y = {
    field: 'label',
    type: 'nominal',
    sort: values.map((bar) => bar.label),
    axis: first ? { title: null, labelFont: MONO, ticks: false, domain: false, labelPadding: 8 } : null,
  };
  const x = fromZero('value', title, largest(values.flatMap(({ value, high }) => [value, high ?? 0, 1e-3])), {
    tickCount: 4,
  });
  const color = { field: 'design', type: 'nominal', scale: scales(styles).color, legend: null };
  return {
    width,
    height: { step: STEP },
    data: { values },
    layer: [
      { mark: { type: 'bar', height: 11, opacity: 0.4 }, encoding: { x, y, color } },
      { mark: { type: 'bar', height: 11 }, encoding: { x: { ...x, field: 'own' }, y, color } },
      // A line that is seen on a black bar too.
      ...[
        { strokeWidth: 4, color: 'white' },
        { strokeWidth: 1.5, color: '#222222' },
      ].map((look) => ({
        transform: [{ filter: 'datum.low !== null' }],
        mark: { type: 'rule', ...look },
        encoding: { x: { ...x, field: 'low' }, x2: { field: 'high' }, y },
      })),
    ],
  } as unknown as View;
}

function inWords({ group, bars }: Cell): string {
  const told = bars[0]!.map(({ design, value }) => `${design} ${value.toPrecision(3)} us`);
  return `${cellName(group)}, CPU time of an operation: ${told.join(', ')}.`;
}
