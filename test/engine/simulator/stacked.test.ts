/** Devices on devices in the simulator: which designs stall under some schedule, and which under none. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseDesign } from '../../../benchmarks/designs.ts';
import { type Subject, trySeed } from '../../../benchmarks/search/search.ts';
import { whyNotStacked } from '../../../benchmarks/stacking.ts';

const SEEDS = 40;

function subject(name: string): Subject {
  const { crew, claims } = parseDesign(name);
  return { name, design: { ...crew!, parameter: crew!.ref.parameter }, claims };
}

/** Seeds on which something was outstanding when nobody could go on; other claims have to hold on all of them. */
function stalls(name: string): { seeds: number[]; dumps: string[] } {
  const found = { seeds: [] as number[], dumps: [] as string[] };
  const of = subject(name);
  let read = 0;
  for (let seed = 0; seed < SEEDS; seed++) {
    const { outcome, verdicts } = trySeed(of, { number: seed, scheduler: 'mixed', stacked: true });
    if (outcome.stalled !== undefined) {
      found.seeds.push(seed);
      found.dumps.push(outcome.stalled);
    }
    for (const claim of of.claims.filter((contract) => contract !== 'progress'))
      assert.equal(verdicts[claim].lost + verdicts[claim].unproved, 0, `${name}, ${claim}, seed ${seed}`);
    read += verdicts.integrity.proved;
  }
  if (found.seeds.length < SEEDS) assert.ok(read > 0, `${name} never read what it had written`);
  return found;
}

for (const name of [
  ...['single-wq', 'n-wq:2', 'per-socket', 'blkcg', 'mq-dev16', 'thread', 'hwq-kthread'],
  ...['blk-flush>single-wq+quiesce', 'blk-flush:hwq>n-wq:2+epoch+range-lock', 'n-wq:2+generation'],
])
  test(`queues of its own for each device never wait for themselves: ${name}`, () => {
    assert.deepEqual(stalls(name).seeds, []);
  });

for (const name of [
  'shared-pool:1',
  'shared-pool:4',
  'blk-flush>shared-pool:2',
  'mq-global:1',
  'affinity',
  'io-wq:2',
])
  test(`a pool for all devices does: ${name}`, () => {
    const { dumps } = stalls(name);
    assert.ok(dumps.length > 0, `no stall in ${SEEDS} seeds`);
    // Every one of them because of the stack, and for no other reason.
    for (const dump of dumps) assert.match(dump, /worker \d+ waits for device \d+, below device \d+: /);
  });

test('a stall is the stack’s doing: the same seeds without it go to their end', () => {
  for (let seed = 0; seed < SEEDS; seed++) {
    const { outcome } = trySeed(subject('shared-pool:1'), { number: seed, scheduler: 'mixed' });
    assert.equal(outcome.stalled, undefined);
  }
});

test('what can not be stacked is told', () => {
  assert.match(whyNotStacked(parseDesign('inline')) ?? '', /a call within a call/);
  assert.match(whyNotStacked(parseDesign('nowait+quiesce')) ?? '', /a call within a call/);
  assert.match(whyNotStacked(parseDesign('dm-crypt')) ?? '', /encrypt/);
  assert.equal(whyNotStacked(parseDesign('shared-pool')), undefined);
  assert.equal(whyNotStacked(parseDesign('raw')), undefined);
});
