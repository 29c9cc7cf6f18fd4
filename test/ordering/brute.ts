/**
 * The contracts a second time, by quantifiers over all pairs and triples, for small histories only. It shares no code
 * with ordering/, so that the sweeps and the definitions can be held against each other.
 */
import type { World } from '../../ordering/check.ts';
import type { Contract } from '../../ordering/contracts.ts';
import {
  DSYNC,
  FLUSH,
  FSYNC,
  FUA,
  type History,
  PENDING,
  PREFLUSH,
  READ,
  SEEN_FOREIGN,
  SEEN_TORN,
  SEEN_UNCHECKED,
  SEEN_ZEROES,
  WRITE,
} from '../../ordering/history.ts';

export type Outcome = 'proved' | 'unproved' | 'lost' | 'notExercised';

/**
 * For one contract: the outcome of each situation by its row (a FUA's by row and a half, as its write may be a PREFLUSH too),
 * and the sets of rows that may be a witness.
 */
export interface Judgement {
  outcomes: Map<number, Outcome>;
  /** Rows joined by commas; for the rule's worst outcome only. */
  witnesses: Map<string, Outcome>;
}

interface Op {
  row: number;
  job: number;
  kind: number;
  device: number;
  inode: number;
  from: number;
  to: number;
  flags: number;
  /** Needs no fsync once its call has returned. */
  through: boolean;
  result: number;
  pending: boolean;
  ok: boolean;
  began: boolean;
  sb: number;
  se: number;
  st: number;
  co: number;
  ak: number;
  seen: number[];
}

export function brute(history: History, world: World): Record<Contract, Judgement> {
  const all = readOps(history, world);
  // What failed before any backend call has left no trace.
  const ops = all.filter((op) => op.began || op.ok || op.pending);
  return {
    integrity: integrity(ops, world),
    completed: fua(
      ops,
      cover(ops, (w, f) => !w.through && w.ak < f.sb, completedExercised),
    ),
    submitted: cover(ops, before, submittedExercised),
    barrier: barrier(ops),
    dependent: dependent(ops),
    progress: progress(
      all.filter((op) => op.kind !== FSYNC),
      world,
    ),
  };
}

function readOps(history: History, world: World): Op[] {
  const ops: Op[] = [];
  for (let job = 0; job < history.submitters; job++) {
    for (let i = 0; i < history.count[job]; i++) {
      const row = job * history.rowsEach + i;
      const kind = history.kind[row];
      const result = history.result[row];
      const pending = result === PENDING;
      const began = !(history.st[row] === 0 && (pending || history.sb[row] > 0));
      const bytes = history.units[row] * world.unitBytes;
      const zeroIsWhole = kind !== WRITE;
      const whole = result >= bytes || (zeroIsWhole && result === 0);
      const units = kind === READ ? Math.floor(Math.max(0, result) / world.unitBytes) : 0;
      ops.push({
        row,
        job,
        kind,
        device: history.device[row],
        inode: world.inodeOf(history.device[row]),
        from: history.unit[row],
        to: history.unit[row] + history.units[row],
        flags: history.flags[row],
        through: (history.flags[row] & DSYNC) !== 0,
        result,
        pending,
        ok: kind === READ || kind === FLUSH || kind === FSYNC ? result >= 0 : result >= 0 && whole,
        began,
        sb: history.sb[row],
        se: pending && history.se[row] < history.sb[row] ? Infinity : history.se[row],
        st: began ? history.st[row] : Infinity,
        co: began && !pending ? history.co[row] : Infinity,
        ak: pending ? Infinity : history.ak[row],
        seen: [...history.seen.subarray(history.seenAt[row], history.seenAt[row] + units)],
      });
    }
  }
  return ops;
}

function isMod(op: Op): boolean {
  return op.kind !== READ && op.kind !== FLUSH && op.kind !== FSYNC;
}

/** What obliges like a FLUSH. */
function flushesOf(ops: Op[]): Op[] {
  const preflush = (op: Op): boolean => op.kind === WRITE && (op.flags & PREFLUSH) !== 0;
  return ops.filter((op) => op.ok && (op.kind === FLUSH || preflush(op)));
}

/** A PREFLUSH owes before its own data begins. */
function dueOf(f: Op): number {
  return f.kind === FLUSH ? f.ak : Math.min(f.st, f.ak);
}

function before(a: Op, b: Op): boolean {
  return (a.job === b.job && a.row < b.row) || a.se < b.sb;
}

function overlapping(a: Op, b: Op): boolean {
  return a.inode === b.inode && a.from < b.to && b.from < a.to;
}

