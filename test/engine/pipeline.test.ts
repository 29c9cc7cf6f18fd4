import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Worker } from 'node:worker_threads';
import { dumpOf } from '../../engine/dump.ts';
import { Pipeline, takeNext, takerOf } from '../../engine/pipeline.ts';
import { LINE } from '../../engine/rings.ts';
import {
  ASLEEP,
  allocate,
  attach,
  CONTROL,
  reset,
  type Shared,
  type SharedMemory,
} from '../../engine/shared.ts';
import { FLUSH, WRITE } from '../../ordering/history.ts';
import { type Hooks, NONE } from '../../strategies/types.ts';
import type { PipelineTask } from './pipeline-thread.ts';
import { stall } from './stall.ts';

const TAGS = 8;

/** Two queues; queue 0 has the workers 0 and 1, queue 1 has worker 2. An operation goes where the table says. */
const hooks: Hooks = {
  layout: {
    queues: [{ maxActive: 2 }, { maxActive: 1 }],
    workers: [{ serves: [0] }, { serves: [0] }, { serves: [1] }],
    table: Int32Array.of(0, 1),
  },
  route: (op, rt) => rt.table(rt.ops.device[op]),
  retune: (rt) => void rt.publish(Int32Array.of(rt.table(1), rt.table(0))),
};

function memoryFor(layout: Hooks['layout'], submitters: number, devices: number): SharedMemory {
  return allocate({
    submitters,
    workers: layout.workers.length,
    queues: layout.queues.length,
    devices,
    tags: TAGS * submitters,
    flushRequests: 0,
    stages: 1,
    policyWords: 2,
    slots: layout.table?.length ?? 0,
    inline: 0,
    words: 0,
  });
}

function newPipeline(of: Hooks = hooks): { shared: Shared; pipeline: Pipeline; woken: number[] } {
  const shared = attach(memoryFor(of.layout, 2, 2));
  reset(shared, [3, 4], of.layout.table);
  const pipeline = new Pipeline(shared, of, [], 0, 1);
  const woken: number[] = [];
  pipeline.wakeBy((worker) => woken.push(worker));
  return { shared, pipeline, woken };
}

test('an operation goes into the queue that the strategy names, and the queue is noted', () => {
  const { shared, pipeline } = newPipeline();
  for (const device of [0, 1]) {
    shared.ops.device[device] = device;
    pipeline.submit(device);
    assert.equal(shared.ops.queue[device], device);
    assert.equal(shared.queues.pop(device), device);
  }
});

test('a sleeping worker of that queue is woken for an operation, unless one was that has not run yet', () => {
  const { shared, pipeline, woken } = newPipeline();
  for (const worker of [0, 1, 2]) Atomics.store(shared.sleep, worker * LINE, ASLEEP);
  const asleep = (): number[] => [0, 1, 2].filter((worker) => shared.sleep[worker * LINE] === ASLEEP);
  const submits = (op: number, ...expected: number[][]): void => {
    pipeline.submit(op);
    assert.deepEqual([woken, asleep()], expected);
  };
  submits(0, [0], [1, 2]);
  submits(1, [0], [1, 2]);
  Atomics.store(shared.sleep, 0, 0);
  submits(2, [0, 1], [2]);
  Atomics.store(shared.sleep, LINE, 0);
  // Nobody of queue 0 is left to be woken.
  submits(3, [0, 1], [2]);
});

test('an operation wakes the worker whose own queue it is; when that is awake, any other one that serves it', () => {
  const each = [0, 1, 2];
  const layout = {
    queues: each.map(() => ({})),
    workers: each.map((w) => ({ serves: each.map((k) => (w + k) % 3) })),
  };
  const { shared, pipeline, woken } = newPipeline({ layout, route: () => 1 });
  for (const worker of each) Atomics.store(shared.sleep, worker * LINE, ASLEEP);
  for (const op of [0, 1, 2, 3]) {
    pipeline.submit(op);
    // Whoever was woken runs at once.
    for (const worker of woken) Atomics.store(shared.sleep, worker * LINE, 0);
  }
  assert.deepEqual(woken, [1, 0, 2]);
});

test('one sleeper is woken at a time: it finds what came before it ran, takes one, and wakes the next for what is left', () => {
  const each = [0, 1, 2];
  const layout = { queues: [{}], workers: each.map(() => ({ serves: [0] })) };
  const { shared, pipeline, woken } = newPipeline({ layout, route: () => 0 });
  for (const worker of each) Atomics.store(shared.sleep, worker * LINE, ASLEEP);
  for (const op of each) pipeline.submit(op);
  assert.deepEqual(woken, [0]);
  for (const worker of each) {
    Atomics.store(shared.sleep, worker * LINE, 0);
    assert.equal(takerOf(pipeline, worker)(), worker);
    assert.deepEqual(woken, each.slice(0, worker + 2));
  }
  assert.equal(takerOf(pipeline, 0)(), NONE);
});

