/** A warm-up that ends when the rate has come to rest: watched from outside, so that it costs the submitters nothing. */
import { LINE } from './rings.ts';
import { CONTROL, type Shared } from './shared.ts';

export interface WarmUp {
  /** Seconds: the least that it lasts, the length of a window, and the most, when the jobs' own ramp ends. */
  least: number;
  window: number;
  most: number;
  /** Of the operations a second in each window since the beginning. */
  isSteady(rates: readonly number[]): boolean;
}

/** Opens the measured window of every job as soon as the rate is steady. `ended` says how it came out, and stops looking. */
export function watchWarmUp(shared: Shared, warmUp: WarmUp): { ended(): boolean } {
  const rates: number[] = [];
  const begun = performance.now();
  let steady = false;
  let since = begun;
  let done = 0;
  const timer = setInterval(() => {
    const time = performance.now();
    let sum = 0;
    for (let s = 0; s < shared.sizes.submitters; s++) sum += Atomics.load(shared.acknowledged, s * LINE);
    // A timer is late on a busy machine: the window is as long as it was.
    rates.push((sum - done) / (time - since));
    since = time;
    done = sum;
    const seconds = (time - begun) / 1000;
    steady = seconds >= warmUp.least && seconds < warmUp.most && warmUp.isSteady(rates);
    if (steady) Atomics.store(shared.control, CONTROL.measure, 1);
    if (steady || seconds >= warmUp.most) clearInterval(timer);
  }, warmUp.window * 1000);
  return {
    ended() {
      clearInterval(timer);
      return steady;
    },
  };
}
