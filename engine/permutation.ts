/** A shuffled order of the numbers from 0 to size - 1 that needs no memory, and another one for every pass. */
export class Permutation {
  readonly size: number;
  private readonly bits: number;
  private readonly mask: number;
  private readonly multiplier: number;
  private readonly addend: number;

  /** Two random words make the order. At most 2^32 numbers. */
  constructor(size: number, multiplier: number, addend: number) {
    this.size = size;
    this.bits = Math.max(2, Math.ceil(Math.log2(size)));
    this.mask = 2 ** this.bits - 1;
    this.multiplier = (multiplier << 2) | 1;
    this.addend = addend;
  }

  /**
   * The number at a place of the endless sequence of passes, each of which holds every number below the next power of two
   * once: leave out those that are not below `size`. A bijection on [0, 2^bits): odd multiplication and
   * xor-shift, both invertible.
   */
  map(at: number): number {
    const pass = Math.floor(at / (this.mask + 1));
    let x = ((at + pass) & this.mask) >>> 0;
    const shift = (this.bits >> 1) | 1;
    for (let i = 0; i < 3; i++) {
      x = (Math.imul(x, this.multiplier) + this.addend + Math.imul(pass, 0x9e3779b1)) & this.mask;
      x = (x ^ (x >>> shift)) >>> 0;
    }
    return x;
  }

  /** A bijection on [0, size): walks the first pass's cycle until it is inside again. */
  within(value: number): number {
    let x = value;
    do x = this.map(x);
    while (x >= this.size);
    return x;
  }
}
