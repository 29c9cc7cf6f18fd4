/** `loopwq check`: finds out which way of checking the words ask for, and hands over. Each way is a file of its own. */
import { CHECK_CRASH } from './check-crash.ts';
import { CHECK_LITMUS } from './check-litmus.ts';
import { CHECK_LOG_WRITES } from './check-log-writes.ts';
import { CHECK_SEEDS } from './check-seeds.ts';
import { CHECK_SNAPSHOTS } from './check-snapshots.ts';
import { CHECK_TARGET } from './check-target.ts';
import { CHECK_VOLATILE } from './check-volatile.ts';

/** One way to search for violations. The first that takes the words gets them; the last takes all. */
export interface CheckMode {
  /** Its lines of the help: the words that choose it, and its options. */
  help: string;
  /** True when these words ask for it. */
  takes(args: readonly string[]): boolean;
  /** Returns the exit code: 1 when a claimed contract is broken. */
  run(args: string[]): Promise<number>;
}

const MODES: readonly CheckMode[] = [
  CHECK_SEEDS,
  CHECK_LITMUS,
  CHECK_TARGET,
  CHECK_SNAPSHOTS,
  CHECK_LOG_WRITES,
  CHECK_VOLATILE,
  CHECK_CRASH,
];

export const CHECK_HELP = `loopwq check [options] [...]

Searches for violations of the ordering rules. Exit 1 when a design breaks a rule that it claims.

${MODES.map((mode) => mode.help).join('\n')}`;

export function checkCommand(args: string[]): Promise<number> {
  // The last mode takes whatever the others leave.
  const mode = MODES.find((candidate) => candidate.takes(args)) ?? MODES.at(-1)!;
  return mode.run(args);
}
