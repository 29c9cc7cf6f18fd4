/** How many rounds: `--rounds`, or `--until` with its cap; and what came of it. */
import type { RunPlan } from '../benchmarks/plan.ts';
import { looksUpTo, type Until, type Width, widest } from '../benchmarks/precision.ts';
import { InputError } from '../datasets/errors.ts';
import type { TrialRecord } from '../datasets/schema.ts';
import { whole } from './options.ts';

const MOST_ROUNDS = 40;

/** The rounds of a plan. Throws InputError for options that exclude each other. */
export function readRounds(
  values: { rounds?: string; until?: string; 'max-rounds'?: string },
  otherwise: number,
): Pick<RunPlan, 'rounds' | 'until'> {
  const { rounds, until, 'max-rounds': most } = values;
  if (until === undefined) {
    if (most !== undefined)
      throw new InputError('--max-rounds is the cap of --until: without it, say --rounds');
    return { rounds: whole('rounds', rounds, otherwise, 1, 1000) };
  }
  if (rounds !== undefined)
    throw new InputError(
      '--until decides on the rounds: say --max-rounds for the most of them, not --rounds',
    );
  const cap = whole('max-rounds', most, MOST_ROUNDS, 2, 1000);
  return { rounds: cap, until: { halfWidth: share('until', until), looks: looksUpTo(cap) } };
}

/** `5%` or `5` to 0.05. */
export function share(option: string, text: string): number {
  const percent = Number(text.replace(/%$/, ''));
  if (!/^\d+(\.\d+)?%?$/.test(text) || !(percent > 0 && percent <= 100))
    throw new InputError(`--${option} is a share such as 5%, above 0 and at most 100, not '${text}'`);
  return percent / 100;
}

/** Said before the first round, so that nobody can choose the moment afterwards. */
export function scheduleLine({ halfWidth, looks }: Until): string {
  return `rounds until every ratio is known within ±${percent(halfWidth)}: looks after ${looks.join(', ')}`;
}

export interface Reached {
  workload: string;
  direct: boolean;
  backend: string;
  /** Undefined when nothing has an interval. */
  widest: Width | undefined;
  rounds: number;
  enough: boolean;
}

/** What each cell of a run with `--until` came to. */
export function reached(plan: RunPlan, records: readonly TrialRecord[]): Reached[] {
  const { until } = plan;
  if (until === undefined) return [];
  const names = plan.designs.map((design) => design.name);
  return plan.cells.map(({ workload: { name: workload }, direct, backend }) => {
    const own = records.filter(
      (r) => r.workload === workload && r.direct === direct && r.backend === backend && !r.skipped,
    );
    const width = widest(own, names);
    return {
      workload,
      direct,
      backend,
      widest: width,
      rounds: new Set(own.map((r) => r.round)).size,
      enough: width !== undefined && width.halfWidth <= until.halfWidth,
    };
  });
}

/** One line a cell. */
export function reachedLines(cells: readonly Reached[], { halfWidth, looks }: Until): string[] {
  return cells.map(({ workload, direct, backend, widest: width, rounds, enough }) => {
    const cell = `${workload}, ${backend === 'null' ? 'null backend' : direct ? 'direct' : 'buffered'}`;
    const found = width ? `±${percent(width.halfWidth)} (${width.design})` : 'no interval';
    if (enough) return `${cell}: ${found} after ${rounds} rounds, --until asked for ±${percent(halfWidth)}`;
    const cap = rounds >= looks.at(-1)! ? `${rounds} rounds, the cap` : `${rounds} rounds`;
    return `${cell}: INCONCLUSIVE: ${found} after ${cap}, --until asked for ±${percent(halfWidth)}`;
  });
}

function percent(value: number): string {
  return `${+(100 * value).toFixed(1)} %`;
}
