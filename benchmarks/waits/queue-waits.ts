/** How long operations were in queues: submission to the beginning of the backend call, without the gate's part. */
import { FLUSH, type History, NO_QUEUE, PREFLUSH, READ, WRITE } from '../../ordering/history.ts';
import { letGo } from './flush-parts.ts';
import type { Measured } from './measured.ts';

export interface QueueWaits {
  read: number[];
  write: number[];
  flush: number[];
}

export function queueWaits(history: History, { rows }: Measured): QueueWaits {
  const waits: QueueWaits = { read: [], write: [], flush: [] };
  for (const row of rows) {
    if (history.queue[row] === NO_QUEUE) continue;
    // Between a queue and the data of a PREFLUSH lies its own fsync.
    if (history.st[row] === 0 || (history.flags[row]! & PREFLUSH) !== 0) continue;
    const wait = history.st[row]! - letGo(history, row);
    if (history.kind[row] === READ) waits.read.push(wait);
    else if (history.kind[row] === WRITE) waits.write.push(wait);
    else if (history.kind[row] === FLUSH) waits.flush.push(wait);
  }
  return waits;
}
