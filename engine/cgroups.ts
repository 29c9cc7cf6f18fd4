/**
 * blkio cgroups for threads, so that the kernel's loop driver gives their I/O workers of its own. Only cgroup v1 lets the threads of
 * one process lie in different blkio groups; v2's io controller takes whole processes.
 */
import { existsSync, mkdirSync, readdirSync, readFileSync, rmdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const PREFIX = 'loopwq-';

/** Why threads can't be put into blkio cgroups here; undefined when they can. */
export function whyNoCgroups(): string | undefined {
  if (process.getuid?.() !== 0) return 'making cgroups needs root';
  return blkioRoot() === undefined
    ? 'no blkio hierarchy of cgroup v1 is mounted, and with v2 the threads of one process share their io cgroup'
    : undefined;
}

/** Makes `count` groups and returns their folders. Groups of runs that are gone are removed first. */
export function makeCgroups(count: number): string[] {
  const root = blkioRoot();
  if (root === undefined) throw new Error('no blkio hierarchy of cgroup v1');
  for (const name of readdirSync(root)) {
    const pid = /^loopwq-(\d+)-\d+$/.exec(name)?.[1];
    if (pid !== undefined && !existsSync(`/proc/${pid}`)) removeCgroup(join(root, name));
  }
  return Array.from({ length: count }, (_, i) => {
    const folder = join(root, `${PREFIX}${process.pid}-${i}`);
    mkdirSync(folder, { recursive: true });
    return folder;
  });
}

/** Moves a thread. */
export function moveThread(tid: number, folder: string): void {
  writeFileSync(join(folder, 'tasks'), String(tid));
}

/** Moves what is left in the group to its parent and removes it; no error where it is gone already. */
export function removeCgroup(folder: string): void {
  try {
    const parent = join(folder, '..', 'tasks');
    for (const tid of readFileSync(join(folder, 'tasks'), 'utf8').split('\n').filter(Boolean)) {
      try {
        writeFileSync(parent, tid);
      } catch {
        // The thread has ended meanwhile.
      }
    }
    rmdirSync(folder);
  } catch {
    // Gone, or the kernel still holds it for I/O under way: the next run removes it.
  }
}

function blkioRoot(): string | undefined {
  const mount = readFileSync('/proc/self/mounts', 'utf8')
    .split('\n')
    .map((line) => line.split(' '))
    .find(([, , type, options]) => type === 'cgroup' && options?.split(',').includes('blkio'));
  return mount?.[1];
}
