/**
 * Litmus files: a handful of operations, a design, a schedule of its threads, and what each rule has to say of the run. As plain
 * text, so that a violation can be read, mailed, kept and replayed. datasets/litmus/README.md describes the format;
 * litmus-read.ts reads it.
 */
import { CONTRACTS, type Contract } from '../ordering/contracts.ts';

export const LITMUS_ENDING = '.litmus';

/** The kinds of operations and their flags, as ordering/history.ts numbers them. */
export const LITMUS_KINDS = ['READ', 'WRITE', 'FLUSH', 'DISCARD', 'WRITE_ZEROES'] as const;
export const LITMUS_FLAGS = ['FUA', 'PREFLUSH'] as const;
export const LITMUS_OUTCOMES = ['proved', 'unproved', 'lost', 'not-exercised'] as const;
/** Of the images that a crash may leave: some break the rule, or none. */
export const CRASH_OUTCOMES = ['illegal', 'legal'] as const;
export const CRASH_CONTRACTS = ['completed', 'submitted', 'barrier'] as const satisfies readonly Contract[];

export type LitmusOutcome = (typeof LITMUS_OUTCOMES)[number];
export type CrashOutcome = (typeof CRASH_OUTCOMES)[number];
export type CrashContract = (typeof CRASH_CONTRACTS)[number];

export interface LitmusOperation {
  name: string;
  submitter: number;
  kind: (typeof LITMUS_KINDS)[number];
  flags: (typeof LITMUS_FLAGS)[number][];
  cpu?: number;
  device: number;
  /** First block and how many; 0 of a FLUSH. */
  unit: number;
  units: number;
  /** Names of earlier operations whose acknowledgement it waits for. */
  after: string[];
}

export interface Litmus {
  /** What it shows, without the marks of a comment. */
  about: string;
  design: string;
  backend: 'sync' | 'uring';
  /** Operations that a submitter may have outstanding. */
  depth: number;
  devices: number;
  cpus?: number;
  replaced?: number;
  shortTransfer?: number;
  failedFsync?: number;
  operations: LitmusOperation[];
  /** Who goes on, turn by turn: `s0` a submitter, `w1` a worker, `io2` the I/O of a tag, `replacer`. */
  schedule: string[];
  expected: Partial<Record<Contract, LitmusOutcome>>;
  expectedCrash: Partial<Record<CrashContract, CrashOutcome>>;
}

const WIDTH = 110;

/** Operations of the submitter that has the most. */
export function busiest(operations: readonly { submitter: number }[]): number {
  const counts = new Map<number, number>();
  for (const { submitter } of operations) counts.set(submitter, (counts.get(submitter) ?? 0) + 1);
  return Math.max(...counts.values());
}

/** The text of a litmus file, which parseLitmus reads as the same litmus. */
export function formatLitmus(litmus: Litmus): string {
  const { about, operations, schedule, expected, expectedCrash } = litmus;
  const pair = (key: string, value: string | number | undefined): string[] =>
    value === undefined ? [] : [`${key.padEnd(15)}${value}`];
  const rows = operations.map(operationCells);
  const widths = rows[0]!.map((_, i) => Math.max(...rows.map((row) => row[i]!.length)));
  return `${[
    ...about.split('\n').map((line) => `# ${line}`.trimEnd()),
    '',
    ...pair('design', litmus.design),
    ...pair('backend', litmus.backend),
    ...pair('depth', litmus.depth),
    ...pair('devices', litmus.devices),
    ...pair('cpus', litmus.cpus),
    ...pair('replaced', litmus.replaced === undefined ? undefined : `disk${litmus.replaced}`),
    ...pair('short-transfer', litmus.shortTransfer),
    ...pair('failed-fsync', litmus.failedFsync),
    '',
    ...rows.map((row) =>
      row
        .map((cell, i) => cell.padEnd(widths[i]!))
        .join('  ')
        .trimEnd(),
    ),
    '',
    ...scheduleLines(schedule),
    '',
    ...CONTRACTS.flatMap((rule) => pair('expect', expected[rule] && `${rule.padEnd(18)} ${expected[rule]}`)),
    ...CRASH_CONTRACTS.flatMap((rule) =>
      pair('expect', expectedCrash[rule] && `crash ${rule.padEnd(12)} ${expectedCrash[rule]}`),
    ),
  ].join('\n')}\n`;
}

function operationCells({
  name,
  submitter,
  kind,
  flags,
  cpu,
  device,
  unit,
  units,
  after,
}: LitmusOperation): string[] {
  const last = unit + units - 1;
  const tail = [
    ...(flags.length > 0 ? [`flags ${flags.join('|')}`] : []),
    ...(cpu === undefined ? [] : [`cpu ${cpu}`]),
    ...(after.length > 0 ? [`after ${after.join(' ')}`] : []),
  ];
  const blocks = units === 0 ? '' : units === 1 ? `block ${unit}` : `blocks ${unit}-${last}`;
  return [`op ${name}`, `submitter ${submitter}`, kind, `disk${device}`, blocks, tail.join(' ')];
}

/** Turns in a row are told as `s0*4`. */
function scheduleLines(schedule: readonly string[]): string[] {
  const runs: string[] = [];
  for (let i = 0; i < schedule.length; ) {
    let end = i + 1;
    while (schedule[end] === schedule[i]) end++;
    runs.push(end - i > 1 ? `${schedule[i]}*${end - i}` : schedule[i]!);
    i = end;
  }
  const lines = [''];
  for (const run of runs) {
    if (lines.at(-1)!.length + run.length > WIDTH - 16) lines.push('');
    lines[lines.length - 1] += ` ${run}`;
  }
  return lines.map((line) => `schedule${' '.repeat(6)}${line}`.trimEnd());
}
