/**
 * A log of writes as the kernel's dm-log-writes leaves it and xfstests' replay-log reads it: a super block of one sector, then for each
 * entry a sector with its head and the sectors of its data. Numbers are little-endian; a discard carries no data.
 *
 * Source: drivers/md/dm-log-writes.c; xfstests, src/log-writes/log-writes.h.
 */
import { closeSync, openSync, rmSync, writeSync } from 'node:fs';
import { InputError } from '../errors.ts';

export const LOG_FLUSH = 1;
export const LOG_FUA = 2;
export const LOG_DISCARD = 4;
const LOG_MARK = 8;

const MAGIC = 0x6a736677736872n;
const VERSION = 1n;
const SECTOR = 512;
const HEAD = 32;

export interface LogWriter {
  /** `bytes` and `offset` are whole sectors. False when it no longer fits: then the log ends before it. */
  put(flags: number, offset: number, bytes: number, data?: Uint8Array): boolean;
  /** A name that replay-log stops at (--end-mark) or starts from (--start-mark): ASCII, shorter than a sector's rest. */
  mark(name: string): boolean;
  readonly entries: number;
  readonly bytes: number;
  /** Writes down how many entries there are. Without it the file is removed by `drop`. */
  close(): void;
  drop(): void;
}

/** Makes the file, which must not exist, and keeps it below `most` bytes. Entries go to the file one by one. */
export function createLog(path: string, most: number): LogWriter {
  let fd: number;
  try {
    fd = openSync(path, 'wx');
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    throw new InputError(
      code === 'EEXIST'
        ? `${path} exists: --log-writes makes a new file`
        : `can't make the log of writes: ${message}`,
    );
  }
  let entries = 0;
  let bytes = SECTOR;
  let full = false;
  const append = (parts: Uint8Array[]): boolean => {
    const length = parts.reduce((sum, part) => sum + part.length, 0);
    // A log with an entry missing in its middle would be no prefix of what happened.
    full ||= bytes + length > most;
    if (full) return false;
    for (const part of parts) {
      writeAll(fd, part, bytes);
      bytes += part.length;
    }
    entries++;
    return true;
  };
  const head = (sector: number, sectors: number, flags: number, dataLength: number): Buffer => {
    const words = Buffer.alloc(SECTOR);
    for (const [i, word] of [sector, sectors, flags, dataLength].entries()) {
      words.writeBigUInt64LE(BigInt(word), i * 8);
    }
    return words;
  };
  return {
    put(flags, offset, length, data) {
      const first = head(offset / SECTOR, length / SECTOR, flags, 0);
      return append(data === undefined ? [first] : [first, data]);
    },
    mark(name) {
      const sector = head(0, 0, LOG_MARK, name.length);
      sector.write(name, HEAD, 'latin1');
      return append([sector]);
    },
    get entries() {
      return entries;
    },
    get bytes() {
      return bytes;
    },
    close() {
      const first = Buffer.alloc(SECTOR);
      first.writeBigUInt64LE(MAGIC, 0);
      first.writeBigUInt64LE(VERSION, 8);
      first.writeBigUInt64LE(BigInt(entries), 16);
      first.writeUInt32LE(SECTOR, 24);
      writeAll(fd, first, 0);
      closeSync(fd);
    },
    drop() {
      closeSync(fd);
      rmSync(path, { force: true });
    },
  };
}

function writeAll(fd: number, data: Uint8Array, at: number): void {
  for (let done = 0; done < data.length; ) done += writeSync(fd, data, done, data.length - done, at + done);
}
