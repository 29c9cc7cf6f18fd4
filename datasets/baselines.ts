/**
 * Baselines: results that later runs are held against, by name. Each is a folder under `.loopwq/baselines` of the current directory, with what a
 * results folder has of figures; so every command that takes results takes it too.
 */
import fs from 'node:fs';
import { dirname, join } from 'node:path';
import { InputError, unknownName } from './errors.ts';
import { RESULTS_FILE, type Results, readResults } from './results.ts';
import { type RunFile, readRunFile, runFileBeside } from './run-file.ts';

const FOLDER = join('.loopwq', 'baselines');
const NAME = /^\w[\w.-]{0,63}$/;

export interface Baseline extends Results {
  name: string;
  file: RunFile | undefined;
}

/** @throws InputError for what can't be the name of a folder everywhere */
export function requireBaselineName(option: string, name: string): void {
  if (!NAME.test(name))
    throw new InputError(
      `--${option} '${name}': a name has up to 64 letters, digits, dots, dashes and underscores, as in main or v1.2`,
    );
}

/** @throws InputError when there is none of that name, with the nearest, or it can't be read */
export function readBaseline(name: string, root = FOLDER): Baseline {
  requireBaselineName('baseline', name);
  const folder = join(root, name);
  if (!fs.existsSync(folder)) {
    const known = fs.existsSync(root) ? fs.readdirSync(root).filter((it) => NAME.test(it)) : [];
    if (known.length > 0) throw unknownName('baseline', name, known, root);
    throw new InputError(`no baseline '${name}' in ${root}: make it with loopwq run --save-baseline ${name}`);
  }
  const results = readResults(folder);
  if (results.records.length === 0) throw new InputError(`${results.path}: no trial in it`);
  return { name, ...results, file: readRunFile(runFileBeside(results.path)) };
}

/**
 * Keeps the results of a run under a name. One of that name goes only when the new one is whole.
 *
 * @param results path of the results file
 * @returns the folder
 */
export function saveBaseline(name: string, results: string, root = FOLDER): string {
  requireBaselineName('save-baseline', name);
  fs.mkdirSync(root, { recursive: true });
  const to = join(root, name);
  // No name begins with a dot, so nobody takes it for a baseline.
  const made = fs.mkdtempSync(join(root, '.new-'));
  const old = `${made}-old`;
  try {
    fs.copyFileSync(results, join(made, RESULTS_FILE));
    fs.copyFileSync(runFileBeside(results), join(made, 'run.json'));
    fs.chmodSync(made, 0o755);
    if (fs.existsSync(to)) fs.renameSync(to, old);
    fs.renameSync(made, to);
    syncFolder(dirname(to));
  } finally {
    for (const path of [made, old]) fs.rmSync(path, { recursive: true, force: true });
  }
  return to;
}

function syncFolder(path: string): void {
  const fd = fs.openSync(path, 'r');
  fs.fsyncSync(fd);
  fs.closeSync(fd);
}
