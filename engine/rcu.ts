/**
 * Read-copy-update over shared words, sleepable like the kernel's SRCU: a read section may span an I/O. Each reader
 * owns one cache line with two counters and counts itself into the one that `index` names; a grace period waits until
 * the other one is zero at every reader, flips `index`, and waits until the one given up is zero as well. Seeing each
 * counter once at zero after the publication is what makes it safe: whoever still holds the old pointer counted itself
 * in before. The flip only makes it end under a steady stream of new readers, and the order of the two waits keeps
 * readers that come after the flip out of it.
 *
 * One updater per domain, outside of read sections of its own; nobody blocks: `poll` asks whether the grace period is
 * over. Source: kernel/rcu/srcutree.c, Documentation/RCU/checklist.rst.
 */
import { LINE } from './rings.ts';

const INDEX = 0;
const READERS = LINE;

export interface Rcu {
  words: Int32Array;
  readers: number;
}

export function rcuWords(readers: number): number {
  return READERS + readers * LINE;
}

/** Begins a read section; what it returns goes to `leave`. Sections of one reader may overlap. */
export function enter(rcu: Rcu, reader: number): number {
  const index = Atomics.load(rcu.words, INDEX);
  const counter = READERS + reader * LINE + index;
  // Only this reader writes its counters, so a load and a store are enough; the store is sequentially consistent
  // and so stands before the load of the protected pointer.
  Atomics.store(rcu.words, counter, rcu.words[counter]! + 1);
  return index;
}

export function leave(rcu: Rcu, reader: number, index: number): void {
  const counter = READERS + reader * LINE + index;
  Atomics.store(rcu.words, counter, rcu.words[counter]! - 1);
}

/** A grace period under way. */
export interface Grace {
  /** 2 and 1: counters still to drain; 0: over. */
  left: number;
  draining: number;
}

/** Begins a grace period; call it after the new pointer was published. */
export function begin(rcu: Rcu, grace: Grace): void {
  grace.left = 2;
  grace.draining = 1 - Atomics.load(rcu.words, INDEX);
  // The counter that is not in use is nearly always at zero: flip now, before new readers come.
  poll(rcu, grace);
}

/** True when every read section that was open at `begin` has ended. */
export function poll(rcu: Rcu, grace: Grace): boolean {
  while (grace.left > 0) {
    for (let reader = 0; reader < rcu.readers; reader++) {
      if (Atomics.load(rcu.words, READERS + reader * LINE + grace.draining) !== 0) return false;
    }
    grace.left--;
    if (grace.left > 0) {
      grace.draining = Atomics.load(rcu.words, INDEX);
      Atomics.store(rcu.words, INDEX, 1 - grace.draining);
    }
  }
  return true;
}
