/** Submitters that do I/O themselves: what is refused goes to the queues, and whoever lets an operation go, its submitter does it. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Inline, openInline } from '../../engine/inline.ts';
import { EAGAIN, EINTR, EIO, ENODEV, ENOSPC, EOPNOTSUPP, RWF_NOWAIT } from '../../engine/libc.ts';
import { Pipeline } from '../../engine/pipeline.ts';
import type { Ring } from '../../engine/ring.ts';
import { LINE } from '../../engine/rings.ts';
import { allocate, attach, reset, type Shared } from '../../engine/shared.ts';
import { FLUSH, NO_QUEUE, READ, WRITE } from '../../ordering/history.ts';
import { type Hooks, INLINE, NONE, NOWAIT, type OpId } from '../../strategies/types.ts';
import { stall } from './stall.ts';

const TAGS = 8;
const BYTES = 4096;
/** The submitter that is played. */
const ME = 1;

/** A ring played by hand: what it was given, and completions that the test makes up. */
class HandRing {
  readonly entries = 64;
  readonly given: { kind: number; op: OpId; flags: number }[] = [];
  /** Descriptor, offset and length of each entry. */
  readonly rests: [fd: number, offset: number, length: number][] = [];
  readonly completions: [op: OpId, result: number][] = [];
  /** Those that the kernel posts when it is entered, as with DEFER_TASKRUN. */
  deferred: [op: OpId, result: number][] = [];
  pending = 0;
  userData = 0;
  result = 0;
  enter(): number {
    this.completions.push(...this.deferred);
    this.deferred = [];
    return 0;
  }
  read(fd: number, _address: number, length: number, offset: number, op: OpId, flags = 0): void {
    this.rests.push([fd, offset, length]);
    this.given.push({ kind: READ, op, flags });
  }
  write(fd: number, _address: number, length: number, offset: number, op: OpId, flags = 0): void {
    this.rests.push([fd, offset, length]);
    this.given.push({ kind: WRITE, op, flags });
  }
  reap(): boolean {
    const next = this.completions.shift();
    if (!next) return false;
    [this.userData, this.result] = next;
    return true;
  }
}

interface World {
  shared: Shared;
  pipeline: Pipeline;
  ring: HandRing;
  inline: Inline;
  /** Submits an operation of 4 KiB. */
  submit(op: OpId, kind: number, device?: number): void;
  complete(op: OpId, result: number): void;
  acknowledged(): OpId[];
}

/** Two devices without files, a queue, and a submitter whose ring is the test's. */
function newWorld(route: Hooks['route']): World {
  const layout = { queues: [{}], workers: [{ serves: [0] }], inline: true };
  const sizes = { submitters: 2, workers: 1, queues: 1, devices: 2, tags: TAGS, flushRequests: 0, stages: 0 };
  const shared = attach(allocate({ ...sizes, policyWords: 0, slots: 0, inline: 2, words: 0 }));
  reset(shared, [-9, -9], undefined);
  // No call may reach a file: the descriptors are none, and the ring takes them.
  shared.files.fill(1000);
  shared.ops.submitter.fill(ME);
  shared.ops.length.fill(BYTES);
  const pipeline = new Pipeline(shared, { layout, route }, [], 1 + ME, 1);
  const ring = new HandRing();
  const kick = { fd: -1, address: 0, armed: true };
  const inline = openInline(shared, pipeline, ME, undefined, { ring: ring as unknown as Ring, kick });
  return {
    shared,
    pipeline,
    ring,
    inline,
    submit(op, kind, device = 0) {
      shared.ops.kind[op] = kind;
      shared.ops.device[op] = device;
      shared.ops.tries[op] = 0;
      pipeline.submit(op);
      inline.start();
    },
    complete(op, result) {
      ring.completions.push([op, result]);
      inline.collect();
    },
    acknowledged: () => takeAll((at) => shared.completions.pop(at), ME),
  };
}

function takeAll(pop: (ring: number) => number, ring: number): number[] {
  const found = [];
  for (let value = pop(ring); value !== NONE; value = pop(ring)) found.push(value);
  return found;
}

const nowait: Hooks['route'] = (op, { ops }) => (ops.tries[op] === 0 ? NOWAIT : 0);

