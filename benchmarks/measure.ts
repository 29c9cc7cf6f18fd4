/** For the benchmark scripts: designs measured beside each other in one interleaved run, and what came of them round by round. */
import { randomUUID } from 'node:crypto';
import { readHost } from '../datasets/host.ts';
import type { TrialRecord } from '../datasets/schema.ts';
import { type Design, parseDesign } from './designs.ts';
import type { Cell, RunPlan } from './plan.ts';
import { type RunEvents, runPlan } from './runner.ts';
import type { Ratio } from './statistics/ratio-interval.ts';
import { defaultTopology } from './topology.ts';

export interface Asked {
  cells: Cell[];
  /** Names, or what `parseDesign` made of one with a catalogue of its own. */
  designs: readonly (string | Design)[];
  rounds: number;
  /** What a terminal shows beside the progress. */
  label: string;
  recording: boolean;
  /** Of the shuffled order, where one run follows another. */
  seed?: number;
  /** The machine that is played has a CPU for so many submitters. */
  submitters: number;
  /** As of the plan. */
  renewAfter?: number;
  /** Looks at the history of each trial. */
  history?: NonNullable<RunEvents['history']>;
}

/** Runs all of it in the current folder. Throws when a trial failed. */
export async function measure(asked: Asked): Promise<TrialRecord[]> {
  const host = readHost(process.cwd());
  const records: TrialRecord[] = [];
  const plan: RunPlan = {
    cells: asked.cells,
    designs: asked.designs.map((it) => (typeof it === 'string' ? parseDesign(it) : it)),
    rounds: asked.rounds,
    seed: asked.seed ?? 1,
    topology: defaultTopology(host.sockets, host.cores, asked.submitters),
    dir: process.cwd(),
    overwrite: [],
    deadlineSeconds: 30,
    recording: asked.recording,
    ...(asked.renewAfter === undefined ? {} : { renewAfter: asked.renewAfter }),
  };
  const end = await runPlan(
    plan,
    randomUUID(),
    host,
    {
      progress: (text) => process.stderr.isTTY && process.stderr.write(`\r\x1b[K${asked.label}: ${text}`),
      trial: (record) => records.push(record),
      ...(asked.history && { history: asked.history }),
    },
    new AbortController().signal,
  );
  if (process.stderr.isTTY) process.stderr.write('\r\x1b[K');
  if (end.failed) throw new Error(end.failed);
  return records;
}

/** A number of each round of a design in a cell; undefined where it has none. */
export function byRound(
  records: readonly TrialRecord[],
  { workload, direct }: Cell,
  design: string,
  rounds: number,
  of: (record: TrialRecord) => number | undefined,
): (number | undefined)[] {
  const trials = records.filter(
    (r) => r.workload === workload.name && r.direct === direct && r.design === design,
  );
  return Array.from({ length: rounds }, (_, round) => {
    const trial = trials.find((r) => r.round === round);
    return trial && of(trial);
  });
}

export function showRatio({ value, interval }: Ratio): string {
  return `${value.toFixed(2)}${interval ? ` [${interval.low.toFixed(2)}, ${interval.high.toFixed(2)}]` : ''}`;
}

/** A table in Markdown. */
export function tableOf(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;
  return [line(head), `|${'---|'.repeat(head.length)}`, ...rows.map(line)].join('\n');
}
