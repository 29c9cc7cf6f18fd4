/**
 * Replaces the file of a device while operations are under way, as LOOP_CLR_FD and LOOP_SET_FD do: detach, wait until no
 * worker can hold the descriptor, close. Then another device's file is opened, which gets the same number.
 */
import { begin, type Grace, poll } from '../rcu.ts';
import type { Body } from './stage.ts';
import type { World } from './world.ts';

export function* replacer({ program, shared, disk }: World): Body {
  const { files, filesRcu } = shared;
  const device = program.replaced!;
  const descriptor = files[device]!;
  files[device] = -1;
  yield;
  const grace: Grace = { left: 0, draining: 0 };
  begin(filesRcu, grace);
  yield () => poll(filesRcu, grace);
  disk.close(descriptor);
  yield;
  files[program.devices - 1] = disk.open(program.devices - 1);
}
