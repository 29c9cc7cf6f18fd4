/** A submitter or a worker over a real pipeline, for pipeline.test.ts. Whoever has nothing to do sleeps. */
import { parentPort, workerData } from 'node:worker_threads';
import { Pipeline, takeNext } from '../../engine/pipeline.ts';
import { LINE } from '../../engine/rings.ts';
import { attach, CONTROL, type SharedMemory } from '../../engine/shared.ts';
import { FLUSH, READ } from '../../ordering/history.ts';
import { quiesce } from '../../strategies/flush/quiesce.ts';
import { type Layout, NONE, type OpId } from '../../strategies/types.ts';

export interface PipelineTask {
  role: 'submitter' | 'worker';
  index: number;
  memory: SharedMemory;
  layout: Layout;
  /** Per device: writes in flight, FLUSHes in flight, and the times that one met the other. */
  counts: Int32Array;
  /** Of each submitter. */
  tags: number;
  /** Operations of each submitter. */
  each: number;
  kinds: number[];
}

const task = workerData as PipelineTask;
const shared = attach(task.memory);
const { ops } = shared;
const devices = shared.sizes.devices;
const pipeline = new Pipeline(
  shared,
  // A queue each for even and odd tags. It is called inside the gate, when the operation is let go.
  { layout: task.layout, route: (op) => dispatched(op) ?? op % task.layout.queues.length },
  [quiesce],
  task.index,
  1,
);
pipeline.wakeBy((worker) => void Atomics.notify(shared.sleep, worker * LINE, 1));
parentPort!.postMessage(task.role === 'worker' ? execute() : submit());

function dispatched(op: OpId): undefined {
  const at = ops.device[op] * 3;
  const flush = ops.kind[op] === FLUSH;
  const met = Atomics.load(task.counts, at + 1) + (flush ? Atomics.load(task.counts, at) : 0);
  if (met > 0) Atomics.add(task.counts, at + 2, 1);
  if (ops.kind[op] !== READ) Atomics.add(task.counts, at + (flush ? 1 : 0), 1);
}

function execute(): number {
  const { serves } = task.layout.workers[task.index];
  const turn = { at: 0 };
  for (let executed = 0; ; ) {
    const op = takeNext(shared, serves, turn);
    if (op !== NONE) {
      executed++;
      if (ops.kind[op] !== READ) {
        Atomics.sub(task.counts, ops.device[op] * 3 + (ops.kind[op] === FLUSH ? 1 : 0), 1);
      }
      pipeline.settle(op);
    } else if (Atomics.load(shared.control, CONTROL.stopWorkers) === 1) return executed;
    else {
      sleep(task.index, () => {
        const idle = serves.every((queue) => shared.queues.empty(queue));
        return idle && Atomics.load(shared.control, CONTROL.stopWorkers) === 0;
      });
    }
  }
}

function submit(): number {
  const { index, tags, each, kinds } = task;
  const free = Array.from({ length: tags }, (_, i) => index * tags + i);
  for (const tag of free) ops.submitter[tag] = index;
  let issued = 0;
  for (let returned = 0; ; ) {
    for (let op = shared.completions.pop(index); op !== NONE; op = shared.completions.pop(index)) {
      free.push(op);
      returned++;
    }
    if (returned === each) return returned;
    for (; free.length > 0 && issued < each; issued++) {
      const op = free.pop()!;
      ops.device[op] = issued % devices;
      ops.kind[op] = kinds[Math.floor(issued / devices) % kinds.length];
      pipeline.submit(op);
    }
    sleep(shared.sizes.workers + index, () => shared.completions.empty(index));
  }
}

/** Sets the word, looks again, waits: whoever pushes after the look sees the word. */
function sleep(thread: number, idle: () => boolean): void {
  Atomics.store(shared.sleep, thread * LINE, 1);
  if (idle()) Atomics.wait(shared.sleep, thread * LINE, 1);
  Atomics.store(shared.sleep, thread * LINE, 0);
}
