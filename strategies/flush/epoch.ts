/**
 * epoch: a FLUSH waits for what came before it, and for nothing else.
 *
 * Like a grace period. Every write belongs to the epoch in which it arrived, and a FLUSH that finds writes in flight ends the epoch
 * and waits until it and all earlier ones have drained; writes that arrive later go on in the next one. This gives
 * `submitted` at the price of waiting alone, without `quiesce`'s stopped dispatch; it does not give `barrier`, since later
 * writes may be durable first.
 */
import { type Gate, type GatePolicy, GO, NONE, type OpId, PARK } from '../types.ts';

const FLUSH = 2;
const PREFLUSH = 2;
const READ = 0;

/** The epoch that is open, the oldest one that may still have writes, and then the writes in flight of each, in a ring. */
const OPEN = 0;
const OLDEST = 1;
const COUNTS = 2;

/** Each parked FLUSH ends one epoch, so there are never more than one per tag and the open one. */
const ringSize = (tags: number): number => tags + 1;

export const epoch: GatePolicy = {
  name: 'epoch',
  summary: 'a FLUSH waits for the writes submitted before it, later ones go on',
  source:
    'grace periods: Documentation/RCU/whatisRCU.rst; the `submitted` rule of Eric Wheeler, 2022-04-14, 2b',
  claims: ['completed', 'submitted'],
  words: (tags) => COUNTS + ringSize(tags),

  submit(op, gate) {
    const open = gate.load(OPEN);
    // A write with PREFLUSH waits like a FLUSH, and is then a write of the epoch in which it goes on.
    if (gate.ops.kind[op] === FLUSH || (gate.ops.flags[op]! & PREFLUSH) !== 0) {
      advance(gate);
      if (gate.load(OLDEST) !== open || count(gate, open) > 0) {
        gate.setMark(op, open);
        gate.store(OPEN, open + 1);
        return PARK;
      }
    }
    enter(op, gate);
    return GO;
  },

  settle(op, gate) {
    const kind = gate.ops.kind[op]!;
    if (kind === FLUSH || kind === READ) return;
    add(gate, gate.mark(op), -1);
    advance(gate);
    for (
      let head = gate.parked();
      head !== NONE && gate.mark(head) < gate.load(OLDEST);
      head = gate.parked()
    ) {
      enter(head, gate);
      gate.release();
    }
  },
};

/** Counts a write into the open epoch. */
function enter(op: OpId, gate: Gate): void {
  const kind = gate.ops.kind[op]!;
  if (kind === FLUSH || kind === READ) return;
  gate.setMark(op, gate.load(OPEN));
  add(gate, gate.load(OPEN), 1);
}

/** Leaves drained epochs behind; the open one stays. */
function advance(gate: Gate): void {
  let oldest = gate.load(OLDEST);
  while (oldest < gate.load(OPEN) && count(gate, oldest) === 0) oldest++;
  gate.store(OLDEST, oldest);
}

function slot(gate: Gate, epochNumber: number): number {
  return COUNTS + (epochNumber % ringSize(gate.ops.kind.length));
}

function count(gate: Gate, epochNumber: number): number {
  return gate.load(slot(gate, epochNumber));
}

function add(gate: Gate, epochNumber: number, by: number): void {
  gate.store(slot(gate, epochNumber), count(gate, epochNumber) + by);
}
