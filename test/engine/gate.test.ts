import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { Gates, parkedAt } from '../../engine/gate.ts';
import { LINE } from '../../engine/rings.ts';
import { allocate, attach, reset, type Shared } from '../../engine/shared.ts';
import { check } from '../../ordering/check.ts';
import {
  DISCARD,
  FLUSH,
  historyBytes,
  NO_QUEUE,
  openHistory,
  READ,
  WRITE,
  WRITE_ZEROES,
} from '../../ordering/history.ts';
import { passThrough } from '../../strategies/flush/pass-through.ts';
import { quiesce } from '../../strategies/flush/quiesce.ts';
import { type GatePolicy, GO, NONE, PARK, SKIP } from '../../strategies/types.ts';
import { PLANTED_POLICIES } from '../broken/gate-policies.ts';
import { unchanged } from '../broken/quiesce-parts.ts';
import { GateWorld, type Setting } from './gate-world.ts';
import { stall } from './stall.ts';

const DEVICES = 3;

/** An order policy for the second stage: one operation of a device at a time, in the order of their arrival. */
const oneAtATime: GatePolicy = {
  name: 'one-at-a-time',
  summary: '',
  source: 'this test',
  claims: [],
  words: 1,
  submit(_op, gate) {
    if (gate.parked() !== NONE || gate.load(0) === 1) return PARK;
    gate.store(0, 1);
    return GO;
  },
  settle(_op, gate) {
    gate.store(0, gate.parked() === NONE ? 0 : 1);
    if (gate.parked() !== NONE) gate.release();
  },
};

/** Submit an operation (perhaps one that settles from inside its dispatch), or let the n-th in flight return. */
interface Action {
  submit: boolean;
  kind: number;
  device: number;
  inline: boolean;
  n: number;
}

const actions = (devices: number, inline: fc.Arbitrary<boolean>): fc.Arbitrary<Action> =>
  fc.record({
    submit: fc.boolean(),
    kind: fc.constantFrom(READ, WRITE, WRITE, FLUSH, FLUSH, DISCARD, WRITE_ZEROES),
    device: fc.nat(devices - 1),
    inline,
    n: fc.nat(20),
  });

const anyActions = fc.array(actions(DEVICES, fc.boolean()), { minLength: 1, maxLength: 60 });

function play(world: GateWorld, thread: number, action: Action): void {
  if (action.submit) world.submit(thread, action.kind, action.device, action.inline);
  else world.complete(thread, action.n);
}

/** The first rule that a script finds broken. */
function firstTrouble(setting: Setting, script: readonly Action[]): string | undefined {
  const world = new GateWorld({ devices: DEVICES, ...setting });
  for (const action of script) {
    play(world, 0, action);
    world.nothingIdles();
    if (world.troubles.length > 0) return world.troubles[0];
  }
  world.finish();
  return world.troubles[0];
}

function holds(setting: Setting): void {
  fc.assert(
    fc.property(anyActions, (script) => assert.equal(firstTrouble(setting, script), undefined)),
    { numRuns: 400 },
  );
}

test('quiesce: a FLUSH goes alone, nothing passes it, nothing is lost and nothing idles', () => {
  holds({ policies: [quiesce] });
});

test('pass-through: nothing waits for anything', () => {
  holds({ policies: [passThrough], flushWaits: false });
});

test('with an order policy behind it, or before it, both rules hold', () => {
  holds({ policies: [quiesce, oneAtATime], serial: true });
  holds({ policies: [oneAtATime, quiesce], serial: true });
  holds({ policies: [passThrough, oneAtATime], serial: true, flushWaits: false });
});

test('with as many tags as fit, or one, it is the same', () => {
  for (const tags of [1, 2, 64]) holds({ policies: [quiesce], tags });
});

test('each planted flush policy breaks the rule that it should', () => {
  const scripts = fc.sample(anyActions, { seed: 1, numRuns: 300 });
  const rulesBrokenBy = (policy: GatePolicy): Set<string> =>
    new Set(scripts.map((script) => (firstTrouble({ policies: [policy] }, script) ?? '').split(':')[0]));
  assert.deepEqual([...rulesBrokenBy(unchanged)], ['']);
  for (const { policy, breaks } of PLANTED_POLICIES) {
    const broken = rulesBrokenBy(policy);
    assert.ok(
      breaks.some((rule) => broken.has(rule)),
      `${policy.name}: ${[...broken]}`,
    );
  }
});

test('a policy that releases what it has not parked is told so by name', () => {
  const world = new GateWorld({
    policies: [{ ...passThrough, name: 'careless', settle: (_op, gate) => gate.release() }],
  });
  world.submit(0, WRITE, 0);
  assert.throws(() => world.complete(0, 0), /careless released an operation it had not parked/);
});

test('parkedAt lists what waits, oldest first, all stages, up to its limit', () => {
  const world = new GateWorld({ policies: [quiesce, oneAtATime], devices: 2, serial: true });
  // Tags are given out in order: 0 runs, 1 is parked for order; 2 waits for both, 3 behind it.
  for (const kind of [WRITE, WRITE, FLUSH, READ]) world.submit(0, kind, 1);
  assert.deepEqual(parkedAt(world.shared, 1, 9), [2, 3, 1]);
  assert.deepEqual(parkedAt(world.shared, 1, 2), [2, 3]);
  assert.deepEqual(parkedAt(world.shared, 0, 9), []);
});

