/** The explicit list of charts: what is not here is not drawn. */
import type { TrialRecord } from '../datasets/schema.ts';
import { type Chart, type ChartData, chartData, type TopLevelSpec } from './chart.ts';
import { cost } from './cost.ts';
import { fidelity } from './fidelity.ts';
import { flushTail } from './flush-tail.ts';
import { heatMap } from './heat-map.ts';
import { history } from './history.ts';
import { offeredLoad } from './offered-load.ts';
import { percentiles } from './percentiles.ts';
import { ratio } from './ratio.ts';
import { renderSvg } from './render.ts';
import { scaling } from './scaling.ts';
import { steadyState } from './steady-state.ts';
import { tradeOff } from './trade-off.ts';
import { trials } from './trials.ts';
import { witness } from './witness.ts';

/**
 * What a page, a folder of images and `loopwq list` are made from, in the order in which a reader wants them. Whoever draws does
 *
 *     const data = chartData(records, order);
 *     for (const { name, summary, needs, draw } of CHARTS) const spec = draw(data);
 *
 * where `spec` is a vega-lite specification (`renderSvg` of render.ts makes an SVG of it; a page may embed it as it is), or, for records
 * without the chart's data, a sentence that says what is missing and the command to run, which is `needs`. `order` are the
 * designs as in the table, whose first is the base of the ratios.
 */
export const CHARTS: readonly Chart[] = [
  ratio,
  flushTail,
  cost,
  percentiles,
  heatMap,
  scaling,
  offeredLoad,
  tradeOff,
  trials,
  steadyState,
  history,
  fidelity,
  witness,
];

export { chartData } from './chart.ts';

export interface Picture {
  name: string;
  svg: string;
  /** What it was drawn from. */
  spec: TopLevelSpec;
}

/** A chart as an image, or the sentence that says why there is none and what to run. */
export type Drawing = Picture | { name: string; reason: string };

/**
 * Draws every chart of the list.
 *
 * @param order designs as in the table, whose first is the base of the ratios; see `chartData`
 */
export async function drawCharts(records: readonly TrialRecord[], order?: string[]): Promise<Drawing[]> {
  return drawFrom(chartData(records, order), CHARTS);
}

/** Draws some charts of what `chartData` made of the records. */
export async function drawFrom(data: ChartData, charts: readonly Chart[]): Promise<Drawing[]> {
  const drawings: Drawing[] = [];
  // One after the other: each holds a scene graph of its own.
  for (const { name, draw } of charts) {
    const spec = draw(data);
    drawings.push(
      typeof spec === 'string' ? { name, reason: spec } : { name, svg: await renderSvg(spec), spec },
    );
  }
  return drawings;
}
