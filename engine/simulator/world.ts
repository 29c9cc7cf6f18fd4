/** What the actors of one simulated run share. */
import type { History } from '../../ordering/history.ts';
import type { OpId } from '../../strategies/types.ts';
import type { Pipeline } from '../pipeline.ts';
import type { Rings } from '../rings.ts';
import { LINE } from '../rings.ts';
import { ASLEEP, type Shared } from '../shared.ts';
import type { Disk } from './disk.ts';
import type { Program } from './program.ts';
import type { Body, Stage } from './stage.ts';

export interface World {
  program: Program;
  shared: Shared;
  stage: Stage;
  disk: Disk;
  history: History;
  /** One for each worker, then one for each submitter, as every thread has its own. */
  pipelines: readonly Pipeline[];
  /** Nanoseconds; no two readings are alike. */
  clock(): number;
  /** By operation of the program: its row. */
  rowOf: Int32Array;
  /** By tag: the operation of the program, while it is outstanding. */
  operationOf: Int32Array;
  /** By operation: 1 when its submitter has seen that it was acknowledged. */
  acknowledged: Uint8Array;
}

/** The makers of the actors that a run is made of. test/broken/ has others, with mistakes in them. */
export interface Cast {
  submitter(world: World, index: number): Body;
  worker(world: World, index: number): Body;
  /** Replaces a device's file: detach, grace period, close, open. */
  replacer(world: World): Body;
  /** Its workers answer some operations while their I/O goes on, in a call of its own (Disk.leave). */
  leavesCalls?: boolean;
}

/** Nanoseconds between two readings of the clock, so that a sentence tells each in a microsecond of its own. */
export const TICK = 1000;

/** True when a sleeping thread was woken, or none sleeps on that word. */
export function isAwake({ shared }: World, thread: number): boolean {
  return Atomics.load(shared.sleep, thread * LINE) !== ASLEEP;
}

/** Sets the sleep word, looks again, and waits: whoever pushes after the look sees the word. */
export function* sleep(
  world: World,
  thread: number,
  nothing: () => boolean,
  other: () => boolean = () => false,
): Body {
  const { sleep } = world.shared;
  // Whoever pushes here finds nobody asleep, and has to be seen by the second look.
  yield;
  Atomics.store(sleep, thread * LINE, ASLEEP);
  yield;
  if (nothing()) yield () => isAwake(world, thread) || other();
  Atomics.store(sleep, thread * LINE, 0);
}

/** The rings with points around every push and pop, so that others come between. */
export function withPoints(rings: Rings, point: () => void): Rings {
  const { push, pop } = rings;
  return Object.assign(Object.create(rings) as Rings, {
    push(ring: number, value: OpId) {
      point();
      push.call(rings, ring, value);
      point();
    },
    pop(ring: number) {
      point();
      return pop.call(rings, ring);
    },
  });
}
