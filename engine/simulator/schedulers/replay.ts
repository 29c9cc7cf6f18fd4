/**
 * replay: the choices of an earlier run, in their order. Where one cannot be made any more, because the workload or the code is
 * another one, and when none are left, whoever ran goes on as long as it can.
 */
import type { Scheduler } from './scheduler.ts';

export function replay(choices: readonly number[]): Scheduler {
  let made = 0;
  return {
    choose(able, running) {
      const choice = choices[made++];
      if (choice !== undefined && able.includes(choice)) return choice;
      return able.includes(running) ? running : able[0]!;
    },
  };
}
