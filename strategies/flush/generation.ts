/**
 * generation: QEMU's way, one flush at a time and none that is not needed.
 *
 * Every write that completes makes a new generation. A FLUSH takes the generation it finds, waits while another flush runs, and
 * then is done without I/O if a flush has made that generation durable meanwhile. So flushes that pile up behind a running one
 * become one. It waits for no write: `completed`, like pass-through, with fewer fsyncs.
 *
 * A failed flush fails everybody who waited behind it. QEMU lets each try again; but the kernel tells an open file once
 * of what it could not write, and forgets it: the next fsync returns 0 over the same lost data.
 */
import { type Gate, type GatePolicy, GO, NONE, type OpId, PARK, SKIP } from '../types.ts';

const READ = 0;
const FLUSH = 2;

/** Generation of the last completed write, the one that is durable, and whether a flush runs. */
const WRITTEN = 0;
const FLUSHED = 1;
const RUNNING = 2;

export const generation: GatePolicy = {
  name: 'generation',
  summary: 'one flush at a time; one that an earlier flush has made needless is skipped',
  source: 'QEMU, block/io.c, bdrv_co_flush(): write_gen, flushed_gen, active_flush_req',
  claims: ['completed'],
  words: 3,

  submit(op, gate) {
    if (gate.ops.kind[op] !== FLUSH) return GO;
    gate.setMark(op, gate.load(WRITTEN));
    if (gate.load(RUNNING) === 1) return PARK;
    return needless(op, gate) ? SKIP : start(gate);
  },

  settle(op, gate, result) {
    const kind = gate.ops.kind[op]!;
    if (kind !== FLUSH) {
      if (kind !== READ) gate.store(WRITTEN, gate.load(WRITTEN) + 1);
      return;
    }
    gate.store(RUNNING, 0);
    if (result < 0) {
      // It makes nothing durable, and the next one to arrive calls fsync itself: no generation that never comes is waited for.
      failParked(gate, result);
      return;
    }
    gate.store(FLUSHED, gate.mark(op));
    for (let head = gate.parked(); head !== NONE && gate.load(RUNNING) === 0; head = gate.parked()) {
      if (needless(head, gate)) gate.skip(head);
      else {
        start(gate);
        gate.release();
      }
    }
  },
};

/** Generations only grow: what a later flush made durable holds the earlier ones as well. */
function needless(op: OpId, gate: Gate): boolean {
  return gate.load(FLUSHED) >= gate.mark(op);
}

/** Those who wait now: a front may send a new flush while its last one is answered. */
function failParked(gate: Gate, result: number): void {
  let waiting = 0;
  for (let op = gate.parked(); op !== NONE; op = gate.behind(op)) waiting++;
  for (; waiting > 0; waiting--) gate.skip(gate.parked(), result);
}

function start(gate: Gate): typeof GO {
  gate.store(RUNNING, 1);
  return GO;
}
