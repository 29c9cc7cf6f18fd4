/**
 * Flush policies that must be rejected: `quiesce` with one mistake each. `breaks` names the rules of gate-world.ts one
 * of which has to be found broken.
 */
import { type Gate, type GatePolicy, GO, NONE, type OpId, PARK } from '../../strategies/types.ts';

const WRITES = 0;
const FLUSHING = 1;

const READ = 0;
const FLUSH = 2;

export interface Planted {
  policy: GatePolicy;
  breaks: readonly string[];
}

/** The parts of quiesce, each of which a planted policy may replace. */
interface Parts {
  mayPass(op: OpId, gate: Gate): boolean;
  count(op: OpId, gate: Gate): void;
  uncount(op: OpId, gate: Gate): void;
  release(this: Parts, gate: Gate): void;
  queues: boolean;
}

const add = (gate: Gate, word: number, n: number): void => gate.store(word, gate.load(word) + n);

const sound: Parts = {
  mayPass(op, gate) {
    if (gate.load(FLUSHING) === 1) return false;
    return gate.ops.kind[op] !== FLUSH || gate.load(WRITES) === 0;
  },
  count(op, gate) {
    const kind = gate.ops.kind[op];
    if (kind === FLUSH) gate.store(FLUSHING, 1);
    else if (kind !== READ) add(gate, WRITES, 1);
  },
  uncount(op, gate) {
    const kind = gate.ops.kind[op];
    if (kind === FLUSH) gate.store(FLUSHING, 0);
    else if (kind !== READ) add(gate, WRITES, -1);
  },
  release(gate) {
    for (let op = gate.parked(); op !== NONE && this.mayPass(op, gate); op = gate.parked()) {
      this.count(op, gate);
      gate.release();
    }
  },
  queues: true,
};

function policy(name: string, change: Partial<Parts> & ThisType<Parts>): GatePolicy {
  const parts: Parts = { ...sound, ...change };
  return {
    name,
    summary: 'must be rejected',
    source: 'planted',
    claims: ['completed', 'submitted', 'barrier'],
    words: 2,
    submit(op, gate) {
      if ((parts.queues && gate.parked() !== NONE) || !parts.mayPass(op, gate)) return PARK;
      parts.count(op, gate);
      return GO;
    },
    settle(op, gate) {
      parts.uncount(op, gate);
      parts.release(gate);
    },
  };
}

/** Built of the same parts with none replaced, so that what is found is the mistake and not the building. */
export const unchanged = policy('unchanged', {});

export const PLANTED: readonly Planted[] = [
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
