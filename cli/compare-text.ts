/** A comparison in the forms that people read or paste: as benchstat prints it, as a Markdown table, as CSV. */
import type { Broken, Comparison } from '../benchmarks/compare/compare.ts';
import { type Geomean, metricOf, type Side, type Verdict } from '../benchmarks/compare/judge.ts';
import { csvField } from '../datasets/formats/csv-field.ts';
import { ALL_METRICS, type MetricName } from '../datasets/sample.ts';
import { count, decimal, duration, type Page, painter, plural, type Style, wrap } from './table-text.ts';

/** A figure of a metric in its unit: 27.2k, 4.20 ms, 12.3. */
export function figure(metric: MetricName, value: number): string {
  const { unit } = metricOf(metric);
  if (unit === 'ns') return duration(value);
  return unit === 'op/s' ? count(value) : decimal(value);
}

/** `+3.20%`. */
export function change(ratio: number): string {
  const percent = (ratio - 1) * 100;
  return `${percent < 0 ? '-' : '+'}${Math.abs(percent).toFixed(2)}%`;
}

/** `flush-heavy, direct, uring`; the null backend opens no file, so that direct means nothing there. */
export function cellGroup({
  workload,
  direct,
  backend,
}: Pick<Verdict, 'workload' | 'direct' | 'backend'>): string {
  return backend === 'null'
    ? `${workload}, null`
    : `${workload}, ${direct ? 'direct' : 'buffered'}, ${backend}`;
}

/** `3 worse, 1 better, 20 same, 4 inconclusive of 28 cells`. */
export function tally({ judgement: { verdicts } }: Comparison): string {
  const answers = (['worse', 'better', 'same', 'inconclusive'] as const).map(
    (answer) => `${verdicts.filter((it) => it.answer === answer).length} ${answer}`,
  );
  return `${answers.join(', ')} of ${plural(verdicts.length, 'cell')}`;
}

/** What must be known beside the figures, each a sentence. */
export function compareNotes({ judgement, control, differences, notes }: Comparison): string[] {
  const { verdicts, missing, alpha, paired, roundsNeeded } = judgement;
  const thresholds = [...new Set(verdicts.map((it) => it.threshold))].sort((a, b) => a - b);
  const percent = (share: number): string => `${+(share * 100).toFixed(2)}%`;
  const range =
    thresholds.length === 1
      ? percent(thresholds[0]!)
      : `${percent(thresholds[0]!)} to ${percent(thresholds.at(-1)!)}, by cell`;
  const moved = control.filter((it) => it.answer === 'better' || it.answer === 'worse');
  const few = verdicts.filter((it) => it.why !== undefined && /few/.test(it.why)).length;
  return [
    ...notes,
    ...differences.map((it) => `differs: ${it.field} (${it.base}; ${it.new})`),
    ...moved.map(
      (it) =>
        `raw, which runs no design, is ${it.answer}: ${metricOf(it.metric).title} of ${cellGroup(it)} ${change(it.ratio)}. So the machine changed, not the designs alone`,
    ),
    ...(few > 0
      ? [
          `TOO FEW ROUNDS: in ${few} of ${plural(verdicts.length, 'cell')} no difference, however large, could be significant; ${roundsNeeded === undefined ? 'compare fewer cells' : `${roundsNeeded} rounds would do, each with enough operations for the figure`}`,
        ]
      : []),
    ...missingNotes(missing),
    `threshold ${range}; p after Holm's correction over ${plural(verdicts.length, 'cell')}, alpha ${alpha}; ~ not significant; ` +
      (paired
        ? 'sign-flip test, order-statistic interval of the ratio within a round'
        : 'Mann-Whitney test, 95 % bootstrap interval of the ratio of medians'),
  ];
}

function missingNotes(missing: Comparison['judgement']['missing']): string[] {
  return (['base', 'new'] as const).flatMap((from) => {
    const cells = missing.filter((it) => it.from === from);
    if (cells.length === 0) return [];
    const rows = new Map<string, string[]>();
    for (const it of cells) {
      const row = `${cellGroup(it)}, ${it.design}`;
      rows.set(row, [...(rows.get(row) ?? []), metricOf(it.metric).title]);
    }
    const told = [...rows].map(([row, metrics]) => `${row} (${metrics.join(', ')})`);
    const shown = told.slice(0, 6).join('; ') + (told.length > 6 ? `; and ${told.length - 6} more` : '');
    return [`only ${from === 'base' ? 'BASE' : 'NEW'} has: ${shown}`];
  });
}

export function brokenText({ workload, direct, design, what }: Broken): string {
  return `${workload}, ${direct ? 'direct' : 'buffered'}, ${design}: ${what}`;
}

const COLORS: Record<Verdict['answer'], Style> = {
  better: 'green',
  worse: 'red',
  same: 'dim',
  inconclusive: 'yellow',
};

