import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { epoch } from '../../strategies/flush/epoch.ts';
import { generation } from '../../strategies/flush/generation.ts';
import { lbaAffinity } from '../../strategies/order/lba-affinity.ts';
import { rangeLock } from '../../strategies/order/range-lock.ts';
import {
  type Gate,
  type GatePolicy,
  GO,
  NONE,
  type OpId,
  type Ops,
  PARK,
  SKIP,
} from '../../strategies/types.ts';

const READ = 0;
const WRITE = 1;
const FLUSH = 2;
const PREFLUSH = 2;
const TAGS = 12;

/** A gate played by hand: what a policy lets go is in flight until the test completes it. */
class Hand {
  readonly ops: Ops = {
    kind: new Uint8Array(TAGS),
    flags: new Uint8Array(TAGS),
    tries: new Uint8Array(TAGS),
    step: new Uint8Array(TAGS),
    cpu: new Uint16Array(TAGS),
    device: new Uint16Array(TAGS),
    cgroup: new Uint16Array(TAGS),
    offset: new Float64Array(TAGS),
    length: new Uint32Array(TAGS),
  };
  readonly inFlight: OpId[] = [];
  readonly skipped: OpId[] = [];
  readonly failed: [OpId, number][] = [];
  waiting: OpId[] = [];
  /** Arrival number per tag. */
  readonly arrived = new Float64Array(TAGS);
  private readonly words: Int32Array;
  private readonly marks = new Int32Array(TAGS).fill(-77);
  private readonly policy: GatePolicy;
  private arrivals = 0;
  private readonly gate: Gate;

  constructor(policy: GatePolicy) {
    this.policy = policy;
    this.words = new Int32Array(typeof policy.words === 'number' ? policy.words : policy.words(TAGS));
    this.gate = {
      ops: this.ops,
      load: (word) => this.words[word]!,
      store: (word, value) => {
        assert.ok(word < this.words.length, 'a word the policy did not ask for');
        this.words[word] = value;
      },
      mark: (op) => this.marks[op]!,
      setMark: (op, value) => {
        this.marks[op] = value;
      },
      parked: () => this.waiting[0] ?? NONE,
      behind: (op) => this.waiting[this.waiting.indexOf(op) + 1] ?? NONE,
      release: (op = this.waiting[0]!) => {
        this.unpark(op);
        this.inFlight.push(op);
      },
      skip: (op, result = 0) => {
        this.unpark(op);
        if (result < 0) this.failed.push([op, result]);
        else this.skipped.push(op);
      },
    };
  }

  free(): OpId {
    for (let op = 0; op < TAGS; op++)
      if (!this.inFlight.includes(op) && !this.waiting.includes(op)) return op;
    return NONE;
  }

  submit(kind: number, offset = 0, length = 4096, flags = 0): OpId {
    const op = this.free();
    this.ops.kind[op] = kind;
    this.ops.flags[op] = flags;
    this.ops.offset[op] = offset;
    this.ops.length[op] = kind === FLUSH ? 0 : length;
    this.arrived[op] = this.arrivals++;
    const decision = this.policy.submit(op, this.gate);
    if (decision === GO) this.inFlight.push(op);
    else if (decision === PARK) this.waiting.push(op);
    else if (decision === SKIP) this.skipped.push(op);
    return op;
  }

  complete(op: OpId, result = 0): void {
    this.inFlight.splice(this.inFlight.indexOf(op), 1);
    this.policy.settle(op, this.gate, result);
  }

  private unpark(op: OpId): void {
    assert.ok(this.waiting.includes(op), 'released what was not parked');
    this.waiting = this.waiting.filter((other) => other !== op);
  }
}

/** Random submissions and completions; `look` is called after each step, and in the end everything has drained. */
function play(policy: GatePolicy, look: (hand: Hand) => void): void {
  const step = fc.oneof(
    fc.record({
      kind: fc.constantFrom(READ, WRITE, FLUSH),
      block: fc.nat(3),
      blocks: fc.integer({ min: 1, max: 2 }),
    }),
    fc.record({ complete: fc.nat(TAGS) }),
  );
  fc.assert(
    fc.property(fc.array(step, { maxLength: 80 }), (steps) => {
      const hand = new Hand(policy);
      for (const it of steps) {
        if ('kind' in it) {
          if (hand.free() !== NONE) hand.submit(it.kind, it.block * 4096, it.blocks * 4096);
        } else if (hand.inFlight.length > 0)
          hand.complete(hand.inFlight[it.complete % hand.inFlight.length]!);
        look(hand);
      }
      while (hand.inFlight.length > 0) {
        hand.complete(hand.inFlight[0]!);
        look(hand);
      }
      assert.deepEqual(hand.waiting, [], 'parked for ever');
    }),
    { numRuns: 2000 },
  );
}

test('epoch: a FLUSH in flight has no earlier write in flight or parked, and no write ever waits', () => {
  play(epoch, (hand) => {
    const flushes = hand.inFlight.filter((op) => hand.ops.kind[op] === FLUSH);
    for (const flush of flushes) {
      const earlier = hand.inFlight.filter(
        (op) => hand.ops.kind[op] === WRITE && hand.arrived[op]! < hand.arrived[flush]!,
      );
      assert.deepEqual(earlier, []);
    }
    assert.ok(hand.waiting.every((op) => hand.ops.kind[op] === FLUSH));
  });
});

