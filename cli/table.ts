import Table from 'cli-table3';
import {
  type Claim,
  type Cost,
  claimFailures,
  exercised,
  type Group,
  notExercisedClaims,
  type Percentile,
  type Row,
} from '../benchmarks/summary.ts';
import { CONTRACTS, type Contract, type Verdict } from '../ordering/contracts.ts';
import {
  breakName,
  count,
  decimal,
  duration,
  item,
  type Page,
  painter,
  plural,
  type Style,
  wrap,
} from './table-text.ts';

export interface TableOptions {
  /** ANSI colours; false gives plain text for files and mails. */
  color: boolean;
  /** Columns of the terminal: a table that does not fit is split into several. Default 160. */
  width?: number;
}

interface Cell {
  text: string;
  style?: Style;
}
interface Column {
  head: string;
  align: 'left' | 'right';
  cells: Cell[];
}
/** A column of nothing but these is left out. */
const NOTHING: Cell = { text: '-', style: 'dim' };
/** Spaces before each column. */
const GAP = 2;

/**
 * The tables of a run: per group its conditions, what was measured, what was proved of each contract, and the
 * findings in words; at the end the claims that nothing tested, and a legend for what was printed.
 *
 * @returns text that ends in a newline; empty for no groups
 */
export function renderTable(groups: readonly Group[], options: TableOptions): string {
  if (groups.length === 0) return '';
  const page: Page = { width: options.width ?? 160, paint: painter(options.color) };
  const lines = groups.flatMap((group) => [
    ...heading(group, page),
    ...tables(group, measures(group), page),
    '',
    ...contracts(group, page),
    ...findings(group, page),
    '',
  ]);
  const untested = untestedClaims(groups, page);
  if (untested.length > 0) lines.push(...untested, '');
  for (const line of legend(groups).flatMap((text) => wrap(text, page.width, 2)))
    lines.push(page.paint(line, 'dim'));
  return `${lines.map((line) => line.trimEnd()).join('\n')}\n`;
}

/** What the numbers below hold for, and what they do not. */
function heading(group: Group, page: Page): string[] {
  const { topology, settings, host, backend } = group;
  const size = `${topology.sockets}x${Math.ceil(topology.cpus / topology.sockets)}`;
  const facts = [
    // The null backend opens no file, so that direct and buffered mean nothing there.
    ...(backend === 'null' ? [] : [group.direct ? 'direct' : 'buffered']),
    `${backend} backend`,
    plural(group.rounds, 'round'),
    plural(group.submitters, 'submitter'),
    ...(topology.virtual ? [] : [`topology ${size}`]),
    `spin ${settings.spin}`,
    settings.pinned ? 'pinned' : 'not pinned',
  ];
  const sockets = host.sockets === 1 ? 'one socket' : `${host.sockets} sockets`;
  const notes: string[] = [];
  if (topology.virtual) notes.push(`${sockets}, virtual topology ${size}: says nothing about sockets`);
  else if (host.sockets === 1) notes.push('one socket: says nothing about sockets');
  if (backend === 'null') notes.push('operations complete at once: the floor of the harness, not I/O');
  else if (/^(tmpfs|ramfs)\b/.test(host.fileSystem))
    notes.push('the files are in memory: a flush makes nothing durable, and its latency means nothing');
  if (group.mixed.length > 0)
    notes.push(`MIXED: the records differ in ${group.mixed.join(', ')}; the line above is the first one's`);
  const reached = group.rows
    .flatMap((row) => [row.iops?.interval, row.ratio?.interval])
    .flatMap((interval) => (interval && interval.confidence < 0.95 ? [interval.confidence * 100] : []));
  if (reached.length > 0) {
    const percents = [...new Set(reached)].sort((a, b) => b - a).map((it) => String(+it.toFixed(2)));
    notes.push(
      `few rounds: intervals are the range, which covers ${percents.join(' or ')} %; 6 rounds reach 95 %`,
    );
  }
  if (group.rounds === 1) notes.push('one round: no intervals');
  const lines = wrap(`${group.workload}: ${facts.join(', ')}`, page.width, 4);
  lines[0] = page.paint(group.workload, 'bold') + lines[0]!.slice(group.workload.length);
  return [...lines, ...notes.flatMap((note) => wrap(`  ${note}`, page.width, 4)), ''];
}

