import { InputError } from '../datasets/errors.ts';
import { DesignError, MachineError } from '../engine/errors.ts';
import { exitNow } from '../engine/libc.ts';

/** Exit codes of every command. */
export const EXIT = {
  fine: 0,
  /** A regression, a violated claim, or a design whose code threw. */
  violated: 1,
  /** Wrong usage or unreadable input. */
  usage: 2,
  /** Inconclusive, or a claim not exercised, under --strict. */
  inconclusive: 3,
  /** The machine cannot do what was asked. */
  machine: 4,
  interrupted: 130,
} as const;

/** The exit code that an error stands for, and what to print about it: a stack only where the fault is in the code. */
export function explain(error: unknown): { code: number; text: string } {
  if (error instanceof InputError) return { code: EXIT.usage, text: error.message };
  if (error instanceof MachineError) return { code: EXIT.machine, text: error.message };
  if (error instanceof DesignError) return { code: EXIT.violated, text: error.message };
  const { code, message, syscall, stack } = Object(error) as Partial<NodeJS.ErrnoException>;
  if (code === 'ERR_WORKER_INIT_FAILED' || code === 'ERR_WORKER_OUT_OF_MEMORY') {
    const remedy =
      'Raise ulimit -n and ulimit -u, or the memory and pids limits of the container; or choose fewer designs with --designs';
    return { code: EXIT.machine, text: `a thread can't be started: ${message}. ${remedy}` };
  }
  // Threads load their modules all at once, which takes more descriptors than they keep.
  if (/\bE[MN]FILE\b/.test(`${message}`)) {
    const remedy = 'Raise the limit with ulimit -n, or choose fewer designs with --designs';
    return { code: EXIT.machine, text: `too many open files. ${remedy}` };
  }
  // A call of Node's own that the system refused.
  if (code !== undefined && syscall !== undefined) return { code: EXIT.machine, text: `${message}` };
  return { code: EXIT.violated, text: stack ?? String(error) };
}

/** Leaves at once, whatever is going on; what is on the disk for the run alone goes before. */
export function leaveNow(code: number): never {
  try {
    process.emit('exit', code);
  } finally {
    exitNow(code);
  }
}
