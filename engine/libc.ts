/**
 * The C library through koffi: the few calls that Node has no synchronous, address-taking form of. Each returns
 * its value or -errno, so that no caller has to know about the thread's errno.
 *
 * One call costs 0.2-0.3 us besides the kernel's work (measured, Node 20).
 */
import os from 'node:os';
import koffi from 'koffi';
import { MachineError } from './errors.ts';

const libc = koffi.load('libc.so.6');

const rawOpen = libc.func('int open(const char *path, int flags, int mode)');
const rawPread = libc.func('int64 pread(int fd, uint64 buffer, uint64 length, int64 offset)');
const rawPwrite = libc.func('int64 pwrite(int fd, uint64 buffer, uint64 length, int64 offset)');
const rawPreadv2 = libc.func('int64 preadv2(int fd, uint64 iov, int count, int64 offset, int flags)');
const rawPwritev2 = libc.func('int64 pwritev2(int fd, uint64 iov, int count, int64 offset, int flags)');
const rawFsync = libc.func('int fsync(int fd)');
const rawFdatasync = libc.func('int fdatasync(int fd)');
const rawFallocate = libc.func('int fallocate(int fd, int mode, int64 offset, int64 length)');
const rawClose = libc.func('int close(int fd)');
const rawMmap = libc.func('void *mmap(void *at, uint64 length, int prot, int flags, int fd, int64 offset)');
const rawMunmap = libc.func('int munmap(void *at, uint64 length)');
const rawEventfd = libc.func('int eventfd(uint32 initial, int flags)');
const rawSyscall = libc.func(
  'int64 syscall(int64 number, int64 a, int64 b, int64 c, int64 d, int64 e, int64 f)',
);
const rawAffinity = libc.func('int sched_setaffinity(int pid, uint64 size, const uint8 *mask)');
const rawFlock = libc.func('int flock(int fd, int operation)');
const rawExit = libc.func('void _exit(int status)');

export const O_RDONLY = 0;
export const O_RDWR = 2;
export const O_CREAT = 0o100;
export const O_EXCL = 0o200;
export const O_DIRECT = 0o40000;
export const O_CLOEXEC = 0o2000000;

export const FALLOC_FL_KEEP_SIZE = 1;
export const FALLOC_FL_PUNCH_HOLE = 2;
export const FALLOC_FL_ZERO_RANGE = 16;

/** Flags of preadv2(2), pwritev2(2) and io_uring: through to the disk; EAGAIN instead of a wait. */
export const RWF_DSYNC = 2;
export const RWF_NOWAIT = 8;

export const EINTR = 4;
export const EIO = 5;
export const EBADF = 9;
export const EOPNOTSUPP = 95;
export const EAGAIN = 11;
export const ENOMEM = 12;
export const EINVAL = 22;
export const EMFILE = 24;
export const ENOSPC = 28;
export const ENODEV = 19;

/** A file descriptor, or -errno. */
export function open(path: string, flags: number, mode = 0o600): number {
  const fd = rawOpen(path, flags | O_CLOEXEC, mode) as number;
  return fd >= 0 ? fd : -koffi.errno();
}

export function close(fd: number): number {
  return (rawClose(fd) as number) === 0 ? 0 : -koffi.errno();
}

/**
 * Takes a file for this process alone (LOCK_EX), without waiting: 0, or -EAGAIN where another has it. The kernel gives it back when the
 * descriptor is closed, also by the death of the process.
 */
export function lockFile(fd: number): number {
  return (rawFlock(fd, 2 | 4) as number) === 0 ? 0 : -koffi.errno();
}

/** Bytes read into the memory at `address`, or -errno. A short read is returned as it is. */
export function pread(fd: number, address: number, length: number, offset: number): number {
  const n = rawPread(fd, address, length, offset) as number;
  return n >= 0 ? n : -koffi.errno();
}

/** Bytes written from the memory at `address`, or -errno. A short write is returned as it is. */
export function pwrite(fd: number, address: number, length: number, offset: number): number {
  const n = rawPwrite(fd, address, length, offset) as number;
  return n >= 0 ? n : -koffi.errno();
}

/** preadv2(2) into one buffer, with flags (RWF_*): bytes, or -errno. */
export function pread2(fd: number, address: number, length: number, offset: number, flags: number): number {
  const n = rawPreadv2(fd, vectorOf(address, length), 1, offset, flags) as number;
  return n >= 0 ? n : -koffi.errno();
}

