/**
 * A READ that came back short is answered as a whole one. What the call did not bring is whatever the buffer held: zeroes.
 *
 * Source: ublk-org/ublksrv issue 196; loop itself retries a short READ (lo_complete_rq), because it once did not.
 */
import type { Disk } from '../../engine/simulator/disk.ts';
import { UNIT_BYTES } from '../../engine/simulator/program.ts';
import { worker } from '../../engine/simulator/worker.ts';
import { READ, SEEN_ZEROES } from '../../ordering/history.ts';
import { plant } from './planted.ts';

export const zeroFilledRead = plant({
  name: 'zero-filled-read',
  breaks: ['integrity'],
  on: 'n-wq:2',
  cast: {
    worker(world, index) {
      const { disk } = world;
      const seen: Disk = Object.assign(Object.create(disk) as Disk, {
        take(call: number) {
          const { kind, seen: brought, units } = disk.calls[call]!;
          const result = disk.take(call);
          if (kind !== READ || result < 0) return result;
          while (brought.length < units) brought.push(SEEN_ZEROES);
          return units * UNIT_BYTES;
        },
      });
      return worker({ ...world, disk: seen }, index);
    },
  },
});
