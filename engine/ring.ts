/**
 * One io_uring, driven from TypeScript: submission entries are written and completions read through typed arrays
 * over the kernel's own mappings, so that a batch costs one foreign call. Owned by the thread that opened it
 * (SINGLE_ISSUER); completions are posted while that thread is inside `enter` (DEFER_TASKRUN).
 *
 * Source: io_uring_setup(2), io_uring_enter(2); field offsets from include/uapi/linux/io_uring.h.
 */
import { MachineError } from './errors.ts';
import { close, errorName, type Mapping, mapDescriptor, mapMemory, syscall, unmap, viewOf } from './libc.ts';

const IO_URING_SETUP = 425;
const IO_URING_ENTER = 426;
const SETUP_SINGLE_ISSUER = 1 << 12;
const SETUP_DEFER_TASKRUN = 1 << 13;
const ENTER_GETEVENTS = 1;
const ENTER_EXT_ARG = 8;
const ETIME = 62;
const EINTR = 4;
const OFF_SQ_RING = 0;
const OFF_SQES = 0x1000_0000;

const OP_FSYNC = 3;
/** Of the entry's flags, the second byte. */
const IOSQE_IO_LINK = 4;
const OP_FALLOCATE = 17;
const OP_READ = 22;
const OP_WRITE = 23;
const FSYNC_DATASYNC = 1;
/** Of struct io_uring_getevents_arg. */
const LIMIT_BYTES = 24;
const TWO_32 = 0x1_0000_0000;
/** Of struct io_rings, before the completions. */
const RING_HEAD = 64;

/** Ring entries of a worker: more than the tags of most workloads. It never grows, as its eventfd read must stay armed. */
export const WORKER_RING = 1024;

/**
 * Bytes that a ring of `entries` maps, of the kernel's and one page of its own: entries of 64 bytes, twice as many completions of
 * 16, an index each, and the heads and tails before them.
 */
export function ringBytes(entries: number): number {
  const page = (bytes: number): number => Math.ceil(bytes / 4096) * 4096;
  return page(64 * entries) + page(RING_HEAD + 2 * 16 * entries + 4 * entries) + 4096;
}

export class Ring {
  readonly entries: number;
  private readonly fd: number;
  private readonly mask: number;
  private readonly maps: Mapping[];
  private readonly indexes: Int32Array;
  private readonly sqHead: number;
  private readonly sqTail: number;
  private readonly cqHead: number;
  private readonly cqTail: number;
  private readonly cqMask: number;
  private readonly cqes: number;
  private readonly sqes: Int32Array;
  /** What a wait with a time limit hands over: struct io_uring_getevents_arg and, behind it, a timespec. */
  private readonly limit: Int32Array;
  private readonly limitAt: number;
  /** Entries written and not yet handed to the kernel. */
  pending = 0;
  /** Of the completion that `reap` found last. */
  userData = 0;
  result = 0;

  /** Throws a MachineError when the kernel refuses. `entries` is rounded up to a power of two by the kernel. */
  constructor(entries: number) {
    const scratch = mapMemory(4096);
    const params = new Uint32Array(viewOf(scratch), 0, 30);
    params.fill(0);
    params[2] = SETUP_SINGLE_ISSUER | SETUP_DEFER_TASKRUN;
    this.fd = syscall(IO_URING_SETUP, entries, scratch.address);
    if (this.fd < 0) {
      unmap(scratch);
      throw refused(this.fd);
    }
    const p = Array.from(params);
    unmap(scratch);
    this.entries = p[0] as number;
    const at = (field: number): number => p[field] as number;
    // struct io_sqring_offsets begins at word 10: head tail mask entries flags dropped array; io_cqring_offsets
    // at word 20: head tail mask entries overflow cqes.
    const cqEntries = at(1);
    const ringBytes = Math.max(at(16) + this.entries * 4, at(25) + cqEntries * 16);
    this.maps = [];
    const kept = (map: () => Mapping): Mapping => {
      try {
        this.maps.push(map());
        return this.maps.at(-1)!;
      } catch (error) {
        this.close();
        throw error;
      }
    };
    const ring = kept(() => mapDescriptor(this.fd, ringBytes, OFF_SQ_RING));
    const sqes = kept(() => mapDescriptor(this.fd, this.entries * 64, OFF_SQES));
    const limit = kept(() => mapMemory(4096));
    this.limit = new Int32Array(viewOf(limit), 0, 10);
    this.limitAt = limit.address;
    this.limit[4] = (limit.address + LIMIT_BYTES) | 0;
    this.limit[5] = ((limit.address + LIMIT_BYTES) / TWO_32) | 0;
    this.indexes = new Int32Array(viewOf(ring), 0, Math.floor(ringBytes / 4));
    this.sqes = new Int32Array(viewOf(sqes), 0, this.entries * 16);
    this.sqHead = at(10) / 4;
    this.sqTail = at(11) / 4;
    this.mask = this.indexes[at(12) / 4] as number;
    this.cqHead = at(20) / 4;
    this.cqTail = at(21) / 4;
    this.cqMask = this.indexes[at(22) / 4] as number;
    this.cqes = at(25) / 4;
    const array = at(16) / 4;
    for (let i = 0; i < this.entries; i++) this.indexes[array + i] = i;
  }

