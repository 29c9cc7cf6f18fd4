import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { blkFlush, blkFlushFua } from '../../strategies/front/blk-flush.ts';
import type { Front, FrontGate, OpId, Ops } from '../../strategies/types.ts';

const WRITE = 1;
const FLUSH = 2;
const FUA = 1;
const PREFLUSH = 2;
const DSYNC = 8;
const NAMES = ['READ', 'WRITE', 'FLUSH'];
const TAGS = 10;
const REQUEST = TAGS;

/** A device's front played by hand: what it hands down is in flight until the test answers it. */
class Hand {
  readonly inFlight: OpId[] = [];
  readonly ended: { op: OpId; result: number }[] = [];
  readonly ops: Ops = {
    kind: new Uint8Array(TAGS + 1),
    flags: new Uint8Array(TAGS + 1),
    tries: new Uint8Array(TAGS + 1),
    step: new Uint8Array(TAGS + 1),
    cpu: new Uint16Array(TAGS + 1),
    device: new Uint16Array(TAGS + 1),
    cgroup: new Uint16Array(TAGS + 1),
    offset: new Float64Array(TAGS + 1),
    length: new Uint32Array(TAGS + 1),
  };
  /** What went down to the driver, with the flags it saw. */
  readonly handed: string[] = [];
  time = 0;
  /** Steps count up; when each FLUSH arrived, and when the flush request in flight was issued. */
  clock = 0;
  readonly arrived = new Map<OpId, number>();
  issued = 0;
  requests = 0;
  readonly like: OpId[] = [];
  readonly gate: FrontGate;
  private readonly front: Front;

  constructor(front: Front) {
    this.front = front;
    const words = new Int32Array(front.words);
    const marks = new Int32Array(TAGS + 1).fill(-99);
    this.gate = {
      ops: this.ops,
      load: (word) => words[word]!,
      store: (word, value) => {
        assert.ok(word < words.length);
        words[word] = value;
      },
      mark: (op) => marks[op]!,
      setMark: (op, value) => {
        marks[op] = value;
      },
      flushRequest: REQUEST,
      setFlags: (op, flags) => {
        this.ops.flags[op] = flags;
      },
      milliseconds: () => this.time,
      issue: (op) => {
        this.inFlight.push(op);
        this.handed.push(
          `${NAMES[this.ops.kind[op]!]}${this.ops.flags[op]! > 0 ? `/${this.ops.flags[op]}` : ''} ${op}`,
        );
      },
      issueFlush: (like) => {
        this.like.push(like);
        this.requests++;
        this.issued = this.clock;
        this.inFlight.push(REQUEST);
        this.handed.push('FLUSH');
      },
      end: (op, result) => {
        this.ended.push({ op, result });
        this.arrived.delete(op);
      },
    };
  }

  submit(op: OpId, kind: number, flags = 0): void {
    this.clock++;
    this.ops.kind[op] = kind;
    this.ops.flags[op] = flags;
    this.arrived.set(op, this.clock);
    this.front.submit(op, this.gate);
  }

  answer(op: OpId, result = 0): void {
    this.clock++;
    this.inFlight.splice(this.inFlight.indexOf(op), 1);
    this.front.settle(op, this.gate, result);
  }
}