test('what is done without waiting never sees a queue', () => {
  const { shared, ring, inline, submit, complete, acknowledged } = newWorld(nowait);
  shared.ops.queue.fill(7);
  for (const kind of [READ, WRITE]) {
    submit(kind, kind);
    complete(kind, BYTES);
    assert.deepEqual(acknowledged(), [kind]);
    assert.equal(shared.ops.queue[kind], NO_QUEUE);
    assert.equal(shared.ops.worker[kind], NO_QUEUE);
    assert.ok(shared.ops.st[kind]! > 0 && shared.ops.co[kind]! >= shared.ops.st[kind]!);
  }
  assert.deepEqual(
    ring.given.map(({ flags }) => flags),
    [RWF_NOWAIT, RWF_NOWAIT],
  );
  assert.equal(shared.queues.pop(0), NONE);
  assert.equal(inline.punts, 0);
});

test('what is refused at completion goes to the queue with one more try, as if it had never begun', () => {
  for (const [kind, result] of [
    [READ, -EAGAIN],
    [WRITE, -EAGAIN],
    [READ, -EOPNOTSUPP],
    [WRITE, -EOPNOTSUPP],
    // Cut short: the rest is not there without waiting.
    [READ, 512],
    [READ, 0],
  ] as const) {
    const { shared, inline, submit, complete, acknowledged } = newWorld(nowait);
    submit(3, kind);
    complete(3, result);
    assert.deepEqual(acknowledged(), [], `${kind} ${result}`);
    assert.equal(shared.queues.pop(0), 3);
    assert.equal(shared.ops.tries[3], 1);
    assert.equal(shared.ops.st[3], 0);
    assert.equal(inline.punts, 1);
    assert.deepEqual([...readersAt(shared)], [0, 0, 0], 'its read section is over');
  }
});

/** Sections open per reader of the file table. */
function readersAt({ filesRcu: { words, readers } }: Shared): number[] {
  return Array.from({ length: readers }, (_, r) => words[(r + 1) * LINE]! + words[(r + 1) * LINE + 1]!);
}

test('while it is under way the submitter stands in a read section of the file table', () => {
  const { shared, submit, complete } = newWorld(nowait);
  submit(0, READ);
  assert.deepEqual(readersAt(shared), [0, 0, 1]);
  complete(0, BYTES);
  assert.deepEqual(readersAt(shared), [0, 0, 0]);
});

test('an error that is no refusal is the answer, and EAGAIN to one who was ready to wait is no refusal', () => {
  const failing = newWorld(nowait);
  failing.submit(2, WRITE);
  failing.complete(2, -EIO);
  assert.deepEqual(failing.acknowledged(), [2]);
  assert.equal(failing.shared.ops.result[2], -EIO);
  const waiting = newWorld(() => INLINE);
  waiting.submit(2, WRITE);
  waiting.complete(2, -EAGAIN);
  assert.deepEqual(waiting.acknowledged(), [2]);
  assert.deepEqual([failing.inline.punts, waiting.inline.punts], [0, 0]);
  assert.deepEqual(waiting.ring.given, [{ kind: WRITE, op: 2, flags: 0 }]);
});

test('what a file does not support at all is not tried again: that kind, on that device', () => {
  const { ring, inline, shared, submit, complete } = newWorld(nowait);
  submit(0, WRITE, 0);
  complete(0, -EOPNOTSUPP);
  for (const [op, kind, device] of [
    [1, WRITE, 0],
    [2, READ, 0],
    [3, WRITE, 1],
  ] as const) {
    submit(op, kind, device);
  }
  assert.deepEqual(
    ring.given.map(({ op }) => op),
    [0, 2, 3],
  );
  assert.deepEqual(
    takeAll((q) => shared.queues.pop(q), 0),
    [0, 1],
  );
  assert.equal(inline.punts, 1, 'what was not tried was not refused');
});

