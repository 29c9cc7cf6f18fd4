import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Gates } from '../../engine/gate.ts';
import { allocate, attach, reset, type Shared } from '../../engine/shared.ts';
import { FLUSH, PREFLUSH, READ, WRITE } from '../../ordering/history.ts';
import { generation } from '../../strategies/flush/generation.ts';
import { quiesce } from '../../strategies/flush/quiesce.ts';
import { blkFlush } from '../../strategies/front/blk-flush.ts';
import type { Front, GatePolicy } from '../../strategies/types.ts';

const TAGS = 8;

/** A gate of one device whose clock is set by hand. The flush request of a front is tag TAGS. */
function gateOf(policy: GatePolicy, front?: Front) {
  const flushRequests = front ? 1 : 0;
  const words = 64;
  const shared = attach(
    allocate({
      submitters: 1,
      workers: 1,
      queues: 1,
      devices: 1,
      tags: TAGS + flushRequests,
      flushRequests,
      stages: front ? 2 : 1,
      policyWords: words,
      slots: 0,
      inline: 0,
      words: 0,
    }),
  );
  reset(shared, [0], undefined);
  const { ops } = shared;
  const clock = { now: 0 };
  const exits = { dispatch: () => {}, acknowledge: () => {}, now: () => clock.now };
  const gates = () => new Gates(shared, [policy], exits, front);
  const [submitter, worker] = [gates(), gates()];
  return {
    ops,
    shared,
    submitter,
    worker,
    submit(op: number, kind: number, at: number, flags = 0): void {
      ops.kind[op] = kind;
      ops.flags[op] = flags;
      ops.go[op] = ops.st[op] = ops.co[op] = 0;
      clock.now = at;
      submitter.submit(op);
    },
    settle(op: number, at: number): void {
      clock.now = at;
      ops.st[op] = at - 2;
      ops.co[op] = at - 1;
      worker.settle(op);
    },
  };
}

test('what goes straight through has no stamp, a FLUSH always has one', () => {
  const { ops, submit, settle } = gateOf(quiesce);
  submit(0, WRITE, 10);
  assert.equal(ops.go[0], 0);
  settle(0, 20);
  submit(1, FLUSH, 30);
  assert.equal(ops.go[1], 30);
});

test('what was held is stamped when it is let go, by whoever lets it go', () => {
  const { ops, submit, settle } = gateOf(quiesce);
  submit(0, WRITE, 10);
  submit(1, FLUSH, 11);
  submit(2, READ, 12);
  assert.deepEqual([ops.go[1], ops.go[2]], [0, 0]);
  settle(0, 20);
  assert.deepEqual([ops.go[1], ops.go[2]], [20, 0]);
  settle(1, 30);
  assert.equal(ops.go[2], 30);
});

test('what waits in the inbox while another thread has the gate is stamped as well', () => {
  const { ops, shared, submit, settle } = gateOf(quiesce);
  Atomics.store((shared as Shared).locks, 0, 1);
  submit(0, WRITE, 10);
  Atomics.store((shared as Shared).locks, 0, 0);
  // The thread that comes next finds it there.
  submit(1, WRITE, 40);
  assert.deepEqual([ops.go[0], ops.go[1]], [40, 0]);
  settle(0, 50);
});

test('a FLUSH behind a front has the times of the flush request that served it, the wait on the list included', () => {
  const { ops, submit, settle } = gateOf(quiesce, blkFlush);
  submit(0, FLUSH, 10);
  submit(1, FLUSH, 11);
  submit(2, FLUSH, 12);
  // The first has the flush request to itself, the others wait for the next one.
  assert.equal(ops.go[TAGS], 10);
  settle(TAGS, 20);
  assert.equal(ops.go[0], 10);
  assert.equal(ops.go[TAGS], 20);
  settle(TAGS, 30);
  assert.deepEqual([...ops.go.slice(1, 3)], [20, 20]);
  // A write behind a PREFLUSH goes when the flush is done.
  submit(3, WRITE, 40, PREFLUSH);
  settle(TAGS, 50);
  assert.equal(ops.go[3], 50);
});

test('a FLUSH that needs no call was never let go', () => {
  const { ops, submit, settle } = gateOf(generation);
  submit(0, WRITE, 10);
  settle(0, 20);
  submit(1, FLUSH, 30);
  submit(2, FLUSH, 31);
  settle(1, 40);
  assert.deepEqual([ops.go[1], ops.go[2], ops.st[2]], [30, 0, 0]);
});
