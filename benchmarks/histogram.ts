/**
 * Reads HDR histograms straight into an array of counts: a report of ten thousand trials decodes thirty thousand of them, and
 * each cost 265 us through hdr-histogram-js, which builds a histogram of 34,000 buckets for the few hundred that are used.
 *
 * The format is V2, compressed: base64 of a cookie, a length, and a zlib stream of a header and the counts, each in ZigZag LEB128,
 * where a negative one says how many buckets are empty.
 *
 * @see https://github.com/HdrHistogram/HdrHistogram, AbstractHistogram.java and ZigZagEncoding.java
 */
import { inflateSync } from 'node:zlib';

/** Buckets in each half of an octave's 2,048, as 3 significant digits ask for. */
const HALF = 1024;
const HALF_BITS = 10;
/** Up to an hour in nanoseconds, 2^41.7, and the octave that a bucket's upper end may reach into. */
const LENGTH = HALF * 34;
const COMPRESSED = 0x1c849304;
const PLAIN = 0x1c849303;
/** The low byte of a cookie tells the word size, which V2 does not use. */
const COOKIE_MASK = ~0xf0;
const HEADER = 40;

/** Several histograms added up. */
export interface Buckets {
  n: number;
  /** The largest value that counts in each bucket that is not empty, ascending. */
  values: Float64Array;
  /** How many values did. */
  counts: Float64Array;
}

/** Between two sums all zero: one array serves them all. */
const sums = new Float64Array(LENGTH);

/**
 * Adds up histograms of 3 significant digits.
 *
 * @param totals how many values each one must hold
 * @throws {Error} when one can't be decoded, or holds another number of values
 */
export function addHistograms(histograms: readonly string[], totals: readonly number[]): Buckets {
  try {
    let n = 0;
    let end = 0;
    for (const [at, histogram] of histograms.entries()) {
      const part = addInto(sums, histogram);
      if (part.total !== totals[at])
        throw new Error(`a record says ${totals[at]} latencies, its histogram ${part.total}`);
      n += part.total;
      end = Math.max(end, part.end);
    }
    return compact(n, end);
  } finally {
    sums.fill(0);
  }
}

/** @param end bucket from which on all are empty */
function compact(n: number, end: number): Buckets {
  let used = 0;
  for (let i = 0; i < end; i++) if (sums[i] !== 0) used++;
  const values = new Float64Array(used);
  const counts = new Float64Array(used);
  for (let i = 0, at = 0; at < used; i++) {
    if (sums[i] === 0) continue;
    values[at] = lowestOf(i) + 2 ** octaveOf(i) - 1;
    counts[at++] = sums[i]!;
  }
  return { n, values, counts };
}

/** Adds one histogram's counts; returns how many values they are, and the bucket from which on it is empty. */
function addInto(sums: Float64Array, histogram: string): { total: number; end: number } {
  const packed = Buffer.from(histogram, 'base64');
  if (packed.length < 8 || (packed.readInt32BE(0) & COOKIE_MASK) !== COMPRESSED)
    throw new Error('a histogram is not in the compressed V2 encoding');
  const bytes = inflateSync(packed.subarray(8, 8 + packed.readInt32BE(4)));
  if (bytes.length < HEADER || (bytes.readInt32BE(0) & COOKIE_MASK) !== PLAIN)
    throw new Error('a histogram is not in the V2 encoding');
  // The normalizing offset between them is left alone: hdr-histogram-js writes 1 for none, and reads past it too.
  const [digits, lowest] = [bytes.readInt32BE(12), bytes.readBigInt64BE(16)];
  if (digits !== 3 || lowest !== 1n)
    throw new Error(`a histogram of ${digits} digits from ${lowest} on is none of 3 from 1 on`);
  const last = Math.min(bytes.length, HEADER + bytes.readInt32BE(4));
  let total = 0;
  let bucket = 0;
  for (let at = HEADER; at < last; ) {
    let word = 0;
    let byte: number;
    let weight = 1;
    // 64 bits in nine bytes; the ninth has no bit that says whether another follows.
    for (let place = 0; ; place++, weight *= 128) {
      if (at >= last) throw new Error('a histogram ends within a count');
      byte = bytes[at++]!;
      word += (place === 8 ? byte : byte & 0x7f) * weight;
      if (byte < 0x80 || place === 8) break;
    }
    // Odd words are negative: so many empty buckets.
    if (word % 2 === 1) bucket += (word + 1) / 2;
    else {
      const count = word / 2;
      if (count > 0 && bucket >= LENGTH) throw new Error('a histogram goes beyond an hour');
      if (count > 0) sums[bucket]! += count;
      bucket++;
      total += count;
    }
  }
  return { total, end: Math.min(bucket, LENGTH) };
}

/** The smallest value of a bucket. The first 2,048 buckets hold one value each. */
function lowestOf(bucket: number): number {
  return (bucket - octaveOf(bucket) * HALF) * 2 ** octaveOf(bucket);
}

/** Doublings of a bucket's width. */
function octaveOf(bucket: number): number {
  return Math.max(0, (bucket >> HALF_BITS) - 1);
}
