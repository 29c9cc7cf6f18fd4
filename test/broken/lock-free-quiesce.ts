/**
 * `quiesce` without a gate: threads go through one word and a list, each step of which is atomic in itself. Between steps others may
 * come where `gaps` leaves a point; without gaps a submission and a completion are one step each, and nothing is wrong.
 *
 * A quiesce of this kind, on one word of shared memory, looked right in 9,500 flushes and hung in 3 of 16 soaks: it is why the
 * engine has a gate.
 */
import { submitter } from '../../engine/simulator/submitter.ts';
import { worker } from '../../engine/simulator/worker.ts';
import type { Cast, World } from '../../engine/simulator/world.ts';
import { FLUSH, PREFLUSH, READ } from '../../ordering/history.ts';
import { quiesce } from '../../strategies/flush/quiesce.ts';
import { type GatePolicy, GO, type OpId } from '../../strategies/types.ts';

/** What `quiesce` claims, and in the gate nothing of what it does: that is in the threads. */
export const GATELESS: GatePolicy = { ...quiesce, words: 0, submit: () => GO, settle: () => {} };

export interface Gaps {
  /** Between the decision that an operation has to wait and its entry into the list. */
  park?: boolean;
  /** Between taking an operation out of the list and counting it. */
  count?: boolean;
}

/** The counterpart of a device's gate. */
interface Door {
  writes: number;
  flushing: boolean;
  parked: OpId[];
}

export function lockFreeQuiesce(gaps: Gaps): Partial<Cast> {
  const worlds = new WeakMap<World, World>();
  const through = (world: World): World => {
    const known = worlds.get(world) ?? withDoors(world, gaps);
    worlds.set(world, known);
    return known;
  };
  return {
    submitter: (world, index) => submitter(through(world), index),
    worker: (world, index) => worker(through(world), index),
  };
}

function withDoors(world: World, gaps: Gaps): World {
  const { ops } = world.shared;
  const { point } = world.stage;
  const doors = Array.from(
    { length: world.program.devices },
    (): Door => ({ writes: 0, flushing: false, parked: [] }),
  );
  const flushes = (op: OpId): boolean => ops.kind[op] === FLUSH || (ops.flags[op]! & PREFLUSH) !== 0;
  const mayPass = (op: OpId, door: Door): boolean => !door.flushing && (!flushes(op) || door.writes === 0);
  const count = (op: OpId, door: Door, by: 1 | -1): void => {
    if (flushes(op)) door.flushing = by === 1;
    else if (ops.kind[op] !== READ) door.writes += by;
  };

  const pipelines = world.pipelines.map((pipeline) =>
    Object.assign(Object.create(pipeline) as typeof pipeline, {
      submit(op: OpId) {
        const door = doors[ops.device[op]!]!;
        if (door.parked.length === 0 && mayPass(op, door)) {
          count(op, door, 1);
          pipeline.submit(op);
          return;
        }
        if (gaps.park) point();
        door.parked.push(op);
      },
      settle(op: OpId) {
        const door = doors[ops.device[op]!]!;
        count(op, door, -1);
        while (door.parked.length > 0 && mayPass(door.parked[0]!, door)) {
          const head = door.parked.shift()!;
          if (gaps.count) point();
          count(head, door, 1);
          pipeline.submit(head);
        }
        pipeline.settle(op);
      },
    }),
  );
  return { ...world, pipelines };
}