test('one flush request in flight (C1), and a FLUSH is served only by one issued after it arrived', () => {
  fc.assert(
    fc.property(
      fc.array(fc.record({ kind: fc.constantFrom(WRITE, FLUSH), answer: fc.boolean() }), { maxLength: 60 }),
      (steps) => {
        const hand = new Hand(blkFlush);
        const free = (): OpId => {
          for (let op = 0; op < TAGS; op++) if (!hand.arrived.has(op)) return op;
          return -1;
        };
        const answer = (): void => {
          const op = hand.inFlight[0]!;
          const issued = hand.issued;
          const times = new Map(hand.arrived);
          const before = hand.ended.length;
          hand.answer(op);
          const ended = hand.ended.slice(before).map((it) => it.op);
          if (op !== REQUEST) assert.deepEqual(ended, [op]);
          else {
            assert.ok(ended.length > 0, 'a flush request that served nobody');
            for (const waiter of ended) {
              assert.equal(hand.ops.kind[waiter], FLUSH);
              assert.ok(times.get(waiter)! <= issued, 'a FLUSH was covered by half of a flush');
            }
          }
        };
        for (const { kind, answer: due } of steps) {
          if (due && hand.inFlight.length > 0) answer();
          else if (free() >= 0) hand.submit(free(), kind);
          assert.ok(hand.inFlight.filter((op) => op === REQUEST).length <= 1, 'C1');
          const waiting = [...hand.arrived.keys()].filter((op) => hand.ops.kind[op] === FLUSH);
          assert.ok(
            waiting.length === 0 || hand.inFlight.includes(REQUEST),
            'a FLUSH waits and no request runs',
          );
        }
        while (hand.inFlight.length > 0) answer();
        assert.equal(hand.arrived.size, 0, 'an operation was never answered');
      },
    ),
    { numRuns: 2000 },
  );
});

test('FLUSHes that arrive while a request runs share the next one, and it goes where the first of them came from', () => {
  const hand = new Hand(blkFlush);
  for (const op of [4, 2, 7]) hand.submit(op, FLUSH);
  assert.deepEqual(hand.like, [4]);
  hand.answer(REQUEST);
  assert.deepEqual(hand.like, [4, 2]);
  hand.answer(REQUEST);
  assert.equal(hand.requests, 2);
  assert.deepEqual(
    hand.ended.map(({ op }) => op),
    [4, 2, 7],
  );
});

test('an fsync error reaches every FLUSH that waited for it, and the next request starts afresh', () => {
  const hand = new Hand(blkFlush);
  hand.submit(0, FLUSH);
  hand.submit(1, FLUSH);
  hand.submit(2, FLUSH);
  hand.answer(REQUEST);
  hand.submit(3, FLUSH);
  hand.answer(REQUEST, -5);
  hand.answer(REQUEST);
  assert.deepEqual(hand.ended, [
    { op: 0, result: 0 },
    { op: 1, result: -5 },
    { op: 2, result: -5 },
    { op: 3, result: 0 },
  ]);
});

test('the harness notices a front that lets a FLUSH join the running request', () => {
  const joins: Front = {
    ...blkFlush,
    submit(op, gate) {
      if (gate.ops.kind[op] === FLUSH && gate.load(0) !== gate.load(1)) {
        // Joins the list that is running: block/blk-flush.c has two lists so that this can't happen.
        const head = 4 + 2 * gate.load(1);
        const last = gate.load(head + 1) - 1;
        gate.setMark(op, 1 << 24);
        gate.setMark(last, gate.mark(last) | (op + 1));
        gate.store(head + 1, op + 1);
      } else blkFlush.submit(op, gate);
    },
  };
  const hand = new Hand(joins);
  hand.submit(0, FLUSH);
  hand.submit(1, FLUSH);
  const arrived = hand.arrived.get(1)!;
  hand.answer(REQUEST);
  assert.ok(
    hand.ended.some(({ op }) => op === 1) && arrived > 1,
    'the planted front covers a FLUSH by half of a flush',
  );
});

/** Answers what is in flight, the oldest first, until nothing is; what a driver would see. */
function drain(hand: Hand): string[] {
  while (hand.inFlight.length > 0) hand.answer(hand.inFlight[0]!);
  return hand.handed;
}

