/**
 * Designs whose code throws, or never goes on: each at another moment and in another thread. A run must end, say why, and
 * leave nothing.
 */
import { isMainThread } from 'node:worker_threads';
import { passThrough } from '../../strategies/flush/pass-through.ts';
import { type GatePolicy, GO, INLINE, PARK, type Strategy } from '../../strategies/types.ts';

/** Operations that go well before something does not. */
const BEFORE = 4;
const FLUSH = 2;

/** A strategy with one queue and `workers` workers. */
function planted(name: string, extra: Partial<Strategy> = {}): Strategy {
  return {
    name,
    summary: 'fails on purpose',
    source: 'none',
    claims: ['integrity', 'completed', 'progress'],
    open: () => ({
      layout: { queues: [{}], workers: [{ serves: [0] }, { serves: [0] }] },
      route: () => 0,
    }),
    ...extra,
  };
}

/** Routes some operations, then does `instead`. */
function after(count: number, instead: () => number): Strategy['open'] {
  return () => {
    let routed = 0;
    return {
      layout: { queues: [{}], workers: [{ serves: [0] }] },
      route: () => (routed++ < count ? 0 : instead()),
    };
  };
}

function fail(where: string): never {
  throw new Error(`planted in ${where}`);
}

export const STRATEGIES: readonly Strategy[] = [
  planted('good'),
  planted('good-inline', {
    open: () => ({ layout: { queues: [], workers: [], inline: true }, route: () => INLINE }),
  }),
  // Nobody said that submitters are to do anything.
  planted('inline-unsaid', { open: after(BEFORE, () => INLINE) }),
  // The main thread asks for the layout before any thread is there.
  planted('throws-in-open', {
    open(_parameter, _topology) {
      if (!isMainThread) fail('open');
      return { layout: { queues: [{}], workers: [{ serves: [0] }] }, route: () => 0 };
    },
  }),
  planted('throws-in-submitter', { open: after(BEFORE, () => fail('route')) }),
  planted('routes-nowhere', { open: after(BEFORE, () => 7) }),
  planted('throws-in-worker', {
    open: () => ({
      layout: { queues: [{}], workers: [{ serves: [0] }] },
      route: () => 0,
      // Worker 0 calls it, every thousand operations or so.
      retune: () => fail('retune'),
    }),
  }),
];

function policy(
  name: string,
  submit: GatePolicy['submit'],
  settle: GatePolicy['settle'] = () => {},
): GatePolicy {
  return {
    name,
    summary: 'fails on purpose',
    source: 'none',
    claims: ['completed'],
    words: 1,
    submit,
    settle,
  };
}

export const FLUSH_POLICIES: readonly GatePolicy[] = [
  passThrough,
  policy(
    'throws-at-settle',
    () => GO,
    () => fail('settle'),
  ),
  policy('parks-flushes', (op, gate) => (gate.ops.kind[op] === FLUSH ? PARK : GO)),
];

export const ORDER_POLICIES: readonly GatePolicy[] = [];
