/**
 * Holm's correction of p values for how many tests there are: the smallest is multiplied by their number m, the next by
 * m - 1, and so on, none becoming smaller than the one before nor larger than 1. What is then at most alpha is significant, and the
 * probability of even one false find among all is at most alpha, however the tests depend on each other.
 *
 * Source: S. Holm, "A simple sequentially rejective multiple test procedure", Scand. J. Statist. 6 (1979) 65-70.
 *
 * @param values p values, in any order
 * @returns the corrected ones in the same order
 * @throws {RangeError} when a value is outside [0, 1]
 * @example
 * holm([0.01, 0.04, 0.03]); // => [0.03, 0.06, 0.06]: 3 x 0.01, 2 x 0.03, and 0.04 may not be less than that
 */
export function holm(values: readonly number[]): number[] {
  const order = values.map((_, i) => i).sort((a, b) => values[a]! - values[b]!);
  const corrected = new Array<number>(values.length);
  let least = 0;
  order.forEach((at, rank) => {
    const p = values[at]!;
    if (!(p >= 0 && p <= 1)) throw new RangeError(`holm: value ${at} is ${p}, no probability`);
    least = Math.max(least, Math.min(1, p * (values.length - rank)));
    corrected[at] = least;
  });
  return corrected;
}
