/**
 * What goes below a patch: plain ASCII, at most 72 columns, nothing that was not measured, the downsides stated. A section
 * without data is left out.
 *
 * Of two results (an unpatched and a patched kernel) the real /dev/loopN comes first; what the model says stands below it, by name.
 */
import type { Comparison } from '../benchmarks/compare/compare.ts';
import { metricOf, type Verdict } from '../benchmarks/compare/judge.ts';
import { type Group, type Row, summarize } from '../benchmarks/summary.ts';
import type { TrialRecord } from '../datasets/schema.ts';
import type { Contract } from '../ordering/contracts.ts';
import { cellGroup, change, figure } from './compare-text.ts';
import { fidelity, kernelOf, laterNotes, loads } from './mail-facts.ts';
import { mailTable } from './mail-table.ts';
import { shellWords } from './shell-words.ts';
import { count, decimal, wrap } from './table-text.ts';

const WIDTH = 72;

export interface MailOptions {
  /** The comparison of a base with the records; without it they are told alone. */
  comparison?: Comparison | undefined;
  /** Designs in the order of the table; the first is the base of the ratios. */
  order?: readonly string[] | undefined;
  /** The words behind `loopwq` that run it again. */
  rerun?: readonly string[] | undefined;
}

/**
 * The mail's text, below the headers that the sender's program makes; it begins with a subject to edit.
 *
 * @param records of one run: of NEW, where there is a comparison
 * @returns text that ends in a newline
 */
export function renderMail(records: readonly TrialRecord[], options: MailOptions = {}): string {
  const { comparison, order, rerun } = options;
  const groups = summarize(records, order);
  const sections = [
    [subject(records, comparison)],
    conditions(records, groups, comparison),
    ...(comparison ? kernelTables(comparison) : []),
    ...groups.map(modelTable),
    ordering(groups),
    fidelity(records).flatMap((line) => wrap(line, WIDTH, 2)),
    downsides(groups, comparison),
    rerun === undefined ? [] : rerunLines(rerun),
  ].filter((lines) => lines.length > 0);
  return `${sections.map((lines) => lines.map((line) => line.trimEnd()).join('\n')).join('\n\n')}\n`;
}

function subject(records: readonly TrialRecord[], comparison: Comparison | undefined): string {
  if (comparison && !comparison.judgement.paired) return 'Subject: [RFC] loop: base against patch';
  const designs = new Set(records.filter((it) => !it.reference).map((it) => it.design));
  return `Subject: [RFC] loop: ${designs.size} queue designs compared`;
}

/** The conditions, as a list: whoever wants to repeat it needs them, and whoever distrusts it looks there first. */
function conditions(
  records: readonly TrialRecord[],
  groups: readonly Group[],
  comparison: Comparison | undefined,
): string[] {
  const host = records[0]?.host;
  if (host === undefined) return [];
  const rounds = Math.max(...groups.map((group) => group.rounds));
  const before = comparison?.notes.find((note) => note.startsWith('Linux '));
  const alpha = comparison
    ? [`* = significant after Holm's correction, p <= ${comparison.judgement.alpha}`]
    : [];
  const facts = [
    `${before ?? `Linux ${kernelOf(records)}`}; ${host.fileSystem.split(' ')[0]}; ${host.cpuModel}, ${host.sockets}x${Math.ceil(host.cores / Math.max(1, host.sockets))} cores`,
    ...loads(records),
    `${rounds} shuffled rounds; 95% intervals over rounds${alpha.map((text) => `; ${text}`).join('')}`,
    ...(comparison ? toldApart(comparison) : []),
    `loopwq ${host.loopwq}${records[0]!.revision ? ` (${records[0]!.revision})` : ''}, a user-space model; its ratios count, not its IOPS`,
  ];
  return facts.flatMap((fact) => wrap(`- ${ascii(fact)}`, WIDTH, 2));
}

/** What the threshold was, and where it comes from: less than that is no difference. */
function toldApart({ judgement: { verdicts }, notes }: Comparison): string[] {
  const iops = verdicts.filter(({ metric }) => metric === 'iops').map(({ threshold }) => 100 * threshold);
  if (iops.length === 0) return [];
  const ends = [...new Set([Math.min(...iops), Math.max(...iops)].map((it) => `${it.toFixed(1)}%`))];
  const date = notes.flatMap((note) => /^threshold from the aa of (\S+),/.exec(note)?.[1] ?? [])[0];
  const range = `${ends.join(' to ')} of IOPS`;
  return [date === undefined ? `threshold ${range}` : `A/A of ${date} detects ${range}, the threshold here`];
}

