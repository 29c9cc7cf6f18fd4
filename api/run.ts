/** `run` of the public interface: the options of the command line as an object, and what a run found as values. */
import { randomUUID } from 'node:crypto';
import { catalogueWith } from '../benchmarks/plugins.ts';
import { runPlan } from '../benchmarks/runner.ts';
import {
  type Claim,
  type ClaimFailure,
  claimFailures,
  type Group,
  notExercisedClaims,
  summarize,
} from '../benchmarks/summary.ts';
import { readRunOptions } from '../cli/run-options.ts';
import { unknownName } from '../datasets/errors.ts';
import { readHost } from '../datasets/host.ts';
import type { BackendName, TrialRecord } from '../datasets/schema.ts';

/** Each is the option of `loopwq run` of that name, with its default. */
export interface RunOptions {
  /** Names of designs; the ratios are to the first. */
  designs?: readonly string[];
  /** Modules with a strategy or policy of your own, as paths from the current directory or file URLs. */
  design?: readonly (string | URL)[];
  /** Names of the library, or paths of fio job files. */
  workloads?: readonly string[];
  backend?: BackendName;
  /** Sockets x CPUs per socket that the submitters play, as in `2x4`. */
  topology?: string;
  rounds?: number;
  seed?: number;
  /** 2 rounds, trials of at most 60 ms. */
  quick?: boolean;
  /** Folder in which the run makes the folder of its backing files. */
  dir?: string;
  /** Files or devices that exist and that a job may write to. Their content is lost. */
  overwrite?: readonly string[];
  /** Stops the run: what is finished by then is the outcome. */
  signal?: AbortSignal;
  /** What goes on, in a few words; between two trials. */
  progress?(text: string): void;
  /** Each trial as soon as it is finished. */
  trial?(record: TrialRecord): void;
}

export interface RunOutcome {
  /** One for each trial, and one for each row that this machine can't run (`skipped`). */
  records: TrialRecord[];
  /** A table for each workload, direct or buffered, as `loopwq run` prints it. */
  summary: Group[];
  /** Claims that did not hold; the command leaves with 1. */
  violated: ClaimFailure[];
  /** Claims that nothing in the run put to a test: the command leaves with 3 under --strict. */
  notExercised: Claim[];
  /** True when `signal` ended it. */
  interrupted: boolean;
  /** Why the run ended early, where the machine failed under a trial (ENOSPC, EIO). */
  failed: string | undefined;
}

/** How `options` would be written on the command line, which has all the rules of what may be said. */
function wordsOf(options: RunOptions): string[] {
  const { designs, workloads, backend, topology, rounds, seed, quick, dir, overwrite = [] } = options;
  const words: string[] = [];
  const given = { designs: designs?.join(), backend, topology, rounds, seed, dir };
  for (const [name, value] of Object.entries(given))
    if (value !== undefined) words.push(`--${name}=${value}`);
  for (const path of overwrite) words.push(`--overwrite=${path}`);
  if (quick) words.push('--quick');
  // Job files as words of their own: a path may have a comma.
  return workloads?.length === 0 ? [...words, '--workloads='] : [...words, '--', ...(workloads ?? [])];
}

const NAMES: readonly (keyof RunOptions)[] = [
  'designs',
  'design',
  'workloads',
  'backend',
  'topology',
  'rounds',
  'seed',
  'quick',
  'dir',
  'overwrite',
  'signal',
  'progress',
  'trial',
];

/** See api/index.ts. */
export async function runDesigns(options: RunOptions): Promise<RunOutcome> {
  const unknown = Object.keys(options).find((name) => !(NAMES as readonly string[]).includes(name));
  if (unknown !== undefined) throw unknownName('option', unknown, NAMES);
  const { signal = new AbortController().signal, progress, trial } = options;
  const catalogue = await catalogueWith(options.design ?? []);
  const { plan } = readRunOptions(wordsOf(options), readHost(process.cwd()), catalogue);
  const records: TrialRecord[] = [];
  const events = {
    progress(text: string): void {
      // What is started is not asked again before the first trial.
      signal.throwIfAborted();
      progress?.(text);
    },
    trial(record: TrialRecord): void {
      records.push(record);
      trial?.(record);
    },
  };
  let failed: string | undefined;
  try {
    failed = (await runPlan(plan, randomUUID(), readHost(plan.dir), events, signal)).failed;
  } catch (error) {
    if (!signal.aborted || error !== signal.reason) throw error;
  }
  const names = plan.designs.map((design) => design.name);
  const summary = summarize(records, names);
  return {
    records,
    summary,
    violated: summary.flatMap((group) => claimFailures(group)),
    notExercised: notExercisedClaims(summary),
    interrupted: signal.aborted,
    failed,
  };
}
