/** Ends and ticks of logarithmic axes. vega's own choice is either every decade or an unreadable comb. */

/** In the order in which they get a place: what is read first of a ratio comes first. */
const RATIO_TICKS = [
  [1, 0.5, 2, 0.2, 5, 0.1, 10, 0.05, 20, 0.02, 50, 0.01, 100],
  [0.7, 1.5, 0.3, 3, 0.8, 1.25, 0.9, 1.1, 0.6, 0.95, 1.05, 0.85, 1.15, 1.2],
].flat();

export interface LogAxis {
  domain: [low: number, high: number];
  ticks: number[];
}

/** An axis over positive values that always shows 1, with ticks that do not touch on so many pixels. */
export function ratioAxis(values: readonly number[], width: number): LogAxis {
  const margin = 1.08;
  // A run without any difference still gets an axis on which 10 % can be seen.
  const low = Math.min(0.9, ...values) / margin;
  const high = Math.max(1.1, ...values) * margin;
  const pixels = (from: number, to: number): number => (Math.log(to / from) / Math.log(high / low)) * width;
  const ticks: number[] = [];
  for (const tick of RATIO_TICKS)
    if (tick >= low && tick <= high && ticks.every((other) => Math.abs(pixels(tick, other)) >= 30))
      ticks.push(tick);
  return { domain: [low, high], ticks: ticks.sort((a, b) => a - b) };
}

/**
 * An axis over positive values that ends at 1, 2 or 5 times a power of ten; ticks there, or at the powers alone.
 *
 * @param room how many ticks find place
 */
export function decadeAxis(values: readonly number[], room: number): LogAxis {
  const least = values.reduce((a, b) => Math.min(a, b));
  const most = largest(values);
  const steps: number[] = [];
  // One decade earlier: a logarithm may be rounded up to the next whole number.
  for (let exponent = Math.floor(Math.log10(least)) - 1; 10 ** exponent <= most * 10; exponent++)
    // Dividing keeps 0.01 exact where multiplying by 10 ** -2 would not.
    for (const digit of [1, 2, 5])
      steps.push(exponent < 0 ? digit / 10 ** -exponent : digit * 10 ** exponent);
  const low = steps.findLast((step) => step <= least)!;
  // A single value has no extent.
  const high = steps.find((step) => step >= most && step > low)!;
  const within = (step: number): boolean => step >= low && step <= high;
  const inside = steps.filter(within);
  const decades = steps.filter((_, at) => at % 3 === 0).filter(within);
  return { domain: [low, high], ticks: inside.length > room && decades.length > 1 ? decades : inside };
}

/** A logarithmic axis with a tick at each step of a series, by rising value, and air beside the first and the last. */
export function stepAxis(steps: readonly number[]): LogAxis {
  return { domain: [steps[0]! / 1.2, steps.at(-1)! * 1.2], ticks: [...steps] };
}

/** Without a spread: the points of a large run are more than a call takes arguments. */
export function largest(values: readonly number[]): number {
  return values.reduce((a, b) => Math.max(a, b));
}
