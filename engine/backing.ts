/**
 * The backing files: made in a folder of the run's own, filled with stamps, opened twice (page cache and O_DIRECT), and
 * removed. A file that the run did not make is opened only where the user named it with --overwrite.
 */
import {
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  statfsSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import type { SectorCipher } from './crypt.ts';
import { unmountUnder } from './disk-image.ts';
import { MachineError } from './errors.ts';
import {
  close,
  EBADF,
  EINVAL,
  ENOSPC,
  errorName,
  FALLOC_FL_KEEP_SIZE,
  FALLOC_FL_PUNCH_HOLE,
  fallocate,
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
import { detachLoopsUnder } from './loop-device.ts';
import { stamp } from './stamps.ts';

const PREFIX = 'loopwq-';
const OWNER = 'owner.json';
const CHUNK = 1 << 20;
/** Written between two looks at the event loop, and made durable, so that no fsync takes long either. */
const STEP = 64 * CHUNK;

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
  let folder: string | undefined;
  try {
    // Whole, as the kernel tells the file of a loop device: one that a killed run left attached is found by it.
    const under = realpathSync(dir);
    removeAbandoned(under);
    folder = mkdtempSync(join(under, PREFIX));
    const owner: Owner = { pid: process.pid, started: startOf(process.pid) };
    writeFileSync(join(folder, OWNER), JSON.stringify(owner));
    return folder;
  } catch (error) {
    // Without its record nobody would ever remove the folder.
    if (folder !== undefined) removeFolder(folder);
    const { code = '', message } = error as NodeJS.ErrnoException;
    throw new MachineError(`no folder for the backing files under ${dir}: ${message}. ${remedyFor(code)}`);
  }
}

/** Removes the run's folder and all that is in it; no error where it is gone already. */
export function removeFolder(folder: string): void {
  rmSync(folder, { recursive: true, force: true });
}

/** The same for a folder in which something may be mounted, or behind a loop device. */
export function clearFolder(folder: string): void {
  // A device that is in use goes when it is unmounted; afterwards its file would no longer be found by its path.
  detachLoopsUnder(folder);
  unmountUnder(folder);
  removeFolder(folder);
}

interface Owner {
  pid: number;
  started: string;
}

function removeAbandoned(dir: string): void {
  // Where /proc does not tell, every run looks like a dead one.
  if (startOf(process.pid) === '') return;
  for (const folder of foldersUnder(dir)) {
    const owner = ownerOf(folder);
    if (owner === undefined || startOf(owner.pid) === owner.started) continue;
    try {
      clearFolder(folder);
    } catch {
      // Not ours to remove: it stays.
    }
  }
}

function foldersUnder(dir: string): string[] {
  try {
    const entries = readdirSync(dir, { withFileTypes: true });
    return entries.flatMap((entry) =>
      entry.isDirectory() && entry.name.startsWith(PREFIX) ? [join(dir, entry.name)] : [],
    );
  } catch {
    // A folder that can be written and not be read.
    return [];
  }
}

/** Undefined for a folder that no run made: it only has a name like ours. */
function ownerOf(folder: string): Owner | undefined {
  try {
    const { pid, started } = JSON.parse(readFileSync(join(folder, OWNER), 'utf8')) as Partial<Owner>;
    if (!Number.isSafeInteger(pid) || !/^\d+$/.test(started ?? '')) return undefined;
    return { pid: pid as number, started: started as string };
  } catch {
    return undefined;
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
  // ramfs and the like do not say how large they are.
  if (fs.blocks === 0) return;
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

/** What is at a path that the run did not make. */
export interface Foreign {
  kind: 'file' | 'block device' | 'other';
  /** The same for every name of one file or device. */
  id: string;
  /** Undefined where the system does not tell. */
  bytes: number | undefined;
}

/** Undefined when nothing is there, or nothing that this user may look at. */
export function lookAt(path: string): Foreign | undefined {
  try {
    const stat = statSync(path);
    if (stat.isBlockDevice()) {
      return { kind: 'block device', id: `device ${stat.rdev}`, bytes: deviceBytes(stat.rdev) };
    }
    return { kind: stat.isFile() ? 'file' : 'other', id: `inode ${stat.dev}:${stat.ino}`, bytes: stat.size };
  } catch {
    return undefined;
  }
}

/** stat(2) says 0 for a device. The size in /sys is in units of 512 bytes, whatever the device's blocks are. */
function deviceBytes(rdev: number): number | undefined {
  // makedev(3): 12 bits of the major number at bit 8; of the minor number 8 bits below it and 12 above.
  const major = (rdev >>> 8) & 0xfff;
  const minor = (rdev & 0xff) | ((rdev >>> 12) & 0xfff00);
  try {
    return Number(readFileSync(`/sys/dev/block/${major}:${minor}/size`, 'utf8')) * 512;
  } catch {
    return undefined;
  }
}

/**
 * Opens a backing file of `bytes` bytes and fills it with version 0 of device `device`. `own`: makes it anew; otherwise it
 * exists, and its content is lost. A block device that is in use (mounted, say) is refused. `cipher`: what the file holds is
 * encrypted.
 */
export function openBacking(
  path: string,
  bytes: number,
  device: number,
  base: number,
  own: boolean,
  cipher?: SectorCipher,
): BackingFile {
  const steps = openInSteps(path, bytes, device, base, own, cipher);
  for (;;) {
    const step = steps.next();
    if (step.done) return step.value;
  }
}

/** The same for a caller who wants to hear signals meanwhile: what takes long is cut into steps of 64 MiB. */
export function* openInSteps(
  path: string,
  bytes: number,
  device: number,
  base: number,
  own: boolean,
  cipher?: SectorCipher,
): Generator<void, BackingFile> {
  // O_EXCL without O_CREAT means a claim, and only to a block device (open(2)). The second descriptor needs none.
  const claim = own ? O_CREAT | O_EXCL : lookAt(path)?.kind === 'block device' ? O_EXCL : 0;
  const buffered = open(path, O_RDWR | claim);
  if (buffered < 0) throw refused(path, 'open', buffered);
  const file: BackingFile = { path, bytes, buffered, direct: -EINVAL, own };
  let opened = false;
  try {
    yield* fill(file, device, base, cipher);
    file.direct = open(path, O_RDWR | O_DIRECT);
    // EINVAL says that this file system has no O_DIRECT, which matters only where a cell wants it.
    if (file.direct < 0 && file.direct !== -EINVAL) throw refused(path, 'open with O_DIRECT', file.direct);
    opened = true;
    return file;
  } finally {
    if (!opened) closeBacking(file);
  }
}

/** Again does nothing: by then the numbers may be those of other files. */
export function closeBacking(file: BackingFile): void {
  for (const which of ['buffered', 'direct'] as const) {
    if (file[which] < 0) continue;
    close(file[which]);
    file[which] = -EBADF;
  }
}

/** Makes what is dirty durable, so that a trial does not pay for the one before it. */
export function settleBacking(files: readonly BackingFile[]): void {
  for (const file of files) sync(file);
}

function sync(file: BackingFile): void {
  const result = fsync(file.buffered);
  if (result < 0) throw refused(file.path, 'fsync', result);
}

/** Makes the files all hole, so that a trial meets a sparse file. */
export function punchBacking(files: readonly BackingFile[]): void {
  for (const file of files) {
    const result = fallocate(file.buffered, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, 0, file.bytes);
    if (result < 0) throw refused(file.path, 'fallocate(PUNCH_HOLE)', result);
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

function* fill(
  file: BackingFile,
  device: number,
  base: number,
  cipher: SectorCipher | undefined,
): Generator<void, void> {
  const chunk: Mapping = mapMemory(CHUNK);
  try {
    const words = new Uint32Array(viewOf(chunk));
    for (let at = 0; at < file.bytes; at += CHUNK) {
      const bytes = Math.min(CHUNK, file.bytes - at);
      stamp(words, 0, bytes, at, base, device, 0);
      cipher?.encrypt(words, 0, bytes, at);
      writeWhole(file, chunk.address, bytes, at);
      if ((at + bytes) % STEP !== 0) continue;
      sync(file);
      yield;
    }
    sync(file);
  } finally {
    unmap(chunk);
  }
}

/** A write that was cut short says why only when the rest is tried. */
function writeWhole(file: BackingFile, address: number, bytes: number, at: number): void {
  for (let done = 0; done < bytes; ) {
    const written = pwrite(file.buffered, address + done, bytes - done, at + done);
    if (written <= 0) throw refused(file.path, 'write', written < 0 ? written : -ENOSPC);
    done += written;
  }
}

function refused(path: string, what: string, errno: number): MachineError {
  const name = errorName(errno);
  return new MachineError(`${what} of ${path}: ${name}. ${remedyFor(name)}`.trim());
}

/** What to do when the file system answers with this errno; empty where no advice fits. */
function remedyFor(errno: string): string {
  return REMEDIES[errno] ?? '';
}

const ELSEWHERE = 'name another folder with --dir';
const REMEDIES: Partial<Record<string, string>> = {
  ENOSPC: `The file system is full: free some space, or ${ELSEWHERE}`,
  EDQUOT: `The user's quota is used up: free some space, or ${ELSEWHERE}`,
  EFBIG: 'A file may not be that large here: raise ulimit -f, or make size= smaller',
  EMFILE: 'The limit of open descriptors is used up: raise it with ulimit -n',
  ENFILE: "The machine's limit of open files is used up: raise it with sysctl fs.file-max",
  EIO: 'The device below reports an I/O error: look into dmesg',
  EACCES: `The user may not write there: ${ELSEWHERE}`,
  EPERM: `The system does not let anybody write there: ${ELSEWHERE}`,
  EROFS: `The file system is mounted read-only: ${ELSEWHERE}`,
  ENOENT: `Nothing can be made there: ${ELSEWHERE}`,
  EBUSY: 'The device is in use (mounted, or part of a RAID or of LVM): take it out of use first',
};
