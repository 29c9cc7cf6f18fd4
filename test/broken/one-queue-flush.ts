/**
 * A FLUSH that waits for the writes of one queue alone: its own.
 *
 * Eric Wheeler's 2b asks that "flushes need to wait for *all* workqueues to quiesce". Whoever keeps a count in each queue and forgets
 * the fan-out has a policy that is right with one queue, and stays right for as long as a submitter stays on its queue.
 */
import { plant } from './planted.ts';
import { add, FLUSHING, flushes, OWN, quiesceWith } from './quiesce-parts.ts';

const QUEUES = 2;
const READ = 0;

export const oneQueueFlush = plant({
  name: 'one-queue-flush',
  breaks: ['submitted', 'barrier'],
  on: `n-wq:${QUEUES}`,
  parts: {
    flush: quiesceWith(
      'one-queue',
      {
        mayPass(op, gate) {
          if (gate.load(FLUSHING) === 1) return false;
          return !flushes(op, gate) || gate.load(OWN + (gate.ops.cpu[op]! % QUEUES)) === 0;
        },
        count(op, gate) {
          if (flushes(op, gate)) gate.store(FLUSHING, 1);
          else if (gate.ops.kind[op] !== READ) add(gate, OWN + (gate.ops.cpu[op]! % QUEUES), 1);
        },
        uncount(op, gate) {
          if (flushes(op, gate)) gate.store(FLUSHING, 0);
          else if (gate.ops.kind[op] !== READ) add(gate, OWN + (gate.ops.cpu[op]! % QUEUES), -1);
        },
      },
      QUEUES,
    ),
  },
});
