/** The charts of a run, written beside its results. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { TrialRecord } from '../datasets/schema.ts';

/**
 * Draws every chart that the records hold the data for, as SVG in `folder`/charts. Returns what was written, by name.
 *
 * @param designs the order of the table; the ratios are to the first
 * @throws what the file system throws
 */
export async function writeCharts(
  folder: string,
  records: readonly TrialRecord[],
  designs: string[],
): Promise<string[]> {
  // vega is large, and a run that ends without a trial has no need of it.
  const { drawCharts } = await import('../charts/index.ts');
  const drawn = (await drawCharts(records, designs)).flatMap((chart) => ('svg' in chart ? [chart] : []));
  if (drawn.length === 0) return [];
  // Results may be one file of a folder.
  const charts = join(folder.endsWith('.jsonl') ? dirname(folder) : folder, 'charts');
  mkdirSync(charts, { recursive: true });
  for (const { name, svg } of drawn) writeFileSync(join(charts, `${name}.svg`), svg);
  return drawn.map(({ name }) => name);
}
