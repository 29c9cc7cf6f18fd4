/**
 * Interleavings by hand: one thread is stalled before its n-th step, the others run, then it goes on. Done for every
 * n this finds what a preempted thread can break, without a second thread and without luck. A step is an atomic
 * operation or a copy into a whole stretch of memory (`set` of a typed array).
 */
const NAMES = ['load', 'store', 'add', 'sub', 'and', 'or', 'xor', 'exchange', 'compareExchange'] as const;

type Operation = (this: unknown, ...args: unknown[]) => unknown;

/** Steps of the others after which they count as waiting for the stalled thread. */
const PATIENCE = 100_000;

/**
 * Runs `first` and, before its step number `step`, `others`. False when `first` has no such step;
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
function impatient(body: () => void): void {
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

/** Calls `before` ahead of every step, until the function that it returns is called. */
function hook(before: () => void): () => void {
  const typedArray = Object.getPrototypeOf(Int32Array.prototype) as Record<string, Operation>;
  const undo = [hooked(typedArray, 'set', before)];
  for (const name of NAMES) undo.push(hooked(Atomics as unknown as Record<string, Operation>, name, before));
  return () => {
    for (const back of undo) back();
  };
}

/** Puts `before` ahead of a method, and returns what takes it away again. */
function hooked(owner: Record<string, Operation>, name: string, before: () => void): () => void {
  const real = owner[name];
  owner[name] = function (this: unknown, ...args: unknown[]) {
    before();
    return real.apply(this, args);
  };
  return () => {
    owner[name] = real;
  };
}
