/** Clones of files: the same blocks under a second name, as `cp --reflink=always` makes them. */

import { MachineError } from './errors.ts';
import { close, errorName, O_CREAT, O_EXCL, O_RDWR, open, syscall } from './libc.ts';

const SYS_IOCTL = 16;
/** _IOW(0x94, 9, int) of linux/fs.h. */
const FICLONE = 0x40049409;

/** Has the file `to` share the blocks of `from`: 0, or -errno. */
export function shareBlocks(from: number, to: number): number {
  return syscall(SYS_IOCTL, to, FICLONE, from);
}

/**
 * Makes a new file at `path` that is what `from` is at one instant of this call.
 *
 * btrfs and xfs lock the file against writes, wait for direct I/O that is under way, write back what the page cache holds, and
 * then share the blocks (btrfs_remap_file_range, xfs_file_remap_range, generic_remap_file_range_prep). So a write that had
 * returned is in the clone, flushed or not, and each write is in it whole or not at all.
 *
 * @returns the clone's descriptor
 */
export function cloneFile(from: number, path: string): number {
  const to = open(path, O_RDWR | O_CREAT | O_EXCL);
  const result = to < 0 ? to : shareBlocks(from, to);
  if (result >= 0) return to;
  if (to >= 0) close(to);
  throw new MachineError(`clone to ${path}: ${errorName(result)}. Snapshots need btrfs or xfs with reflink`);
}
