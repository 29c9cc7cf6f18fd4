/**
 * What every rule needs to know of a history before it judges: a copy of its used rows in the order in which they were
 * submitted, with the role that each one plays and with stamps that say +Infinity for "never". An index into the copy
 * is a *place*. Sweeps go through time, and in this order what is near in time is near in memory: it doubles their speed.
 */
import { DISCARD, FLUSH, FSYNC, type History, isMod, PENDING, READ, WRITE, WRITE_ZEROES } from './history.ts';
import { mergeBy, orderBy, orderOf, valuesOf } from './order.ts';

/** What a history does not say of the trial that it records. */
export interface World {
  /** The file behind a device: devices with equal answers share one file, so their units alias. */
  inodeOf(device: number): number;
  /** False on a backend that keeps no data (`null`): what a read returned then says nothing. */
  dataHeld: boolean;
  /** True when units may be zeroes from the start, because an earlier trial discarded there. */
  zeroesAtStart?: boolean;
  /** Start of the trial in nanoseconds of the history's clock. Sentences tell times relative to it. */
  start: number;
  /** Bytes of a unit, the logical block that a version stamps. */
  unitBytes: number;
  /** By device number, for sentences. */
  deviceNames: readonly string[];
  /** A queue's name, for sentences; without it a queue is told by its number. */
  queueName?(queue: number): string;
  /** Present when the watchdog stopped the trial: how long it waited, and what the queues and gates held then. */
  progress?: { deadlineSeconds: number; dump: string };
}

/** A row that had no effect: it failed before any backend call was made. */
export const NOTHING = 0;
export const READ_OK = 1;
/** A read that failed or is PENDING: it returned nothing, but it had its place in the order. */
export const READ_OTHER = 2;
/** A WRITE, DISCARD or WRITE_ZEROES that succeeded whole. */
export const MOD_WHOLE = 3;
/** One that failed, was short, or is PENDING: it may have happened on its units, or on some, or not. */
export const MOD_MAYBE = 4;
export const FLUSH_OK = 5;
export const FLUSH_OTHER = 6;
/** A note of an fsync that succeeded: no operation. One that failed is NOTHING. */
export const FSYNC_OK = 7;

/** `place` of a row that is not used. */
export const NO_PLACE = 0xffff_ffff;

/** Columns by place unless said otherwise; those with a name from history.ts mean the same as there. */
export interface Facts {
  history: History;
  world: World;
  /** Operations, and so places. */
  count: number;
  row: Uint32Array;
  /** By row. */
  place: Uint32Array;
  submitter: Int32Array;
  role: Uint8Array;
  kind: Uint8Array;
  flags: Uint8Array;
  device: Uint16Array;
  queue: Uint16Array;
  unit: Uint32Array;
  units: Uint16Array;
  result: Int32Array;
  /** In ns; `sb` ascends, and equal ones are in row order. */
  sb: Float64Array;
  se: Float64Array;
  st: Float64Array;
  co: Float64Array;
  ak: Float64Array;
  /** Places in the order of `se`. */
  bySe: Uint32Array;
  /** Places of acknowledged mods, whole or not, in the order of `ak`. */
  modsByAk: Uint32Array;
  devices: number;
  /** By device: a number below `inodes` for its file. */
  inode: Int32Array;
  inodes: number;
}

/** Within a submitter `sb` must not descend: rows are in the order of submission. */
export function gather(history: History, world: World): Facts {
  const row = rowsBySubmission(history);
  const count = row.length;
  const facts: Facts = {
    history,
    world,
    count,
    row,
    place: new Uint32Array(history.kind.length).fill(NO_PLACE),
    submitter: new Int32Array(count),
    role: new Uint8Array(count),
    kind: pick(history.kind, row, new Uint8Array(count)),
    flags: pick(history.flags, row, new Uint8Array(count)),
    device: pick(history.device, row, new Uint16Array(count)),
    queue: pick(history.queue, row, new Uint16Array(count)),
    unit: pick(history.unit, row, new Uint32Array(count)),
    units: pick(history.units, row, new Uint16Array(count)),
    result: pick(history.result, row, new Int32Array(count)),
    sb: valuesOf(row, history.sb),
    se: valuesOf(row, history.se),
    st: valuesOf(row, history.st),
    co: valuesOf(row, history.co),
    ak: valuesOf(row, history.ak),
    bySe: row,
    modsByAk: row,
    ...files(history, world, row),
  };
  for (let place = 0; place < count; place++) {
    facts.place[row[place]] = place;
    facts.submitter[place] = Math.floor(row[place] / history.rowsEach);
    settle(facts, place);
  }
  facts.bySe = orderOf(facts.se);
  facts.modsByAk = orderBy(acknowledgedMods(facts), facts.ak);
  return facts;
}

