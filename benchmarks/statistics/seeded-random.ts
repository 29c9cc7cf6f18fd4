/**
 * The generator sfc32 (small fast counting, 128 bits of state), seeded as PractRand seeds it: the low 32 bits
 * of the seed in b, the high ones in c, counter 1, twelve outputs thrown away. It serves as `randomSource` of
 * simple-statistics, whose own default is the unseeded Math.random.
 *
 * Source: Chris Doty-Humphrey, PractRand, src/RNGs/sfc.cpp.
 *
 * @param seed an integer from 0 to 2^53 - 1
 * @returns a function whose calls give numbers from 0 (inclusive) to 1 (exclusive), in steps of 2^-32
 * @throws {RangeError} when the seed is no such integer
 * @example
 * const random = seededRandom(42);
 * random() * 2 ** 32; // => 1264412219
 * random() * 2 ** 32; // => 1947509147
 */
export function seededRandom(seed: number): () => number {
  if (!Number.isSafeInteger(seed) || seed < 0)
    throw new RangeError(`seededRandom: ${seed} is not an integer from 0 to 2^53 - 1`);
  let a = 0;
  let b = seed >>> 0;
  let c = Math.floor(seed / 2 ** 32);
  let counter = 1;
  const next = (): number => {
    const out = (a + b + counter) | 0;
    counter = (counter + 1) | 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) | 0;
    c = (((c << 21) | (c >>> 11)) + out) | 0;
    return (out >>> 0) / 2 ** 32;
  };
  for (let i = 0; i < 12; i++) next();
  return next;
}