  /** True when a further entry may be written. */
  hasRoom(): boolean {
    return (
      this.pending + ((this.indexes[this.sqTail]! - Atomics.load(this.indexes, this.sqHead)) | 0) <
      this.entries
    );
  }

  /** `flags` are those of preadv2(2). */
  read(fd: number, address: number, length: number, offset: number, userData: number, flags = 0): void {
    this.prepare(OP_READ, fd, address, length, offset, flags, userData);
  }

  /** `flags`: RWF_*. */
  write(fd: number, address: number, length: number, offset: number, userData: number, flags = 0): void {
    this.prepare(OP_WRITE, fd, address, length, offset, flags, userData);
  }

  fallocate(fd: number, mode: number, offset: number, length: number, userData: number): void {
    this.prepare(OP_FALLOCATE, fd, length, mode, offset, 0, userData);
  }

  /** `linked`: the entry that follows begins only when this fsync has succeeded, and is cancelled if it failed. */
  fsync(fd: number, dataSync: boolean, userData: number, linked = false): void {
    const at = ((this.indexes[this.sqTail]! + this.pending) & this.mask) << 4;
    this.prepare(OP_FSYNC, fd, 0, 0, 0, dataSync ? FSYNC_DATASYNC : 0, userData);
    if (linked) this.sqes[at]! |= IOSQE_IO_LINK << 8;
  }

  private prepare(
    opcode: number,
    fd: number,
    address: number,
    length: number,
    offset: number,
    flags: number,
    userData: number,
  ): void {
    const s = this.sqes;
    const i = ((this.indexes[this.sqTail]! + this.pending) & this.mask) << 4;
    s[i] = opcode;
    s[i + 1] = fd;
    s[i + 2] = offset | 0;
    s[i + 3] = (offset / TWO_32) | 0;
    s[i + 4] = address | 0;
    s[i + 5] = (address / TWO_32) | 0;
    s[i + 6] = length;
    s[i + 7] = flags;
    s[i + 8] = userData;
    s[i + 9] = 0;
    s[i + 10] = 0;
    s[i + 11] = 0;
    s[i + 12] = 0;
    s[i + 13] = 0;
    this.pending++;
  }

  /**
   * Hands over what is pending and waits until `wait` completions can be reaped (0: does not wait, but collects), for
   * `limit` nanoseconds at most. Returns 0 or -errno; a wait that was interrupted or took too long is no error.
   */
  enter(wait: number, limit = Number.POSITIVE_INFINITY): number {
    let flags = ENTER_GETEVENTS;
    if (limit !== Number.POSITIVE_INFINITY) {
      if (limit <= 0) wait = 0;
      const left = Math.max(0, Math.ceil(limit));
      this.limit[6] = left / 1e9;
      this.limit[8] = left % 1e9;
      flags |= ENTER_EXT_ARG;
    }
    const submit = this.pending;
    if (submit > 0) {
      Atomics.store(this.indexes, this.sqTail, (this.indexes[this.sqTail]! + submit) | 0);
      this.pending = 0;
    }
    // A submission that was cut short (no memory for requests) leaves entries in the ring: hand them over again.
    let left = submit;
    for (;;) {
      const done =
        flags === ENTER_GETEVENTS
          ? syscall(IO_URING_ENTER, this.fd, left, wait, flags, 0, 0)
          : syscall(IO_URING_ENTER, this.fd, left, wait, flags, this.limitAt, LIMIT_BYTES);
      if (done >= left) return 0;
      if (done >= 0) left -= done;
      else if (done === -EINTR || done === -ETIME) {
        if (left === 0) return 0;
      } else return done;
    }
  }

  /** Takes one completion into `userData` and `result`; false when there is none. */
  reap(): boolean {
    const words = this.indexes;
    const head = words[this.cqHead]!;
    if (head === Atomics.load(words, this.cqTail)) return false;
    const at = this.cqes + ((head & this.cqMask) << 2);
    this.userData = words[at]!;
    this.result = words[at + 2]!;
    Atomics.store(words, this.cqHead, (head + 1) | 0);
    return true;
  }

  close(): void {
    for (const map of this.maps) unmap(map);
    close(this.fd);
  }
}

function refused(errno: number): MachineError {
  const name = errorName(errno);
  const why: Record<string, string> = {
    EPERM:
      'io_uring is switched off for this user: set `sysctl kernel.io_uring_disabled=0`, or allow io_uring in the ' +
      "container's seccomp profile (docker: --security-opt seccomp=unconfined)",
    ENOSYS: 'this kernel was built without io_uring, or a seccomp profile hides it',
    EINVAL: 'the kernel is older than 6.1 (SINGLE_ISSUER and DEFER_TASKRUN are needed)',
    ENOMEM: 'the locked-memory limit is used up: raise `ulimit -l`',
    EMFILE: 'the limit of open descriptors is used up: raise `ulimit -n`',
  };
  return new MachineError(
    `io_uring_setup: ${name}. ${why[name] ?? 'see io_uring_setup(2)'}; or choose --backend sync, which needs no io_uring`,
  );
}

let why: { reason: string | undefined } | undefined;

/** Why this process can have no ring; undefined when it can. Asked of the kernel once. */
export function whyNoRing(): string | undefined {
  if (why === undefined) {
    try {
      new Ring(2).close();
      why = { reason: undefined };
    } catch (error) {
      why = { reason: (error as Error).message };
    }
  }
  return why.reason;
}