function fsyncsOf(ops: Op[], f: Op): Op[] {
  const fsyncs = ops.filter((y) => (y.kind === FLUSH || y.kind === FSYNC) && y.ok && y.began);
  return fsyncs.filter((y) => y.inode === f.inode && y.co <= dueOf(f));
}

function mustOf(ops: Op[], f: Op, rule: (w: Op, f: Op) => boolean): Op[] {
  return ops.filter((w) => w !== f && isMod(w) && w.ok && w.device === f.device && rule(w, f));
}

function coverOutcome(
  ops: Op[],
  f: Op,
  rule: (w: Op, f: Op) => boolean,
  exercised: (ops: Op[], f: Op, must: Op[]) => boolean,
): Outcome {
  const must = mustOf(ops, f, rule);
  const ys = fsyncsOf(ops, f);
  if (must.length === 0) return 'notExercised';
  if (must.some((w) => !w.through && ys.every((y) => w.st > y.co))) return 'lost';
  if (!exercised(ops, f, must)) return 'notExercised';
  return must.every((w) => durable(w, ys, dueOf(f))) ? 'proved' : 'unproved';
}

function durable(w: Op, ys: Op[], due: number): boolean {
  return w.through ? w.co <= due : ys.some((y) => w.co < y.st);
}

function completedExercised(ops: Op[], f: Op, must: Op[]): boolean {
  const earlier = fsyncsOf(ops, f).filter((y) => y.co < f.sb);
  return must.some((w) => earlier.every((y) => w.co >= y.st));
}

function submittedExercised(ops: Op[], f: Op, must: Op[]): boolean {
  const weaker = coverOutcome(ops, f, (w, x) => !w.through && w.ak < x.sb, completedExercised);
  return weaker === 'unproved' || must.some((w) => w.co > f.sb);
}

function cover(
  ops: Op[],
  rule: (w: Op, f: Op) => boolean,
  exercised: (ops: Op[], f: Op, must: Op[]) => boolean,
): Judgement {
  const judgement: Judgement = { outcomes: new Map(), witnesses: new Map() };
  for (const f of flushesOf(ops)) {
    const outcome = coverOutcome(ops, f, rule, exercised);
    judgement.outcomes.set(f.row, outcome);
    for (const w of missed(ops, f, mustOf(ops, f, rule), outcome)) {
      judgement.witnesses.set([w.row, f.row].join(), outcome);
    }
  }
  return judgement;
}

function missed(ops: Op[], f: Op, must: Op[], outcome: Outcome): Op[] {
  const ys = fsyncsOf(ops, f);
  if (outcome === 'lost') return must.filter((w) => !w.through && ys.every((y) => w.st > y.co));
  return outcome === 'unproved' ? must.filter((w) => !durable(w, ys, dueOf(f))) : [];
}

/** A FUA owes its own data, by its acknowledgement. */
function fua(ops: Op[], judgement: Judgement): Judgement {
  for (const w of ops.filter((op) => op.kind === WRITE && op.ok && (op.flags & FUA) !== 0)) {
    const fsyncs = ops.filter((y) => (y.kind === FLUSH || y.kind === FSYNC) && y.ok && y.began);
    const ys = fsyncs.filter((y) => y.inode === w.inode && y.co <= w.ak);
    let outcome: Outcome = w.through || ys.some((y) => w.co < y.st) ? 'proved' : 'unproved';
    if (!w.through && ys.every((y) => w.st > y.co)) outcome = 'lost';
    judgement.outcomes.set(w.row + 0.5, outcome);
    if (outcome !== 'proved') judgement.witnesses.set(String(w.row), outcome);
  }
  return judgement;
}

