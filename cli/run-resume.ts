/** `--resume FOLDER`: a run that was interrupted goes on with its own words, and makes what is not there yet. */
import { differences } from '../benchmarks/compare/conditions.ts';
import type { RunPlan } from '../benchmarks/plan.ts';
import { conditionsOf } from '../benchmarks/record.ts';
import { InputError } from '../datasets/errors.ts';
import { readResults } from '../datasets/results.ts';
import { readRevision } from '../datasets/revision.ts';
import { type RunFile, readRunFile, runFileBeside } from '../datasets/run-file.ts';
import type { Host, TrialRecord } from '../datasets/schema.ts';
import { readOptions } from './options.ts';
import { RUN_OPTIONS } from './run-options.ts';
import { plural } from './table-text.ts';

export interface Resumed {
  /** As the user named it. */
  folder: string;
  /** Behind `run`: those that it was started with, and how the user wants it shown now. */
  words: string[];
  about: RunFile;
  before: TrialRecord[];
  /** Half a line was at the end of the results. */
  truncated: boolean;
}

/** Options that say how a run is shown, not what is run. */
const SHOWN = ['strict', 'waits', 'json', 'no-color', 'quiet'];

/**
 * Undefined without `--resume`.
 *
 * @throws InputError when the folder holds no run that can go on, or other options stand beside
 */
export function resumedBy(args: readonly string[]): Resumed | undefined {
  const { values, positionals } = readOptions(args, RUN_OPTIONS, true);
  const folder = values.resume;
  if (folder === undefined) return undefined;
  const shown = Object.keys(values).filter((name) => SHOWN.includes(name));
  const others = Object.keys(values).filter((name) => name !== 'resume' && !SHOWN.includes(name));
  const extra = [...positionals, ...others.map((name) => `--${name}`)];
  if (extra.length > 0)
    throw new InputError(
      `--resume goes on with the words of the run itself, and takes ${SHOWN.map((name) => `--${name}`).join(', ')} alone; ` +
        `${extra.join(', ')} would be another run: give it an --out of its own`,
    );
  const { path, records, truncated } = readResults(folder);
  if (path.endsWith('.gz')) throw new InputError(`--resume ${path} is packed: unpack it first, with gunzip`);
  const runFile = runFileBeside(path);
  const about = readRunFile(runFile);
  if (about === undefined || about.argv[0] !== 'run')
    throw new InputError(
      `--resume ${folder}: ${about ? `${runFile} has no command line` : `there is no ${runFile}`}, so nothing says how the run was started. Start it anew`,
    );
  const other = records.find((record) => record.run !== about.run);
  if (other !== undefined)
    throw new InputError(
      `--resume ${folder}: ${path} holds trials of run ${other.run}, and ${runFile} is of run ${about.run}: two runs in one file ` +
        'can no longer be told apart by their rounds. Keep the lines of one, or start anew',
    );
  const words = [...about.argv.slice(1), ...shown.map((name) => `--${name}`)];
  return { folder, words, about, before: records, truncated };
}

/**
 * Holds what the words mean now against what the run has done: a run with two halves would be of no use to anybody.
 *
 * @throws InputError that names what is different
 */
export function requireSameRun({ folder, about, before }: Resumed, plan: RunPlan, host: Host): void {
  const refuse = (why: string): never => {
    throw new InputError(`--resume ${folder}: ${why}. Start a new run, with an --out of its own`);
  };
  const names = plan.designs.map((design) => design.name);
  if (names.join() !== about.designs.join())
    refuse(`its designs were ${about.designs.join(', ')}; the same words now mean ${names.join(', ')}`);
  const first = before[0];
  if (first === undefined) return;
  const now = conditionsOf(plan, host);
  const differing = differences(before, now).map((it) => `${it.field} (${it.base}; now ${it.new})`);
  if (first.host.kernel !== host.kernel)
    differing.push(`host.kernel (${first.host.kernel}; now ${host.kernel})`);
  for (const { name, parameters } of plan.designs) {
    const was = before.find((record) => record.design === name)?.parameters;
    const [then, today] = [was, parameters].map((it) => JSON.stringify(it));
    if (was !== undefined && then !== today) differing.push(`parameters of ${name} (${then}; now ${today})`);
  }
  const revision = readRevision();
  if (first.revision !== revision)
    differing.push(`loopwq's own revision (${first.revision ?? 'unknown'}; now ${revision ?? 'unknown'})`);
  if (differing.length > 0) refuse(`not what it was: ${differing.join(', ')}`);
}

/** Said before it goes on. */
export function resumedLine({ folder, before, truncated }: Resumed): string {
  const there = `${folder} has ${plural(before.length, 'record')}`;
  return truncated ? `${there}; its last line was cut off, and that trial is made again` : there;
}
