/** A world whose disk reports some I/Os as done while they are in flight: what an engine sees that answers too early. */
import type { Disk } from '../../engine/simulator/disk.ts';
import { UNIT_BYTES } from '../../engine/simulator/program.ts';
import { worker } from '../../engine/simulator/worker.ts';
import type { Cast, World } from '../../engine/simulator/world.ts';

/** True of a call in flight that is taken for done. `disk` is the real one. */
export type Taken = (disk: Disk, call: number) => boolean;

/** Workers that believe such a disk, each with an opinion of its own of what is done. */
export function hastyCast(opinion: () => Taken): Partial<Cast> {
  return { leavesCalls: true, worker: (world, index) => worker(hasty(world, opinion()), index) };
}

function hasty(world: World, taken: Taken): World {
  const { disk } = world;
  const seen: Disk = Object.assign(Object.create(disk) as Disk, {
    isDone: (call: number) => disk.isDone(call) || (disk.inFlight(call) && taken(disk, call)),
    take(call: number) {
      if (disk.isDone(call)) return disk.take(call);
      const { units } = disk.calls[call]!;
      leaveBehind(world, call);
      return units * UNIT_BYTES;
    },
  });
  return { ...world, disk: seen };
}

/** The I/O of a call goes on although its operation is answered; the history gets the time of its real return. */
export function leaveBehind(world: World, call: number): void {
  const { disk, history, shared, operationOf, rowOf, clock } = world;
  const operation = operationOf[call]!;
  disk.leave(call, () => {
    const co = clock();
    // The submitter may not have heard of the answer yet, and then copies the stamp from here.
    if (operationOf[call] === operation) shared.ops.co[call] = co;
    history.co[rowOf[operation]!] = co;
  });
}
