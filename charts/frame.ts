/** What most charts share: a title, the key of the designs, and below it a grid with one plot per cell. */
import type { Group } from '../benchmarks/summary.ts';
import type { Chart, Layer, TopLevelSpec, View } from './chart.ts';
import { designKey } from './key.ts';
import { CONFIG, heading, hostNote, lineWidth, scales, WIDTH } from './look.ts';
import type { DesignStyle } from './palette.ts';

/** Pixels that an axis with its labels and title takes beside a plot. */
export const AXIS = 76;
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
  /** Pixels of the plots from left to right, where something wider than an axis stands beside them. */
  width?: number;
}

export function framed({
  chart,
  title,
  note,
  groups,
  styles,
  views,
  words,
  columns,
  width = WIDTH - AXIS,
}: Framed): TopLevelSpec {
  return {
    $schema: 'https://vega.github.io/schema/vega-lite/v6.json',
    description: `${chart.summary} ${words}`,
    title: heading(title, [note, hostNote(groups)], width),
    config: CONFIG,
    vconcat: [
      ...(styles.length > 0 ? [designKey(styles, width)] : []),
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

/** A band per design: an interval that was computed beforehand. */
export function designBands(
  values: readonly { design: string }[],
  x: Position,
  y: Position,
  y2: string,
  styles: readonly DesignStyle[],
): Layer {
  return {
    data: { values: [...values] },
    mark: { type: 'area', opacity: 0.13 },
    encoding: {
      x,
      y,
      y2: { field: y2 },
      color: { field: 'design', type: 'nominal', scale: scales(styles).color, legend: null },
    },
  };
}

/** The same as a bar at each of the design's points. */
export function designBars(
  values: readonly { design: string }[],
  x: Position,
  y: Position,
  y2: string,
  styles: readonly DesignStyle[],
): Layer {
  return {
    data: { values: [...values] },
    mark: { type: 'rule', strokeWidth: 1.2 },
    encoding: {
      x,
      y,
      y2: { field: y2 },
      color: { field: 'design', type: 'nominal', scale: scales(styles).color, legend: null },
    },
  };
}

/** Bands that can lie on each other and still be told apart. */
export const MOST_BANDS = 4;

/** Lines that one plot can hold so that each can still be followed. */
const MOST_LINES = 12;
const LINES_OF_A_SHEET = 8;

/** Some of the designs, for a plot of their own. */
export interface Sheet {
  designs: ReadonlySet<string>;
  /** Those of all sheets: plots of one chart share their scales. */
  styles: readonly DesignStyle[];
  /** Behind the title; empty where there is one sheet alone. */
  note: string;
}

/**
 * One plot for the designs of a cell, or, where they are too many, several with the first of them, the base, in each.
 *
 * @param styles of all designs of the chart
 * @param rows of the cell
 */
export function sheets(styles: readonly DesignStyle[], rows: readonly { design: string }[]): Sheet[] {
  const [base, ...others] = stylesOf(styles, rows).map(({ design }) => design);
  if (others.length < MOST_LINES) return [{ designs: new Set([base!, ...others]), styles, note: '' }];
  const count = Math.ceil(others.length / LINES_OF_A_SHEET);
  const each = Math.ceil(others.length / count);
  return Array.from({ length: count }, (_, at) => ({
    designs: new Set([base!, ...others.slice(at * each, (at + 1) * each)]),
    styles,
    note: `; designs, part ${at + 1} of ${count}, with ${base} in each`,
  }));
}

/** The rows of a sheet's designs. */
export function rowsOf<T extends { design: string }>(rows: readonly T[], { designs }: Sheet): T[] {
  return rows.filter(({ design }) => designs.has(design));
}

/** A position on an axis that begins at zero. */
export function fromZero(field: string, title: string | null, most: number, axis: object = {}) {
  return {
    field,
    type: 'quantitative',
    scale: { domain: [0, most], nice: true, zero: true },
    // vega would give a zero the prefix of the others.
    axis: { title, format: '~s', tickCount: 6, labelExpr: "datum.value === 0 ? '0' : datum.label", ...axis },
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
