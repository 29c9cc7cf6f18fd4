import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Pipeline } from '../../engine/pipeline.ts';
import { allocate, attach, reset, type Sizes } from '../../engine/shared.ts';
import type { Hooks } from '../../strategies/types.ts';

const SIZES = {
  submitters: 1,
  workers: 2,
  queues: 2,
  devices: 1,
  tags: 4,
  flushRequests: 0,
  stages: 0,
  policyWords: 0,
  slots: 1,
  inline: 0,
  words: 0,
} as Sizes;

/** Two queues; `retune` moves the only slot to the other one. */
const hooks: Hooks = {
  layout: { queues: [{}, {}], workers: [{ serves: [0] }, { serves: [1] }], table: Int32Array.of(0) },
  route: (_op, rt) => rt.table(0),
  retune: (rt) => void rt.publish(Int32Array.of(1 - rt.table(0))),
};

test('a table can be published in every trial, wherever the one before it ended', () => {
  const shared = attach(allocate(SIZES));
  const pipeline = new Pipeline(shared, hooks, [], 0, 1);
  // Each trial ends after another number of publications, and so at another point of a grace period.
  for (let trial = 0; trial < 6; trial++) {
    reset(shared, [0], hooks.layout.table);
    for (let retunes = 0; retunes <= trial; retunes++) {
      pipeline.submit(0);
      assert.equal(shared.ops.queue[0], retunes % 2, `trial ${trial} after ${retunes} of its publications`);
      assert.equal(shared.queues.pop(retunes % 2), 0);
      pipeline.retune();
    }
  }
});
