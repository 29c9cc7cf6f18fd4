/** What most charts share: a title, the key of the designs, and below it a grid with one plot per cell. */
import type { Group } from '../benchmarks/summary.ts';
import type { Chart, Layer, TopLevelSpec, View } from './chart.ts';
import { designKey } from './key.ts';
import { CONFIG, heading, hostNote, lineWidth, scales, WIDTH } from './look.ts';
import type { DesignStyle } from './palette.ts';

/** Pixels that an axis with its labels and title takes beside a plot. */
export const AXIS = 70;
export const HEIGHT = 300;

/** How many plots of a grid stand beside each other, and the width of each in pixels. */
export function grid(plots: number): { columns: number; width: number } {
  const columns = plots === 1 ? 1 : 2;
  return { columns, width: Math.floor(WIDTH / columns) - AXIS };
}

export interface Framed {
  chart: Chart;
  title: string;
  /** What the marks mean, in a sentence or two. */
  note: string;
  /** The groups that are shown: where they were measured stands below the note. */
  groups: readonly Group[];
  /** The designs that are drawn, for the key; none for a chart that says their names in another way. */
  styles: readonly DesignStyle[];
  views: View[];
  /** What is shown, in words: the description behind the chart's summary. */
  words: string;
  columns?: number;
}

export function framed({ chart, title, note, groups, styles, views, words, columns }: Framed): TopLevelSpec {
  return {
    $schema: 'https://vega.github.io/schema/vega-lite/v6.json',
    description: `${chart.summary} ${words}`,
    title: heading(title, [note, hostNote(groups)], WIDTH - AXIS),
    config: CONFIG,
    vconcat: [
      ...(styles.length > 0 ? [designKey(styles, WIDTH - AXIS)] : []),
      { columns: columns ?? grid(views.length).columns, spacing: 24, concat: views },
    ],
    spacing: 14,
  } as TopLevelSpec;
}

/** The designs of a list of rows, with their looks in the run's order. */
export function stylesOf(styles: readonly DesignStyle[], rows: readonly { design: string }[]): DesignStyle[] {
  const drawn = new Set(rows.map((row) => row.design));
  return styles.filter(({ design }) => drawn.has(design));
}

/** An encoding of a position; its fields and scales are the chart's. */
// biome-ignore lint/suspicious/noExplicitAny: the type of a position in vega-lite is a union that no helper can name
type Position = any;

/** A line per design, by colour, dash and width. */
export function designLines(
  values: readonly { design: string }[],
  x: Position,
  y: Position,
  styles: readonly DesignStyle[],
  interpolate: 'linear' | 'step-before' | 'step-after' = 'linear',
): Layer {
  const scale = scales(styles);
  return {
    data: { values: [...values] },
    mark: { type: 'line', interpolate },
    encoding: {
      x,
      y,
      color: { field: 'design', type: 'nominal', scale: scale.color, legend: null },
      strokeDash: { field: 'design', type: 'nominal', scale: scale.dash, legend: null },
      strokeWidth: lineWidth(styles),
    },
  };
}

/** A mark per row, by colour, shape and fill. */
export function designPoints(
  values: readonly { design: string }[],
  x: Position,
  y: Position,
  styles: readonly DesignStyle[],
  size = 45,
): Layer {
  const scale = scales(styles);
  return {
    data: { values: [...values] },
    mark: { type: 'point', size, opacity: 1 },
    encoding: {
      x,
      y,
      stroke: { field: 'design', type: 'nominal', scale: scale.color, legend: null },
      fill: { field: 'design', type: 'nominal', scale: scale.fill, legend: null },
      shape: { field: 'design', type: 'nominal', scale: scale.shape, legend: null },
    },
  };
}

/** A position on a logarithmic axis. */
export function logPosition(
  field: string,
  title: string | null,
  { domain, ticks }: { domain: readonly number[]; ticks: readonly number[] },
  axis: object = {},
) {
  return {
    field,
    type: 'quantitative',
    scale: { type: 'log', domain: [...domain], nice: false },
    axis: { title, values: [...ticks], ...axis },
  };
}

/** Labels of an axis in nanoseconds. */
export const DURATION = {
  labelExpr:
    "datum.value < 1e3 ? format(datum.value, '~g') + ' ns' : datum.value < 1e6 ? format(datum.value / 1e3, '~g') + ' us' : " +
    "datum.value < 1e9 ? format(datum.value / 1e6, '~g') + ' ms' : format(datum.value / 1e9, '~g') + ' s'",
};
