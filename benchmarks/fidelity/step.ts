/**
 * The step that an unpatched kernel can take as well, so that the model's ratio has the kernel's beside it: its loop driver gives
 * each blkio cgroup a worker, and so do the model's queues.
 */
import type { TrialRecord } from '../../datasets/schema.ts';
import { type Ratio, ratioInterval } from '../statistics/ratio-interval.ts';

export const STEP = {
  kernel: ['kernel-loop:cgroups=1', 'kernel-loop:cgroups=4'],
  model: ['blk-flush>blkcg:1', 'blk-flush>blkcg:4'],
} as const;

/** IOPS with 4 cgroups over those with 1. */
export interface Step {
  kernel: Ratio;
  model: Ratio;
}

/** Both ratios, each paired by round; undefined where no round measured all that they take. */
export function stepOf(records: readonly TrialRecord[]): Step | undefined {
  const rounds = [...new Set(records.map(roundOf))];
  const ratio = ([from, to]: readonly [string, string]): Ratio | undefined => {
    const iops = [from, to].map((design) => {
      const byRound = new Map(
        records.flatMap((it) =>
          it.design === design && it.failure === undefined && it.metrics.iops > 0
            ? [[roundOf(it), it.metrics.iops] as const]
            : [],
        ),
      );
      return rounds.map((round) => byRound.get(round));
    });
    return ratioInterval(iops[0]!, iops[1]!);
  };
  const [kernel, model] = [ratio(STEP.kernel), ratio(STEP.model)];
  return kernel && model && { kernel, model };
}

function roundOf({ run, round }: TrialRecord): string {
  return `${run} ${round}`;
}
