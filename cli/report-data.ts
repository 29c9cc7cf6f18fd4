/** What `loopwq report` is about: the results of one run or several as one. */
import { realpathSync } from 'node:fs';
import { InputError } from '../datasets/errors.ts';
import { readResults } from '../datasets/results.ts';
import { type RunFile, readRunFile, runFileBeside } from '../datasets/run-file.ts';
import type { TrialRecord } from '../datasets/schema.ts';

export interface ReportRun {
  /** The results file. */
  path: string;
  /** Absent beside results of an earlier loopwq. */
  file: RunFile | undefined;
  /** True when its last line was cut off. */
  truncated: boolean;
}

export interface ReportData {
  records: TrialRecord[];
  runs: ReportRun[];
  /**
   * Designs as in the table of the first run that tells, then those of the others; undefined where none does, as the records
   * show the order of a shuffled round alone.
   */
  order: string[] | undefined;
}

/**
 * Reads results files, or the folders that hold one.
 *
 * @throws InputError when one can't be read, has no trial, or holds a run that another one holds too: its rounds would
 *   count twice
 */
export function readReportData(paths: readonly string[]): ReportData {
  const from = new Map<string, string>();
  const records: TrialRecord[] = [];
  const runs = paths.map((given): ReportRun => {
    const { path, records: mine, truncated } = readResults(given);
    if (mine.length === 0) throw new InputError(`${path}: no trial in it`);
    const real = realpathSync(path);
    for (const run of new Set(mine.map((record) => record.run))) {
      const other = from.get(run);
      if (other !== undefined) {
        const twice = other === real ? 'named twice' : `the same run as in ${other}`;
        throw new InputError(`${path}: ${twice}; its rounds would count twice`);
      }
      from.set(run, real);
    }
    for (const record of mine) records.push(record);
    return { path, file: readRunFile(runFileBeside(path)), truncated };
  });
  const named = runs.flatMap(({ file }) => file?.designs ?? []);
  return { records, runs, order: named.length > 0 ? [...new Set(named)] : undefined };
}
