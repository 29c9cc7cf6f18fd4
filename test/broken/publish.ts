/**
 * Ways to publish a table that must be rejected. Each stands for a real mistake: the readers of an old table go on
 * reading while it is written again.
 */
import { begin, poll } from '../../engine/rcu.ts';
import { LINE } from '../../engine/rings.ts';
import type { Publisher } from '../../engine/table.ts';

export type Publish = (publisher: Publisher, next: Int32Array) => boolean;

/** No grace period: the other table is taken to be free. */
export const noGracePeriod: Publish = ({ words, slots }, next) => {
  const spare = 1 - Atomics.load(words, 0);
  words.set(next, LINE + spare * slots);
  Atomics.store(words, 0, spare);
  return true;
};

/** The table in use is changed where it lies. */
export const inPlace: Publish = ({ words, slots }, next) => {
  words.set(next, LINE + Atomics.load(words, 0) * slots);
  return true;
};

/** A grace period that begins before the new table can be found: it does not cover those who read the old one next. */
export const beginsTooEarly: Publish = ({ words, slots, rcu, grace }, next) => {
  if (!poll(rcu, grace)) return false;
  begin(rcu, grace);
  const spare = 1 - Atomics.load(words, 0);
  words.set(next, LINE + spare * slots);
  Atomics.store(words, 0, spare);
  return true;
};

/** The new table can be found before it is written. */
export const foundTooEarly: Publish = ({ words, slots, rcu, grace }, next) => {
  if (!poll(rcu, grace)) return false;
  const spare = 1 - Atomics.load(words, 0);
  Atomics.store(words, 0, spare);
  words.set(next, LINE + spare * slots);
  begin(rcu, grace);
  return true;
};
