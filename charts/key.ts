import type { View } from './chart.ts';
import { FONT_SIZE, lineWidth, scales, widest } from './look.ts';
import type { DesignStyle } from './palette.ts';
import { MONO } from './text-width.ts';

/** Pixels of line before a name, and of air after it. */
const LINE = 44;
const GAP = 8;
const AIR = 20;
const ROW = 18;

/**
 * The key of a chart with lines: a piece of each line with its mark, and the design's name. A legend of vega-lite
 * shows the symbol alone and dashes its outline, which tells no two dashes apart.
 */
export function designKey(styles: readonly DesignStyle[], width: number): View {
  const names = styles.map(label);
  const entry = LINE + GAP + widest(names) + AIR;
  const columns = Math.max(1, Math.floor((width + AIR) / entry));
  const rows = Math.ceil(styles.length / columns);
  const values = styles.map(({ design }, at) => {
    const x = Math.floor(at / rows) * entry;
    return {
      design,
      name: names[at]!,
      x,
      middle: x + LINE / 2,
      end: x + LINE,
      text: x + LINE + GAP,
      y: at % rows,
    };
  });
  const scale = scales(styles);
  const plain = (domain: [number, number]) => ({ domain, nice: false, zero: false });
  const x = (field: string) =>
    ({ field, type: 'quantitative', axis: null, scale: plain([0, width]) }) as const;
  const y = { field: 'y', type: 'quantitative', axis: null, scale: plain([rows - 0.5, -0.5]) } as const;
  return {
    data: { values },
    width,
    height: rows * ROW,
    view: { stroke: null },
    layer: [
      {
        mark: { type: 'rule', tooltip: null },
        encoding: {
          x: x('x'),
          x2: { field: 'end' },
          y,
          color: { field: 'design', type: 'nominal', scale: scale.color, legend: null },
          strokeDash: { field: 'design', type: 'nominal', scale: scale.dash, legend: null },
          strokeWidth: lineWidth(styles),
        },
      },
      {
        mark: { type: 'point', size: 45, opacity: 1, tooltip: null },
        encoding: {
          x: x('middle'),
          y,
          stroke: { field: 'design', type: 'nominal', scale: scale.color, legend: null },
          fill: { field: 'design', type: 'nominal', scale: scale.fill, legend: null },
          shape: { field: 'design', type: 'nominal', scale: scale.shape, legend: null },
        },
      },
      {
        mark: {
          type: 'text',
          align: 'left',
          baseline: 'middle',
          font: MONO,
          fontSize: FONT_SIZE,
          tooltip: null,
        },
        encoding: { x: x('text'), y, text: { field: 'name', type: 'nominal' } },
      },
    ],
  };
}

/** A design's name as charts print it. */
export function label({ design, reference }: { design: string; reference: boolean }): string {
  return reference ? `${design} (reference)` : design;
}
