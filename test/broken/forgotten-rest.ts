/** A worker that must be rejected: it answers a write that was cut short as if it were whole, and writes the rest afterwards. */

import { takerOf } from '../../engine/pipeline.ts';
import type { Body } from '../../engine/simulator/stage.ts';
import { beginCall, execute, nothingFor } from '../../engine/simulator/worker.ts';
import { sleep, type World } from '../../engine/simulator/world.ts';
import { WRITE } from '../../ordering/history.ts';
import { NONE } from '../../strategies/types.ts';

export function* forgetful(world: World, index: number): Body {
  const { disk, shared } = world;
  const { ops } = shared;
  const pipeline = world.pipelines[index]!;
  const take = takerOf(pipeline, index);
  for (;;) {
    const op = take();
    if (op === NONE) {
      yield* sleep(world, index, () => nothingFor(world, pipeline.hooks.layout.workers[index]!.serves));
      continue;
    }
    if (ops.kind[op] !== WRITE) {
      yield* execute(world, op, { reader: index, worker: index });
      pipeline.done(op);
      continue;
    }
    const descriptor = shared.files[ops.device[op]!]!;
    ops.worker[op] = index;
    ops.st[op] = world.clock();
    beginCall(world, op, descriptor);
    yield () => disk.isDone(op);
    const moved = disk.take(op);
    ops.co[op] = world.clock();
    ops.result[op] = ops.length[op]!;
    pipeline.done(op);
    yield;
    if (moved === ops.length[op]!) continue;
    beginCall(world, op, descriptor, moved);
    yield () => disk.isDone(op);
    disk.take(op);
  }
}
