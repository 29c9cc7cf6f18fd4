/**
 * Crash states a second time, from the definitions: quantifiers over all operations, at every moment, every subset. It shares
 * no code with ordering/crash. Small histories only.
 */
import type { World } from '../../../ordering/check.ts';
import {
  DSYNC,
  FLUSH,
  FSYNC,
  FUA,
  type History,
  PENDING,
  PREFLUSH,
  READ,
  WRITE,
} from '../../../ordering/history.ts';

interface Op {
  row: number;
  job: number;
  kind: number;
  flags: number;
  device: number;
  inode: number;
  from: number;
  to: number;
  whole: boolean;
  ok: boolean;
  sb: number;
  se: number;
  st: number;
  co: number;
  ak: number;
}

/** By contract (completed, submitted, barrier): illegal states over all flush windows, and whether any moment has one. */
export interface Judged {
  /** States, as subsets of the writes in the cache, summed over windows. */
  states: number;
  illegal: [number, number, number];
  /** Over all moments, with every sector for itself: `completed` and `submitted` alone. */
  anySector: [boolean, boolean];
}

export function bruteCrash(history: History, world: World): Judged {
  const ops = readOps(history, world);
  const judged: Judged = { states: 0, illegal: [0, 0, 0], anySector: [false, false] };
  for (const inode of new Set(ops.filter((op) => op.kind !== FSYNC).map((op) => op.inode))) {
    const here = ops.filter((op) => op.inode === inode);
    for (const end of windowEnds(here)) judgeWindow(here, end, judged);
    for (const t of moments(here)) {
      for (const c of [0, 1] as const) judged.anySector[c] ||= sectorIllegal(here, t, c);
    }
  }
  return judged;
}

function readOps(history: History, world: World): Op[] {
  const ops: Op[] = [];
  for (let job = 0; job < history.submitters; job++) {
    for (let i = 0; i < history.count[job]; i++) {
      const row = job * history.rowsEach + i;
      const kind = history.kind[row];
      const pending = history.result[row] === PENDING;
      const result = history.result[row];
      const began = !(history.st[row] === 0 && (pending || history.sb[row] > 0));
      const bytes = history.units[row] * world.unitBytes;
      const ok = !pending && result >= 0;
      const whole = ok && (result >= bytes || (kind !== WRITE && result === 0));
      if (kind === READ) continue;
      if (!began && !(kind === FLUSH || kind === FSYNC ? ok : whole) && !pending) continue;
      ops.push({
        row,
        job,
        kind,
        flags: history.flags[row],
        device: history.device[row],
        inode: world.inodeOf(history.device[row]),
        from: history.unit[row],
        to: history.unit[row] + history.units[row],
        whole: kind !== FLUSH && kind !== FSYNC && whole,
        ok,
        sb: history.sb[row],
        se: pending && history.se[row] < history.sb[row] ? Infinity : history.se[row],
        st: began ? history.st[row] : Infinity,
        co: began && !pending ? history.co[row] : Infinity,
        ak: pending ? Infinity : history.ak[row],
      });
    }
  }
  return ops;
}

const isMod = (op: Op): boolean => op.kind !== FLUSH && op.kind !== FSYNC;
const isSync = (op: Op): boolean => !isMod(op) && op.st !== Infinity && op.co !== Infinity;
const isFlush = (op: Op): boolean =>
  (op.kind === FLUSH && op.ok) || (op.whole && (op.flags & PREFLUSH) !== 0);
const precedes = (a: Op, b: Op): boolean => (a.job === b.job && a.row < b.row) || a.se < b.sb;
const start = (w: Op): number => (w.st === Infinity ? w.ak : w.st);

/** Time t as "all that has a stamp below `t`": the moment just before t. A return at the same stamp counts as earlier. */
function doubtfulSince(ops: Op[], w: Op): number {
  const failed = ops.filter((y) => isSync(y) && !y.ok && w.st < y.co && !durable(ops, w, y.co, true));
  return Math.min(Infinity, ...failed.map((y) => y.co));
}

/** Durable just before t; or also by what returned at t. At one stamp fsyncs that return well come first. */
function durable(ops: Op[], w: Op, t: number, through = false): boolean {
  if (!w.whole || w.st === Infinity) return false;
  const by = (co: number): boolean => co < t || (through && co === t);
  if ((w.flags & DSYNC) !== 0 && by(w.co)) return true;
  return ops.some((y) => isSync(y) && y.ok && w.co < y.st && by(y.co) && !droppedBefore(ops, w, y));
}

/** An fsync failed after w had begun and before y returned, and nothing had made w durable until then. */
function droppedBefore(ops: Op[], w: Op, y: Op): boolean {
  return ops.some((z) => isSync(z) && !z.ok && w.st < z.co && z.co < y.co && !durable(ops, w, z.co, true));
}

function must(ops: Op[], f: Op, contract: number): Op[] {
  return ops.filter(
    (w) => w.whole && w.device === f.device && w !== f && (contract === 0 ? w.ak < f.sb : precedes(w, f)),
  );
}

