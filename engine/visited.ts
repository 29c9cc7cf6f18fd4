/**
 * Which blocks of a file a pass has visited: one bit each. For jobs with several block sizes; where all are alike a
 * permutation does it without memory. As in fio a block that was visited cuts short what would cover it again, and a full
 * map is cleared.
 */
export class Visited {
  /** First block of what `take` took last. */
  first = 0;
  private readonly blocks: number;
  private readonly bits: Int32Array;
  private left: number;

  constructor(blocks: number) {
    this.blocks = blocks;
    this.bits = new Int32Array(Math.ceil(blocks / 32));
    this.left = blocks;
  }

  /** Finds the first block from `from` on, and round the end, that was not visited: into `first`. */
  seek(from: number): void {
    if (this.left === 0) {
      this.bits.fill(0);
      this.left = this.blocks;
    }
    let block = from;
    while (this.has(block)) {
      // A word that is full is passed in one step.
      block = this.bits[block >>> 5] === -1 ? (block | 31) + 1 : block + 1;
      if (block >= this.blocks) block = 0;
    }
    this.first = block;
  }

  /** Visits up to `most` blocks from `first` on, as far as they were not visited. Returns how many. */
  take(most: number): number {
    const end = Math.min(this.first + most, this.blocks);
    let block = this.first;
    while (block < end && !this.has(block)) {
      this.bits[block >>> 5]! |= 1 << (block & 31);
      block++;
    }
    this.left -= block - this.first;
    return block - this.first;
  }

  private has(block: number): boolean {
    return (this.bits[block >>> 5]! & (1 << (block & 31))) !== 0;
  }
}
