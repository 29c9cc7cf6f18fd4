/** New backing files in place of those of detached devices: the same data in other inodes, behind the same descriptor numbers. */
import { copyFile, open as openFile, unlink } from 'node:fs/promises';
import { type BackingFile, closeBacking } from './backing.ts';
import { MachineError } from './errors.ts';
import { errorName, O_DIRECT, O_RDWR, open } from './libc.ts';

/**
 * Nothing reaches the files any more, and what was written to them is in the page cache or on the disk: so the copy has all of it.
 * It is made durable before anybody may use it, so a FLUSH that the old file had answered still holds. The old files are removed:
 * whoever writes to one of them all the same loses what he wrote, and a read tells.
 *
 * @throws MachineError when the machine lets no new file be made
 */
export async function exchangeBackings(files: readonly BackingFile[]): Promise<void> {
  try {
    for (const file of files) await copy(file.path, other(file.path));
  } catch (error) {
    throw new MachineError(`replacing a device: ${(error as Error).message}`);
  }
  const direct = new Set(files.filter((file) => file.direct >= 0));
  for (const file of files) closeBacking(file);
  // The lowest free number is given first, so the last one's file gets what the first one had.
  for (const file of [...files].reverse()) {
    await unlink(file.path);
    file.path = other(file.path);
    file.buffered = reopened(file.path, O_RDWR);
    if (direct.has(file)) file.direct = reopened(file.path, O_RDWR | O_DIRECT);
  }
}

async function copy(from: string, to: string): Promise<void> {
  await copyFile(from, to);
  const handle = await openFile(to, 'r+');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/** A device's two names, in turn. */
function other(path: string): string {
  return path.endsWith('~') ? path.slice(0, -1) : `${path}~`;
}

function reopened(path: string, flags: number): number {
  const fd = open(path, flags);
  if (fd < 0) throw new MachineError(`open of ${path}: ${errorName(fd)}`);
  return fd;
}