/** One table per metric, as benchstat's; its rows are grouped by workload. */
export function renderComparison(
  comparison: Comparison,
  { color, width }: { color: boolean; width: number },
): string {
  const page: Page = { width, paint: painter(color) };
  const { verdicts, geomeans } = comparison.judgement;
  const lines = [`BASE ${comparison.base}`, `NEW  ${comparison.new}`, ''];
  for (const { name, title } of ALL_METRICS) {
    const cells = verdicts.filter((it) => it.metric === name);
    if (cells.length === 0) continue;
    const rows: { texts: string[]; style?: Style }[] = [
      { texts: [title, 'BASE', 'NEW', 'delta', 'interval', '', ''], style: 'bold' },
    ];
    let group = '';
    for (const it of cells) {
      if (cellGroup(it) !== group) {
        group = cellGroup(it);
        rows.push({ texts: [group] });
      }
      rows.push({ texts: verdictTexts(it, comparison), style: COLORS[it.answer] });
    }
    for (const it of geomeans.filter(({ metric }) => metric === name)) rows.push({ texts: geomeanTexts(it) });
    lines.push(...aligned(rows, page), '');
  }
  for (const it of comparison.broken)
    lines.push(...wrap(`${page.paint('WORSE', 'red')} ${brokenText(it)}`, width, 6));
  for (const note of compareNotes(comparison))
    lines.push(...wrap(note, width, 2).map((line) => page.paint(line, 'dim')));
  lines.push(page.paint(`${tally(comparison)}.`, 'bold'));
  return `${lines.map((line) => line.trimEnd()).join('\n')}\n`;
}

function verdictTexts(it: Verdict, { judgement: { alpha } }: Comparison): string[] {
  const n = it.base.rounds === it.new.rounds ? `${it.base.rounds}` : `${it.base.rounds}+${it.new.rounds}`;
  return [
    `  ${it.design}`,
    sideText(it.metric, it.base),
    sideText(it.metric, it.new),
    it.adjusted <= alpha ? change(it.ratio) : '~',
    it.interval ? `[${change(it.interval.low)}, ${change(it.interval.high)}]` : '',
    `(p=${it.adjusted.toFixed(3)} n=${n})`,
    it.answer,
  ];
}

function sideText(metric: MetricName, { median, interval }: Side): string {
  if (!interval) return figure(metric, median);
  const half = (Math.max(interval.high - median, median - interval.low) / median) * 100;
  return `${figure(metric, median)} ±${half.toFixed(0).padStart(2)}%`;
}

function geomeanTexts({ metric, base, new: other, ratio, cells }: Geomean): string[] {
  return [`geomean of ${cells}`, figure(metric, base), figure(metric, other), change(ratio)];
}

/** Columns of the widths that their texts need; the first and the last two are left-aligned. A row of one text may be longer. */
function aligned(rows: readonly { texts: string[]; style?: Style }[], { paint }: Page): string[] {
  const columns = Math.max(...rows.map(({ texts }) => texts.length));
  const widths = Array.from({ length: columns }, (_, i) =>
    Math.max(...rows.filter(({ texts }) => texts.length > 1).map(({ texts }) => (texts[i] ?? '').length)),
  );
  return rows.map(({ texts, style }) => {
    const cells = texts.map((text, i) => {
      if (texts.length === 1) return text;
      return i === 0 || i >= columns - 2 ? text.padEnd(widths[i]!) : text.padStart(widths[i]!);
    });
    // The verdict alone carries the colour, so that the figures stay readable.
    const last = cells.length - 1;
    if (style !== undefined && last === columns - 1 && style !== 'bold')
      cells[last] = paint(cells[last]!.trimEnd(), style);
    const line = cells.join('  ');
    return style === 'bold' ? paint(line, 'bold') : line;
  });
}

/** Tables for a pull request. */
export function renderMarkdown(comparison: Comparison): string {
  const { verdicts, geomeans } = comparison.judgement;
  const marks: Record<Verdict['answer'], string> = {
    better: '**better**',
    worse: '**worse**',
    same: 'same',
    inconclusive: 'inconclusive',
  };
  const lines = [`**${tally(comparison)}.** BASE \`${comparison.base}\`, NEW \`${comparison.new}\``, ''];
  for (const { name, title } of ALL_METRICS) {
    const cells = verdicts.filter((it) => it.metric === name);
    if (cells.length === 0) continue;
    lines.push(
      `| ${title} | design | BASE | NEW | delta | interval | p, n | verdict |`,
      '|---|---|--:|--:|--:|--:|---|---|',
    );
    for (const it of cells) {
      const [, base, other, delta, interval, p] = verdictTexts(it, comparison);
      lines.push(
        `| ${cellGroup(it)} | \`${it.design}\` | ${[base, other, delta, interval, p!.slice(1, -1), marks[it.answer]].join(' | ')} |`,
      );
    }
    for (const it of geomeans.filter(({ metric }) => metric === name))
      lines.push(`| geomean of ${it.cells} | | ${geomeanTexts(it).slice(1).join(' | ')} | | | |`);
    lines.push('');
  }
  for (const it of comparison.broken) lines.push(`- **worse**: ${brokenText(it)}`);
  for (const note of compareNotes(comparison)) lines.push(`- ${note}`);
  return `${lines.join('\n')}\n`;
}

const CSV_HEAD =
  'workload,direct,backend,design,metric,unit,base,new,ratio,low,high,p,p_holm,rounds_base,rounds_new,threshold,verdict,why';

/** One line per cell, numbers unrounded. */
export function renderCsv({ judgement }: Comparison): string {
  const lines = judgement.verdicts.map((it) =>
    [
      ...[it.workload, it.direct ? 1 : 0, it.backend, it.design, it.metric, metricOf(it.metric).unit],
      ...[it.base.median, it.new.median, it.ratio, it.interval?.low, it.interval?.high, it.p, it.adjusted],
      ...[it.base.rounds, it.new.rounds, it.threshold, it.answer, it.why],
    ]
      .map(csvField)
      .join(','),
  );
  return `${[CSV_HEAD, ...lines].join('\n')}\n`;
}