test('a FLUSH that a policy skips never began, so that a wrong skip is a lost flush and no proof of itself', () => {
  const skips: GatePolicy = {
    ...passThrough,
    words: 1,
    submit: (op, { ops }) => (ops.kind[op] === FLUSH ? SKIP : GO),
  };
  const sizes = {
    submitters: 1,
    workers: 1,
    queues: 1,
    devices: 1,
    tags: 2,
    flushRequests: 0,
    stages: 1,
    policyWords: 1,
    slots: 0,
    inline: 0,
    words: 0,
  };
  const shared = attach(allocate(sizes));
  reset(shared, [0], undefined);
  const acknowledged: number[] = [];
  const gates = new Gates(shared, [skips], {
    dispatch: () => assert.fail('it goes nowhere'),
    acknowledge: (op) => acknowledged.push(op),
    now: () => 0,
  });
  const { ops } = shared;
  ops.kind[1] = FLUSH;
  // The tag was used before.
  ops.result[1] = -5;
  ops.st[1] = 111;
  ops.co[1] = 222;
  gates.submit(1);
  assert.deepEqual(acknowledged, [1]);
  assert.deepEqual([ops.result[1], ops.queue[1], ops.worker[1]], [0, NO_QUEUE, NO_QUEUE]);

  const history = openHistory(new ArrayBuffer(historyBytes(1, 2, 1)), 1, 2, 1);
  history.count[0] = 2;
  history.kind.set([WRITE, FLUSH]);
  history.units.set([1, 0]);
  history.result.set([4096, 0]);
  history.sb.set([10, 60]);
  history.se.set([20, 70]);
  history.st.set([30, ops.st[1]]);
  history.co.set([40, ops.co[1]]);
  history.ak.set([50, 80]);
  const world = { inodeOf: () => 0, dataHeld: false, start: 0, unitBytes: 4096, deviceNames: ['disk'] };
  assert.equal(check(history, world).completed.lost, 1);
});

/** The policy as other threads may meet it: every access to its words is a step at which its thread may be stalled. */
function stepping(policy: GatePolicy): GatePolicy {
  const word = new Int32Array(1);
  const seen = (gate: Parameters<GatePolicy['settle']>[1]): typeof gate => ({
    ...gate,
    load(i) {
      Atomics.load(word, 0);
      return gate.load(i);
    },
    store(i, value) {
      Atomics.load(word, 0);
      gate.store(i, value);
    },
  });
  return {
    ...policy,
    submit: (op, gate) => policy.submit(op, seen(gate)),
    settle: (op, gate, result) => policy.settle(op, seen(gate), result),
  };
}

const script = fc.array(actions(1, fc.constant(false)), { maxLength: 8 });

/**
 * One thread is stalled in the gate, at each step in turn, and two others go on; one of them is stalled as well.
 * Afterwards nothing may be lost.
 */
function stalled(
  setting: Setting,
  before: Action[],
  first: Action,
  second: Action,
  at: number,
  rest: Action[],
): string[] {
  for (let step = 0; step < 1000; step++) {
    const world = new GateWorld({ threads: 3, ...setting });
    for (const action of before) play(world, 0, action);
    const reached = stall(
      step,
      () => play(world, 0, first),
      () => {
        const others = (): void => {
          for (const action of rest) play(world, 2, action);
        };
        if (!stall(at, () => play(world, 1, second), others)) others();
      },
    );
    world.nothingIdles();
    world.finish();
    if (world.troubles.length > 0) return world.troubles;
    if (!reached) return [];
  }
  return ['no end of steps'];
}

const stalls = fc.tuple(
  script,
  actions(1, fc.constant(false)),
  actions(1, fc.constant(false)),
  fc.nat(20),
  script,
);

test('a thread stalled anywhere in the gate holds up nobody and loses nothing', () => {
  fc.assert(
    fc.property(stalls, (example) =>
      assert.deepEqual(stalled({ policies: [stepping(quiesce)] }, ...example), []),
    ),
    { numRuns: 100 },
  );
});

/** Gates with a bug of their own, planted in what a thread takes for the shared memory. */
const BROKEN_GATES: Record<string, (shared: Shared) => Shared> = {
  'no lock': (shared) => ({ ...shared, locks: new Int32Array(shared.sizes.devices * LINE) }),
  'no second look': (shared) => ({ ...shared, inboxes: lookingOnce(shared) }),
};

/** Looks into the inbox before it drains it, and takes it for empty after. */
function lookingOnce({ inboxes }: Shared): Shared['inboxes'] {
  let looked = false;
  return Object.assign(Object.create(inboxes), {
    empty(device: number) {
      looked = !looked && !inboxes.empty(device);
      return !looked;
    },
  }) as Shared['inboxes'];
}

test('a gate without its lock, or one that does not look again after it unlocked, is found out', () => {
  const examples = fc.sample(stalls, { seed: 2, numRuns: 60 });
  for (const [name, seenBy] of Object.entries(BROKEN_GATES)) {
    const setting = { policies: [stepping(quiesce)], seenBy };
    assert.ok(
      examples.some((example) => stalled(setting, ...example).length > 0),
      name,
    );
  }
});
