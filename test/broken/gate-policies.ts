/**
 * Flush policies that must be rejected: `quiesce` with one mistake each. `breaks` names the rules of gate-world.ts one
 * of which has to be found broken.
 */
import { type GatePolicy, NONE } from '../../strategies/types.ts';
import { add, FLUSHING, quiesceWith as policy, WRITES } from './quiesce-parts.ts';

const FLUSH = 2;

export interface PlantedPolicy {
  policy: GatePolicy;
  breaks: readonly string[];
}

export const PLANTED_POLICIES: readonly PlantedPolicy[] = [
  {
    // The check-then-count race in serial clothes: what was parked is let go without being counted.
    policy: policy('forgets-parked', {
      release(gate) {
        for (let op = gate.parked(); op !== NONE && this.mayPass(op, gate); op = gate.parked())
          gate.release();
      },
    }),
    breaks: ['alone', 'submitted', 'idle'],
  },
  { policy: policy('overtakes-parked', { queues: false }), breaks: ['barrier', 'fifo'] },
  {
    policy: policy('ignores-running-flush', {
      mayPass: (op, gate) => gate.ops.kind[op] !== FLUSH || gate.load(WRITES) === 0,
    }),
    breaks: ['alone', 'barrier'],
  },
  {
    policy: policy('ignores-writes', { mayPass: (_op, gate) => gate.load(FLUSHING) === 0 }),
    breaks: ['alone', 'submitted'],
  },
  {
    policy: policy('releases-one', {
      release(gate) {
        const op = gate.parked();
        if (op === NONE || !this.mayPass(op, gate)) return;
        this.count(op, gate);
        gate.release();
      },
    }),
    breaks: ['idle', 'lost'],
  },
  { policy: policy('never-releases', { release: () => {} }), breaks: ['idle', 'lost'] },
  {
    policy: policy('counts-reads-out', {
      uncount(op, gate) {
        if (gate.ops.kind[op] === FLUSH) gate.store(FLUSHING, 0);
        else add(gate, WRITES, -1);
      },
    }),
    breaks: ['alone', 'submitted', 'idle'],
  },
  {
    policy: policy('waits-for-reads', {
      count(op, gate) {
        if (gate.ops.kind[op] === FLUSH) gate.store(FLUSHING, 1);
        else add(gate, WRITES, 1);
      },
      uncount(op, gate) {
        if (gate.ops.kind[op] === FLUSH) gate.store(FLUSHING, 0);
        else add(gate, WRITES, -1);
      },
    }),
    breaks: ['idle'],
  },
  {
    policy: policy('only-plain-writes', {
      count(op, gate) {
        if (gate.ops.kind[op] === FLUSH) gate.store(FLUSHING, 1);
        else if (gate.ops.kind[op] === 1) add(gate, WRITES, 1);
      },
      uncount(op, gate) {
        if (gate.ops.kind[op] === FLUSH) gate.store(FLUSHING, 0);
        else if (gate.ops.kind[op] === 1) add(gate, WRITES, -1);
      },
    }),
    breaks: ['alone', 'submitted'],
  },
];
