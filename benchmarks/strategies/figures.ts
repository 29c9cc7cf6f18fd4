/** What `npm run bench:strategies` measures: a workload or two, the designs, and the rows of its table. */
import { median } from 'simple-statistics';
import { parseJobFile } from '../../datasets/fio.ts';
import type { TrialRecord } from '../../datasets/schema.ts';
import type { Workload } from '../../datasets/workload.ts';
import { CLIENTS } from '../../ordering/clients/index.ts';
import { PREFLUSH, WRITE } from '../../ordering/history.ts';
import { STRATEGIES } from '../../strategies/index.ts';
import { parseDesign } from '../designs.ts';
import { mergeLatencies } from '../latency.ts';
import { byRound, measure, showRatio, tableOf } from '../measure.ts';
import type { Cell } from '../plan.ts';
import { orderStatisticInterval } from '../statistics/order-statistic-interval.ts';
import { type Ratio, ratioInterval } from '../statistics/ratio-interval.ts';

export interface Effort {
  rounds: number;
  /** Of a trial. */
  seconds: number;
}

export interface Figure {
  name: string;
  question: string;
  /** Text in Markdown. */
  run(effort: Effort): Promise<string>;
}

/** Per operation on `null` no strategy takes more than this of what `single-wq` takes, unless its header says why. */
const MOST = 1.3;

function workload(name: string, lines: readonly string[], { seconds }: Effort): Workload {
  const runtime = `${Math.round(1000 * seconds)}ms`;
  const text = ['[global]', 'filename=disk', 'time_based', `runtime=${runtime}`, ...lines, '[job]'];
  return { ...parseJobFile(text.join('\n'), 'strategies.fio'), name };
}

function cellOf(name: string, direct: boolean, lines: readonly string[], effort: Effort): Cell {
  return { workload: workload(name, lines, effort), direct, backend: direct ? 'uring' : 'sync' };
}

const namesOf = (designs: readonly string[]): string[] => designs.map((text) => parseDesign(text).name);

const iops = ({ metrics }: TrialRecord): number => metrics.iops;
const cpuEach = ({ metrics }: TrialRecord): number => metrics.cpuTasksUs / metrics.operations;
const switchesEach = ({ metrics }: TrialRecord): number => metrics.switchesTasks / metrics.operations;
const perFlush = ({ metrics }: TrialRecord): number => metrics.fsyncs / metrics.flushes;
const flushesEach = ({ metrics }: TrialRecord): number => metrics.flushes / metrics.seconds;

/**
 * Every strategy, per operation, over the first. With one submitter it is the design's own cost. With two, on two cores, every design of
 * several workers has more threads to wake than cores, and pays a context switch oftener: that is told beside it.
 */
const perOperation: Figure = {
  name: 'null',
  question: `what does an operation cost by itself? null backend, 32 requests in flight; above ${MOST} with 1 submitter is named`,
  async run(effort) {
    const cells = [1, 2].map((jobs): Cell => {
      const lines = ['rw=randrw', 'size=16m', `iodepth=${32 / jobs}`, `numjobs=${jobs}`];
      return { workload: workload(`null ${jobs}`, lines, effort), direct: false, backend: 'null' };
    });
    const [one, two] = cells as [Cell, Cell];
    const designs = namesOf(STRATEGIES.map(({ name }) => name));
    const of = await measured(cells, designs, effort, { submitters: 2, recording: false });
    const [base = ''] = designs;
    const wall = (design: string) => of(one, design, (r) => 1e6 / iops(r));
    const cpu = (cell: Cell, design: string) => of(cell, design, cpuEach);
    const ratios = designs.map((design) => ({
      design,
      wall: ratioInterval(wall(base), wall(design)),
      cpu: ratioInterval(cpu(one, base), cpu(one, design)),
      cpuOfTwo: ratioInterval(cpu(two, base), cpu(two, design)),
    }));
    const rows = ratios.map(({ design, ...ratio }) => [
      design,
      show(wall(design), 2),
      shown(ratio.wall),
      show(cpu(one, design), 2),
      shown(ratio.cpu),
      show(of(one, design, switchesEach), 2),
      shown(ratio.cpuOfTwo),
      show(of(two, design, switchesEach), 2),
    ]);
    const named = ratios
      .filter((it) => Math.max(it.wall?.value ?? 0, it.cpu?.value ?? 0) > MOST)
      .map((it) => `${it.design} (wall ${it.wall?.value.toFixed(2)}, CPU ${it.cpu?.value.toFixed(2)})`);
    const head = [
      'design',
      'us',
      'ratio',
      'CPU us',
      'ratio',
      'switches',
      '2 submitters: CPU ratio',
      'switches',
    ];
    return `${tableOf(head, rows)}\n\nAbove ${MOST} x ${base}: ${named.join(', ') || 'none'}.`;
  },
};

