/** `quiesce` taken apart, so that a mistake can be made in one of its parts. */
import { type Gate, type GatePolicy, GO, NONE, type OpId, PARK } from '../../strategies/types.ts';

export const WRITES = 0;
export const FLUSHING = 1;
/** Words of the planted policy's own. */
export const OWN = 2;

const READ = 0;
const FLUSH = 2;
const PREFLUSH = 2;

export interface Parts {
  mayPass(op: OpId, gate: Gate): boolean;
  count(op: OpId, gate: Gate): void;
  uncount(op: OpId, gate: Gate): void;
  release(this: Parts, gate: Gate): void;
  queues: boolean;
}

export const add = (gate: Gate, word: number, n: number): void => gate.store(word, gate.load(word) + n);

export const flushes = (op: OpId, { ops }: Gate): boolean =>
  ops.kind[op] === FLUSH || (ops.flags[op]! & PREFLUSH) !== 0;

const sound: Parts = {
  mayPass(op, gate) {
    if (gate.load(FLUSHING) === 1) return false;
    return !flushes(op, gate) || gate.load(WRITES) === 0;
  },
  count(op, gate) {
    if (flushes(op, gate)) gate.store(FLUSHING, 1);
    else if (gate.ops.kind[op] !== READ) add(gate, WRITES, 1);
  },
  uncount(op, gate) {
    if (flushes(op, gate)) gate.store(FLUSHING, 0);
    else if (gate.ops.kind[op] !== READ) add(gate, WRITES, -1);
  },
  release(gate) {
    for (let op = gate.parked(); op !== NONE && this.mayPass(op, gate); op = gate.parked()) {
      this.count(op, gate);
      gate.release();
    }
  },
  queues: true,
};

/** `own`: words that the changed parts keep from OWN on. */
export function quiesceWith(name: string, change: Partial<Parts> & ThisType<Parts>, own = 0): GatePolicy {
  const parts: Parts = { ...sound, ...change };
  return {
    name,
    summary: 'must be rejected',
    source: 'planted',
    claims: ['completed', 'submitted', 'barrier'],
    words: OWN + own,
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
export const unchanged = quiesceWith('unchanged', {});
