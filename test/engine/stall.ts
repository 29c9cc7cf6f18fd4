/**
 * Interleavings by hand: one thread is stalled before its n-th atomic operation, the others run, then it goes on. Done
 * for every n this finds what a preempted thread can break, without a second thread and without luck: JavaScript's
 * Atomics are sequentially consistent, and between two of them a thread touches only what it owns.
 */
const NAMES = ['load', 'store', 'add', 'sub', 'and', 'or', 'xor', 'exchange', 'compareExchange'] as const;

type Operation = (...args: unknown[]) => unknown;

/** Atomic operations of the others after which they count as waiting for the stalled thread. */
const PATIENCE = 100_000;

/**
 * Runs `first` and, before its atomic operation number `step`, `others`. False when `first` has no such operation;
 * `others` did not run then. Calls nest: `others` may stall a thread of its own.
 */
export function stall(step: number, first: () => void, others: () => void): boolean {
  let count = 0;
  let reached = false;
  const restore = hook(() => {
    if (count++ !== step) return;
    reached = true;
    restore();
    impatient(others);
  });
  try {
    first();
  } finally {
    if (!reached) restore();
  }
  return reached;
}

/** Runs `body`, which must not wait for anybody. */
export function impatient(body: () => void): void {
  let count = 0;
  const restore = hook(() => {
    if (++count > PATIENCE) throw new Error('a thread waits for one that is stalled');
  });
  try {
    body();
  } finally {
    restore();
  }
}

/** Calls `before` ahead of every atomic operation, until the function that it returns is called. */
function hook(before: () => void): () => void {
  const atomics = Atomics as unknown as Record<string, Operation>;
  const real = NAMES.map((name) => atomics[name]);
  NAMES.forEach((name, i) => {
    atomics[name] = (...args) => {
      before();
      return real[i].apply(Atomics, args);
    };
  });
  return () => {
    NAMES.forEach((name, i) => {
      atomics[name] = real[i];
    });
  };
}