test('a worker whose strategy says what comes next does that', () => {
  const { shared, pipeline } = newPipeline({ ...hooks, next: (worker, rt) => rt.pop(worker === 2 ? 0 : 1) });
  for (const value of [4, 5]) shared.queues.push(0, value);
  shared.queues.push(1, 6);
  assert.deepEqual([takerOf(pipeline, 2)(), takerOf(pipeline, 0)(), takerOf(pipeline, 0)()], [4, 6, NONE]);
  assert.equal(pipeline.rt.depth(0), 1);
});

test('a route that is no queue is an error that names it', () => {
  const { pipeline } = newPipeline({ ...hooks, route: () => 2 });
  assert.throws(() => pipeline.submit(0), /route returned queue 2, the layout has 2/);
});

test('an acknowledgement goes to the submitter that owns the tag, stamped', () => {
  const { shared, pipeline } = newPipeline();
  shared.ops.submitter[5] = 1;
  pipeline.settle(5);
  assert.equal(shared.completions.pop(0), NONE);
  assert.equal(shared.completions.pop(1), 5);
  assert.ok(shared.ops.ak[5] > 0);
});

test('retune publishes the next table each time that it is called, and routes follow it', () => {
  const { shared, pipeline } = newPipeline();
  for (let turn = 0; turn < 5; turn++) {
    pipeline.submit(0);
    assert.equal(shared.ops.queue[0], turn % 2);
    assert.equal(shared.queues.pop(turn % 2), 0);
    pipeline.retune();
  }
});

test('a worker takes from its queues in turn', () => {
  const { shared } = newPipeline();
  for (const value of [1, 2, 3]) shared.queues.push(0, value);
  for (const value of [5, 6]) shared.queues.push(1, value);
  const turn = { at: 0 };
  const taken = Array.from({ length: 6 }, () => takeNext(shared, [0, 1], turn));
  assert.deepEqual(taken, [5, 1, 6, 2, 3, NONE]);
});

test('whoever is stalled between an operation and a worker that goes to sleep, the worker learns of it', () => {
  for (const first of ['submitter', 'worker']) {
    for (let step = 0, more = true; more; step++) {
      const { shared, pipeline, woken } = newPipeline();
      let sleeps = false;
      const submitter = (): void => pipeline.submit(0);
      const worker = (): void => {
        Atomics.store(shared.sleep, 0, 1);
        sleeps = shared.queues.empty(0);
      };
      const others = first === 'submitter' ? worker : submitter;
      more = stall(step, first === 'submitter' ? submitter : worker, others);
      if (!more) others();
      if (sleeps) assert.deepEqual(woken, [0], `${first} stalled at step ${step}`);
    }
  }
});

test('threads: with quiesce a FLUSH runs alone and every operation comes back', {
  timeout: 60_000,
}, async (t) => {
  const SUBMITTERS = 2;
  const DEVICES = 2;
  const EACH = 10_000;
  const layout = { queues: [{}, {}], workers: [{ serves: [0] }, { serves: [1] }] };
  const memory = memoryFor(layout, SUBMITTERS, DEVICES);
  const shared = attach(memory);
  reset(shared, new Int32Array(DEVICES), undefined);
  // Per device: writes in flight, FLUSHes in flight, and the times that one met the other.
  const counts = new Int32Array(new SharedArrayBuffer(4 * 3 * DEVICES));
  const done = Array.from({ length: SUBMITTERS + layout.workers.length }, (_, i) => {
    const submitter = i < SUBMITTERS;
    const task: PipelineTask = {
      role: submitter ? 'submitter' : 'worker',
      index: submitter ? i : i - SUBMITTERS,
      memory,
      layout,
      counts,
      tags: TAGS,
      each: EACH,
      kinds: [WRITE, WRITE, WRITE, FLUSH],
    };
    const worker = new Worker(new URL('./pipeline-thread.js', import.meta.url), { workerData: task });
    t.signal.addEventListener('abort', () => void worker.terminate());
    return new Promise<number>((resolve, reject) => {
      worker.on('message', resolve);
      worker.on('error', reject);
    });
  });
  // Nothing here waits for a time: a lost operation or wake-up would leave everybody asleep, and the runner ends it.
  let over = false;
  t.signal.addEventListener('abort', () => over || t.diagnostic(dumpOf(shared)));
  for (const returned of await Promise.all(done.slice(0, SUBMITTERS))) assert.equal(returned, EACH);
  Atomics.store(shared.control, CONTROL.stopWorkers, 1);
  for (let worker = 0; worker < layout.workers.length; worker++) {
    Atomics.store(shared.sleep, worker * LINE, 0);
    Atomics.notify(shared.sleep, worker * LINE);
  }
  const executed = await Promise.all(done.slice(SUBMITTERS));
  over = true;
  assert.equal(
    executed.reduce((sum, n) => sum + n, 0),
    SUBMITTERS * EACH,
  );
  assert.deepEqual([...counts], new Array(3 * DEVICES).fill(0));
});
