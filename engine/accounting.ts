/** What the machine as a whole spent, so that the kernel's own workers are counted as well: /proc/stat, proc(5). */
import { readdirSync, readFileSync } from 'node:fs';

export interface MachineUse {
  /** user + nice + system + irq + softirq of all CPUs, microseconds. The kernel counts in ticks of 10 ms. */
  cpuUs: number;
  switches: number;
}

/** CPUs that this process may run on, ascending: a container's or taskset's share. */
export function allowedCpus(): number[] {
  const list = /^Cpus_allowed_list:\s*(\S+)/m.exec(readFileSync('/proc/self/status', 'utf8'))?.[1] ?? '0';
  return list.split(',').flatMap((range) => {
    const [first = 0, last = first] = range.split('-').map(Number);
    return Array.from({ length: last - first + 1 }, (_, i) => first + i);
  });
}

const TICK_US = 10_000;

export function machineUse(): MachineUse {
  const text = readFileSync('/proc/stat', 'utf8');
  const [user, nice, system, , , irq, softirq] = text
    .slice(4, text.indexOf('\n'))
    .trim()
    .split(/\s+/)
    .map(Number);
  const switches = Number(/^ctxt (\d+)/m.exec(text)?.[1] ?? 0);
  return { cpuUs: (user! + nice! + system! + irq! + softirq!) * TICK_US, switches };
}

/**
 * Threads of the kernel's io-wq that work for these threads of the process: what io_uring could not do inline went to
 * them. They are named after the thread whose ring they serve.
 */
export function ioWqThreads(tids: readonly number[]): number {
  const names = new Set(tids.map((tid) => `iou-wrk-${tid}`));
  let count = 0;
  for (const task of readdirSync('/proc/self/task')) {
    try {
      if (names.has(readFileSync(`/proc/self/task/${task}/comm`, 'utf8').trim())) count++;
    } catch {
      // The thread ended between the two reads.
    }
  }
  return count;
}
