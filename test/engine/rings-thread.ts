/** A producer or a consumer of ring 0, for rings.test.ts. */
import { parentPort, workerData } from 'node:worker_threads';
import { LINE, NONE, Rings } from '../../engine/rings.ts';

export interface RingsTask {
  /** Undefined for a consumer. */
  producer: number | undefined;
  producers: number;
  /** Values of each producer. */
  each: number;
  capacity: number;
  memory: SharedArrayBuffer;
  /** Times that each value came out. */
  canaries: Uint8Array;
  /** Tags that each producer may still use, a line each: together as many as the ring has entries. */
  credits: Int32Array;
  /** Producers that are done; negative when a thread has failed. */
  done: Int32Array;
}

const task = workerData as RingsTask;
const rings = new Rings(new Int32Array(task.memory), 1, task.capacity);
parentPort!.postMessage(task.producer === undefined ? consume() : produce(task.producer));

function produce(producer: number): undefined {
  const { credits, each, done } = task;
  for (let i = 0; i < each; i++) {
    while (Atomics.load(credits, producer * LINE) === 0) if (Atomics.load(done, 0) < 0) return;
    Atomics.sub(credits, producer * LINE, 1);
    rings.push(0, producer * each + i);
  }
  Atomics.add(done, 0, 1);
}

function consume(): string | undefined {
  const { credits, each, canaries, done, producers } = task;
  const last = new Int32Array(producers).fill(-1);
  let trouble: string | undefined;
  for (;;) {
    // Asked before the look: a ring found empty after the last push stays empty.
    const over = Atomics.load(done, 0);
    const value = rings.pop(0);
    if (value !== NONE) {
      const producer = Math.floor(value / each);
      if (value <= last[producer]) trouble ??= `${value} after ${last[producer]} of producer ${producer}`;
      last[producer] = value;
      Atomics.add(canaries, value, 1);
      Atomics.add(credits, producer * LINE, 1);
    } else if (over < 0 || over === producers) return trouble;
  }
}
