/**
 * quiesce: Eric Wheeler's 2b, "Flushes need to wait for all workqueues to quiesce."
 *
 * From the moment a FLUSH arrives nothing of its device is dispatched. When the last write in flight on any queue
 * has settled the FLUSH goes, alone; when it has settled, what was parked behind it goes on in arrival order, up to
 * and including the next FLUSH that finds nothing in flight. Reads in flight are not waited for: a flush owes
 * them nothing. This gives `submitted`, and `barrier` as well, since nothing passes a waiting or running FLUSH.
 */
import { type Gate, type GatePolicy, GO, NONE, type OpId, PARK } from '../types.ts';

const WRITES = 0;
const FLUSHING = 1;
const WORDS = 2;

const READ = 0;
const FLUSH = 2;
const PREFLUSH = 2;

export const quiesce: GatePolicy = {
  name: 'quiesce',
  summary: 'a FLUSH stops dispatch and waits for the writes in flight on all queues',
  source: 'Eric Wheeler, linux-block, 2022-04-14, 2b: "Flushes need to wait for all workqueues to quiesce"',
  claims: ['completed', 'submitted', 'barrier'],
  words: WORDS,

  submit(op, gate) {
    return gate.parked() === NONE && admit(op, gate) ? GO : PARK;
  },

  settle(op, gate) {
    if (flushes(op, gate)) gate.store(FLUSHING, 0);
    else if (gate.ops.kind[op] !== READ) gate.store(WRITES, gate.load(WRITES) - 1);
    for (let head = gate.parked(); head !== NONE && admit(head, gate); head = gate.parked()) gate.release();
  },
};

/** A write with PREFLUSH is a FLUSH that brings its data along. */
function flushes(op: OpId, { ops }: Gate): boolean {
  return ops.kind[op] === FLUSH || (ops.flags[op]! & PREFLUSH) !== 0;
}

/** Counts the operation in, unless it has to wait. */
function admit(op: OpId, gate: Gate): boolean {
  if (gate.load(FLUSHING) === 1) return false;
  if (flushes(op, gate)) {
    if (gate.load(WRITES) > 0) return false;
    gate.store(FLUSHING, 1);
  } else if (gate.ops.kind[op] !== READ) gate.store(WRITES, gate.load(WRITES) + 1);
  return true;
}
