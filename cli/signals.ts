/** SIGINT and SIGTERM: the first asks the run to stop and clean up, the second leaves at once. */
import { exitNow } from '../engine/libc.ts';
import { EXIT } from './exit.ts';

export interface Stop {
  signal: AbortSignal;
  forget(): void;
}

export function untilSignal(): Stop {
  const controller = new AbortController();
  const heard = (): void => {
    if (controller.signal.aborted) {
      process.emit('exit', EXIT.interrupted);
      exitNow(EXIT.interrupted);
    }
    controller.abort();
  };
  process.on('SIGINT', heard);
  process.on('SIGTERM', heard);
  return {
    signal: controller.signal,
    forget() {
      process.off('SIGINT', heard);
      process.off('SIGTERM', heard);
    },
  };
}
