/** Every trial as a point: what a median and an interval are made of, and whether the machine drifted under it. */
import { median } from 'simple-statistics';
import type { Group } from '../benchmarks/summary.ts';
import { largest } from './axis.ts';
import type { Chart, ChartData, TopLevelSpec, View } from './chart.ts';
import { AXIS, framed, fromZero } from './frame.ts';
import { label } from './key.ts';
import { cellHeading, cellName, WIDTH, widest } from './look.ts';
import { MONO } from './text-width.ts';

export const trials: Chart = {
  name: 'trials',
  summary: 'IOPS of every trial in the order of its rounds, with the median, per design and workload.',
  needs: 'npx loopwq run --rounds 10',
  draw,
};

/** Pixels from one design to the next: in them the rounds stand from above to below. */
const STEP = 22;
/** Points of a whole chart. */
const MOST_POINTS = 4000;

interface Point {
  design: string;
  label: string;
  round: number;
  /** From the first round to the last, up to 1: cells with different rounds share their scales. */
  turn: number;
  iops: number;
}

interface Cell {
  group: Group;
  points: Point[];
  /** Rounds of this cell, of which every `every`th is drawn. */
  rounds: number;
}

function draw(data: ChartData): TopLevelSpec | string {
  const cells = data.groups
    .map((group) => cellOf(group, data))
    .filter(({ rounds, points }) => rounds > 1 && points.length > 0);
  if (cells.length === 0) return `a round alone shows no spread; run ${trials.needs}`;
  const all = cells.reduce((n, { points }) => n + points.length, 0);
  const every = Math.ceil(all / MOST_POINTS);
  const names = widest(cells.flatMap(({ points }) => points.map((point) => point.label)));
  const width = WIDTH - AXIS - names;
  const left = every > 1 ? ` One round of every ${every} is drawn; the medians are over all.` : '';
  return framed({
    chart: trials,
    title: 'Every trial',
    note:
      'A point: IOPS of a trial; in each row the rounds go from above to below, and from light to dark, so a slant is drift. ' +
      `Bar: the median.${left}`,
    groups: cells.map(({ group }) => group),
    styles: [],
    views: cells.map((cell) => view(cell, every, width)),
    columns: 1,
    width,
    words: cells.map(inWords).join(' '),
  });
}

function cellOf(group: Group, { trials }: ChartData): Cell {
  const rounds = new Map<string, number>();
  for (const { run, round } of [...trials(group)].sort(
    (a, b) => Date.parse(a.started) - Date.parse(b.started) || a.round - b.round,
  )) {
    const key = `${run} ${round}`;
    if (!rounds.has(key)) rounds.set(key, rounds.size + 1);
  }
  const points = group.rows.flatMap((row) =>
    trials(group, row.design).map(({ run, round, metrics }) => ({
      design: row.design,
      label: label(row),
      round: rounds.get(`${run} ${round}`)!,
      turn: rounds.get(`${run} ${round}`)! / rounds.size,
      iops: metrics.iops,
    })),
  );
  return { group, points, rounds: rounds.size };
}

function view({ group, points }: Cell, every: number, width: number): View {
  const rows = group.rows.filter(({ design }) => points.some((point) => point.design === design));
  const medians = rows.map((row) => ({
    design: row.design,
    label: label(row),
    median: median(points.filter(({ design }) => design === row.design).map(({ iops }) => iops)),
  }));
  const y = {
    field: 'label',
    type: 'nominal',
    sort: rows.map(label),
    scale: { paddingInner: 0.2, paddingOuter: 0.1 },
    axis: { title: null, labelFont: MONO, grid: true, ticks: false, domain: false, labelPadding: 8 },
  };
  const x = fromZero('iops', 'IOPS', largest(points.map(({ iops }) => iops)), { tickCount: 8 });
  return {
    title: cellHeading(group, '', width),
    width,
    height: { step: STEP },
    layer: [
      {
        data: { values: points.filter(({ round }) => (round - 1) % every === 0) },
        mark: { type: 'point', size: 22, filled: true, opacity: 1, stroke: null },
        encoding: {
          x,
          y,
          yOffset: {
            field: 'turn',
            type: 'quantitative',
            // With air on both sides, so that the rows stay apart.
            scale: { domain: [-0.2, 1.4], nice: false, zero: false },
          },
          color: {
            field: 'turn',
            type: 'quantitative',
            scale: { domain: [0, 1], range: ['#92c5de', '#08306b'] },
            legend: null,
          },
        },
      },
      {
        data: { values: medians },
        mark: { type: 'tick', color: '#d55e00', thickness: 2.5, size: STEP - 6, opacity: 1 },
        encoding: { x: { ...x, field: 'median' }, y },
      },
    ],
  } as unknown as View;
}

function inWords({ group, points, rounds }: Cell): string {
  const designs = new Set(points.map(({ design }) => design));
  return `${cellName(group)}: ${rounds} rounds of ${[...designs].join(', ')}.`;
}
