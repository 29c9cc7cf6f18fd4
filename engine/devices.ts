/**
 * Attaching and detaching a device's backing file under load. Workers look the descriptor up inside an RCU read section
 * that spans the I/O, so once `detach` resolves no operation can reach the old file any more, and its descriptor may be
 * closed and its number used again. Operations that arrive in between answer ENODEV.
 */
import { setTimeout as after } from 'node:timers/promises';
import { begin, poll } from './rcu.ts';
import type { Shared } from './shared.ts';

/** How often a grace period is looked at, milliseconds. It lasts as long as the longest I/O that was under way. */
const LOOK_MS = 1;

/** Domains with a grace period under way: each has one updater at a time, so the next one waits for it. */
const underWay = new WeakMap<Int32Array, Promise<unknown>>();

/** Takes the file away from device `device`. Resolves to its descriptor when nothing can reach it any more. */
export async function detach(shared: Shared, device: number): Promise<number> {
  const { filesRcu, files } = shared;
  const fd = Atomics.exchange(files, device, -1);
  const turn = (underWay.get(filesRcu.words) ?? Promise.resolve()).then(async () => {
    const grace = { left: 0, draining: 0 };
    begin(filesRcu, grace);
    while (!poll(filesRcu, grace)) await after(LOOK_MS);
  });
  underWay.set(filesRcu.words, turn);
  await turn;
  return fd;
}

/** Gives device `device`, which is detached, the file behind `fd`. */
export function attach(shared: Shared, device: number, fd: number): void {
  if (Atomics.compareExchange(shared.files, device, -1, fd) !== -1)
    throw new Error(`device ${device} is attached already`);
}
