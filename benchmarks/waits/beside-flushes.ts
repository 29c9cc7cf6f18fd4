/**
 * What other people's flushes do to a reader: latencies of reads that found a FLUSH of another job outstanding when they began, and
 * of those that found none. The FLUSH may be of any device: their files share one disk, as virtual machines on a host do.
 *
 * Not "reads that overlapped a FLUSH": the longer a read takes the likelier it meets one, so that those would be the slow ones even
 * if flushes did nothing. What stands at the beginning of a read does not depend on how long it then takes.
 */
import { FLUSH, type History, PENDING, READ, submitterOf } from '../../ordering/history.ts';
import { orderOf } from '../../ordering/order.ts';
import type { Measured } from './measured.ts';

export interface BesideFlushes {
  beside: number[];
  alone: number[];
}

export function besideFlushes(history: History, jobs: number, { rows, from }: Measured): BesideFlushes {
  const flushes = flushesOf(history, jobs);
  const reads: number[] = [];
  for (let i = 0; i < rows.length; i++) if (history.kind[rows[i]!] === READ) reads.push(i);
  const found: BesideFlushes = { beside: [], alone: [] };
  const [begins, ends, asks] = [0, flushes.length, 2 * flushes.length];
  const time = new Float64Array(asks + reads.length);
  for (let i = 0; i < flushes.length; i++) {
    const row = flushes[i]!;
    time[begins + i] = history.sb[row]!;
    time[ends + i] = history.result[row] === PENDING ? Number.POSITIVE_INFINITY : history.ak[row]!;
  }
  for (let i = 0; i < reads.length; i++) time[asks + i] = from[reads[i]!]!;
  /** Outstanding, by job and in all. */
  const own = new Int32Array(jobs);
  let all = 0;
  for (const event of orderOf(time)) {
    if (event >= asks) {
      const read = reads[event - asks]!;
      const row = rows[read]!;
      const others = all - own[submitterOf(history, row)]!;
      (others > 0 ? found.beside : found.alone).push(Math.max(0, history.ak[row]! - from[read]!));
    } else {
      const step = event < ends ? 1 : -1;
      own[submitterOf(history, flushes[event % flushes.length]!)]! += step;
      all += step;
    }
  }
  return found;
}

/** Of all of the trial. */
function flushesOf(history: History, jobs: number): number[] {
  const rows: number[] = [];
  for (let submitter = 0; submitter < jobs; submitter++) {
    const first = submitter * history.rowsEach;
    for (let row = first; row < first + history.count[submitter]!; row++)
      if (history.kind[row] === FLUSH) rows.push(row);
  }
  return rows;
}