test('epoch: a FLUSH waits for no more than it must', () => {
  play(epoch, (hand) => {
    for (const flush of hand.waiting) {
      assert.ok(
        hand.inFlight.some((op) => hand.ops.kind[op] === WRITE && hand.arrived[op]! < hand.arrived[flush]!),
        'a FLUSH waits and every write before it has settled',
      );
    }
  });
});

test('epoch: a FLUSH waits for a write that itself waits for its PREFLUSH, and so does what overlaps that', () => {
  const hand = new Hand(epoch);
  const first = hand.submit(WRITE);
  const commit = hand.submit(WRITE, 4096, 8192, PREFLUSH);
  const flush = hand.submit(FLUSH);
  const over = hand.submit(WRITE, 8192);
  const beside = hand.submit(WRITE, 16384);
  assert.deepEqual(hand.inFlight, [first, beside]);
  hand.complete(first);
  assert.deepEqual(hand.inFlight, [beside, commit], 'the epoch before the commit has drained');
  assert.deepEqual(hand.waiting, [flush, over]);
  hand.complete(commit);
  assert.deepEqual(hand.inFlight, [beside, flush, over]);
});

test('generation: one FLUSH in flight, and a needless one is skipped', () => {
  play(generation, (hand) => {
    assert.ok(hand.inFlight.filter((op) => hand.ops.kind[op] === FLUSH).length <= 1);
    assert.ok(hand.waiting.every((op) => hand.ops.kind[op] === FLUSH));
  });
  const hand = new Hand(generation);
  const a = hand.submit(WRITE);
  hand.complete(a);
  const first = hand.submit(FLUSH);
  assert.deepEqual(hand.inFlight, [first]);
  // Both arrive while the first runs. A write completes between them, so the second is not covered by what the
  // first began with, but one more flush serves both.
  const second = hand.submit(FLUSH);
  const b = hand.submit(WRITE);
  hand.complete(b);
  const third = hand.submit(FLUSH);
  assert.deepEqual(hand.waiting, [second, third]);
  hand.complete(first);
  assert.deepEqual(hand.skipped, [second]);
  assert.deepEqual(hand.inFlight, [third]);
  hand.complete(third);
  hand.submit(FLUSH);
  assert.equal(hand.skipped.length, 2);
});

test('generation: a write in flight is not forgotten, and a failed flush makes nothing durable', () => {
  const hand = new Hand(generation);
  const write = hand.submit(WRITE);
  // No write has completed yet, so this flush has nothing to do; the next one has.
  hand.submit(FLUSH);
  assert.equal(hand.skipped.length, 1);
  hand.complete(write);
  const flush = hand.submit(FLUSH);
  assert.deepEqual(hand.inFlight, [flush]);
  const waiters = [hand.submit(FLUSH), hand.submit(FLUSH)];
  hand.complete(flush, -5);
  // The kernel tells an open file once: the fsync of a waiter would return 0 over the same lost data.
  assert.deepEqual(
    hand.failed,
    waiters.map((op) => [op, -5]),
  );
  assert.deepEqual([hand.waiting, hand.inFlight], [[], []]);
  const again = hand.submit(FLUSH);
  assert.ok(hand.inFlight.includes(again), 'after EIO a later flush calls fsync itself');
});

test('range-lock: what is in flight does not conflict, and conflicting operations go in the order of arrival', () => {
  const conflict = (hand: Hand, a: OpId, b: OpId): boolean => {
    const { kind, offset, length } = hand.ops;
    if (kind[a] === FLUSH || kind[b] === FLUSH || (kind[a] === READ && kind[b] === READ)) return false;
    return offset[a]! < offset[b]! + length[b]! && offset[b]! < offset[a]! + length[a]!;
  };
  play(rangeLock, (hand) => {
    for (const a of hand.inFlight) {
      for (const b of hand.inFlight) assert.ok(a === b || !conflict(hand, a, b), 'two in flight overlap');
      for (const b of hand.waiting) {
        assert.ok(
          !conflict(hand, a, b) || hand.arrived[a]! < hand.arrived[b]!,
          'a later one slipped past a waiter',
        );
      }
    }
    for (const b of hand.waiting) {
      const before = [...hand.inFlight, ...hand.waiting.filter((op) => hand.arrived[op]! < hand.arrived[b]!)];
      assert.ok(
        before.some((a) => conflict(hand, a, b)),
        'an operation waits that nothing stands in the way of',
      );
    }
  });
});

test('lba-affinity: one label for one stretch of 1 MiB, and none for a FLUSH', () => {
  const hand = new Hand(lbaAffinity);
  const { ops } = hand;
  const label = lbaAffinity.label!;
  ops.kind[0] = WRITE;
  ops.offset[0] = 2 ** 20 + 4096;
  ops.kind[1] = READ;
  ops.offset[1] = 2 ** 21 - 512;
  ops.kind[2] = FLUSH;
  ops.offset[2] = 2 ** 21;
  assert.equal(label(0, ops), 1);
  assert.equal(label(1, ops), 1);
  assert.equal(label(2, ops), NONE);
});
