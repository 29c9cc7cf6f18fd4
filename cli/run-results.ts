/** The results folder of a run: made before the run begins, and gone again when no trial came to its end. */
import { closeSync, existsSync, openSync, rmdirSync, rmSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { InputError } from '../datasets/errors.ts';
import { continueResults, openResults, resultsFile } from '../datasets/results.ts';
import { type RunFile, runFileBeside, writeRunFile } from '../datasets/run-file.ts';
import type { TrialRecord } from '../datasets/schema.ts';
import { MachineError } from '../engine/errors.ts';
import { lockFile } from '../engine/libc.ts';

export interface RunResults {
  /** Writes a trial to the disk. Throws MachineError where the disk does not take it; earlier ones are kept. */
  append(record: TrialRecord): void;
  close(): void;
}

/**
 * Also writes what is known of the run before it begins: results that a crash cuts off have it too.
 *
 * @throws InputError when there are results already, MachineError when the machine lets none be made
 */
export function openRunResults(path: string, about: RunFile): RunResults {
  const made = missing(path.endsWith('.jsonl') ? dirname(path) : path);
  const runFile = runFileBeside(resultsFile(path));
  if (existsSync(runFile)) throw new InputError(`${runFile}: exists, and results are never overwritten`);
  const writer = refusedByMachine(() => openResults(path));
  let empty = true;
  let lock: number | undefined;
  const close = (): void => {
    process.off('exit', close);
    writer.close();
    if (lock !== undefined) closeSync(lock);
    if (!empty) return;
    rmSync(writer.path, { force: true });
    rmSync(runFile, { force: true });
    removeEmpty(made);
  };
  process.on('exit', close);
  try {
    refusedByMachine(() => writeRunFile(runFile, about));
    lock = lockRun(runFile);
  } catch (error) {
    close();
    throw error;
  }
  return {
    append(record) {
      refusedByMachine(() => writer.append(record));
      // A row that was skipped is worth a line, not a folder.
      if (record.skipped === undefined) empty = false;
    },
    close,
  };
}

/**
 * Results that are there, to go on with. Whatever they hold stays.
 *
 * @throws InputError when another process still writes to them
 */
export function continueRunResults(path: string): RunResults {
  const lock = lockRun(runFileBeside(resultsFile(path)));
  const writer = refusedByMachine(() => continueResults(path));
  return {
    append: (record) => refusedByMachine(() => writer.append(record)),
    close() {
      writer.close();
      closeSync(lock);
    },
  };
}

/** Two runs that write into one folder could not be told apart: the lock lasts as long as the process does. */
function lockRun(runFile: string): number {
  const fd = openSync(runFile, 'r');
  if (lockFile(fd) === 0) return fd;
  closeSync(fd);
  throw new InputError(`${runFile}: another process is running that run, or resuming it`);
}

/** The folders that making `folder` makes, innermost first. */
function missing(folder: string): string[] {
  const found: string[] = [];
  for (let at = resolve(folder); !existsSync(at); at = dirname(at)) found.push(at);
  return found;
}

function removeEmpty(folders: readonly string[]): void {
  try {
    for (const folder of folders) rmdirSync(folder);
  } catch {
    // Somebody has put something there: it stays, and so do the folders above it.
  }
}

const REMEDIES = new Map([
  ['ENOSPC', 'Free some space, or name another folder with --out'],
  ['EDQUOT', "The user's quota is used up: free some space, or name another folder with --out"],
  ['EROFS', 'The file system is mounted read-only: name another folder with --out'],
  ['EACCES', 'The user may not write there: name another folder with --out'],
  ['EPERM', 'The system does not let anybody write there: name another folder with --out'],
  ['EIO', 'The device below reports an I/O error: look into dmesg'],
  ['EFBIG', 'A file may not be that large here: raise ulimit -f'],
  ['EMFILE', 'The limit of open descriptors is used up: raise it with ulimit -n'],
]);

function refusedByMachine<T>(write: () => T): T {
  try {
    return write();
  } catch (error) {
    const { message, cause } = error as Error;
    const remedy = REMEDIES.get((cause as NodeJS.ErrnoException | undefined)?.code ?? '');
    throw remedy === undefined ? error : new MachineError(`${message}. ${remedy}`, { cause });
  }
}
