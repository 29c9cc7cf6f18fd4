/**
 * Values as fio job files write them. Every function returns undefined for text that it does not understand, so
 * that the caller, who knows file and line, can say so. Source: fio's HOWTO, "Parameter types"; the odd cases were
 * checked against fio 3.33.
 *
 * What fio reads only up to the first letter that it does not know is refused here: `4*1024` is 4 to fio, `1.5m` is 1,
 * `1e3` is 1. So is arithmetic in parentheses, `(4*1024)k`: fio has it only where it was built with lex and yacc, and
 * Debian's 3.33 refuses every such value.
 */

const SIZE_FACTORS: Record<string, number> = {
  '': 1,
  k: 2 ** 10,
  m: 2 ** 20,
  g: 2 ** 30,
  t: 2 ** 40,
  p: 2 ** 50,
};
const MICROSECONDS: Record<string, number> = {
  us: 1,
  usec: 1,
  ms: 1e3,
  msec: 1e3,
  s: 1e6,
  m: 60e6,
  h: 3600e6,
  d: 86400e6,
};

export const SIZE_FORM =
  'a whole number of bytes with an optional k, m, g, t or p (powers of 1024), such as 4k or 64m, or 0x1000; ' +
  'not KiB or MiB, which fio reads as powers of 1000, and no arithmetic';
export const TIME_FORM =
  'a whole number with an optional us, ms, s, m, h or d (seconds if unsaid), such as 200ms';
export const SHORT_TIME_FORM =
  'a whole number with an optional us, ms or s (microseconds if unsaid), at most 10 s, such as 500us';
export const FLAG_FORM = '0 or 1';

/**
 * Bytes, or any other whole number. `4k`, `4K`, `4kb` and `4kB` are 4096, as with fio's default kb_base=1024. `4KiB` is
 * refused on purpose: under that default fio takes it for 4000 and nearly everybody else for 4096. So are `%`, which is
 * a share of a file that exists already (a run makes its files), and a hexadecimal number with a unit, which fio drops.
 */
export function parseSize(text: string): number | undefined {
  if (/^0x[\da-f]+$/i.test(text)) return safe(Number(text));
  const match = /^(\d+)([kmgtp]?)b?$/.exec(text.toLowerCase());
  return match === null ? undefined : safe(Number(match[1]) * SIZE_FACTORS[match[2]!]!);
}

/** A whole number without a unit, plain digits only. */
export function parseWhole(text: string): number | undefined {
  return /^\d+$/.test(text) ? safe(Number(text)) : undefined;
}

/** Seconds. `m` is minutes; milliseconds are `ms`. `unit` is what a bare number counts. */
export function parseTime(text: string, unit = 's'): number | undefined {
  const match = /^(\d+)([a-z]*)$/.exec(text.toLowerCase());
  const factor = MICROSECONDS[match?.[2] || unit];
  const count = safe(Number(match?.[1]));
  if (factor === undefined || count === undefined) return undefined;
  // Dividing keeps 200ms at exactly 0.2; multiplying by 1e-3 would leave a rounding error in the result.
  return factor < 1e6 ? count / (1e6 / factor) : count * (factor / 1e6);
}

export function parseFlag(text: string): boolean | undefined {
  return text === '1' ? true : text === '0' ? false : undefined;
}

/** A decimal fraction, as `random_distribution` takes: 1.2, .5, -1, 1e-1. */
export function parseDecimal(text: string): number | undefined {
  return /^-?(\d+\.?\d*|\.\d+)(e-?\d+)?$/i.test(text) ? Number(text) : undefined;
}

function safe(value: number): number | undefined {
  return Number.isSafeInteger(value) ? value : undefined;
}
