/**
 * Counts what io_uring leaves to its own threads (io-wq): the kernel's trace event io_uring_queue_async_work, in a trace instance of
 * this run's own. Nobody reads the events, they are only counted. Still each takes 0.7 us of CPU time, beside the 4.4 us that
 * io_uring takes to hand over an fsync with nothing to do (measured): so a run counts them only where it is asked to.
 */
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmdirSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';

const EVENT = 'events/io_uring/io_uring_queue_async_work';
/** The kernel takes filters of less than a page. */
const LONGEST_FILTER = 4095;
/** PROC_PID_INIT_INO: trace events tell the numbers that threads have there. */
const FIRST_PID_NAMESPACE = 'pid:[4026531836]';

export interface PuntTrace {
  /** Operations handed over so far by the threads that it looks at; undefined once somebody has unmounted tracefs. */
  count(): number | undefined;
  /** Takes the instance away. */
  close(): void;
}

/** Why punts can't be counted here; undefined when they can. */
export function whyNoPunts(): string | undefined {
  if (process.getuid?.() !== 0) return 'trace events need root';
  const root = tracefs();
  if (root === undefined) return 'tracefs is not mounted';
  if (!existsSync(join(root, EVENT))) return 'the kernel has no trace event io_uring_queue_async_work';
  if (readlinkSync('/proc/self/ns/pid') !== FIRST_PID_NAMESPACE)
    return 'in a container thread numbers are not those of the trace events';
  return undefined;
}

/** Counts for these threads from now on. Instances of runs that are gone are removed first. Undefined where `whyNoPunts` says why. */
export function openPuntTrace(tids: readonly number[]): PuntTrace | undefined {
  const filter = filterOf(tids);
  const root = tracefs();
  if (root === undefined || whyNoPunts() !== undefined || filter.length > LONGEST_FILTER) return undefined;
  const instances = join(root, 'instances');
  for (const name of readdirSync(instances)) {
    const pid = /^loopwq-(\d+)$/.exec(name)?.[1];
    if (pid !== undefined && !existsSync(`/proc/${pid}`)) remove(join(instances, name));
  }
  const folder = join(instances, `loopwq-${process.pid}`);
  try {
    mkdirSync(folder);
  } catch {
    // Another run of this process has it, or the kernel is locked down.
    return undefined;
  }
  try {
    // The least that the kernel makes of it.
    writeFileSync(join(folder, 'buffer_size_kb'), '4');
    writeFileSync(join(folder, EVENT, 'filter'), filter);
    writeFileSync(join(folder, EVENT, 'enable'), '1');
  } catch {
    // The number of io-wq's threads is told all the same.
    remove(folder);
    return undefined;
  }
  return { count: () => countIn(folder), close: () => remove(folder) };
}

/** Every event that was written is still there or was overrun by a later one. */
function countIn(folder: string): number | undefined {
  let count = 0;
  try {
    for (const cpu of readdirSync(join(folder, 'per_cpu'))) {
      const stats = readFileSync(join(folder, 'per_cpu', cpu, 'stats'), 'utf8');
      for (const [, events] of stats.matchAll(/^(?:entries|overrun): (\d+)$/gm)) count += Number(events);
    }
  } catch {
    return undefined;
  }
  return count;
}

/** The threads of a run have numbers in a row, mostly. */
export function filterOf(tids: readonly number[]): string {
  const terms: string[] = [];
  const sorted = [...tids].sort((a, b) => a - b);
  for (let i = 0; i < sorted.length; ) {
    let end = i;
    while (sorted[end + 1] === sorted[end]! + 1) end++;
    terms.push(
      end === i ? `common_pid==${sorted[i]}` : `(common_pid>=${sorted[i]}&&common_pid<=${sorted[end]})`,
    );
    i = end + 1;
  }
  return terms.join('||');
}

function tracefs(): string | undefined {
  return readFileSync('/proc/self/mounts', 'utf8')
    .split('\n')
    .map((line) => line.split(' '))
    .find(([, , type]) => type === 'tracefs')?.[1];
}

function remove(folder: string): void {
  try {
    rmdirSync(folder);
  } catch {
    // Gone, or somebody reads in it: the next run removes it.
  }
}
