/**
 * blk-flush: the flush machine that the block layer has put in front of the driver since Linux 4.0.
 *
 * Loop advertises a volatile write cache and no FUA, so the driver sees bare FLUSHes and plain writes alone. A write becomes a
 * sequence: PREFLUSH, its data, and POSTFLUSH in place of FUA; a FLUSH has the first step only. Flush steps join the list
 * `pending`, and one flush request serves the whole list. Issuing it toggles `pending`, its completion toggles `running` and
 * advances everything that waited on that list: two lists, so that what arrives while a flush runs waits for the next one and
 * is never covered by half of one. The conditions, as block/blk-flush.c names them:
 *
 *   C1  one flush request in flight at a time
 *   C2  none while data of a sequenced request is in flight: its POSTFLUSH may soon share the same one
 *   C3  C2 is ignored once the oldest waiter has waited for 5 seconds
 *
 * A failed flush fails everybody who waited for it. The flush request is submitted on the CPU of the first waiter. There is one
 * instance a device, or with `hwq` one a hardware queue (f70ced0), so that flushes overlap. With `fua` the device takes FUA
 * itself (RWF_DSYNC in place of POSTFLUSH), which loop does not offer.
 *
 * While a flush waits on the list, writes that arrive after it go straight to the driver. So whatever policy stands behind this
 * front, `barrier` is lost: `quiesce` there never sees the FLUSH come before them. And while a write waits here for its
 * PREFLUSH, neither a later FLUSH nor a later write that overlaps it finds it below: `submitted` and `dependent` hold only for
 * what has no such flag.
 */
import { type Front, type FrontGate, NONE, type OpId } from '../types.ts';

const FLUSH = 2;
const FUA = 1;
const PREFLUSH_FLAG = 2;
const DSYNC = 8;

/** Steps of a sequence that are still to come, above the next tag of the list in the word beside an operation. */
const PREFLUSH = 1 << 24;
const DATA = 2 << 24;
const POSTFLUSH = 4 << 24;
const NEXT = PREFLUSH - 1;

/** Which of the two lists is pending and which is running; data in flight; since when somebody waits; heads and tails, as tag + 1. */
const PENDING = 0;
const RUNNING = 1;
const IN_FLIGHT = 2;
const SINCE = 3;
const LISTS = 4;
const TIMEOUT_MS = 5000;

/** C1, C2 and C3: issues the flush request where they let it. */
function kick(gate: FrontGate): void {
  const list = gate.load(PENDING);
  const first = gate.load(LISTS + 2 * list) - 1;
  if (list !== gate.load(RUNNING) || first === NONE) return;
  if (gate.load(IN_FLIGHT) > 0 && gate.milliseconds() - gate.load(SINCE) < TIMEOUT_MS) return;
  gate.store(PENDING, 1 - list);
  gate.issueFlush(first);
}

/** The next step of an operation, or its end. */
function advance(op: OpId, gate: FrontGate, result: number): void {
  const steps = gate.mark(op) & ~NEXT;
  if (result < 0 || steps === 0) gate.end(op, result);
  else if ((steps & PREFLUSH) === 0 && (steps & DATA) !== 0) {
    gate.store(IN_FLIGHT, gate.load(IN_FLIGHT) + 1);
    gate.issue(op);
  } else join(op, gate, gate.load(PENDING));
}

function join(op: OpId, gate: FrontGate, list: number): void {
  const head = LISTS + 2 * list;
  if (gate.load(head) === 0) {
    gate.store(SINCE, gate.milliseconds());
    gate.store(head, op + 1);
  } else {
    const last = gate.load(head + 1) - 1;
    gate.setMark(last, gate.mark(last) | (op + 1));
  }
  gate.store(head + 1, op + 1);
}

/** The oldest of a list, with its flush step taken off, or NONE. */
function take(gate: FrontGate, list: number): OpId {
  const head = LISTS + 2 * list;
  const op = gate.load(head) - 1;
  if (op === NONE) return NONE;
  const mark = gate.mark(op);
  gate.store(head, mark & NEXT);
  const steps = mark & ~NEXT;
  gate.setMark(op, (steps & PREFLUSH) !== 0 ? steps & ~PREFLUSH : steps & ~POSTFLUSH);
  return op;
}

function machine(name: string, summary: string, perQueue: boolean, nativeFua: boolean): Front {
  return {
    name,
    summary,
    source: 'block/blk-flush.c, Linux 4.0 and later; one instance per hardware queue since f70ced0',
    claims: ['completed'],
    voids: ['submitted', 'barrier', 'dependent'],
    words: LISTS + 4,
    perQueue,

    submit(op, gate) {
      const { kind, flags } = gate.ops;
      const fua = (flags[op]! & FUA) !== 0;
      let steps = kind[op] === FLUSH ? PREFLUSH : DATA;
      if ((flags[op]! & PREFLUSH_FLAG) !== 0) steps |= PREFLUSH;
      if (fua && !nativeFua) steps |= POSTFLUSH;
      // A write alone goes straight through, and the driver never sees a flag that this machine takes care of.
      gate.setMark(op, steps === DATA ? 0 : steps);
      gate.setFlags(op, fua && nativeFua ? DSYNC : 0);
      if (steps === DATA) gate.issue(op);
      else {
        advance(op, gate, 0);
        kick(gate);
      }
    },

    settle(op, gate, result) {
      if (op === gate.flushRequest) {
        const list = gate.load(RUNNING);
        gate.store(RUNNING, 1 - list);
        for (let w = take(gate, list); w !== NONE; w = take(gate, list)) advance(w, gate, result);
      } else if (gate.mark(op) === 0) gate.end(op, result);
      else {
        gate.store(IN_FLIGHT, gate.load(IN_FLIGHT) - 1);
        gate.setMark(op, gate.mark(op) & ~DATA);
        advance(op, gate, result);
      }
      kick(gate);
    },
  };
}

const LIST = 'flushes wait for one flush request, and one serves all that wait';
export const blkFlush = machine('blk-flush', `${LIST}; FUA is emulated`, false, false);
export const blkFlushHwq = machine(
  'blk-flush:hwq',
  `${LIST} in a hardware queue; FUA is emulated`,
  true,
  false,
);
export const blkFlushFua = machine('blk-flush:fua', `${LIST}; FUA goes to the device`, false, true);
export const blkFlushHwqFua = machine(
  'blk-flush:hwq:fua',
  `${LIST} in a hardware queue; FUA goes to the device`,
  true,
  true,
);
