/**
 * Values as fio job files write them. Every function returns undefined for text that it does not understand, so
 * that the caller, who knows file and line, can say so. Source: fio's HOWTO, "Parameter types"; the odd cases were
 * checked against fio 3.33.
 */

const SIZE_FACTORS: Record<string, number> = { '': 1, k: 2 ** 10, m: 2 ** 20, g: 2 ** 30, t: 2 ** 40 };
const SECONDS: Record<string, number> = { us: 1e-6, ms: 1e-3, s: 1, m: 60, h: 3600, d: 86400 };

export const SIZE_FORM =
  'a whole number of bytes with an optional k, m, g or t (powers of 1024), such as 4k or 64m; ' +
  'not KiB or MiB, which fio reads as powers of 1000';
export const TIME_FORM =
  'a whole number with an optional us, ms, s, m, h or d (seconds if unsaid), such as 200ms';
export const FLAG_FORM = '0 or 1';

/** A whole number, plain digits only. */
export function parseWhole(text: string): number | undefined {
  if (!/^\d+$/.test(text)) return undefined;
  const value = Number(text);
  return Number.isSafeInteger(value) ? value : undefined;
}

/**
 * Bytes. `4k`, `4K`, `4kb` and `4kB` are 4096, as with fio's default kb_base=1024. `4KiB` is refused on purpose:
 * under that default fio takes it for 4000 and nearly everybody else for 4096. So are `%` and fractions.
 */
export function parseSize(text: string): number | undefined {
  const match = /^(\d+)([kmgt]?)b?$/.exec(text.toLowerCase());
  if (match === null) return undefined;
  const bytes = Number(match[1]) * SIZE_FACTORS[match[2]!]!;
  return Number.isSafeInteger(bytes) ? bytes : undefined;
}

/** Seconds. `m` is minutes; milliseconds are `ms`. */
export function parseTime(text: string): number | undefined {
  const match = /^(\d+)(us|ms|s|m|h|d)?$/.exec(text.toLowerCase());
  if (match === null) return undefined;
  const count = Number(match[1]);
  if (!Number.isSafeInteger(count)) return undefined;
  // Dividing keeps 200ms at exactly 0.2; multiplying by 1e-3 would leave a rounding error in the result.
  const factor = SECONDS[match[2] ?? 's']!;
  return factor < 1 ? count / Math.round(1 / factor) : count * factor;
}

export function parseFlag(text: string): boolean | undefined {
  return text === '1' ? true : text === '0' ? false : undefined;
}