/** One table per design of which both sides have figures; where there is a kernel's row, only those. */
function kernelTables({ judgement }: Comparison): string[][] {
  const { verdicts, alpha, paired } = judgement;
  const kernel = verdicts.filter((it) => it.design.startsWith('kernel-loop'));
  const shown = kernel.length > 0 ? kernel : verdicts;
  return [...new Set(shown.map((it) => it.design))].map((design) => {
    const cells = shown.filter((it) => it.design === design);
    const head = [
      `${design === 'kernel-loop' ? '/dev/loopN' : design} IOPS`,
      'base',
      paired ? 'new' : 'patch',
      'delta',
      'cpu us/io',
    ];
    const rows = [...new Set(cells.map(cellGroup))].flatMap((group) => {
      const find = (metric: Verdict['metric']) =>
        cells.find((it) => cellGroup(it) === group && it.metric === metric);
      const [iops, flush, cpu] = [find('iops'), find('flushP99') ?? find('flushP50'), find('cpuUs')];
      const cost = cpu ? `${decimal(cpu.base.median)}->${decimal(cpu.new.median)}` : '';
      return [
        ...(iops ? [[mailCell(iops), ...sides(iops, alpha), cost]] : []),
        ...(flush
          ? [[` flush ${flush.metric === 'flushP99' ? 'p99' : 'p50'}`, ...sides(flush, alpha), '']]
          : []),
      ];
    });
    return mailTable([head, ...rows], WIDTH);
  });
}

/** `buffered mixed`: which backend that is follows from it, but for the null one. */
function mailCell({ workload, direct, backend }: Pick<Verdict, 'workload' | 'direct' | 'backend'>): string {
  return `${backend === 'null' ? 'null' : direct ? 'direct' : 'buffered'} ${workload}`;
}

function sides(it: Verdict, alpha: number): string[] {
  const figures = [figure(it.metric, it.base.median), figure(it.metric, it.new.median)];
  // The test and the interval of the median have each a word to say: one alone is no star.
  if (it.adjusted > alpha || !it.interval || (it.interval.low <= 1 && it.interval.high >= 1))
    return [...figures, '~'];
  const half = Math.max(it.interval.high - it.ratio, it.ratio - it.interval.low) * 100;
  return [...figures, `${change(it.ratio).replace(/\d%$/, '%')} +-${half.toFixed(1)}% *`];
}

/** The designs on one workload, against the first. */
function modelTable(group: Group): string[] {
  const rows = group.rows.filter((row) => row.rounds > 0 && row.iops !== undefined);
  if (rows.filter((row) => !row.reference).length < 2) return [];
  const ratio = (row: Row): string => {
    if (row.design === group.base) return '1.00';
    const it = row.ratio;
    if (it === undefined) return '';
    return `${decimal(it.value)}${it.interval ? ` [${decimal(it.interval.low)}, ${decimal(it.interval.high)}]` : ''}`;
  };
  const us = (it: Row['flushP50']): string => (it && 'value' in it ? threeDigits(it.value / 1000) : '-');
  const flushes = rows.some((row) => row.flushP50 !== undefined);
  const fsyncs = rows.some((row) => (row.fsyncsPerFlush ?? 1) !== 1);
  const head = [
    'design',
    'IOPS ratio',
    ...(flushes ? ['flush p50/p99 us'] : []),
    ...(fsyncs ? ['fsync/req'] : []),
    'workers',
  ];
  const cells = rows.map((row) => [
    row.reference ? `${row.design} (ref)` : row.design,
    ratio(row),
    ...(flushes ? [`${us(row.flushP50)}/${us(row.flushP99)}`] : []),
    ...(fsyncs ? [row.fsyncsPerFlush === undefined ? '-' : decimal(row.fsyncsPerFlush)] : []),
    row.workers > 0 ? `${row.workers}` : '-',
  ]);
  return [`${mailCell(group)} (model)`, ...mailTable([head, ...cells], WIDTH)];
}

