/**
 * A device's file is closed at once when it is replaced, without a grace period. A worker that has read the descriptor and not yet
 * used it writes into whatever file gets the same number next.
 *
 * Source: the thread's option 2c, "RCU might be useful": this is what the grace period is for.
 */
import type { Body } from '../../engine/simulator/stage.ts';
import type { World } from '../../engine/simulator/world.ts';
import { plant } from './planted.ts';

function* replacer({ program, shared: { files }, disk }: World): Body {
  const device = program.replaced!;
  const descriptor = files[device]!;
  files[device] = -1;
  yield;
  disk.close(descriptor);
  yield;
  files[program.devices - 1] = disk.open(program.devices - 1);
}

export const noGracePeriod = plant({
  name: 'no-grace-period',
  breaks: ['integrity'],
  on: 'shared-pool:2',
  cast: { replacer },
});
