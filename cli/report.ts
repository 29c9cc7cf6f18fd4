/** `loopwq report`: charts as SVG and PNG, and one page with everything, from results. */
import { dirname, join, relative } from 'node:path';
import { CHARTS } from '../charts/index.ts';
import { InputError, unknownName } from '../datasets/errors.ts';
import { EXIT } from './exit.ts';
import { renderMail } from './mail.ts';
import { readOptions } from './options.ts';
import { type ReportData, readReportData } from './report-data.ts';
import { FORMATS, type Format, writeReport } from './report-write.ts';

export const REPORT_HELP = `loopwq report [options] RESULTS...

Draws the results of one run or several (folders, or .jsonl files): every chart that there is data for as SVG and PNG, and one page with
tables, charts, violations, method, host and the command that runs it again. The page needs no network and nothing beside it.

  --out FOLDER       where it goes (the folder of the results; for several, results/report-TIME)
  --html, --svg, --png
                     these alone; default: all three
  --mail             on stdout, plain text for below a patch: 72 columns, the downsides stated; without one of the three above
                     no file is written
  --chart LIST       these charts alone, by commas: ${CHARTS.map(({ name }) => name).join(', ')}
`;

const OPTIONS = {
  out: { type: 'string' },
  html: { type: 'boolean' },
  svg: { type: 'boolean' },
  png: { type: 'boolean' },
  mail: { type: 'boolean' },
  chart: { type: 'string', multiple: true },
} as const;

export async function reportCommand(args: string[]): Promise<number> {
  const { values, positionals } = readOptions(args, OPTIONS, true);
  if (positionals.length === 0)
    throw new InputError('report needs results: the folder of a run, as in: npx loopwq report results/TIME');
  const asked = FORMATS.filter((format) => values[format]);
  const formats: readonly Format[] = asked.length > 0 || values.mail ? asked : FORMATS;
  const charts = chosenCharts(values.chart);
  const data = readReportData(positionals);
  for (const { path, truncated } of data.runs)
    if (truncated)
      process.stderr.write(`loopwq: ${path}: its last line was cut off; that trial is left out\n`);
  if (values.mail) process.stdout.write(mailOf(data));
  if (formats.length === 0) return EXIT.fine;
  const folder = values.out ?? (positionals.length === 1 ? dirname(data.runs[0]!.path) : freshFolder());
  const { written, missing } = await writeReport(folder, data, formats, charts);
  const lines = [
    ...written.map((path) => relative(process.cwd(), path) || path),
    ...missing.map(({ name, reason }) => `no ${name}: ${reason}`),
  ];
  // A mail is redirected into a file, and what was written beside it does not belong there.
  (values.mail ? process.stderr : process.stdout).write(lines.map((line) => `${line}\n`).join(''));
  return EXIT.fine;
}

/** Several runs have no one command that makes them again. */
function mailOf({ records, order, runs }: ReportData): string {
  const argv = runs.length === 1 ? runs[0]!.file?.argv : undefined;
  return renderMail(records, { order, rerun: argv && argv.length > 0 ? argv : undefined });
}

function chosenCharts(lists: string[] | undefined) {
  if (lists === undefined) return CHARTS;
  const known = CHARTS.map(({ name }) => name);
  const names = lists.flatMap((list) => list.split(',')).map((name) => name.trim());
  const unknown = names.find((name) => !known.includes(name));
  if (unknown !== undefined) throw unknownName('chart', unknown, known);
  return CHARTS.filter(({ name }) => names.includes(name));
}

function freshFolder(): string {
  return join('results', `report-${new Date().toISOString().replace(/[:.]/g, '-')}`);
}
