/** What is known while a run goes on: the ratios of the cell at hand, how far the run is, and about how long it still takes. */
import type { RunPlan } from '../benchmarks/plan.ts';
import { ratioInterval } from '../benchmarks/statistics/ratio-interval.ts';
import type { TrialRecord } from '../datasets/schema.ts';
import { count, decimal } from './table-text.ts';

/** What of a plan tells how long a run takes. */
export type LivePlan = Pick<RunPlan, 'cells' | 'designs' | 'rounds' | 'until' | 'before'>;

export interface Live {
  trial(record: TrialRecord): void;
  /** `flush-heavy, direct: round 3 of 5`; undefined before the first trial. */
  round(): string | undefined;
  /** One entry per design that has a number, in the order of the table: its name and its ratio, or what the base makes. */
  ratios(): { design: string; text: string }[];
  /** `41 of 200 trials, about 35 s left`. */
  left(): string;
}

interface At {
  /** Index in the plan. */
  cell: number;
  round: number;
}

/** @param now a clock in milliseconds */
export function openLive(plan: LivePlan, now: () => number = () => performance.now()): Live {
  const { cells, designs, rounds } = plan;
  const most = plan.until ? 'at most ' : '';
  const base = (designs.find((design) => design.reference === undefined) ?? designs[0])?.name;
  /** Trials of each cell that there are already. */
  const done = cells.map(() => 0);
  /** Designs that a cell does without. */
  const skipped = cells.map(() => 0);
  /** Milliseconds between the ends of two trials that followed each other, by cell. */
  const took = cells.map(() => ({ sum: 0, n: 0 }));
  /** IOPS by round of the designs in one cell, the one that the last trial was of. */
  let iops = new Map<string, (number | undefined)[]>();
  let iopsOf = -1;
  let at: At | undefined;
  let last = now();

  const cellOf = ({ workload, direct, backend }: TrialRecord): number =>
    cells.findIndex(
      (cell) => cell.workload.name === workload && cell.direct === direct && cell.backend === backend,
    );
  const take = (record: TrialRecord): void => {
    const cell = cellOf(record);
    if (cell < 0) return;
    if (record.skipped !== undefined) {
      skipped[cell]!++;
      return;
    }
    done[cell]!++;
    if (iopsOf !== cell) iops = new Map();
    iopsOf = cell;
    at = { cell, round: record.round };
    if (record.failure !== undefined || !(record.metrics.iops > 0)) return;
    if (!iops.has(record.design)) iops.set(record.design, Array(rounds).fill(undefined));
    iops.get(record.design)![record.round] = record.metrics.iops;
  };
  for (const record of plan.before ?? []) take(record);
  // That was another process, whose clock says nothing.
  at = undefined;

  const planned = (cell: number): number => rounds * (designs.length - skipped[cell]!);
  /** A job's own time is known; what a trial costs besides is what it cost in the other cells. */
  const expected = (cell: number): number | undefined => {
    if (took[cell]!.n > 0) return took[cell]!.sum / took[cell]!.n;
    const known = took.flatMap(({ sum, n }, other) => (n > 0 ? [sum / n - nominal(plan, other)] : []));
    if (known.length === 0) return undefined;
    return nominal(plan, cell) + Math.max(0, known.reduce((a, b) => a + b) / known.length);
  };

  return {
    trial(record) {
      const elapsed = now() - last;
      last += elapsed;
      const cell = cellOf(record);
      // The first trial of a cell comes after warm-ups and preparations.
      if (at?.cell === cell && record.skipped === undefined) {
        took[cell]!.sum += elapsed;
        took[cell]!.n++;
      }
      take(record);
    },
    round() {
      if (at === undefined) return undefined;
      const { workload, direct, backend } = cells[at.cell]!;
      const kind = backend === 'null' ? 'null backend' : direct ? 'direct' : 'buffered';
      return `${workload.name}, ${kind}: round ${at.round + 1} of ${most}${rounds}`;
    },
    ratios() {
      const own = base === undefined ? undefined : iops.get(base);
      return designs.flatMap(({ name: design }) => {
        const mine = iops.get(design);
        if (mine === undefined) return [];
        if (design === base || own === undefined) return [{ design, text: `${count(latest(mine))} IOPS` }];
        const ratio = ratioInterval(own, mine);
        if (ratio === undefined) return [];
        const { value, interval } = ratio;
        const range = interval ? ` [${decimal(interval.low)}, ${decimal(interval.high)}]` : '';
        return [{ design, text: `${decimal(value)}${range}` }];
      });
    },
    left() {
      const current = at?.cell ?? 0;
      const made = done.reduce((a, b) => a + b, 0);
      const all = cells.reduce((sum, _, cell) => sum + (cell < current ? done[cell]! : planned(cell)), 0);
      let milliseconds = 0;
      for (let cell = current; cell < cells.length; cell++) {
        const each = expected(cell);
        if (each === undefined) return `${made} of ${most}${all} trials`;
        milliseconds += Math.max(0, planned(cell) - done[cell]!) * each;
      }
      // What comes behind the last trial is no trial.
      const left = milliseconds > 0 ? `, about ${time(milliseconds / 1000)} left` : '';
      return `${made} of ${most}${all} trials${left}`;
    },
  };
}

function latest(values: readonly (number | undefined)[]): number {
  return values.findLast((value) => value !== undefined)!;
}

/** Milliseconds that the jobs of a cell ask for. */
function nominal({ cells }: LivePlan, cell: number): number {
  return 1000 * Math.max(...cells[cell]!.workload.jobs.map(({ runtime, ramp = 0 }) => runtime + ramp));
}

/** `35 s`, `4 min`, `2 h 10 min`. */
function time(seconds: number): string {
  if (seconds < 99.5) return `${Math.round(seconds)} s`;
  const minutes = Math.round(seconds / 60);
  return minutes < 100 ? `${minutes} min` : `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}