test('a write that was cut short has begun: its rest may wait, and nobody hears of it before', () => {
  const { shared, ring, inline, submit, complete, acknowledged } = newWorld(nowait);
  shared.files[0] = 1000;
  submit(5, WRITE);
  complete(5, 512);
  assert.deepEqual(acknowledged(), []);
  // Whatever file the device has by now, the rest goes where the beginning went.
  shared.files[0] = 1001;
  complete(5, -EINTR);
  complete(5, 1024);
  assert.deepEqual(
    ring.given.map(({ op, flags }) => [op, flags]),
    [
      [5, RWF_NOWAIT],
      [5, 0],
      [5, 0],
      [5, 0],
    ],
  );
  assert.deepEqual(ring.rests, [
    [1000, 0, BYTES],
    [1000, 512, BYTES - 512],
    [1000, 512, BYTES - 512],
    [1000, 1536, BYTES - 1536],
  ]);
  assert.equal(
    [...readersAt(shared)].reduce((a, b) => a + b),
    1,
    'its read section is open',
  );
  complete(5, BYTES - 1536);
  assert.deepEqual(acknowledged(), [5]);
  assert.deepEqual([shared.ops.result[5], inline.punts], [BYTES, 0]);
  assert.deepEqual([...readersAt(shared)], [0, 0, 0]);
});

test('what stops a write half-way leaves it short, and an interruption is no refusal', () => {
  const { shared, inline, submit, complete, acknowledged } = newWorld(nowait);
  submit(5, WRITE);
  complete(5, 512);
  complete(5, -ENOSPC);
  assert.deepEqual([acknowledged(), shared.ops.result[5]], [[5], 512]);
  submit(6, READ);
  complete(6, -EINTR);
  complete(6, BYTES);
  assert.deepEqual([acknowledged(), shared.ops.result[6], inline.punts], [[6], BYTES, 0]);
});

test('who finds a device detached still ends what it has in flight there', () => {
  const { shared, ring, submit, acknowledged } = newWorld(() => INLINE);
  submit(1, READ);
  ring.deferred.push([1, BYTES]);
  shared.files[0] = -1;
  submit(2, READ);
  assert.deepEqual(acknowledged(), [1, 2]);
  assert.deepEqual([shared.ops.result[1], shared.ops.result[2], shared.ops.st[2]], [BYTES, -ENODEV, 0]);
  assert.deepEqual([...readersAt(shared)], [0, 0, 0], 'nobody keeps the old file');
});

test('a FLUSH can not be tried', () => {
  const { ring, shared, submit } = newWorld(nowait);
  submit(0, FLUSH);
  assert.deepEqual(ring.given, []);
  assert.equal(shared.queues.pop(0), 0);
});

test('an operation that another thread lets go is left to its submitter, who is woken', () => {
  const { shared, inline, ring } = newWorld(() => INLINE);
  const other = new Pipeline(
    shared,
    { layout: { queues: [], workers: [], inline: true }, route: () => INLINE },
    [],
    0,
    1,
  );
  const woken: number[] = [];
  other.wakeBy(
    () => assert.fail('there is nothing for a worker'),
    undefined,
    (submitter) => woken.push(submitter),
  );
  Atomics.store(shared.sleep, (1 + ME) * LINE, 1);
  other.submit(4);
  assert.deepEqual([woken, ring.given], [[ME], []]);
  assert.equal(shared.sleep[(1 + ME) * LINE], 0);
  inline.start();
  assert.deepEqual(ring.given, [{ kind: READ, op: 4, flags: 0 }]);
});

test('whoever is stalled between that and the submitter that goes to sleep, it learns of it', () => {
  for (const first of ['other', 'submitter']) {
    for (let step = 0, more = true; more; step++) {
      const { shared, pipeline } = newWorld(() => INLINE);
      const woken: number[] = [];
      pipeline.wakeBy(
        () => {},
        undefined,
        (submitter) => woken.push(submitter),
      );
      let sleeps = false;
      const other = (): void => pipeline.submit(0);
      const submitter = (): void => {
        Atomics.store(shared.sleep, (1 + ME) * LINE, 1);
        sleeps = shared.inline.empty(ME);
      };
      const others = first === 'other' ? submitter : other;
      more = stall(step, first === 'other' ? other : submitter, others);
      if (!more) others();
      if (sleeps) assert.deepEqual(woken, [ME], `${first} stalled at step ${step}`);
    }
  }
});
