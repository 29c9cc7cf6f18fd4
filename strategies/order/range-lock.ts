/**
 * range-lock: overlapping operations take effect in the order of their arrival.
 *
 * An operation goes when no operation in flight overlaps it, and *no parked one that came earlier* does either. The second half is
 * what makes it an order and not a mere exclusion: without it a later writer would slip past a waiting one. Two reads never
 * conflict, and a FLUSH has no range. This gives `dependent`.
 */
import type { Gate, GatePolicy, OpId, Ops } from '../types.ts';
import { GO, NONE, PARK } from '../types.ts';

const READ = 0;
const FLUSH = 2;

/** Word 0: operations in flight; then their ids. */
const COUNT = 0;
const FIRST = 1;

export const rangeLock: GatePolicy = {
  name: 'range-lock',
  summary: 'overlapping operations wait for each other, first come first served',
  source: 'Eric Wheeler, linux-block, 2022-04-14, 2a: "Ordering of dependent IOs"',
  claims: ['dependent'],
  words: (tags) => FIRST + tags,

  submit(op, gate) {
    if (gate.ops.kind[op] === FLUSH) return GO;
    if (blocked(op, gate, NONE)) return PARK;
    enter(op, gate);
    return GO;
  },

  settle(op, gate) {
    if (gate.ops.kind[op] === FLUSH) return;
    leave(op, gate);
    for (let at = gate.parked(); at !== NONE; ) {
      const next = gate.behind(at);
      if (!blocked(at, gate, at)) {
        enter(at, gate);
        gate.release(at);
      }
      at = next;
    }
  },
};

/** True when an operation in flight, or one parked before `until`, conflicts with `op`. */
function blocked(op: OpId, gate: Gate, until: OpId): boolean {
  for (let i = 0; i < gate.load(COUNT); i++) if (conflict(op, gate.load(FIRST + i), gate.ops)) return true;
  for (let at = gate.parked(); at !== NONE && at !== until; at = gate.behind(at)) {
    if (conflict(op, at, gate.ops)) return true;
  }
  return false;
}

function conflict(a: OpId, b: OpId, { kind, offset, length }: Ops): boolean {
  if (kind[a] === READ && kind[b] === READ) return false;
  return offset[a]! < offset[b]! + length[b]! && offset[b]! < offset[a]! + length[a]!;
}

function enter(op: OpId, gate: Gate): void {
  const count = gate.load(COUNT);
  gate.store(FIRST + count, op);
  gate.store(COUNT, count + 1);
}

function leave(op: OpId, gate: Gate): void {
  const last = gate.load(COUNT) - 1;
  for (let i = 0; i < last; i++)
    if (gate.load(FIRST + i) === op) gate.store(FIRST + i, gate.load(FIRST + last));
  gate.store(COUNT, last);
}
