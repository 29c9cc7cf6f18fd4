/**
 * journal-apart:M, a strategy that lives outside of loopwq's tree: `loopwq run --design examples/journal-apart.js`.
 *
 * A file system's journal is a range of the disk, and what waits for it waits for a commit: a few small writes and a FLUSH. Behind a
 * single queue they stand in line with every bulk write of the device. Here each device has two queues with one worker each:
 * one for the writes to its first M MiB, where the journal lies, and for every FLUSH; one for the rest. So a commit keeps its own
 * order, journal before FLUSH, and passes the bulk. A FLUSH then knows nothing of the bulk writes that were submitted before it and
 * still stand in the other queue: `completed` holds, as they were not acknowledged, and `submitted` does not. Put `+quiesce` or
 * `+epoch` behind the name to see what it costs to keep that as well.
 */
import { defineStrategy, FLUSH, READ } from 'loopwq';

const MIB = 2 ** 20;
const JOURNAL = 0;
const REST = 1;
const QUEUES = 2;

export default defineStrategy({
  name: 'journal-apart',
  summary: 'two queues per device: the journal with every FLUSH, and the rest',
  source: 'an example of loopwq; jbd2 lays its journal out as one range, fs/jbd2/journal.c',
  parameter: { name: 'M', default: 1, least: 1, most: 1024 },
  claims: ['integrity', 'completed', 'progress'],

  open(mebibytes, { devices }) {
    const end = mebibytes * MIB;
    const each = Array.from({ length: devices * QUEUES }, (_, queue) => queue);
    return {
      layout: {
        queues: each.map(() => ({ maxActive: 1 })),
        workers: each.map((queue) => ({ serves: [queue] })),
      },
      route(op, { ops }) {
        const kind = ops.kind[op];
        const journal = kind === FLUSH || (kind !== READ && ops.offset[op] < end);
        return ops.device[op] * QUEUES + (journal ? JOURNAL : REST);
      },
    };
  },
});
