import type { AaFile } from '../../datasets/aa-file.ts';
import type { TrialRecord } from '../../datasets/schema.ts';
import { differences } from './conditions.ts';
import { detectableApart, detectablePaired } from './detectable.ts';
import { type CellName, DEFAULT_THRESHOLD, type JudgeOptions, type Side } from './judge.ts';

export interface Threshold {
  threshold: NonNullable<JudgeOptions['threshold']>;
  /** Where it comes from, in a sentence. */
  note: string;
}

/**
 * The least change that is believed where nobody said one: what an A/A run found that this machine can tell with so many rounds, in that
 * workload and metric, with the noisiest of its designs; 5 % where it has nothing of the kind.
 *
 * @param aa of the host of NEW
 * @param records of NEW
 * @param paired by round, as in one run; else the two were measured at different times
 */
export function thresholdFrom(
  aa: AaFile | undefined,
  records: readonly TrialRecord[],
  paired: boolean,
): Threshold {
  const usual = `${100 * DEFAULT_THRESHOLD} %`;
  const byDefault = (why: string): Threshold => ({
    threshold: DEFAULT_THRESHOLD,
    note: `threshold ${usual} by default: ${why}`,
  });
  if (aa === undefined) return byDefault('loopwq aa finds out what this machine can tell');
  const date = aa.made.slice(0, 10);
  const first = records[0];
  if (first === undefined) return byDefault('there is no trial');
  const bare = ({ topology, settings, workload }: TrialRecord) => ({ topology, settings, workload });
  const other = differences([{ ...bare(first), host: aa.host }], [first]).map(({ field }) => field);
  if (other.length > 0)
    return byDefault(`the aa of ${date} was made under other conditions (${other.join(', ')})`);
  const seconds = new Map(records.map(({ workload, load }) => [workload, load?.seconds]));
  const known = new Map<string, number>();
  const threshold = (cell: CellName & { base: Side; new: Side }): number => {
    const rounds = Math.max(2, Math.min(cell.base.rounds, cell.new.rounds));
    const key = [cell.workload, cell.direct, cell.backend, cell.metric, rounds].join('\n');
    const found = known.get(key);
    if (found !== undefined) return found;
    const alike = aa.cells.filter(
      (it) =>
        it.workload === cell.workload &&
        it.direct === cell.direct &&
        it.backend === cell.backend &&
        it.metric === cell.metric &&
        it.seconds === seconds.get(cell.workload),
    );
    const detectable = paired ? detectablePaired : detectableApart;
    const least = Math.max(...alike.map(({ base, other }) => detectable(base, other, rounds)));
    known.set(key, alike.length > 0 ? least : DEFAULT_THRESHOLD);
    return known.get(key)!;
  };
  return { threshold, note: `threshold from the aa of ${date}, ${usual} where it has nothing alike` };
}
