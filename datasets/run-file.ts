/** `run.json`, which stands beside the results of a run: what the records can't say, since each tells of one trial. */
import fs from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { InputError } from './errors.ts';
import { RESULTS_FILE } from './results.ts';

export const RUN_SCHEMA = 'loopwq.run';
export const RUN_VERSION = 1;

export interface RunFile {
  schema: typeof RUN_SCHEMA;
  version: typeof RUN_VERSION;
  /** The id that the run's records carry. */
  run: string;
  /** The words behind `loopwq` that run it again; none when it was not started from a command line. */
  argv: string[];
  /** In the order of the table; a shuffled round does not show it. */
  designs: string[];
  /** The design that the ratios are to. */
  base: string;
  /** That the seeds of the trials were made from. */
  seed: number;
}

/** `results.jsonl` has a `run.json` beside it, `x.jsonl` an `x.run.json`; packed or not. */
export function runFileBeside(results: string): string {
  const name = basename(results).replace(/\.gz$/, '');
  return join(
    dirname(results),
    name === RESULTS_FILE ? 'run.json' : `${name.replace(/\.jsonl$/, '')}.run.json`,
  );
}

/**
 * Writes the file and waits until the disk has it: half a file beside whole results would make them unreadable.
 *
 * @throws Error when it is there already or can't be written
 */
export function writeRunFile(path: string, file: RunFile): void {
  try {
    fs.writeFileSync(path, `${JSON.stringify(file, undefined, 2)}\n`, { flag: 'wx', flush: true });
  } catch (cause) {
    throw new Error(`${path}: can't be written: ${(cause as Error).message}`, { cause });
  }
}

/**
 * Undefined when there is none: results of an earlier loopwq have no such file.
 *
 * @throws InputError when it can't be read, or is no run file of a known version
 */
export function readRunFile(path: string): RunFile | undefined {
  if (!fs.existsSync(path)) return undefined;
  let value: unknown;
  try {
    value = JSON.parse(fs.readFileSync(path, 'utf8'));
  } catch (cause) {
    throw new InputError(`${path}: can't be read: ${(cause as Error).message}`, { cause });
  }
  const problem = wrongField(value);
  if (problem !== undefined) throw new InputError(`${path}: ${problem}`);
  return value as RunFile;
}

function wrongField(value: unknown): string | undefined {
  const { schema, version, run, argv, designs, base, seed } = Object(value) as Record<string, unknown>;
  if (schema !== RUN_SCHEMA) return `no ${RUN_SCHEMA} file`;
  if (typeof version === 'number' && version > RUN_VERSION)
    return `written by a newer loopwq (version ${version}, this one reads ${RUN_VERSION})`;
  if (version !== RUN_VERSION) return `version is not ${RUN_VERSION}`;
  if (typeof run !== 'string') return 'run is no string';
  if (!isTexts(argv)) return 'argv is no list of strings';
  if (!isTexts(designs) || designs.length === 0) return 'designs is no list of names';
  if (!designs.includes(base as string)) return 'base is none of the designs';
  if (!Number.isSafeInteger(seed)) return 'seed is no whole number';
  return undefined;
}

function isTexts(value: unknown): value is string[] {
  return Array.isArray(value) && value.every((item) => typeof item === 'string');
}
