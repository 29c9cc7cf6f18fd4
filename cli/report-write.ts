/** The files of a report. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Group } from '../benchmarks/summary.ts';
import { type Chart, type ChartData, chartData } from '../charts/chart.ts';
import { drawFrom, type Picture } from '../charts/index.ts';
import { witness } from '../charts/witness.ts';
import type { ReportData } from './report-data.ts';
import { reportPage } from './report-page.ts';

export const FORMATS = ['html', 'svg', 'png'] as const;
export type Format = (typeof FORMATS)[number];

export interface Written {
  /** Paths, the page first. */
  written: string[];
  /** Charts without data, and what to run for them. */
  missing: { name: string; reason: string }[];
}

/**
 * Writes `report.html` and charts/NAME.svg and .png into a folder, which is made. Those of an earlier report are replaced, as
 * they can be had again from the results.
 *
 * @throws what the file system throws
 */
export async function writeReport(
  folder: string,
  { records, runs, order }: ReportData,
  formats: readonly Format[],
  charts: readonly Chart[],
): Promise<Written> {
  const data = chartData(records, order);
  const drawings = await drawFrom(data, charts);
  const pictures = drawings.filter((drawing): drawing is Picture => 'svg' in drawing);
  const missing = drawings.flatMap((drawing) => ('reason' in drawing ? [drawing] : []));
  const written: string[] = [];
  const write = (path: string, content: string | Buffer): void => {
    writeFileSync(path, content);
    written.push(path);
  };
  mkdirSync(folder, { recursive: true });
  if (formats.includes('html'))
    write(join(folder, 'report.html'), reportPage({ runs, data, drawings, lanes: await lanesOf(data) }));
  const images = formats.filter((format) => format !== 'html');
  if (pictures.length > 0 && images.length > 0) mkdirSync(join(folder, 'charts'), { recursive: true });
  for (const { name, svg } of pictures)
    for (const format of images) {
      const path = join(folder, 'charts', `${name}.${format}`);
      if (format === 'svg') write(path, svg);
      else write(path, await png(svg));
    }
  return { written, missing };
}

/** The violations of each workload as lanes; the chart of all of them shows a design's rule once. */
async function lanesOf(data: ChartData): Promise<Map<Group, string>> {
  const lanes = new Map<Group, string>();
  if (data.groups.length < 2) return lanes;
  for (const group of data.groups) {
    const [drawing] = await drawFrom({ ...data, groups: [group] }, [witness]);
    if (drawing && 'svg' in drawing) lanes.set(group, drawing.svg);
  }
  return lanes;
}

async function png(svg: string): Promise<Buffer> {
  const { renderPng } = await import('../charts/png.ts');
  return renderPng(svg);
}
