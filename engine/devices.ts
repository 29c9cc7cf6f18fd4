/**
 * Attaching, detaching and replacing a device's backing file under load. Workers look the descriptor up inside an RCU read
 * section that spans the I/O, so once `detach` resolves no operation can reach the old file any more, and its descriptor may be
 * closed and its number used again. Operations that arrive in between answer ENODEV.
 */
import { setTimeout as after, setImmediate as otherEvents } from 'node:timers/promises';
import { now } from './clock.ts';
import { begin, poll } from './rcu.ts';
import type { Shared } from './shared.ts';

/** How often a grace period is looked at, milliseconds. It lasts as long as the longest I/O that was under way. */
const LOOK_MS = 1;
/** Before that at every turn of the event loop: most are over by then, and a timer would be all that is measured. */
const EAGER_NS = 1e6;

/** Domains with a grace period under way: each has one updater at a time, so the next one waits for it. */
const underWay = new WeakMap<Int32Array, Promise<unknown>>();

/**
 * Takes the file away from device `device`. Resolves to its descriptor when nothing can reach it any more.
 *
 * @param givenUp true when threads have left in the middle of their I/O, so that the grace period will not end: the device then has
 *   its file again, and -1 is the answer
 */
export async function detach(
  shared: Shared,
  device: number,
  givenUp: () => boolean = () => false,
): Promise<number> {
  const { filesRcu, files } = shared;
  const fd = Atomics.exchange(files, device, -1);
  const turn = (underWay.get(filesRcu.words) ?? Promise.resolve()).then(async () => {
    const grace = { left: 0, draining: 0 };
    const since = now();
    begin(filesRcu, grace);
    while (!poll(filesRcu, grace)) {
      if (givenUp()) return false;
      await (now() - since < EAGER_NS ? otherEvents() : after(LOOK_MS));
    }
    return true;
  });
  underWay.set(filesRcu.words, turn);
  if (await turn) return fd;
  attach(shared, device, fd);
  return -1;
}

/** Gives device `device`, which is detached, the file behind `fd`. */
export function attach(shared: Shared, device: number, fd: number): void {
  if (Atomics.compareExchange(shared.files, device, -1, fd) !== -1)
    throw new Error(`device ${device} is attached already`);
}

export interface Replacing {
  /** Milliseconds of rest behind each replacement. */
  every: number;
  /** Makes new files of these detached devices, which hold what the old ones did, and closes those. Returns their descriptors. */
  exchange(devices: readonly number[]): Promise<readonly number[]>;
}

/**
 * Replaces devices until `isOver`: two neighbours at a time, where there are two, so that each gets the descriptor number that the
 * other one gave up. Returns how long each grace period took, in nanoseconds.
 */
export async function replaceUnderLoad(
  shared: Shared,
  { every, exchange }: Replacing,
  isOver: () => boolean,
  givenUp: () => boolean,
): Promise<number[]> {
  const { devices } = shared.sizes;
  const graces: number[] = [];
  for (let turn = 0; ; turn++) {
    for (const end = now() + every * 1e6; !isOver() && now() < end; ) await after(Math.min(every, LOOK_MS));
    if (isOver()) return graces;
    const pair = [...new Set([turn % devices, (turn + 1) % devices])];
    for (const device of pair) {
      const since = now();
      if ((await detach(shared, device, givenUp)) < 0) return graces;
      graces.push(now() - since);
    }
    const fds = await exchange(pair);
    for (const [i, device] of pair.entries()) attach(shared, device, fds[i]!);
  }
}
