/**
 * The public interface: `import { defineStrategy, run, compare } from 'loopwq'`. What a plug-in needs is here and weighs nothing, as
 * every thread of its design loads it; `run` and `compare` load theirs when they are called.
 */
import type { Judgement, JudgeOptions } from '../benchmarks/compare/judge.ts';
import type { TrialRecord } from '../datasets/schema.ts';
import type { RunOptions, RunOutcome } from './run.ts';

export type { Claim, ClaimFailure, Group, Row } from '../benchmarks/summary.ts';
export type { Contract } from '../ordering/contracts.ts';
export { DISCARD, FLUSH, FUA, PREFLUSH, READ, WRITE, WRITE_ZEROES } from '../ordering/history.ts';
export { defineFlushPolicy, defineOrderPolicy, defineStrategy } from '../strategies/define.ts';
export {
  type Gate,
  type GatePolicy,
  GO,
  HERE,
  type Hooks,
  INLINE,
  type Layout,
  NONE,
  NOWAIT,
  type OpId,
  type Ops,
  PARK,
  type QueueId,
  type Runtime,
  SKIP,
  type Strategy,
  type Topology,
  type Words,
} from '../strategies/types.ts';
export type { Judgement, JudgeOptions, RunOptions, RunOutcome, TrialRecord };

/**
 * Runs designs over workloads, as `loopwq run` does. It prints nothing, writes no results and never ends the process; the folder
 * of its backing files, its threads and its loop devices are gone when the promise settles. Two runs at one time would measure each other.
 *
 * @throws InputError for options that can't be meant, MachineError for what the machine can't do, DesignError when the code of
 *   a design throws (told apart by `error.name`)
 * @example
 * const { records, summary } = await run({ designs: ['single-wq', 'n-wq:4+quiesce'], workloads: ['flush-heavy'], quick: true });
 * console.log(summary[0].rows.map((row) => [row.design, row.iops?.value, row.verdicts.submitted.lost]));
 */
export async function run(options: RunOptions = {}): Promise<RunOutcome> {
  return (await import('./run.ts')).runDesigns(options);
}

/**
 * Is NEW better, worse or the same as BASE, in each cell and metric? Records come from `run`, or line by line from the
 * `results.jsonl` of a `loopwq run`.
 *
 * @throws RangeError for a threshold or an alpha that makes no sense
 * @example
 * const { verdicts } = await compare(before.records, after.records, { threshold: 0.1 });
 * const worse = verdicts.filter(({ answer }) => answer === 'worse');
 */
export async function compare(
  base: readonly TrialRecord[],
  other: readonly TrialRecord[],
  options: JudgeOptions = {},
): Promise<Judgement> {
  return (await import('../benchmarks/compare/judge.ts')).judge(base, other, options);
}
