/**
 * fio's latency buckets: values below 128 ns have one each, above it each power of two has 64; a bucket stands for its midpoint, which is
 * within 1/128 of every value in it. 29 groups of 64 reach 2^34 ns, 17 s; what is longer counts in the last.
 *
 * Source: fio 3.33, stat.h (FIO_IO_U_PLAT_BITS 6, FIO_IO_U_PLAT_GROUP_NR 29), stat.c (plat_val_to_idx, plat_idx_to_val).
 */
import type { Counted } from './format.ts';

const BITS = 6;
const PER_GROUP = 2 ** BITS;
const LAST = 29 * PER_GROUP - 1;

/**
 * @param nanoseconds from 0
 * @example
 * fioBucket(2033); // => 2040, which stands for 2,032 to 2,047
 */
export function fioBucket(nanoseconds: number): number {
  return midpoint(indexOf(Math.floor(nanoseconds)));
}

function indexOf(value: number): number {
  if (value < 2 * PER_GROUP) return value;
  const lost = Math.floor(Math.log2(value)) - BITS;
  return Math.min(LAST, (lost + 1) * PER_GROUP + (Math.floor(value / 2 ** lost) % PER_GROUP));
}

function midpoint(index: number): number {
  if (index < 2 * PER_GROUP) return index;
  const lost = Math.floor(index / PER_GROUP) - 1;
  return 2 ** (lost + BITS) + ((index % PER_GROUP) + 0.5) * 2 ** lost;
}

/** Latencies counted by fio's buckets, ascending. */
export function fioBins({ values, counts }: Counted): Map<number, number> {
  const bins = new Map<number, number>();
  for (let i = 0; i < values.length; i++) {
    const bucket = fioBucket(values[i]!);
    bins.set(bucket, (bins.get(bucket) ?? 0) + counts[i]!);
  }
  return bins;
}
