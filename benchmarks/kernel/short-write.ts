/**
 * What the loop driver says of a write for which the file system below has only half the room. `lo_complete_rq` of
 * drivers/block/loop.c retries a read that came back short and completes a short write as if it were whole: so a device on a
 * full file system may acknowledge data, and a FLUSH after it, that are nowhere.
 *
 * The device is written from its beginning, one request after the other, until one fails; its file is sparse and larger than the
 * file system. The room has to end inside a request: of two sizes at most one can divide it, unless by chance.
 */
import { truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { FileSystem } from '../../engine/disk-image.ts';
import { MachineError } from '../../engine/errors.ts';
import {
  close,
  errorName,
  fsync,
  type Mapping,
  mapMemory,
  O_DIRECT,
  O_RDONLY,
  O_RDWR,
  open,
  pread,
  pwrite,
  unmap,
  viewOf,
} from '../../engine/libc.ts';
import { attachLoop, detachLoop, setDirectIo } from '../../engine/loop-device.ts';
import { onDisk } from '../snapshots/run.ts';

export interface ShortWriteReport {
  fileSystem: FileSystem;
  /** The driver does direct I/O on the backing file. */
  direct: boolean;
  /** Bytes of a request. */
  request: number;
  /** Bytes of the requests that the device acknowledged as whole. */
  acknowledged: number;
  /** What it said to the next one; undefined when there was none. */
  refused: string | undefined;
  /** What it said to the FLUSH after them: 0, or the name of an errno. */
  flushed: string;
  /** Bytes of acknowledged requests that the backing file does not have, and where the first of them is. */
  absent: number;
  at: number;
}

/** Primes, in pages: each is one request of the driver, which takes 126 pages at most. */
const REQUESTS = [61 * 4096, 59 * 4096];
/** The smallest that each can be made on, about. */
const DISKS: Record<FileSystem, number> = { btrfs: 128 * 2 ** 20, xfs: 320 * 2 ** 20, ext4: 64 * 2 ** 20 };

/** Fills a disk of its own, with each size of request until something is missing; the last is what it reports. */
export async function shortWrites(
  dir: string,
  fileSystem: FileSystem,
  direct: boolean,
): Promise<ShortWriteReport> {
  for (const [i, request] of REQUESTS.entries()) {
    const report = await shortWritesOf(request, dir, fileSystem, direct);
    if (report.absent > 0 || i === REQUESTS.length - 1) return report;
  }
  throw new Error('no size of request');
}

function shortWritesOf(
  request: number,
  dir: string,
  fileSystem: FileSystem,
  direct: boolean,
): Promise<ShortWriteReport> {
  const bytes = DISKS[fileSystem];
  return onDisk(dir, fileSystem, bytes, async (disk, folder) => {
    const file = join(disk, 'disk');
    writeFileSync(file, '');
    truncateSync(file, bytes);
    const device = attachLoop(file, folder);
    setDirectIo(device, direct);
    const memory = mapMemory(request);
    try {
      return { fileSystem, direct, request, ...fill(device, file, bytes, memory) };
    } finally {
      unmap(memory);
      detachLoop(device);
    }
  });
}

function fill(
  device: string,
  file: string,
  bytes: number,
  memory: Mapping,
): Omit<ShortWriteReport, 'fileSystem' | 'direct' | 'request'> {
  const request = memory.bytes;
  const words = new Uint32Array(viewOf(memory));
  // What a request is filled with; never zero.
  const wordAt = (offset: number): number => offset / request + 1;
  // Nothing stands between these writes and the driver.
  const fd = must(open(device, O_RDWR | O_DIRECT), device);
  let acknowledged = 0;
  let refused: string | undefined;
  for (; refused === undefined && acknowledged + request <= bytes; ) {
    words.fill(wordAt(acknowledged));
    const result = pwrite(fd, memory.address, request, acknowledged);
    if (result === request) acknowledged += request;
    else refused = result < 0 ? errorName(result) : `${result} of ${request} bytes`;
  }
  const flush = fsync(fd);
  close(fd);
  const backing = must(open(file, O_RDONLY), file);
  let absent = 0;
  let at = -1;
  for (let from = 0; from < acknowledged; from += request) {
    words.fill(0);
    pread(backing, memory.address, request, from);
    for (let i = 0; i < words.length; i++) {
      if (words[i] === wordAt(from)) continue;
      if (at === -1) at = from + 4 * i;
      absent += 4;
    }
  }
  close(backing);
  return { acknowledged, refused, flushed: flush < 0 ? errorName(flush) : '0', absent, at };
}

function must(fd: number, path: string): number {
  if (fd < 0) throw new MachineError(`open of ${path}: ${errorName(fd)}`);
  return fd;
}