/** The designs that do without a hand-over, one operation at a time. */
const depthOne: Figure = {
  name: 'qd1',
  question: 'do nowait and inline beat single-wq where one operation is in flight? IOPS, 1 submitter',
  async run(effort) {
    const designs = namesOf(['single-wq', 'nowait', 'inline']);
    const cells = [false, true].flatMap((direct) =>
      ['read', 'write'].map((rw) =>
        cellOf(`${rw}, ${direct ? 'O_DIRECT' : 'page cache'}`, direct, [`rw=rand${rw}`, 'size=16m'], effort),
      ),
    );
    const of = await measured(cells, designs, effort, { submitters: 1 });
    return tableOf(
      ['4 KiB', 'design', 'IOPS', 'ratio to single-wq'],
      cells.flatMap((cell) => iopsRows(cell, designs, of)),
    );
  },
};

/** Who merges flushes, and what that does to their latency. */
const flushers: Figure = {
  name: 'flush',
  question:
    'do blk-flush and generation issue fewer fsyncs than are requested, and beat quiesce in flush p99? O_DIRECT, 8 jobs, each a write and an fsync in turn',
  async run(effort) {
    const groups = ['single-wq', 'n-wq:4'].map((it) =>
      namesOf([`${it}+quiesce`, it, `${it}+generation`, `blk-flush>${it}`]),
    );
    const lines = ['rw=randwrite', 'size=16m', 'iodepth=1', 'fsync=1', 'numjobs=8'];
    // Longer trials: the p99 of a trial takes 368 flushes.
    const cell = cellOf('flush', true, lines, { ...effort, seconds: 3 * effort.seconds });
    const of = await measured([cell], groups.flat(), effort, { submitters: 8 });
    const p99 = (design: string) => of(cell, design, (r) => flushPercentile(r, 0.99));
    const rows = groups.flatMap(([base = '', ...others]) =>
      [base, ...others].map((design) => [
        design,
        show(of(cell, design, perFlush), 2),
        show(of(cell, design, flushesEach), 0),
        show(
          of(cell, design, (r) => flushPercentile(r, 0.5)),
          2,
        ),
        show(p99(design), 2),
        design === base ? '' : shown(ratioInterval(p99(base), p99(design))),
      ]),
    );
    const head = [
      'design',
      'fsyncs issued / requested',
      'flushes/s',
      'flush p50, ms',
      'p99, ms',
      'p99 to quiesce',
    ];
    return tableOf(head, rows);
  },
};

/** Where a second worker pays on two cores. */
const parallel: Figure = {
  name: 'parallel',
  question:
    'where does a parallel design beat a serial one on two cores? IOPS; of each workload the first design is the serial one',
  async run(effort) {
    const cases: [name: string, direct: boolean, lines: string[], designs: string[]][] = [
      [
        '64 KiB reads, page cache, depth 16',
        false,
        ['rw=randread', 'bs=64k', 'iodepth=16'],
        ['single-wq', 'zloop:2', 'mq-dev16:2', 'work-stealing:2'],
      ],
      [
        '4 writers, O_DIRECT, fsync=32',
        true,
        ['rw=randwrite', 'iodepth=8', 'fsync=32', 'numjobs=4'],
        ['single-wq', 'n-wq:4', 'zloop:4', 'blk-flush>n-wq:4'],
      ],
      [
        '64 KiB AES-XTS reads, page cache, depth 16',
        false,
        ['rw=randread', 'bs=64k', 'iodepth=16'],
        ['dm-crypt:no-read:no-write', 'dm-crypt'],
      ],
      [
        '64 KiB AES-XTS reads, O_DIRECT, depth 16',
        true,
        ['rw=randread', 'bs=64k', 'iodepth=16'],
        ['dm-crypt:no-read:no-write', 'dm-crypt'],
      ],
    ];
    const rows: string[][] = [];
    for (const [name, direct, lines, texts] of cases) {
      const cell = cellOf(name, direct, ['size=16m', ...lines], effort);
      const designs = namesOf(texts);
      rows.push(...iopsRows(cell, designs, await measured([cell], designs, effort, { submitters: 2 })));
    }
    return tableOf(['workload', 'design', 'IOPS', 'ratio'], rows);
  },
};

