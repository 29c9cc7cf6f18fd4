/**
 * The backing files: made in a folder of the run's own, filled with stamps, opened twice (page cache and O_DIRECT), and
 * removed. A file that the run did not make is opened only where the user named it with --overwrite.
 */
import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statfsSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { MachineError } from './errors.ts';
import {
  close,
  EINVAL,
  EMFILE,
  ENOSPC,
  errorName,
  fsync,
  type Mapping,
  mapMemory,
  O_CREAT,
  O_DIRECT,
  O_EXCL,
  O_RDWR,
  open,
  pread,
  pwrite,
  unmap,
  viewOf,
} from './libc.ts';
import { stamp } from './stamps.ts';

const PREFIX = 'loopwq-';
const OWNER = 'owner.json';
const CHUNK = 1 << 20;

export interface BackingFile {
  path: string;
  bytes: number;
  /** Descriptors; `direct` is -errno where the file system has no O_DIRECT. */
  buffered: number;
  direct: number;
  /** Made by this run, so it may be removed. */
  own: boolean;
}

/**
 * Makes the run's folder under `dir`. Folders that killed runs left there are removed first: each has a record of its
 * process, and goes only when that process is gone.
 */
export function makeFolder(dir: string): string {
  try {
    for (const name of readdirSync(dir)) if (name.startsWith(PREFIX)) removeIfAbandoned(join(dir, name));
    mkdirSync(dir, { recursive: true });
    const folder = mkdtempSync(join(dir, PREFIX));
    writeFileSync(join(folder, OWNER), JSON.stringify({ pid: process.pid, started: startOf(process.pid) }));
    return folder;
  } catch (error) {
    throw new MachineError(
      `no folder for the backing files under ${dir}: ${(error as Error).message}. Name another with --dir`,
    );
  }
}

export function removeFolder(folder: string): void {
  rmSync(folder, { recursive: true, force: true });
}

function removeIfAbandoned(folder: string): void {
  try {
    const owner = JSON.parse(readFileSync(join(folder, OWNER), 'utf8')) as { pid: number; started: string };
    if (startOf(owner.pid) !== owner.started) removeFolder(folder);
  } catch {
    // No record, or not ours to read: it stays.
  }
}

/** Start time of a process in clock ticks since boot, which tells a reused pid apart; '' when there is none. */
function startOf(pid: number): string {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19] ?? '';
  } catch {
    return '';
  }
}

/** Throws when the file system of `dir` has not the room for `bytes`, with a tenth to spare. */
export function requireSpace(dir: string, bytes: number): void {
  const fs = statfsSync(dir);
  const free = fs.bavail * fs.bsize;
  if (free < bytes * 1.1) {
    throw new MachineError(
      `too little space under ${dir}: the backing files take ${mib(bytes)} MiB, ${mib(free)} MiB are free. ` +
        'Free some, name another folder with --dir, or make size= smaller',
    );
  }
}

function mib(bytes: number): string {
  return Math.ceil(bytes / 2 ** 20).toString();
}

/**
 * Opens a backing file of `bytes` bytes and fills it with version 0 of device `device`. `create` makes it anew; otherwise it
 * must exist and be large enough, and its content is lost.
 */
export function openBacking(
  path: string,
  bytes: number,
  device: number,
  base: number,
  create: boolean,
): BackingFile {
  const buffered = open(path, create ? O_RDWR | O_CREAT | O_EXCL : O_RDWR);
  if (buffered < 0) throw refused(path, 'open', buffered);
  const file: BackingFile = { path, bytes, buffered, direct: -EINVAL, own: create };
  try {
    if (!create) requireSize(path, bytes);
    fill(file, device, base);
    file.direct = open(path, O_RDWR | O_DIRECT);
    if (file.direct === -EMFILE) throw refused(path, 'open', file.direct);
    return file;
  } catch (error) {
    closeBacking(file);
    throw error;
  }
}

export function closeBacking(file: BackingFile): void {
  close(file.buffered);
  if (file.direct >= 0) close(file.direct);
}

/** Makes what is dirty durable, so that a trial does not pay for the one before it. */
export function settleBacking(files: readonly BackingFile[]): void {
  for (const file of files) {
    const result = fsync(file.buffered);
    if (result < 0) throw refused(file.path, 'fsync', result);
  }
}

/** Reads the files into the page cache: a buffered cell begins warm. */
export function warmBacking(files: readonly BackingFile[]): void {
  const chunk = mapMemory(CHUNK);
  for (const file of files) {
    for (let at = 0; at < file.bytes; at += CHUNK)
      pread(file.buffered, chunk.address, Math.min(CHUNK, file.bytes - at), at);
  }
  unmap(chunk);
}

function fill(file: BackingFile, device: number, base: number): void {
  const chunk: Mapping = mapMemory(CHUNK);
  try {
    const words = new Uint32Array(viewOf(chunk));
    for (let at = 0; at < file.bytes; at += CHUNK) {
      const bytes = Math.min(CHUNK, file.bytes - at);
      stamp(words, 0, bytes, at, base, device, 0);
      const written = pwrite(file.buffered, chunk.address, bytes, at);
      if (written !== bytes) throw refused(file.path, 'write', written < 0 ? written : -ENOSPC);
    }
    const synced = fsync(file.buffered);
    if (synced < 0) throw refused(file.path, 'fsync', synced);
  } finally {
    unmap(chunk);
  }
}

function requireSize(path: string, bytes: number): void {
  const stat = statSync(path);
  if (stat.isFile() && stat.size < bytes) {
    throw new MachineError(
      `${path} has ${stat.size} bytes, the workload needs ${bytes}: make it larger, or size= smaller`,
    );
  }
}

function refused(path: string, what: string, errno: number): MachineError {
  const name = errorName(errno);
  const remedy: Record<string, string> = {
    ENOSPC: 'The file system is full: free some space, or name another folder with --dir',
    EMFILE: 'The limit of open descriptors is used up: raise it with ulimit -n',
    EIO: 'The device below reports an I/O error: look into dmesg',
    EACCES: 'The user may not write there: name another folder with --dir',
  };
  return new MachineError(`${what} of ${path}: ${name}. ${remedy[name] ?? ''}`.trim());
}
