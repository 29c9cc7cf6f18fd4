/**
 * Head-of-line blocking: of the time that operations spent in queues, how much of it the worker that then took them was busy with
 * another device, or with another cgroup. A worker is busy while it is inside a blocking call; what it has in its ring does not
 * keep it from taking more.
 */
import {
  FLUSH,
  FSYNC,
  type History,
  NO_QUEUE,
  PENDING,
  READ,
  submitterOf,
  WRITE,
} from '../../ordering/history.ts';
import { orderBy } from '../../ordering/order.ts';
import { letGo } from './flush-parts.ts';
import type { FsyncCalls, Measured } from './measured.ts';

/** Sums over operations, nanoseconds. */
export interface HeadOfLine {
  queued: number;
  behindDevice: number;
  behindCgroup: number;
}

export interface Surroundings {
  jobs: number;
  /** Of a job. */
  cgroupOf(job: number): number;
  /** Reads and writes go through the workers' rings: only the rest are blocking calls. */
  rings: boolean;
}

export function headOfLine(
  history: History,
  { rows }: Measured,
  calls: FsyncCalls,
  around: Surroundings,
): HeadOfLine {
  const busy = busyTimes(history, calls, around);
  const found: HeadOfLine = { queued: 0, behindDevice: 0, behindCgroup: 0 };
  const add = (row: number): void => {
    if (history.queue[row] === NO_QUEUE || history.worker[row] === NO_QUEUE || history.st[row] === 0) return;
    const [from, to] = [letGo(history, row), history.st[row]!];
    found.queued += to - from;
    const worker = history.worker[row]!;
    const all = busy.all.get(worker);
    const device = busy.device.get(pair(worker, history.device[row]!));
    const cgroup = busy.cgroup.get(pair(worker, cgroupOf(history, row, around)));
    found.behindDevice += foreign(all, device, from, to);
    found.behindCgroup += foreign(all, cgroup, from, to);
  };
  for (const row of rows) if (history.kind[row] !== FLUSH) add(row);
  // FLUSHes that one call served were in the queue once.
  for (let i = 0; i < calls.rows.length; i++)
    if (calls.counts[i] === 1 && history.kind[calls.rows[i]!] === FLUSH) add(calls.rows[i]!);
  return found;
}

/** Spans of time that do not overlap, ascending, and how much of it lies before the end of each. */
interface Spans {
  from: number[];
  to: number[];
  sum: number[];
}

/** Of each worker: all of it, and what was for one device or one cgroup, by `pair`. */
interface Busy {
  all: Map<number, Spans>;
  device: Map<number, Spans>;
  cgroup: Map<number, Spans>;
}

function pair(worker: number, other: number): number {
  return worker * 2 ** 16 + other;
}

/** One thread makes one blocking call after the other, so that no two of its spans overlap. */
function busyTimes(history: History, calls: FsyncCalls, around: Surroundings): Busy {
  const busy: Busy = { all: new Map(), device: new Map(), cgroup: new Map() };
  const add = (to: Map<number, Spans>, key: number, begin: number, end: number): void => {
    let spans = to.get(key);
    if (spans === undefined) {
      spans = { from: [], to: [], sum: [] };
      to.set(key, spans);
    }
    spans.sum.push((spans.sum.at(-1) ?? 0) + end - begin);
    spans.from.push(begin);
    spans.to.push(end);
  };
  for (const row of orderBy(blockingRows(history, calls, around), history.st)) {
    const [from, to, worker] = [history.st[row]!, history.co[row]!, history.worker[row]!];
    add(busy.all, worker, from, to);
    add(busy.device, pair(worker, history.device[row]!), from, to);
    add(busy.cgroup, pair(worker, cgroupOf(history, row, around)), from, to);
  }
  return busy;
}

function blockingRows(history: History, { rows: calls }: FsyncCalls, { jobs, rings }: Surroundings) {
  const rows: number[] = [];
  for (const row of calls) if (history.worker[row] !== NO_QUEUE) rows.push(row);
  for (let job = 0; job < jobs; job++) {
    const first = job * history.rowsEach;
    for (let row = first; row < first + history.count[job]!; row++) {
      const kind = history.kind[row]!;
      if (kind === FLUSH || (rings && (kind === READ || kind === WRITE))) continue;
      if (history.worker[row] === NO_QUEUE || history.st[row] === 0 || history.result[row] === PENDING)
        continue;
      rows.push(row);
    }
  }
  return Uint32Array.from(rows);
}

/** A note stands in a segment of its own, which tells the job that it was for. */
function cgroupOf(history: History, row: number, { jobs, cgroupOf: of }: Surroundings): number {
  const segment = submitterOf(history, row);
  return of(history.kind[row] === FSYNC ? segment - jobs - 1 : segment);
}

/** How much of the time from `a` to `b` a worker was busy with what was not one's own. */
function foreign(all: Spans | undefined, own: Spans | undefined, a: number, b: number): number {
  // Most workers have one device: nothing to search for.
  if (all?.sum.length === own?.sum.length) return 0;
  return within(all, a, b) - within(own, a, b);
}

/** How much of the time from `a` to `b` the spans cover. */
function within(spans: Spans | undefined, a: number, b: number): number {
  return spans === undefined ? 0 : before(spans, b) - before(spans, a);
}

/** How much of the time before `t` the spans cover. */
function before({ from, to, sum }: Spans, t: number): number {
  let low = 0;
  let high = from.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (from[middle]! < t) low = middle + 1;
    else high = middle;
  }
  // `low` spans begin before t; the last of them may go on.
  return low === 0 ? 0 : sum[low - 1]! - Math.max(0, to[low - 1]! - t);
}
