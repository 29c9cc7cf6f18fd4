/**
 * Progress on stderr. On a terminal: a few lines that change and in the end vanish. Elsewhere one plain line at the end of a
 * round, for a log. Nothing here runs by itself: a timer would take a core from a trial.
 */
import { createLogUpdate } from 'log-update';
import type { TrialRecord } from '../datasets/schema.ts';
import { type LivePlan, openLive } from './live.ts';

export interface Progress {
  /** What begins now; called between trials alone. It is left out when the last one was just said, unless it is urgent. */
  say(text: string, urgent?: boolean): void;
  trial(record: TrialRecord): void;
  clear(): void;
}

/** As much of a stream as is used. */
export interface Output {
  isTTY?: boolean;
  columns?: number;
  rows?: number;
  write(text: string): boolean;
}

/** Milliseconds from one picture to the next at least. */
const PAUSE = 500;
/** Lines below which nothing is left out. */
const FEW = 5;

/**
 * @param plan of the run that is shown; without it texts alone are, and those on a terminal alone
 * @param now a clock in milliseconds
 */
export function openProgress(
  quiet: boolean,
  plan?: LivePlan,
  stream: Output = process.stderr,
  now: () => number = () => performance.now(),
): Progress {
  if (quiet || (!stream.isTTY && !plan)) return { say: () => {}, trial: () => {}, clear: () => {} };
  return stream.isTTY ? onTerminal(plan, stream, now) : inLines(plan!, stream, now);
}

function onTerminal(plan: LivePlan | undefined, stream: Output, now: () => number): Progress {
  // A hidden cursor would stay hidden: what shows it again runs at an exit that this process does not take.
  const update = createLogUpdate(stream as NodeJS.WriteStream, { showCursor: true });
  const live = plan && openLive(plan, now);
  let next = Number.NEGATIVE_INFINITY;
  return {
    say(text, urgent = false) {
      if (now() < next && !urgent) return;
      next = now() + PAUSE;
      const first = live?.round() === undefined ? text : `${text}; ${live!.left()}`;
      const names = live?.ratios() ?? [];
      const widest = Math.max(0, ...names.map(({ design }) => design.length));
      const lines = names.map(({ design, text }) => `  ${design.padEnd(widest)}  ${text}`);
      const width = (stream.columns || 80) - 1;
      update([first, ...fitting(lines, stream.rows)].map((line) => line.slice(0, width)).join('\n'));
    },
    trial: (record) => live?.trial(record),
    clear: () => update.clear(),
  };
}

/** Lines that a terminal of so many rows has place for: one that scrolls can't be redrawn. */
function fitting(lines: string[], rows = 24): string[] {
  const room = Math.max(FEW, rows - 3);
  if (lines.length <= room) return lines;
  return [...lines.slice(0, room - 1), `  and ${lines.length - room + 1} more`];
}

function inLines(plan: LivePlan, stream: Output, now: () => number): Progress {
  const live = openLive(plan, now);
  let last: TrialRecord | undefined;
  const tell = (): void => {
    const ratios = live.ratios().map(({ design, text }) => `${design} ${text}`);
    if (last !== undefined) stream.write(`${[live.round(), ...ratios, live.left()].join('; ')}\n`);
    last = undefined;
  };
  return {
    say() {},
    trial(record) {
      if (record.skipped === undefined) {
        // A round is over when the next one begins: what it brought is told then.
        if (last !== undefined && !isSameRound(last, record)) tell();
        last = record;
      }
      live.trial(record);
    },
    clear: tell,
  };
}

function isSameRound(a: TrialRecord, b: TrialRecord): boolean {
  return a.round === b.round && a.workload === b.workload && a.direct === b.direct && a.backend === b.backend;
}
