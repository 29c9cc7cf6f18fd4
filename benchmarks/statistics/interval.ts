/** An interval estimate, in the unit of the values it was made from. */
export interface Interval {
  low: number;
  high: number;
  /** The probability with which such an interval covers the truth: what was reached, not what was asked for. */
  confidence: number;
}

/**
 * Refuses what no statistic of a sample can be made from: fewer than `least` values, or one that is not finite.
 *
 * @throws {RangeError} naming the caller and what is wrong
 */
export function requireSample(caller: string, values: ArrayLike<number>, least: number): void {
  if (values.length < least) throw new RangeError(`${caller} needs ${least} values, got ${values.length}`);
  for (let i = 0; i < values.length; i++)
    if (!Number.isFinite(values[i])) throw new RangeError(`${caller}: value ${i} is ${values[i]}`);
}

/**
 * Refuses a confidence that is no probability strictly between 0 and 1.
 *
 * @throws {RangeError} naming the caller
 */
export function requireConfidence(caller: string, confidence: number): void {
  if (!(confidence > 0 && confidence < 1))
    throw new RangeError(`${caller}: confidence ${confidence} is not between 0 and 1`);
}