test('the sequences of block/blk-flush.c: what the driver sees of a write with flags', () => {
  const seen = (front: Front, flags: number): string[] => {
    const hand = new Hand(front);
    hand.submit(0, WRITE, flags);
    const handed = drain(hand);
    assert.deepEqual(hand.ended, [{ op: 0, result: 0 }]);
    return handed;
  };
  assert.deepEqual(seen(blkFlush, 0), ['WRITE 0']);
  assert.deepEqual(seen(blkFlush, FUA), ['WRITE 0', 'FLUSH']);
  assert.deepEqual(seen(blkFlush, PREFLUSH), ['FLUSH', 'WRITE 0']);
  assert.deepEqual(seen(blkFlush, PREFLUSH | FUA), ['FLUSH', 'WRITE 0', 'FLUSH']);
  // With FUA of the device no POSTFLUSH, and without a PREFLUSH no machine at all.
  assert.deepEqual(seen(blkFlushFua, FUA), [`WRITE/${DSYNC} 0`]);
  assert.deepEqual(seen(blkFlushFua, PREFLUSH | FUA), ['FLUSH', `WRITE/${DSYNC} 0`]);
});

test('C2: a flush waits for the data of sequences in flight, and then serves them all; C3: for 5 seconds at most', () => {
  const hand = new Hand(blkFlush);
  hand.submit(0, WRITE, FUA);
  hand.submit(1, WRITE, FUA);
  hand.answer(0);
  hand.submit(2, FLUSH);
  assert.equal(hand.requests, 0, 'data of write 1 is in flight');
  hand.answer(1);
  assert.equal(hand.requests, 1);
  hand.answer(REQUEST);
  assert.deepEqual(
    hand.ended.map(({ op }) => op),
    [0, 2, 1],
  );

  hand.submit(3, WRITE, FUA);
  hand.submit(4, FLUSH);
  hand.time = 4999;
  hand.submit(5, FLUSH);
  assert.equal(hand.requests, 1);
  hand.time = 5000;
  hand.submit(6, FLUSH);
  assert.equal(hand.requests, 2, 'the oldest has waited for 5 seconds');
});

test('C2 does not hold back for a plain write', () => {
  const hand = new Hand(blkFlush);
  hand.submit(0, WRITE);
  hand.submit(1, FLUSH);
  assert.equal(hand.requests, 1);
});

test('an error ends a sequence at its step, and leaves the others alone', () => {
  const hand = new Hand(blkFlush);
  hand.submit(0, WRITE, PREFLUSH | FUA);
  hand.answer(REQUEST, -5);
  assert.deepEqual(hand.handed, ['FLUSH'], 'no data after a failed PREFLUSH');
  hand.submit(1, WRITE, FUA);
  hand.answer(1, -28);
  hand.submit(2, WRITE, FUA);
  hand.answer(2);
  hand.answer(REQUEST, -5);
  hand.submit(3, WRITE, FUA);
  drain(hand);
  assert.deepEqual(hand.ended, [
    { op: 0, result: -5 },
    { op: 1, result: -28 },
    { op: 2, result: -5 },
    { op: 3, result: 0 },
  ]);
});

test('whatever arrives, everything is answered once and its steps come in order', () => {
  const step = fc.record({
    kind: fc.constantFrom(WRITE, FLUSH),
    flags: fc.constantFrom(0, FUA, PREFLUSH, PREFLUSH | FUA),
    answer: fc.boolean(),
    which: fc.nat(),
  });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 80 }), fc.constantFrom(blkFlush, blkFlushFua), (steps, front) => {
      const hand = new Hand(front);
      let submitted = 0;
      for (const { kind, flags, answer, which } of steps) {
        const free = Array.from({ length: TAGS }, (_, op) => op).find((op) => !hand.arrived.has(op));
        if (answer && hand.inFlight.length > 0) hand.answer(hand.inFlight[which % hand.inFlight.length]!);
        else if (free !== undefined) {
          hand.submit(free, kind, kind === WRITE ? flags : 0);
          submitted++;
        }
        assert.ok(hand.inFlight.filter((op) => op === REQUEST).length <= 1, 'C1');
      }
      drain(hand);
      assert.equal(hand.ended.length, submitted);
    }),
    { numRuns: 1000 },
  );
});
