import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { InputError, unknownName } from './errors.ts';
import { parseJobFile } from './fio.ts';
import type { Workload } from './workload.ts';

const ENDING = '.fio';

/**
 * The folder of the shipped job files. They are data and are not compiled: this module lies beside them as source,
 * and in dist/datasets/ when built.
 */
function folder(): string {
  const beside = fileURLToPath(new URL('./workloads/', import.meta.url));
  return existsSync(beside) ? beside : fileURLToPath(new URL('../../datasets/workloads/', import.meta.url));
}

/** The shipped workloads, sorted by name. */
export function listWorkloads(): Workload[] {
  return names().map((name) => loadWorkload(join(folder(), name + ENDING)));
}

/**
 * Reads one workload: the path of a job file if it has a slash or ends in `.fio`, else the name of a shipped one.
 *
 * @throws InputError for an unknown name, an unreadable file, and whatever parseJobFile refuses
 */
export function loadWorkload(nameOrPath: string): Workload {
  if (nameOrPath.includes('/') || nameOrPath.endsWith(ENDING)) {
    return parseJobFile(readText(nameOrPath), nameOrPath);
  }
  if (!names().includes(nameOrPath)) throw unknownName('workload', nameOrPath, names());
  return loadWorkload(join(folder(), nameOrPath + ENDING));
}

function names(): string[] {
  const files = readdirSync(folder()).filter((file) => file.endsWith(ENDING));
  return files.map((file) => file.slice(0, -ENDING.length)).sort();
}

function readText(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (cause) {
    throw new InputError(`${path}: can't read the job file: ${(cause as Error).message}`, { cause });
  }
}
