/**
 * The file system of the thread's diagram: it writes the journal, flushes, and writes in place, without waiting for any of them;
 * it takes the FLUSH for a barrier. No file system in the tree does so. What it waits for is only what every block cache
 * waits for: an earlier write of the same block.
 */
import { defineClient, homesOf, JOURNALING, SLOT_UNITS, SLOTS, slotOf } from './client.ts';

export const fireAndForget = defineClient(
  {
    name: 'fire-and-forget',
    summary:
      'writes the journal, flushes and writes in place, and waits for none of them; no file system does so',
    source: 'Eric Wheeler, linux-block, 2022-04-14: unlink("/b"), "all IOs preceding a flush"',
    reading: 'records',
    ordered: false,
  },
  (n) => [
    {
      name: 'record',
      thread: JOURNALING,
      unit: slotOf(n),
      units: SLOT_UNITS,
      begins: true,
      waits: [['record', -SLOTS]],
    },
    { name: 'flush', thread: JOURNALING, promises: true },
    ...homesOf(n, 0, undefined),
  ],
);
