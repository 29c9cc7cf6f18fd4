/**
 * Preloaded into a program (node --import) to have the kernel refuse a system call, as a container's seccomp profile does:
 * DENY=425:1 is io_uring_setup with EPERM. Threads inherit it, and it needs no root.
 *
 * Source: seccomp(2); struct sock_filter and struct sock_fprog in include/uapi/linux/filter.h.
 */
import { isMainThread } from 'node:worker_threads';
import koffi from 'koffi';
import { mapMemory, viewOf } from '../../engine/libc.ts';

const PR_SET_SECCOMP = 22;
const SECCOMP_MODE_FILTER = 2;
const PR_SET_NO_NEW_PRIVS = 38;
const LOAD_SYSCALL_NUMBER = 0x20;
const JUMP_IF_EQUAL = 0x15;
const RETURN = 0x06;
const RET_ERRNO = 0x0005_0000;
const RET_ALLOW = 0x7fff_0000;

if (isMainThread) {
  const [number = 0, errno = 0] = process.env.DENY?.split(':').map(Number) ?? [];
  const page = mapMemory(4096);
  const view = new DataView(viewOf(page));
  const program: [code: number, jumpTrue: number, jumpFalse: number, value: number][] = [
    [LOAD_SYSCALL_NUMBER, 0, 0, 0],
    [JUMP_IF_EQUAL, 0, 1, number],
    [RETURN, 0, 0, RET_ERRNO | errno],
    [RETURN, 0, 0, RET_ALLOW],
  ];
  // A length of two bytes, padding, the address of the program; then the program.
  const start = 16;
  view.setUint16(0, program.length, true);
  view.setBigUint64(8, BigInt(page.address + start), true);
  for (const [i, [code, jumpTrue, jumpFalse, value]] of program.entries()) {
    view.setUint16(start + 8 * i, code, true);
    view.setUint8(start + 8 * i + 2, jumpTrue);
    view.setUint8(start + 8 * i + 3, jumpFalse);
    view.setUint32(start + 8 * i + 4, value, true);
  }
  const prctl = koffi
    .load('libc.so.6')
    .func('int prctl(int option, uint64 a, uint64 b, uint64 c, uint64 d)') as (...args: number[]) => number;
  if (
    prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) !== 0 ||
    prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, page.address, 0, 0) !== 0
  )
    throw new Error(`seccomp: errno ${koffi.errno()}`);
}
