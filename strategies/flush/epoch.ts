/**
 * epoch: a FLUSH waits for what came before it, and for nothing else.
 *
 * Like a grace period. Every operation belongs to the epoch in which it arrived. A FLUSH that finds writes in flight begins a new
 * epoch, and waits until all earlier ones have drained; writes that arrive later belong to the new one and go on. This gives
 * `submitted` at the price of waiting alone, without `quiesce`'s stopped dispatch; it does not give `barrier`, since later
 * writes may be durable first.
 *
 * A write with PREFLUSH waits like a FLUSH, and as a write it counts from its arrival: a FLUSH behind it owes it already.
 * What overlaps it waits behind it, or the order policy would see the later one first.
 */
import { type Gate, type GatePolicy, GO, NONE, type OpId, PARK } from '../types.ts';

const READ = 0;
const FLUSH = 2;
const PREFLUSH = 2;

/** The epoch that is open, the oldest one that may still have writes, and then the writes not yet settled of each, in a ring. */
const OPEN = 0;
const OLDEST = 1;
const COUNTS = 2;

/** Each epoch behind the oldest was begun by an operation that is still parked. */
const ringSize = (tags: number): number => tags + 1;

export const epoch: GatePolicy = {
  name: 'epoch',
  summary: 'a FLUSH waits for the writes submitted before it, later ones go on',
  source:
    'grace periods: Documentation/RCU/whatisRCU.rst; the `submitted` rule of Eric Wheeler, 2022-04-14, 2b',
  claims: ['completed', 'submitted'],
  words: (tags) => COUNTS + ringSize(tags),

  submit(op, gate) {
    const begins = flushes(op, gate) && isBusy(gate);
    const waits = begins || overlapsParked(op, gate);
    if (begins) gate.store(OPEN, gate.load(OPEN) + 1);
    gate.setMark(op, gate.load(OPEN));
    if (isWrite(op, gate)) add(gate, gate.mark(op), 1);
    return waits ? PARK : GO;
  },

  settle(op, gate) {
    if (!isWrite(op, gate)) return;
    add(gate, gate.mark(op), -1);
    advance(gate);
    for (
      let head = gate.parked();
      head !== NONE && gate.mark(head) <= gate.load(OLDEST);
      head = gate.parked()
    ) {
      gate.release();
    }
  },
};

function flushes(op: OpId, { ops }: Gate): boolean {
  return ops.kind[op] === FLUSH || (ops.flags[op]! & PREFLUSH) !== 0;
}

function isWrite(op: OpId, { ops }: Gate): boolean {
  return ops.kind[op] !== FLUSH && ops.kind[op] !== READ;
}

/** True while any write of this epoch or of an earlier one is under way. */
function isBusy(gate: Gate): boolean {
  advance(gate);
  const open = gate.load(OPEN);
  return gate.load(OLDEST) !== open || count(gate, open) > 0;
}

function overlapsParked(op: OpId, gate: Gate): boolean {
  const { kind, offset, length } = gate.ops;
  if (kind[op] === FLUSH) return false;
  for (let at = gate.parked(); at !== NONE; at = gate.behind(at)) {
    if (kind[at] === FLUSH || (kind[at] === READ && kind[op] === READ)) continue;
    if (offset[op]! < offset[at]! + length[at]! && offset[at]! < offset[op]! + length[op]!) return true;
  }
  return false;
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
