/** How many threads and descriptors this machine lets one process have, and how many of them are taken. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

export interface Limit {
  /** What sets it. */
  name: string;
  most: number;
  /** Taken by everybody who counts towards it. */
  used: number;
  remedy: string;
}

/** Capabilities that lift RLIMIT_NPROC: CAP_SYS_ADMIN and CAP_SYS_RESOURCE (fork(2), EAGAIN). */
const ABOVE_NPROC = (1n << 21n) | (1n << 24n);

/** The limit that leaves the fewest; undefined where the system tells of none. */
export function tightest(limits: readonly Limit[]): Limit | undefined {
  return [...limits].sort((a, b) => a.most - a.used - (b.most - b.used))[0];
}

/**
 * Every limit of the number of threads. Linux has four: those of the machine, of the user and of the control group.
 *
 * @param root of the file system in which /proc and /sys lie; a test has one of its own
 */
export function threadLimits(root = '/'): Limit[] {
  const read = (path: string): string => textOf(join(root, path));
  const machine = Number(/\d+\/(\d+)/.exec(read('proc/loadavg'))?.[1] ?? 0);
  const found: Limit[] = [];
  for (const [file, sysctl] of [
    ['pid_max', 'kernel.pid_max'],
    ['threads-max', 'kernel.threads-max'],
  ]) {
    const most = Number.parseInt(read(`proc/sys/kernel/${file}`), 10);
    if (most > 0)
      found.push({ name: sysctl!, most, used: machine, remedy: `raise it with sysctl ${sysctl}` });
  }
  const status = read('proc/self/status');
  const processes = softLimit(read('proc/self/limits'), 'Max processes');
  const lifted = BigInt(`0x${/^CapEff:\s*([0-9a-f]+)/m.exec(status)?.[1] ?? '0'}`) & ABOVE_NPROC;
  if (processes !== undefined && lifted === 0n) {
    const uid = uidIn(status);
    const mine = numbers(join(root, 'proc')).map((pid) => read(`proc/${pid}/status`));
    const used = mine.reduce((sum, text) => sum + (uidIn(text) === uid ? threadsIn(text) : 0), 0);
    found.push({
      name: "the user's limit of processes",
      most: processes,
      used,
      remedy: 'raise it with ulimit -u',
    });
  }
  for (const group of pidsGroups(read('proc/self/cgroup'))) {
    // `max` is no number, and no limit.
    const most = Number.parseInt(read(`${group}/pids.max`), 10);
    const used = Number.parseInt(read(`${group}/pids.current`), 10);
    if (most > 0 && used >= 0) {
      const remedy = 'raise pids.max of the control group (docker run --pids-limit, TasksMax= of systemd)';
      found.push({ name: 'the limit of the control group', most, used, remedy });
    }
  }
  return found;
}

/** The limit of open descriptors; Node has raised it to the hard one. */
export function descriptorLimit(root = '/'): Limit | undefined {
  const most = softLimit(textOf(join(root, 'proc/self/limits')), 'Max open files');
  if (most === undefined) return undefined;
  const used = numbers(join(root, 'proc/self/fd')).length;
  return { name: 'the limit of open descriptors', most, used, remedy: 'raise it with ulimit -n' };
}

/** A row of /proc/self/limits; undefined for `unlimited`. */
function softLimit(limits: string, row: string): number | undefined {
  const found = new RegExp(`^${row}\\s+(\\d+)`, 'm').exec(limits)?.[1];
  return found === undefined ? undefined : Number(found);
}

const uidIn = (status: string): string | undefined => /^Uid:\s*(\d+)/m.exec(status)?.[1];
const threadsIn = (status: string): number => Number(/^Threads:\s*(\d+)/m.exec(status)?.[1] ?? 0);

/** Folders of the control groups that count the process: its own and those above it, of cgroup v2 or of the v1 controller. */
function pidsGroups(cgroup: string): string[] {
  return cgroup.split('\n').flatMap((line) => {
    const [, controllers, path = '/'] = /^\d+:([^:]*):(.*)$/.exec(line) ?? [];
    if (controllers !== '' && controllers !== 'pids') return [];
    const parts = path.split('/').filter((part) => part !== '');
    const base = controllers === '' ? 'sys/fs/cgroup' : 'sys/fs/cgroup/pids';
    return [...parts, ''].map((_, i) => join(base, ...parts.slice(0, parts.length - i)));
  });
}

function numbers(folder: string): string[] {
  try {
    return readdirSync(folder).filter((name) => /^\d+$/.test(name));
  } catch {
    return [];
  }
}

function textOf(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}
