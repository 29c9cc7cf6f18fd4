/**
 * blk-flush: the flush machine that the block layer has put in front of the driver since Linux 4.0.
 *
 * Loop advertises a volatile write cache and no FUA, so the driver sees bare FLUSHes and plain writes alone. A FLUSH joins the
 * list `pending`; one flush request of the device serves the whole list. Issuing it toggles `pending`, its completion toggles
 * `running` and ends everything that waited on that list: two lists, so that what arrives while a flush runs waits for
 * the next one and is never covered by half of one. The conditions, as block/blk-flush.c names them:
 *
 *   C1  one flush request in flight at a time
 *   C2  none while data of a sequenced request is in flight; a FLUSH has no data, so it never arises here
 *   C3  C2 is ignored after 5 seconds, so neither does this
 *
 * While a FLUSH waits on the list, writes that arrive after it go straight to the driver. So whatever policy stands behind this
 * front, `barrier` is lost: `quiesce` there never sees the FLUSH come before them.
 *
 * A failed flush fails everybody who waited for it. The flush request is submitted on the CPU of the first waiter.
 */
import { type Front, type FrontGate, NONE, type OpId } from '../types.ts';

const FLUSH = 2;

/** Which of the two lists is pending and which is running; then head and tail of each, as tag + 1. */
const PENDING = 0;
const RUNNING = 1;
const LISTS = 2;
const WORDS = LISTS + 4;

export const blkFlush: Front = {
  name: 'blk-flush',
  summary: 'FLUSHes wait for one flush request of the device, and one serves all that wait',
  source: 'block/blk-flush.c, Linux 4.0 and later; one instance per hardware queue since f70ced0',
  claims: ['completed'],
  voids: ['barrier'],
  words: WORDS,

  submit(op, gate) {
    if (gate.ops.kind[op] !== FLUSH) {
      gate.issue(op);
      return;
    }
    join(op, gate, gate.load(PENDING));
    kick(gate);
  },

  settle(op, gate, result) {
    if (op !== gate.flushRequest) {
      gate.end(op, result);
      return;
    }
    const list = gate.load(RUNNING);
    gate.store(RUNNING, 1 - list);
    for (let waiter = take(gate, list); waiter !== NONE; waiter = take(gate, list)) gate.end(waiter, result);
    kick(gate);
  },
};

/** C1: while a flush request is in flight the two toggles differ. */
function kick(gate: FrontGate): void {
  const list = gate.load(PENDING);
  const first = gate.load(LISTS + 2 * list) - 1;
  if (list !== gate.load(RUNNING) || first === NONE) return;
  gate.store(PENDING, 1 - list);
  gate.issueFlush(first);
}

function join(op: OpId, gate: FrontGate, list: number): void {
  const head = LISTS + 2 * list;
  gate.setMark(op, 0);
  if (gate.load(head) === 0) gate.store(head, op + 1);
  else gate.setMark(gate.load(head + 1) - 1, op + 1);
  gate.store(head + 1, op + 1);
}

/** The oldest of a list, or NONE. */
function take(gate: FrontGate, list: number): OpId {
  const head = LISTS + 2 * list;
  const op = gate.load(head) - 1;
  if (op !== NONE) gate.store(head, gate.mark(op));
  return op;
}
