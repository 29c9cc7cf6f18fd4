/** Snapshots a second time, by quantifiers over all operations. It shares no code with ordering/snapshot. Small histories only. */
import type { World } from '../../../ordering/check.ts';
import {
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
} from '../../../ordering/history.ts';
import type { Image } from '../../../ordering/snapshot/check.ts';

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
  failed: boolean;
  /** The earliest that its call can have begun. */
  first: number;
  sb: number;
  se: number;
  st: number;
  co: number;
  ak: number;
}

export type Outcome = 'proved' | 'lost' | 'notExercised';
export type Outcomes = [integrity: Outcome, completed: Outcome, submitted: Outcome, barrier: Outcome];

export function bruteSnapshot(history: History, world: World, image: Image): Outcomes {
  const ops = readOps(history, world).filter((op) => op.inode === world.inodeOf(image.device));
  const mods = ops.filter((op) => ![READ, FLUSH, FSYNC].includes(op.kind));
  const on = (unit: number) => (op: Op) => op.from <= unit && unit < op.to;
  const shownIn = (unit: number): Op | undefined => {
    const version = image.seen[unit]!;
    return mods.find((op) => op.kind === WRITE && op.row === version - 1 && on(unit)(op));
  };
  const all = [...image.seen.keys()];
  const shown = all.flatMap((unit) => shownIn(unit) ?? []);
  const past = shown.filter((op) => op.first <= image.end);
  const instant = Math.max(image.begin, ...past.map((op) => op.first));

  const gone = mods.filter((w) => w.whole && (w.ak < image.begin || w.co < instant));
  const fine = (unit: number): boolean => {
    const version = image.seen[unit]!;
    const newer = gone.filter(on(unit));
    const begun = mods.filter(on(unit)).filter((op) => op.first <= image.end);
    const current = (op: Op): boolean => !newer.some((other) => op.co < startOf(other));
    if (version === SEEN_UNCHECKED) return true;
    if (version === SEEN_FOREIGN) return false;
    if (version === 0) return newer.length === 0;
    if (version === SEEN_ZEROES) {
      if (world.zeroesAtStart && newer.length === 0) return true;
      return begun.some((op) => op.kind !== WRITE && current(op));
    }
    if (version === SEEN_TORN) return begun.some((op) => (!op.whole || op.co >= image.begin) && current(op));
    const write = shownIn(unit);
    return write !== undefined && write.first <= image.end && current(write);
  };

  const flushes = ops.filter(
    (op) =>
      (op.kind === FLUSH && !op.failed && op.ak !== Infinity) ||
      (op.kind === WRITE && op.whole && (op.flags & PREFLUSH) !== 0),
  );
  const bound = (f: Op): boolean => f.ak <= instant || shown.includes(f);
  const tied = (f: Op): boolean => bound(f) || shown.some((x) => x.device === f.device && before(f, x));
  const inDoubt = (w: Op): boolean =>
    ops.some((y) => (y.kind === FLUSH || y.kind === FSYNC) && y.failed && y.co !== Infinity && w.st <= y.co);
  const owed = (covers: (w: Op, f: Op) => boolean, binds: (f: Op) => boolean): Op[] =>
    mods.filter(
      (w) =>
        w.whole &&
        !inDoubt(w) &&
        (((w.flags & FUA) !== 0 && w.ak <= instant) ||
          flushes.some((f) => f !== w && f.device === w.device && binds(f) && covers(w, f))),
    );
  /** When what a unit shows had returned, as late as it can be. */
  const endIn = (unit: number): number => {
    const version = image.seen[unit]!;
    if (version === 0) return -Infinity;
    if (version === SEEN_ZEROES && fine(unit)) {
      const zeroing = mods.filter((op) => op.kind !== WRITE && op.first <= image.end).filter(on(unit));
      return Math.max(-Infinity, ...zeroing.map((op) => op.co));
    }
    return shownIn(unit)?.co ?? Infinity;
  };
  const judge = (must: Op[]): Outcome => {
    const lost = all.some((unit) => must.filter(on(unit)).some((w) => endIn(unit) < startOf(w)));
    if (lost) return 'lost';
    return must.length > 0 ? 'proved' : 'notExercised';
  };
  return [
    all.every(fine) ? (gone.length > 0 ? 'proved' : 'notExercised') : 'lost',
    judge(owed((w, f) => w.ak < f.sb, bound)),
    judge(owed(before, bound)),
    judge(owed(before, tied)),
  ];
}

function before(a: Op, b: Op): boolean {
  return (a.job === b.job && a.row < b.row) || a.se < b.sb;
}

/** One that was acknowledged without a call had its effect, if any, at the latest then. */
function startOf(op: Op): number {
  return op.st === Infinity ? op.ak : op.st;
}

function readOps(history: History, world: World): Op[] {
  const ops: Op[] = [];
  for (let job = 0; job < history.submitters; job++) {
    for (let i = 0; i < history.count[job]!; i++) {
      const row = job * history.rowsEach + i;
      const kind = history.kind[row]!;
      const result = history.result[row]!;
      const pending = result === PENDING;
      const sb = history.sb[row]!;
      const began = !(history.st[row] === 0 && (pending || sb > 0));
      const whole =
        result >= history.units[row]! * world.unitBytes || (kind !== WRITE && kind !== READ && result === 0);
      const failed = result < 0 && !pending;
      // What failed before any call was made has left no trace.
      const trace = began || pending || (kind === FLUSH || kind === FSYNC || kind === READ ? !failed : whole);
      if (!trace) continue;
      ops.push({
        row,
        job,
        kind,
        flags: history.flags[row]!,
        device: history.device[row]!,
        inode: world.inodeOf(history.device[row]!),
        from: history.unit[row]!,
        to: history.unit[row]! + history.units[row]!,
        whole: whole && !pending,
        failed,
        first: began ? history.st[row]! : pending ? sb : Infinity,
        sb,
        se: pending && history.se[row]! < sb ? Infinity : history.se[row]!,
        st: began ? history.st[row]! : Infinity,
        co: began && !pending ? history.co[row]! : Infinity,
        ak: pending ? Infinity : history.ak[row]!,
      });
    }
  }
  return ops;
}