function barrier(ops: Op[]): Judgement {
  const judgement: Judgement = { outcomes: new Map(), witnesses: new Map() };
  for (const f of flushesOf(ops)) {
    const must = mustOf(ops, f, before);
    const plain = must.filter((w) => !w.through);
    const later = ops.filter((x) => x !== f && isMod(x) && x.device === f.device && before(f, x));
    const covering = fsyncsOf(ops, f).filter((y) => plain.every((w) => w.co < y.st));
    const overtaken = plain.flatMap((w) => later.filter((x) => x.ok && x.co < w.st).map((x) => [w, x]));
    const weaker = coverOutcome(ops, f, before, submittedExercised);
    // When all of it was durable.
    const fsynced = plain.length > 0 ? Math.min(...covering.map((y) => y.co)) : -Infinity;
    const all = Math.max(fsynced, ...must.filter((w) => w.through).map((w) => w.co));
    const proved = all <= dueOf(f) && later.every((x) => all < x.st);
    let outcome: Outcome = proved ? 'proved' : 'unproved';
    if (must.length === 0) outcome = 'notExercised';
    else if (weaker === 'lost' || overtaken.length > 0) outcome = 'lost';
    else if (weaker === 'notExercised' && !later.some((x) => x.sb < dueOf(f))) outcome = 'notExercised';
    judgement.outcomes.set(f.row, outcome);
    for (const w of missed(ops, f, must, outcome)) judgement.witnesses.set([w.row, f.row].join(), outcome);
    if (outcome === 'lost') {
      for (const [w, x] of overtaken) judgement.witnesses.set([w.row, f.row, x.row].join(), outcome);
    }
    if (outcome === 'unproved' && all <= dueOf(f)) {
      const late = plain.length > 0 && all === fsynced ? plain : must.filter((w) => w.through);
      const last = late.filter((w) => late.every((other) => other.co <= w.co));
      for (const x of later.filter((op) => op.st <= all)) {
        for (const w of last) judgement.witnesses.set([w.row, f.row, x.row].join(), outcome);
      }
    }
  }
  return judgement;
}

function dependent(ops: Op[]): Judgement {
  const judgement: Judgement = { outcomes: new Map(), witnesses: new Map() };
  const some = ops.filter((op) => op.kind !== FLUSH && op.kind !== FSYNC);
  for (const b of some) {
    const earlier = some.filter(
      (a) => a !== b && overlapping(a, b) && (isMod(a) || isMod(b)) && before(a, b),
    );
    if (earlier.length === 0) continue;
    let outcome: Outcome = earlier.every((a) => a.co < b.st) ? 'proved' : 'unproved';
    if (!b.began) outcome = 'notExercised';
    else if (b.ok && earlier.some((a) => a.ok && a.st > b.co)) outcome = 'lost';
    else if (!earlier.some((a) => a.co > b.sb)) outcome = 'notExercised';
    judgement.outcomes.set(b.row, outcome);
    const bad = earlier.filter((a) =>
      outcome === 'lost' ? a.ok && a.st > b.co : a.co >= b.st && a.co > b.sb,
    );
    for (const a of bad) judgement.witnesses.set([a.row, b.row].join(), outcome);
  }
  return judgement;
}

function integrity(ops: Op[], world: World): Judgement {
  const judgement: Judgement = { outcomes: new Map(), witnesses: new Map() };
  for (const r of ops.filter((op) => op.kind === READ && op.ok)) {
    const outcomes = world.dataHeld
      ? r.seen.slice(0, r.to - r.from).map((seen, i) => unitOutcome(ops, r, r.from + i, seen))
      : [];
    let outcome: Outcome = outcomes.includes('proved') ? 'proved' : 'notExercised';
    if (outcomes.includes('lost')) outcome = 'lost';
    judgement.outcomes.set(r.row, outcome);
  }
  return judgement;
}

function unitOutcome(ops: Op[], r: Op, unit: number, seen: number): Outcome {
  if (seen === SEEN_UNCHECKED) return 'notExercised';
  const mods = ops.filter((m) => isMod(m) && m.inode === r.inode && m.from <= unit && unit < m.to);
  const settled = mods.filter((m) => m.ok && m.ak < r.sb);
  const begun = (m: Op): number => (m.pending && !m.began ? m.sb : m.st);
  const beside = mods.filter((m) => begun(m) < r.co && m.co > r.st);
  const current = (m: Op): boolean => begun(m) <= r.co && !settled.some((s) => m.co < s.st);
  let fine: boolean;
  if (seen === SEEN_FOREIGN) fine = false;
  else if (seen === SEEN_ZEROES) fine = mods.some((m) => m.kind !== WRITE && current(m));
  else if (seen === SEEN_TORN) fine = beside.length > 0 || mods.some((m) => !m.ok && current(m));
  else if (seen === 0) fine = settled.length === 0;
  else {
    const w = mods.find((m) => m.row === seen - 1 && m.kind === WRITE);
    fine = w !== undefined && current(w);
  }
  if (!fine) return 'lost';
  return beside.length > 0 || mods.some((m) => m.ak < r.sb) ? 'proved' : 'notExercised';
}

function progress(ops: Op[], world: World): Judgement {
  const stuck: Outcome = world.progress === undefined ? 'notExercised' : 'lost';
  return {
    outcomes: new Map(ops.map((op) => [op.row, op.pending ? stuck : 'proved'])),
    witnesses: new Map(ops.filter((op) => op.pending).map((op) => [String(op.row), stuck])),
  };
}