/** Mods owed just before t. */
function owed(ops: Op[], t: number, contract: number): Set<Op> {
  const all = new Set<Op>();
  for (const f of ops) {
    if (f.ak >= t) continue;
    if (f.whole && (f.flags & FUA) !== 0 && doubtfulSince(ops, f) > f.ak) all.add(f);
    if (!isFlush(f)) continue;
    for (const w of must(ops, f, contract)) if (doubtfulSince(ops, w) > f.ak) all.add(w);
  }
  return all;
}

const covers = (w: Op, unit: number): boolean => w.from <= unit && unit < w.to;

/** Superseded on this unit by one of some others. */
function superseded(end: number, unit: number, by: Iterable<Op>): boolean {
  for (const w of by) if (covers(w, unit) && end < start(w)) return true;
  return false;
}

function unitsOf(ops: Op[]): number[] {
  return [
    ...new Set(ops.filter(isMod).flatMap((w) => [...Array(w.to - w.from).keys()].map((k) => w.from + k))),
  ];
}

/** The base of a unit: of the durable mods that no durable one supersedes, the one that returned first. */
function baseOf(ops: Op[], unit: number, t: number): Op | undefined {
  const kept = ops.filter((w) => isMod(w) && durable(ops, w, t) && covers(w, unit));
  const fresh = kept.filter((w) => !superseded(w.co, unit, kept));
  return fresh.sort((a, b) => a.co - b.co)[0];
}

function cacheOf(ops: Op[], t: number): Op[] {
  const kept = ops.filter((w) => isMod(w) && durable(ops, w, t));
  return ops.filter((w) => {
    if (!isMod(w) || w.st >= t || durable(ops, w, t)) return false;
    const units = [...Array(w.to - w.from).keys()].map((k) => w.from + k);
    const provable = w.whole && doubtfulSince(ops, w) >= t;
    return provable || !units.every((unit) => superseded(w.co, unit, kept));
  });
}

function windowEnds(ops: Op[]): number[] {
  const syncs = ops.filter((y) => isSync(y) && y.ok);
  const through = ops.filter(
    (w) => w.whole && w.st !== Infinity && (w.flags & DSYNC) !== 0 && !durable(ops, w, w.co),
  );
  return [...new Set([...syncs, ...through].map((y) => y.co)), Infinity];
}

function judgeWindow(ops: Op[], t: number, judged: Judged): void {
  const cache = cacheOf(ops, t).sort((a, b) => a.co - b.co || a.st - b.st);
  const kept = ops.filter((w) => isMod(w) && durable(ops, w, t));
  const owing = [owed(ops, t, 0), owed(ops, t, 1)];
  judged.states += 2 ** cache.length;
  for (let state = 0; state < 2 ** cache.length; state++) {
    const image = new Map<number, Op | undefined>();
    for (const unit of unitsOf(ops)) {
      const on = cache.filter((w, i) => (state >> i) & 1 && covers(w, unit) && !superseded(w.co, unit, kept));
      image.set(unit, on.at(-1) ?? baseOf(ops, unit, t));
    }
    const bad = [0, 1].map((c) =>
      [...image].some(([unit, w]) => superseded(w === undefined ? -Infinity : w.co, unit, owing[c])),
    );
    const tied = tiesBroken(ops, t, image);
    if (bad[0] || tied[0]) judged.illegal[0]++;
    if (bad[1] || tied[1]) judged.illegal[1]++;
    if (bad[1] || tied[1] || tied[2]) judged.illegal[2]++;
  }
}

/** Something that the image shows wants other writes, and it does not hold them. */
function tiesBroken(ops: Op[], t: number, image: Map<number, Op | undefined>): [boolean, boolean, boolean] {
  const shown = new Set([...image.values()].filter((w) => w !== undefined));
  const lacks = (wanted: Op[]): boolean => {
    const firm = wanted.filter((w) => doubtfulSince(ops, w) >= t);
    return [...image].some(([unit, w]) => superseded(w === undefined ? -Infinity : w.co, unit, firm));
  };
  const broken: [boolean, boolean, boolean] = [false, false, false];
  for (const x of shown) {
    for (const f of ops) {
      if (!isFlush(f) || f.device !== x.device || (f.sb >= t && f !== x)) continue;
      if (f === x) {
        broken[0] ||= lacks(must(ops, f, 0));
        broken[1] ||= lacks(must(ops, f, 1));
      } else if (precedes(f, x)) broken[2] ||= lacks(must(ops, f, 1));
    }
  }
  return broken;
}

/** Moments between all stamps. */
function moments(ops: Op[]): number[] {
  const stamps = new Set(ops.flatMap((op) => [op.st, op.co, op.ak]).filter(Number.isFinite));
  return [...[...stamps].map((stamp) => stamp + 0.5), Infinity];
}

/** Some unit may hold, at t, what the contract forbids: DESIGN's rule to the letter, on the disk's candidates. */
function sectorIllegal(ops: Op[], t: number, contract: number): boolean {
  const kept = ops.filter((w) => isMod(w) && durable(ops, w, t));
  const owing = owed(ops, t, contract);
  return unitsOf(ops).some((unit) => {
    const ends = ops.filter((w) => isMod(w) && w.st < t && covers(w, unit)).map((w) => w.co);
    return [-Infinity, ...ends].some((end) => !superseded(end, unit, kept) && superseded(end, unit, owing));
  });
}
