/** The stop words of a trial, and the kicks that make everybody look at them. */
import { kickThread } from './kick.ts';
import { LINE } from './rings.ts';
import { CONTROL, type Shared } from './shared.ts';
import { giveUpNested } from './stacked.ts';

/** More jobs than any workload has. */
const EVERYBODY = 2 ** 30;

/** Workers leave once their queues are empty. */
export function stopWorkers(kickFds: readonly number[], shared: Shared): void {
  Atomics.store(shared.control, CONTROL.stopWorkers, 1);
  for (let w = 0; w < shared.sizes.workers; w++) {
    Atomics.store(shared.sleep, w * LINE, 0);
    Atomics.notify(shared.sleep, w * LINE);
    kickThread(kickFds[w] as number);
  }
}

/** Everybody leaves at once, outstanding operations or not. */
export function abort(
  { kickFds, submitterFds }: { kickFds: readonly number[]; submitterFds: readonly number[] },
  shared: Shared,
): void {
  Atomics.store(shared.control, CONTROL.stopIssuing, 1);
  Atomics.store(shared.control, CONTROL.abort, 1);
  Atomics.store(shared.control, CONTROL.go, 1);
  Atomics.notify(shared.control, CONTROL.go);
  Atomics.store(shared.control, CONTROL.ended, EVERYBODY);
  Atomics.notify(shared.control, CONTROL.ended);
  giveUpNested(shared);
  stopWorkers(kickFds, shared);
  for (let s = 0; s < shared.sizes.submitters; s++) {
    const word = (shared.sizes.workers + s) * LINE;
    Atomics.store(shared.sleep, word, 0);
    Atomics.notify(shared.sleep, word);
  }
  for (const fd of submitterFds) kickThread(fd);
}