/** Integers of three digits at least: 4, 450, 3360, 12300. */
function threeDigits(value: number): string {
  return value < 100 ? String(+value.toPrecision(2)) : String(Math.round(+value.toPrecision(3)));
}

const ASKED: readonly Contract[] = ['completed', 'submitted', 'barrier'];

/** Proved, unproved and lost situations of each design, over all workloads; a reference promises nothing. */
function ordering(groups: readonly Group[]): string[] {
  const rows = groups.flatMap((group) => group.rows).filter((row) => !row.reference);
  const designs = [...new Set(rows.map((row) => row.design))];
  const cells = designs.flatMap((design) => {
    const texts = ASKED.map((contract) => {
      const sum = { proved: 0, unproved: 0, lost: 0 };
      for (const row of rows.filter((it) => it.design === design))
        for (const what of ['proved', 'unproved', 'lost'] as const) sum[what] += row.verdicts[contract][what];
      const { proved, unproved, lost } = sum;
      return proved + unproved + lost === 0 ? '-' : `${count(proved)}P ${count(unproved)}U ${count(lost)}L`;
    });
    return texts.every((text) => text === '-') ? [] : [[design, ...texts]];
  });
  if (cells.length === 0) return [];
  return [
    ...wrap(
      'Ordering, P proved / U unproved (window open, no harm seen) / L lost, of the situations in which something was at stake',
      WIDTH,
      0,
    ),
    ...mailTable([['design', ...ASKED], ...cells], WIDTH),
  ];
}

/** What speaks against it, and what the figures can't carry. */
function downsides(groups: readonly Group[], comparison: Comparison | undefined): string[] {
  const lines: string[] = [];
  if (comparison) {
    const { verdicts } = comparison.judgement;
    const told = (answer: Verdict['answer'], metrics?: readonly string[]): string =>
      verdicts
        .filter((it) => it.answer === answer && (metrics === undefined || metrics.includes(it.metric)))
        .map((it) => `${it.design} ${mailCell(it)} ${metricOf(it.metric).title} ${change(it.ratio)}`)
        .join('; ');
    const [worse, same] = [told('worse'), told('same', ['iops'])];
    if (worse) lines.push(`Worse: ${worse}.`);
    if (same) lines.push(`No gain: ${same}.`);
    const unclear = verdicts.filter((it) => it.answer === 'inconclusive').length;
    if (unclear > 0) lines.push(`Inconclusive: ${unclear} of ${verdicts.length} cells.`);
    if (comparison.differences.length > 0)
      lines.push(
        `Measured under different conditions: ${comparison.differences.map((it) => it.field).join(', ')}.`,
      );
    lines.push(...comparison.broken.map((it) => `Broken: ${it.design}, ${it.what}`));
  } else lines.push(...slower(groups));
  lines.push(...laterNotes(groups));
  return lines.flatMap((line) => wrap(ascii(line), WIDTH, 2));
}

/** Designs of one run whose whole interval lies below the base, and those whose interval holds 1. */
function slower(groups: readonly Group[]): string[] {
  const rows = groups.flatMap((group) =>
    group.rows.flatMap((row) => {
      const it = row.ratio?.interval;
      return row.reference || it === undefined
        ? []
        : [{ text: `${row.design} ${mailCell(group)} ${decimal(row.ratio!.value)}`, ...it }];
    }),
  );
  const told = (label: string, of: typeof rows): string[] =>
    of.length > 0 ? [`${label}: ${of.map((it) => it.text).join('; ')}.`] : [];
  return [
    ...told(
      'Worse',
      rows.filter((it) => it.high < 1),
    ),
    ...told(
      'No gain shown',
      rows.filter((it) => it.low <= 1 && it.high >= 1),
    ),
  ];
}

/** A command is broken behind a backslash, so that it can be pasted. */
function rerunLines(words: readonly string[]): string[] {
  const lines = wrap(`Rerun: npx loopwq ${shellWords(words)}`, WIDTH - 2, 2);
  return lines.map((line, i) => (i < lines.length - 1 ? `${line} \\` : line));
}

/** Mails of the list are ASCII; what is not was in a name. */
function ascii(text: string): string {
  return text.normalize('NFKD').replace(/[^\x20-\x7e]/g, '?');
}