/** The used rows of all submitters, each of which submitted its own in their order. */
function rowsBySubmission({ submitters, rowsEach, count, sb }: History): Uint32Array {
  const from = Array.from({ length: submitters }, (_, s) => s * rowsEach);
  const to = from.map((first, s) => first + count[s]);
  return mergeBy(from, to, sb);
}

export function isModRole(role: number): boolean {
  return role === MOD_WHOLE || role === MOD_MAYBE;
}

/**
 * a precedes b: the same submitter and a lower row, or a's submission ended before b's began. The row decides within a
 * submitter because a batch may share its stamps; otherwise the two are unordered and neither owes the other anything.
 */
export function precedes(facts: Facts, a: number, b: number): boolean {
  return (facts.submitter[a] === facts.submitter[b] && a < b) || facts.se[a] < facts.sb[b];
}

/** True when the operations at two places share a unit of one file. */
export function overlap(facts: Facts, a: number, b: number): boolean {
  const { unit, units, device, inode } = facts;
  return (
    inode[device[a]] === inode[device[b]] && unit[a] < unit[b] + units[b] && unit[b] < unit[a] + units[a]
  );
}

/** Writes down the role of a place, and what its stamps leave unsaid. */
function settle(facts: Facts, place: number): void {
  const { sb, se, st, co, ak, result } = facts;
  const pending = result[place] === PENDING;
  // A clock that starts at 0 makes 0 a time like any other for what was submitted at 0.
  const unbegun = st[place] === 0 && (pending || sb[place] > 0);
  if (unbegun) st[place] = co[place] = Infinity;
  if (pending) co[place] = ak[place] = Infinity;
  if (pending && se[place] < sb[place]) se[place] = Infinity;
  const role = roleOf(facts.kind[place], result[place], facts.units[place] * facts.world.unitBytes);
  const inVain = role === READ_OTHER || role === MOD_MAYBE || role === FLUSH_OTHER;
  facts.role[place] = inVain && unbegun && !pending ? NOTHING : role;
}

function roleOf(kind: number, result: number, bytes: number): number {
  if (kind === FSYNC) return result >= 0 ? FSYNC_OK : NOTHING;
  if (kind === FLUSH) return result >= 0 ? FLUSH_OK : FLUSH_OTHER;
  if (kind === READ) return result >= 0 ? READ_OK : READ_OTHER;
  if (!isMod(kind)) return NOTHING;
  return isWhole(kind, result, bytes) ? MOD_WHOLE : MOD_MAYBE;
}

function isWhole(kind: number, result: number, bytes: number): boolean {
  if (kind === WRITE) return result >= bytes;
  // fallocate is never short and returns 0, so a backend may report either 0 or the bytes.
  return (kind === DISCARD || kind === WRITE_ZEROES) && (result === 0 || result >= bytes);
}

function acknowledgedMods(facts: Facts): Uint32Array {
  const mods = new Uint32Array(facts.count);
  let found = 0;
  for (let place = 0; place < facts.count; place++) {
    if (isModRole(facts.role[place]) && facts.ak[place] !== Infinity) mods[found++] = place;
  }
  return mods.subarray(0, found);
}

function pick<T extends Uint8Array | Uint16Array | Uint32Array | Int32Array>(
  column: T,
  rows: Uint32Array,
  picked: T,
): T {
  for (let i = 0; i < rows.length; i++) picked[i] = column[rows[i]];
  return picked;
}

function files(
  history: History,
  world: World,
  rows: Uint32Array,
): { devices: number; inode: Int32Array; inodes: number } {
  let devices = 0;
  for (let i = 0; i < rows.length; i++) {
    if (history.device[rows[i]] >= devices) devices = history.device[rows[i]] + 1;
  }
  const numbers = new Map<number, number>();
  const inode = new Int32Array(devices);
  for (let device = 0; device < devices; device++) {
    const name = world.inodeOf(device);
    const number = numbers.get(name) ?? numbers.size;
    numbers.set(name, number);
    inode[device] = number;
  }
  return { devices, inode, inodes: numbers.size };
}