/** pwritev2(2) from one buffer, with flags (RWF_*): bytes, or -errno. */
export function pwrite2(fd: number, address: number, length: number, offset: number, flags: number): number {
  const n = rawPwritev2(fd, vectorOf(address, length), 1, offset, flags) as number;
  return n >= 0 ? n : -koffi.errno();
}

/** A struct iovec of this thread, which is filled anew for each call. */
let vector: { words: Uint32Array; at: number } | undefined;

function vectorOf(address: number, length: number): number {
  if (vector === undefined) {
    const memory = mapMemory(4096);
    vector = { words: new Uint32Array(viewOf(memory), 0, 4), at: memory.address };
  }
  vector.words[0] = address;
  vector.words[1] = address / 2 ** 32;
  vector.words[2] = length;
  vector.words[3] = length / 2 ** 32;
  return vector.at;
}

export function fsync(fd: number): number {
  return (rawFsync(fd) as number) === 0 ? 0 : -koffi.errno();
}

export function fdatasync(fd: number): number {
  return (rawFdatasync(fd) as number) === 0 ? 0 : -koffi.errno();
}

/** fallocate(2): 0, or -errno. */
export function fallocate(fd: number, mode: number, offset: number, length: number): number {
  return (rawFallocate(fd, mode, offset, length) as number) === 0 ? 0 : -koffi.errno();
}

/** A raw system call: its value, or -errno. Arguments are numbers, addresses included. */
export function syscall(number: number, a = 0, b = 0, c = 0, d = 0, e = 0, f = 0): number {
  const value = rawSyscall(number, a, b, c, d, e, f) as number;
  return value >= 0 ? value : -koffi.errno();
}

/** An eventfd with a zero counter, or -errno. */
export function eventfd(): number {
  const fd = rawEventfd(0, 0o2000000) as number;
  return fd >= 0 ? fd : -koffi.errno();
}

/** Memory outside the JavaScript heap: page-aligned, so that O_DIRECT takes it, and at a fixed address. */
export interface Mapping {
  /** Below 2^47, so a number holds it exactly. */
  address: number;
  bytes: number;
}

/** Anonymous memory of the process, shared by all its threads. Throws when the kernel refuses. */
export function mapMemory(bytes: number): Mapping {
  const PROT_READ_WRITE = 3;
  const MAP_SHARED_ANONYMOUS = 0x21;
  return {
    address: mapped(rawMmap(null, bytes, PROT_READ_WRITE, MAP_SHARED_ANONYMOUS, -1, 0), bytes),
    bytes,
  };
}

/** The memory of a file descriptor that wants to be mapped (an io_uring), from `offset`. Throws when refused. */
export function mapDescriptor(fd: number, bytes: number, offset: number): Mapping {
  const PROT_READ_WRITE = 3;
  const MAP_SHARED_POPULATE = 0x8001;
  return {
    address: mapped(rawMmap(null, bytes, PROT_READ_WRITE, MAP_SHARED_POPULATE, fd, offset), bytes),
    bytes,
  };
}

function mapped(pointer: bigint, bytes: number): number {
  if (BigInt.asUintN(64, pointer) === 0xffff_ffff_ffff_ffffn) {
    throw new MachineError(`mmap of ${bytes} bytes: ${errorName(koffi.errno())}`);
  }
  return Number(pointer);
}

export function unmap(mapping: Mapping): void {
  rawMunmap(BigInt(mapping.address), mapping.bytes);
}

/** This thread's own view of a mapping. It must not be used after `unmap`. */
export function viewOf(mapping: Mapping): ArrayBuffer {
  return koffi.view(BigInt(mapping.address), mapping.bytes) as ArrayBuffer;
}

/** The kernel's number of the calling thread. */
export function gettid(): number {
  const SYS_GETTID = 186;
  return syscall(SYS_GETTID);
}

/** Binds the calling thread to some CPUs of the machine. 0, or -errno. */
export function pinTo(cpus: readonly number[]): number {
  const mask = new Uint8Array(1024);
  for (const cpu of cpus) mask[cpu >> 3]! |= 1 << (cpu & 7);
  return (rawAffinity(0, mask.length, mask) as number) === 0 ? 0 : -koffi.errno();
}

/**
 * Leaves the process at once. A thread that sits in the kernel can't be terminated, and process.exit would wait
 * for it: call this after clean-up, as the last thing.
 */
export function exitNow(status: number): never {
  rawExit(status);
  throw new Error('_exit returned');
}

const NAMES = new Map(Object.entries(os.constants.errno).map(([name, number]) => [number, name]));

/** `ENOSPC` for 28. Takes either sign. */
export function errorName(errno: number): string {
  return NAMES.get(Math.abs(errno)) ?? `errno ${Math.abs(errno)}`;
}
