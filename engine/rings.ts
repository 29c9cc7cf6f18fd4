/**
 * Bounded multi-producer multi-consumer rings of operation ids over shared memory: the queues, the gates' inboxes
 * and the submitters' completion lists are all of this kind. After Dmitry Vyukov's bounded MPMC queue: each cell
 * carries a sequence number that says whose turn it is, so nobody waits for anybody.
 *
 * A ring holds at least as many entries as there are tags, so it never fills; `push` throws if it would, because
 * that is a bug and not a load. FIFO by the order in which producers won their cells. A producer that has won a cell
 * and not yet filled it hides the cells behind it for that moment: it will announce its own entry.
 *
 * One thing differs from Vyukov's: a consumer wins its entry by giving the cell back, in one compare-and-swap, and the
 * head follows. Where the head is won first, a consumer that is preempted before it gives the cell back leaves a hole:
 * others empty the ring and fill it again, come round to the hole, and a ring with one entry in it is full.
 *
 * Layout, in 32-bit words, of ring r at r * stride: tail on its own cache line, head on its own, then capacity
 * cells of two words (sequence, value).
 */

/** Words of a cache line: the two indexes never share one. */
export const LINE = 16;
export const NONE = -1;

export class Rings {
  private readonly words: Int32Array;
  private readonly mask: number;
  private readonly stride: number;

  /** `count` rings of `capacity` entries (a power of two) over `words`, which holds `Rings.words()` words. */
  constructor(words: Int32Array, count: number, capacity: number) {
    if ((capacity & (capacity - 1)) !== 0 || capacity < 2)
      throw new RangeError(`capacity ${capacity} is no power of two`);
    if (words.length < Rings.words(count, capacity))
      throw new RangeError('the memory is too small for the rings');
    this.words = words;
    this.mask = capacity - 1;
    this.stride = ringStride(capacity);
  }

  static words(count: number, capacity: number): number {
    return count * ringStride(capacity);
  }

  /** Empties ring r. Only while no other thread touches it. */
  reset(r: number): void {
    const base = r * this.stride;
    this.words[base] = 0;
    this.words[base + LINE] = 0;
    for (let i = 0; i <= this.mask; i++) this.words[base + 2 * LINE + 2 * i] = i;
  }

  push(r: number, value: number): void {
    const words = this.words;
    const base = r * this.stride;
    const cells = base + 2 * LINE;
    for (;;) {
      const at = Atomics.load(words, base);
      const cell = cells + ((at & this.mask) << 1);
      const turn = (Atomics.load(words, cell) - at) | 0;
      if (turn === 0) {
        if (Atomics.compareExchange(words, base, at, (at + 1) | 0) === at) {
          words[cell + 1] = value;
          Atomics.store(words, cell, (at + 1) | 0);
          return;
        }
      } else if (turn < 0) {
        throw new Error(`ring ${r} overflowed: it holds fewer entries than there are tags`);
      }
    }
  }

  /** The oldest entry, or NONE. */
  pop(r: number): number {
    const words = this.words;
    const base = r * this.stride;
    const cells = base + 2 * LINE;
    for (;;) {
      const at = Atomics.load(words, base + LINE);
      const cell = cells + ((at & this.mask) << 1);
      const filled = (at + 1) | 0;
      const turn = (Atomics.load(words, cell) - filled) | 0;
      if (turn < 0) return NONE;
      // Nobody writes the value before the cell is given back, so it is the right one for whoever wins.
      const value = words[cell + 1]!;
      const won =
        turn === 0 && Atomics.compareExchange(words, cell, filled, (at + this.mask + 1) | 0) === filled;
      // This entry is gone, whoever has it: the head goes on, unless another thread has moved it.
      Atomics.compareExchange(words, base + LINE, at, filled);
      if (won) return value;
    }
  }

  /** True only when `pop` would find nothing. While another thread pops it may be false and `pop` find nothing. */
  empty(r: number): boolean {
    const base = r * this.stride;
    const at = Atomics.load(this.words, base + LINE);
    const cell = base + 2 * LINE + ((at & this.mask) << 1);
    return ((Atomics.load(this.words, cell) - ((at + 1) | 0)) | 0) < 0;
  }

  /** Entries pushed and not popped: exact only while nobody else moves. */
  depth(r: number): number {
    const base = r * this.stride;
    return (Atomics.load(this.words, base) - Atomics.load(this.words, base + LINE)) | 0;
  }
}

function ringStride(capacity: number): number {
  return 2 * LINE + 2 * capacity;
}

/** The least power of two that is at least n and at least 2. */
export function ringCapacity(n: number): number {
  let capacity = 2;
  while (capacity < n) capacity *= 2;
  return capacity;
}
