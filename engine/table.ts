/**
 * The dispatch table of a design, published RCU-style: readers see the old or the new table, never one half-written,
 * and the old one is written again only after a grace period. One publisher per trial; inside a read section of its own
 * it would wait for itself, and it needs none, as nobody else changes the table.
 */
import { begin, type Grace, poll, type Rcu } from './rcu.ts';
import { LINE } from './rings.ts';

export interface Publisher {
  words: Int32Array;
  slots: number;
  rcu: Rcu;
  grace: Grace;
}

/**
 * Where the current table begins in `words`. The caller is inside a read section of the table's RCU domain; entries
 * that have to be of one table are read from one base, as the current table may change within the section.
 */
export function tableBase(words: Int32Array, slots: number): number {
  return LINE + Atomics.load(words, 0) * slots;
}

/** Entry `slot` of the current table. The caller is inside a read section of the table's RCU domain. */
export function tableEntry(words: Int32Array, slots: number, slot: number): number {
  return words[tableBase(words, slots) + slot]!;
}

/** Copies `next` in as the current table. False, and nothing done, while readers may still hold the old one. */
export function publish(publisher: Publisher, next: Int32Array): boolean {
  const { words, slots, rcu, grace } = publisher;
  if (next.length !== slots) throw new RangeError(`a table of ${next.length} slots, the design has ${slots}`);
  if (!poll(rcu, grace)) return false;
  const spare = 1 - Atomics.load(words, 0);
  words.set(next, LINE + spare * slots);
  Atomics.store(words, 0, spare);
  begin(rcu, grace);
  return true;
}
