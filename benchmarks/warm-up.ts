/**
 * `--steady`: before its measured window opens, a trial warms up until its rate has come to rest over five windows. The windows are
 * looked at from outside while it runs, in the counters that the watchdog reads; no submitter does anything for it.
 */
import { InputError } from '../datasets/errors.ts';
import type { Workload } from '../datasets/workload.ts';
import type { WarmUp } from '../engine/warm-up.ts';
import { STEADY_WINDOWS, steadyState } from './statistics/steady-state.ts';

/** A trial that has not come to rest by then is measured all the same, and its record says so (SNIA PTS: 25 rounds). */
const MOST_WINDOWS = 25;
/** Seconds; below it a window counts how the threads were scheduled. */
const LEAST_WINDOW = 0.01;

/**
 * The workload with a warm-up of open length before its timed jobs. A `ramp_time` of their own is the least that they warm up.
 *
 * @throws InputError where no job is timed, or where jobs do not begin together
 */
export function withWarmUp(workload: Workload): Workload {
  const refused = (why: string) => new InputError(`${workload.path}: --steady is for timed jobs: ${why}`);
  const endless = workload.jobs.find((job) => job.runtime === 0);
  if (endless)
    throw refused(`job '${endless.name}' ends by count; give it time_based and runtime=, or leave --steady`);
  const later = workload.jobs.find((job) => job.after !== undefined);
  if (later)
    throw refused(`job '${later.name}' begins behind a stonewall, when the others have ended their warm-up`);
  const least = Math.max(...workload.jobs.map((job) => job.ramp ?? 0));
  // Five of them are as long as the measured window.
  const window = Math.max(LEAST_WINDOW, ...workload.jobs.map((job) => job.runtime / STEADY_WINDOWS));
  const ramp = least + MOST_WINDOWS * window;
  return {
    ...workload,
    jobs: workload.jobs.map((job) => ({ ...job, ramp })),
    steady: { least, window, most: ramp },
  };
}

/** How a trial of a workload warms up; undefined where the length of that is fixed. */
export function warmUpOf({ steady }: Workload): WarmUp | undefined {
  return (
    steady && { ...steady, isSteady: (rates) => rates.length >= STEADY_WINDOWS && steadyState(rates).steady }
  );
}
