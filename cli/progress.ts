/** Progress on stderr: one line that changes and in the end vanishes. Nothing at all when stderr is no terminal. */
import { createLogUpdate } from 'log-update';

export interface Progress {
  say(text: string): void;
  clear(): void;
}

export function openProgress(quiet: boolean): Progress {
  if (quiet || !process.stderr.isTTY) return { say: () => {}, clear: () => {} };
  // A hidden cursor would stay hidden: what shows it again runs at an exit that this process does not take.
  const update = createLogUpdate(process.stderr, { showCursor: true });
  return { say: (text) => update(text), clear: () => update.clear() };
}