function measures(group: Group): Column[] {
  const column = (head: string, of: (row: Row) => string | undefined): Column => ({
    head,
    align: 'right',
    cells: group.rows.map((row) => {
      const text = of(row);
      return text === undefined ? NOTHING : { text };
    }),
  });
  const cost = (it: Cost | undefined) => it && `${decimal(it.system)} (${decimal(it.tasks)})`;
  return [
    column('IOPS', (row) => row.iops && count(row.iops.value)),
    column('±', halfWidth),
    column('ratio', (row) => (row.design === group.base ? 'base' : row.ratio && decimal(row.ratio.value))),
    column('interval', (row) => {
      const interval = row.ratio?.interval;
      return interval && `[${decimal(interval.low)}, ${decimal(interval.high)}]`;
    }),
    column('fsync/\nflush', (row) =>
      row.fsyncsPerFlush === undefined || group.rows.every((it) => (it.fsyncsPerFlush ?? 1) === 1)
        ? undefined
        : decimal(row.fsyncsPerFlush),
    ),
    column('flush\np50', (row) => percentile(row.flushP50)),
    column('flush\np99', (row) => percentile(row.flushP99)),
    column('read\np99', (row) => percentile(row.readP99)),
    column('write\np99', (row) => percentile(row.writeP99)),
    column('CPU us/IO\n(tasks)', (row) => cost(row.cpuUs)),
    column('cs/IO\n(tasks)', (row) => cost(row.switches)),
    column('workers', (row) => (row.rounds > 0 && row.workers > 0 ? String(row.workers) : undefined)),
    column('io-wq', (row) => (row.ioWqThreads ? String(row.ioWqThreads) : undefined)),
  ];
}

/** The farther end of the interval, in percent of the median. */
function halfWidth({ iops }: Row): string | undefined {
  if (!iops?.interval) return undefined;
  const { low, high } = iops.interval;
  const percent = (Math.max(high - iops.value, iops.value - low) / iops.value) * 100;
  return `${percent.toFixed(percent < 9.95 ? 1 : 0)}%`;
}

function percentile(it: Percentile | undefined): string | undefined {
  return it && ('refused' in it ? `n<${it.needs}` : duration(it.value));
}

function contracts(group: Group, page: Page): string[] {
  if (!anyExercised(group))
    return [
      group.settings.recording
        ? '  contracts: nothing here put one to the test'
        : '  contracts: not checked, the histories were not recorded',
    ];
  const columns = CONTRACTS.map(
    (contract): Column => ({
      head: contract,
      align: 'left',
      cells: group.rows.map((row) => verdictCell(row, contract)),
    }),
  );
  return tables(group, columns, page);
}

function anyExercised({ rows }: Group): boolean {
  return rows.some((row) => CONTRACTS.some((contract) => exercised(row.verdicts[contract]) > 0));
}

function verdictCell(row: Row, contract: Contract): Cell {
  const verdict = row.verdicts[contract];
  const claimed = row.claims.includes(contract);
  const mark = claimed ? '*' : '';
  const bad = claimed ? 'red' : 'yellow';
  if (verdict.lost > 0) return { text: `LOST ${outOf(verdict.lost, verdict)}${mark}`, style: bad };
  if (verdict.unproved > 0)
    return { text: `unproved ${outOf(verdict.unproved, verdict)}${mark}`, style: bad };
  if (verdict.proved > 0) return { text: `proved ${count(verdict.proved)}${mark}`, style: 'green' };
  return claimed ? { text: `-${mark}`, style: 'yellow' } : { text: '-', style: 'dim' };
}

function outOf(part: number, verdict: Verdict): string {
  return `${count(part)}/${count(exercised(verdict))}`;
}

/** One item per design and contract that went wrong; what fails the run comes first. */
function findings(group: Group, page: Page): string[] {
  const claimed = claimFailures(group);
  const told = ({ design, contract, verdict }: Claim & { verdict: Verdict }): string => {
    const parts = (['lost', 'unproved'] as const).filter((what) => verdict[what] > 0);
    const counts = parts.map((what) => `${outOf(verdict[what], verdict)} ${what}`).join(', ');
    return `${design}, ${contract}: ${counts}. ${verdict.witness?.sentence ?? ''}`;
  };
  const failed = group.rows.filter((row) => row.failures.length > 0);
  const lines = [
    ...claimed.filter((it) => it.kind === 'lost').flatMap((it) => item('VIOLATION', told(it), page, 'red')),
    ...claimed
      .filter((it) => it.kind === 'unproved')
      .flatMap((it) => item('UNPROVED', told(it), page, 'red')),
    ...group.rows.flatMap((row) =>
      row.skipped === undefined ? [] : item('skipped', `${row.design}: ${row.skipped}`, page, 'yellow'),
    ),
    ...failed.flatMap((row) => {
      const trials = plural(row.failures.length + row.rounds, 'trial');
      const { round, reason } = row.failures[0]!;
      const text = `${row.design}: ${row.failures.length} of ${trials}, first in round ${round}: ${reason}`;
      return item('FAILED', text, page, 'red');
    }),
    ...group.rows
      .filter((row) => row.cut > 0)
      .flatMap((row) => {
        const text = `${row.design}: ${row.cut} of ${plural(row.rounds, 'trial')} ended early, the history was full`;
        return item('cut', text, page, 'yellow');
      }),
    ...CONTRACTS.flatMap((contract) => {
      const text = unclaimedLoss(group, contract);
      return text === undefined ? [] : item('finding', text, page, 'yellow');
    }),
  ];
  return lines.length > 0 ? ['', ...lines] : [];
}

