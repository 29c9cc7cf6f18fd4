/**
 * SIGINT, SIGTERM and SIGHUP: the first asks the run to stop and clean up, the second leaves at once. Both remove what the
 * run has on the disk.
 */
import { EXIT, leaveNow } from './exit.ts';

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

export interface Stop {
  signal: AbortSignal;
  forget(): void;
}

export function untilSignal(): Stop {
  const controller = new AbortController();
  const heard = (): void => {
    if (controller.signal.aborted) leaveNow(EXIT.interrupted);
    controller.abort();
  };
  for (const name of SIGNALS) process.on(name, heard);
  return {
    signal: controller.signal,
    forget() {
      for (const name of SIGNALS) process.off(name, heard);
    },
  };
}