/** FUA as the device's own, under a journal. */
const fua: Figure = {
  name: 'fua',
  question: "does native FUA halve the fsyncs of jbd2's commits (PREFLUSH|FUA)? journals of ext4 as clients",
  async run(effort) {
    const { script } = CLIENTS.find(({ name }) => name === 'jbd2')!;
    const commits = script.filter(({ flags }) => (flags & PREFLUSH) !== 0).length;
    // A tail that moves is a write as well, so that there are not always as many writes to a commit.
    const perWrite = commits / script.filter(({ kind }) => kind === WRITE).length;
    const designs = namesOf(['blk-flush>single-wq', 'blk-flush:fua>single-wq']);
    const cells = [true, false].flatMap((direct) =>
      ['1 journal', '2 journals'].map((name, i) => {
        const lines = ['client=jbd2', 'iodepth=16', `numjobs=${i + 1}`];
        return cellOf(`${name}, ${direct ? 'O_DIRECT' : 'page cache'}`, direct, lines, effort);
      }),
    );
    const of = await measured(cells, designs, effort, { submitters: 2 });
    const fsyncs = (r: TrialRecord): number => r.metrics.fsyncs / (r.metrics.writes * perWrite);
    const time = (cell: Cell, design: string) => of(cell, design, (r) => 1e3 / (iops(r) * perWrite));
    const [base = ''] = designs;
    const rows = cells.flatMap((cell) =>
      designs.map((design) => [
        cell.workload.name,
        design,
        show(of(cell, design, fsyncs), 2),
        show(time(cell, design), 2),
        design === base ? '' : shown(ratioInterval(time(cell, base), time(cell, design))),
      ]),
    );
    return tableOf(['jbd2', 'design', 'fsyncs/commit', 'ms/commit', 'ratio of time'], rows);
  },
};

export const FIGURES: readonly Figure[] = [perOperation, depthOne, flushers, parallel, fua];

/** A number of each round of a design in a cell. */
type Of = (
  cell: Cell,
  design: string,
  pick: (record: TrialRecord) => number | undefined,
) => (number | undefined)[];

async function measured(
  cells: Cell[],
  designs: readonly string[],
  { rounds }: Effort,
  { submitters, recording = true }: { submitters: number; recording?: boolean },
): Promise<Of> {
  const label = cells.map((cell) => cell.workload.name).join('; ');
  const records = await measure({ cells, designs, rounds, label, recording, submitters });
  return (cell, design, pick) => byRound(records, cell, design, rounds, pick);
}

/** IOPS of designs in a cell, and the ratio of each to the first; in bold where it is clear of 1. */
function iopsRows(cell: Cell, designs: readonly string[], of: Of): string[][] {
  const [base = ''] = designs;
  return designs.map((design) => {
    const ratio = ratioInterval(of(cell, base, iops), of(cell, design, iops));
    const bold = ratio && isAbove(ratio) ? '**' : '';
    const text = design === base ? '' : `${bold}${shown(ratio)}${bold}`;
    return [cell.workload.name, design, show(of(cell, design, iops), 0), text];
  });
}

/** A 95 % interval that lies above 1 as a whole. */
function isAbove({ interval }: Ratio): boolean {
  return interval !== undefined && interval.confidence >= 0.95 && interval.low > 1;
}

function shown(ratio: Ratio | undefined): string {
  return ratio ? showRatio(ratio) : '-';
}

/** Median over rounds and, in brackets, its interval. */
function show(values: readonly (number | undefined)[], digits: number): string {
  const found = values.filter((value) => value !== undefined);
  if (found.length === 0) return '-';
  const middle = median(found).toFixed(digits);
  if (found.length < 2) return middle;
  const { low, high } = orderStatisticInterval(found);
  return `${middle} [${low.toFixed(digits)}, ${high.toFixed(digits)}]`;
}

/** Milliseconds; undefined where a trial has too few flushes for that percentile. */
function flushPercentile({ latency }: TrialRecord, q: number): number | undefined {
  const value = latency.flush && mergeLatencies([latency.flush]).percentile(q);
  return value === undefined ? undefined : value / 1e6;
}
