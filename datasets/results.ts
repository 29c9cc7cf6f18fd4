/** Results files: JSON Lines, one `TrialRecord` a line, written so that a crash loses at most the line in hand. */
import fs from 'node:fs';
import { dirname, join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { InputError } from './errors.ts';
import { wrongField } from './record.ts';
import type { TrialRecord } from './schema.ts';

/** The results file's name inside the folder of a run. */
export const RESULTS_FILE = 'results.jsonl';
/** What `gzip` makes of it, for results that are kept or sent: read like the other, never written to. */
export const RESULTS_PACKED = `${RESULTS_FILE}.gz`;
/** Bytes that a packed file may unpack to: more than a string of Node's can hold, which is the limit of the other. */
const MOST_UNPACKED = 2 ** 29;

export interface ResultsWriter {
  path: string;
  /**
   * Writes one line and waits until the disk has it.
   *
   * @throws Error when the record breaks the schema or the line can't be written; earlier lines stay as they were
   */
  append(record: TrialRecord): void;
  close(): void;
}

export interface Results {
  path: string;
  records: TrialRecord[];
  /** True when the last line was cut off (the writer died in it): that trial is not among the records. */
  truncated: boolean;
}

/** The file that `--out path` means: itself when it ends in `.jsonl`, else the one in the folder of that name. */
export function resultsFile(path: string): string {
  return path.endsWith('.jsonl') ? path : join(path, RESULTS_FILE);
}

/**
 * Starts a new results file, and the folders above it.
 *
 * @param path a folder, which gets a `results.jsonl`, or a file name that ends in `.jsonl`
 * @throws InputError when the file exists (results are never overwritten) or can't be made
 */
export function openResults(path: string): ResultsWriter {
  const file = resultsFile(path);
  return writerOf(file, createFile(file), 0);
}

/**
 * Goes on behind the whole lines of a results file that is there. Half a line at its end, of which `readResults` tells, is cut
 * off: that trial has to be made again.
 *
 * @throws InputError when the file can't be opened
 */
export function continueResults(path: string): ResultsWriter {
  const file = resultsFile(path);
  try {
    const fd = fs.openSync(file, 'a+');
    const length = fs.readFileSync(fd).lastIndexOf('\n') + 1;
    fs.ftruncateSync(fd, length);
    return writerOf(file, fd, length);
  } catch (cause) {
    throw new InputError(`${file}: can't be continued: ${(cause as Error).message}`, { cause });
  }
}

/** @param length of what is in the file */
function writerOf(file: string, fd: number, length: number): ResultsWriter {
  let whole = length;
  return {
    path: file,
    append(record) {
      const problem = wrongField(record);
      if (problem !== undefined) throw new Error(`${file}: not written: ${problem}`);
      const line = Buffer.from(`${JSON.stringify(record)}\n`);
      try {
        writeAll(fd, line);
        fs.fsyncSync(fd);
      } catch (cause) {
        takeBack(fd, whole);
        const full = (cause as NodeJS.ErrnoException).code === 'ENOSPC';
        const why = full ? 'no space left on the device' : (cause as Error).message;
        throw new Error(`${file}: can't write a result, earlier ones are kept: ${why}`, { cause });
      }
      whole += line.length;
    },
    close: () => fs.closeSync(fd),
  };
}

function createFile(file: string): number {
  const folder = dirname(file);
  try {
    fs.mkdirSync(folder, { recursive: true });
    const fd = fs.openSync(file, 'ax');
    // The new name itself is durable only when its folder is.
    const parent = fs.openSync(folder, 'r');
    fs.fsyncSync(parent);
    fs.closeSync(parent);
    return fd;
  } catch (cause) {
    const exists = (cause as NodeJS.ErrnoException).code === 'EEXIST';
    const why = exists
      ? 'exists, and results are never overwritten'
      : `can't be made: ${(cause as Error).message}`;
    throw new InputError(`${file}: ${why}`, { cause });
  }
}

function writeAll(fd: number, bytes: Buffer): void {
  for (let done = 0; done < bytes.length; ) done += fs.writeSync(fd, bytes, done);
}

/** Half a line in the middle of the file would make the reader refuse everything behind it. */
function takeBack(fd: number, length: number): void {
  try {
    fs.ftruncateSync(fd, length);
  } catch {
    // The first error is the one to report, and a reader tolerates half a line at the end.
  }
}

/**
 * Reads a results file whole.
 *
 * @param path the file, or a folder with a `results.jsonl`, or with a `results.jsonl.gz` in its place
 * @throws InputError when it can't be read, and with file:line for a line that is no record of a known version; only
 *   a last line that was cut off is tolerated, and reported
 */
export function readResults(path: string): Results {
  let file = path;
  let content: string;
  try {
    if (fs.statSync(path).isDirectory()) file = fileIn(path);
    content = file.endsWith('.gz')
      ? gunzipSync(fs.readFileSync(file), { maxOutputLength: MOST_UNPACKED }).toString()
      : fs.readFileSync(file, 'utf8');
  } catch (cause) {
    throw new InputError(`${file}: can't read results: ${(cause as Error).message}`, { cause });
  }
  const lines = content.split('\n');
  // A whole file ends in a newline: what follows the last one is nothing, or a line that was cut off.
  const rest = lines.pop()!;
  const records = lines.map((line, index) => readLine(line, `${file}:${index + 1}`));
  return { path: file, records, truncated: rest !== '' };
}

function fileIn(folder: string): string {
  const [plain, packed] = [join(folder, RESULTS_FILE), join(folder, RESULTS_PACKED)];
  return !fs.existsSync(plain) && fs.existsSync(packed) ? packed : plain;
}

function readLine(line: string, where: string): TrialRecord {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch (cause) {
    throw new InputError(`${where}: broken line: ${(cause as Error).message}`, { cause });
  }
  const problem = wrongField(value);
  if (problem !== undefined) throw new InputError(`${where}: ${problem}`);
  return value as TrialRecord;
}
