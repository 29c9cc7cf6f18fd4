/** For the benchmark scripts: a signal cleans up what the process has on the disk, and leaves. */
import { exitNow } from '../engine/libc.ts';

const INTERRUPTED = 130;

export function leaveOnSignal(): void {
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.once(signal, () => {
      // Whoever holds folders, loop devices or cgroups listens to 'exit'; process.exit itself would wait for the threads.
      process.emit('exit', INTERRUPTED);
      exitNow(INTERRUPTED);
    });
  }
}