/** One finding per contract: which designs lost it without having claimed it, and the clearest witness among them. */
function unclaimedLoss(group: Group, contract: Contract): string | undefined {
  const losers = (of: Contract): Row[] =>
    group.rows.filter((row) => row.verdicts[of].lost > 0 && !row.claims.includes(of));
  const rows = losers(contract);
  if (rows.length === 0) return undefined;
  const counts = rows.map(
    (row) => `${row.design} ${outOf(row.verdicts[contract].lost, row.verdicts[contract])}`,
  );
  const text = `${contract}: lost by ${counts.join(', ')}.`;
  // `barrier` includes `submitted`, so a loss of the second is no news for the first.
  if (contract === 'barrier' && rows.every((row) => losers('submitted').includes(row))) {
    return `${text} It includes \`submitted\`.`;
  }
  const told = rows.filter((row) => row.verdicts[contract].witness);
  const clearest = told.find((row) => row.verdicts[contract].witness?.crossesQueues) ?? told[0];
  return clearest ? `${text} ${clearest.design}: ${clearest.verdicts[contract].witness?.sentence}` : text;
}

function untestedClaims(groups: readonly Group[], page: Page): string[] {
  const claims = notExercisedClaims(groups.filter((group) => group.settings.recording));
  return CONTRACTS.filter((contract) => claims.some((claim) => claim.contract === contract)).flatMap(
    (contract) => {
      const designs = claims.filter((claim) => claim.contract === contract).map((claim) => claim.design);
      const text = `${contract}: claimed by ${designs.join(', ')}; no workload put it to the test`;
      return item('untested', text, page, 'yellow');
    },
  );
}

/** Explains what was printed and nothing else. */
function legend(groups: readonly Group[]): string[] {
  const rows = groups.flatMap((group) => group.rows);
  const percentiles = rows.flatMap((row) => [row.flushP50, row.flushP99, row.readP99, row.writeP99]);
  const lines = [
    'IOPS: reads and writes a second, median over rounds; ±: the farther end of its interval. ratio: to the base, median over rounds of the quotient within a round, with its interval.',
    'CPU us/IO, cs/IO: CPU time and context switches per read, write or flush, of the whole machine (of submitters and workers alone).',
  ];
  if (rows.some((row) => (row.fsyncsPerFlush ?? 1) !== 1))
    lines.push('fsync/flush: FLUSHes that reached the backing file for each that was requested.');
  if (rows.some((row) => row.design.startsWith('kernel-loop') && row.rounds > 0))
    lines.push(
      'kernel-loop: the real /dev/loopN. What its driver does when is not observable from outside, so completed, submitted, barrier and dependent are not judged.',
    );
  if (percentiles.some((it) => it))
    lines.push('p50, p99: from submission to acknowledgement, over the latencies of all rounds together.');
  if (percentiles.some((it) => it && 'refused' in it))
    lines.push(
      'n<N: not printed, because N latencies is the least from which that percentile has a 95 % bound.',
    );
  if (rows.some((row) => row.ioWqThreads))
    lines.push(
      'io-wq: threads of the kernel that io_uring left work to, at most in a round; no design controls them.',
    );
  if (groups.some(anyExercised))
    lines.push(
      'contracts: proved n, all that was at stake held; unproved n/m, the window was open and harm unseen; LOST n/m, the rule was broken; -, nothing was at stake; *, the design claims it.',
    );
  return lines;
}

/** The columns beside the designs' names, in as many tables as the width asks for. */
function tables(group: Group, columns: Column[], page: Page): string[] {
  const names: Column = {
    head: 'design',
    align: 'left',
    cells: group.rows.map((row) => {
      const kind = row.reference ? ' (reference)' : '';
      const rounds = row.rounds < group.rounds ? ` (${row.rounds} of ${group.rounds})` : '';
      return { text: breakName(row.design) + kind + rounds };
    }),
  };
  const parts: Column[][] = [];
  let room = 0;
  for (const column of columns.filter(({ cells }) => cells.some((cell) => cell !== NOTHING))) {
    room -= columnWidth(column);
    if (parts.length === 0 || room < 0) {
      parts.push([names]);
      room = page.width - columnWidth(names) - columnWidth(column);
    }
    parts.at(-1)!.push(column);
  }
  return parts.flatMap((part, i) => (i === 0 ? grid(part, page) : ['', ...grid(part, page)]));
}

function columnWidth({ head, cells }: Column): number {
  const texts = [head, ...cells.map((cell) => cell.text)].flatMap((text) => text.split('\n'));
  return GAP + Math.max(...texts.map((text) => text.length));
}

function grid(columns: Column[], { paint }: Page): string[] {
  const sides = ['top', 'bottom', 'left', 'right', 'mid'];
  const joints = ['top-mid', 'top-left', 'top-right', 'bottom-mid', 'bottom-left', 'bottom-right'];
  const inner = ['left-mid', 'mid-mid', 'right-mid', 'middle'];
  const table = new Table({
    chars: Object.fromEntries([...sides, ...joints, ...inner].map((name) => [name, ''])),
    style: { head: [], border: [], 'padding-left': GAP, 'padding-right': 0 },
    head: columns.map(({ head }) => paint(head, 'bold')),
    colAligns: columns.map(({ align }) => align),
  });
  for (const row of columns[0]!.cells.keys())
    table.push(columns.map(({ cells }) => paint(cells[row]!.text, cells[row]!.style)));
  return table.toString().split('\n');
}
