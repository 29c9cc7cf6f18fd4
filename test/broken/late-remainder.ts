/**
 * A write that came back short is answered at once, and its remainder goes in again by itself: behind the fsync of a FLUSH that
 * trusted the answer.
 *
 * Source: tursodatabase/turso pull request 4291: a partial write broke the chain in the ring, and "the re-submission of the partial
 * write could happen after the fsync".
 */
import type { Disk } from '../../engine/simulator/disk.ts';
import { UNIT_BYTES } from '../../engine/simulator/program.ts';
import { worker } from '../../engine/simulator/worker.ts';
import { WRITE } from '../../ordering/history.ts';
import { leaveBehind } from './hasty.ts';
import { plant } from './planted.ts';

export const lateRemainder = plant({
  name: 'late-remainder',
  breaks: ['completed', 'integrity'],
  on: 'n-wq:2',
  cast: {
    leavesCalls: true,
    worker(world, index) {
      const { disk } = world;
      const seen: Disk = Object.assign(Object.create(disk) as Disk, {
        take(call: number) {
          const io = { ...disk.calls[call]! };
          const result = disk.take(call);
          const moved = result / UNIT_BYTES;
          if (io.kind !== WRITE || result <= 0 || moved === io.units) return result;
          disk.begin(call, { ...io, unit: io.unit + moved, units: io.units - moved });
          leaveBehind(world, call);
          return io.units * UNIT_BYTES;
        },
      });
      return worker({ ...world, disk: seen }, index);
    },
  },
});
