/**
 * `integrity`: a read returns, per unit, a write that no other write supersedes which was acknowledged before the read
 * was submitted, and nothing from another device. Every write stamps its units with a version of its own, so what was
 * returned names the write, and one comparison decides: W' is superseded when a whole mod that was acknowledged before
 * sb(R) began after W' had returned. A failed or short mod supersedes nothing, as it may not have happened.
 */
import type { Verdict } from './contracts.ts';
import { type Facts, isModRole, MOD_MAYBE, MOD_WHOLE, READ_OK } from './facts.ts';
import { SEEN_TORN, SEEN_UNCHECKED, SEEN_ZEROES, WRITE } from './history.ts';
import { integrityWitness } from './integrity-witness.ts';
import { orderOf, valuesOf } from './order.ts';
import { LOST, NONE, NOT_EXERCISED, PROVED, tally, worthTelling } from './outcome.ts';
import { canHaveBegun, mayBeOdd, mayReturn, unitsRead } from './reads.ts';
import type { Units } from './units.ts';

/** Of a unit's floor: no mod was acknowledged yet, or only such as may not have happened. Real stamps are above both. */
const UNTOUCHED = -2;
const NOT_SUPERSEDED = -1;

/**
 * Two running values a unit, side by side for the sake of the cache: the latest `st` of whole mods that were acknowledged by now,
 * or one of the two numbers above; and the version that the mod with this stamp wrote, 0 for one that wrote none.
 */
const STRIDE = 2;
const ST = 0;
const VERSION = 1;

/** Units of reads that the first walk could not settle: which read, which of its units, and its floor. */
interface Unsettled {
  read: number[];
  index: number[];
  /** The latest `st` of whole mods of the unit that were acknowledged before the read was submitted. */
  floor: number[];
}

export function integrityRule(facts: Facts, units: Units): Verdict {
  const outcomes = new Uint8Array(facts.count);
  for (let p = 0; p < facts.count; p++) outcomes[p] = facts.role[p] === READ_OK ? NOT_EXERCISED : NONE;
  if (facts.world.dataHeld) judgeReads(facts, units, outcomes);
  const verdict = tally(outcomes);
  const { situations } = worthTelling(outcomes, verdict, (read) => facts.co[read] - facts.sb[read]);
  const witness = integrityWitness(facts, situations);
  return witness === undefined ? verdict : { ...verdict, witness };
}

function judgeReads(facts: Facts, units: Units, outcomes: Uint8Array): void {
  const { role, modsByAk, sb, ak } = facts;
  const floors = new Float64Array(units.count * STRIDE);
  for (let at = ST; at < floors.length; at += STRIDE) floors[at] = UNTOUCHED;
  const firstBegun = firstBegunOf(facts, units);
  const unsettled: Unsettled = { read: [], index: [], floor: [] };
  for (let read = 0, next = 0; read < facts.count; read++) {
    if (role[read] !== READ_OK) continue;
    for (; next < modsByAk.length && ak[modsByAk[next]] < sb[read]; next++) {
      raiseFloor(facts, units, modsByAk[next], floors);
    }
    outcomes[read] = judgeRead(facts, units, read, floors, firstBegun, unsettled);
  }
  if (unsettled.read.length > 0) settle(facts, units, unsettled, outcomes);
}

/** By unit: when the first of its mods can have begun. */
function firstBegunOf(facts: Facts, units: Units): Float64Array {
  const first = new Float64Array(units.count).fill(Infinity);
  for (let mod = 0; mod < facts.count; mod++) {
    if (!isModRole(facts.role[mod])) continue;
    const begun = canHaveBegun(facts, mod);
    const end = units.at[mod] + facts.units[mod];
    for (let entry = units.at[mod]; entry < end; entry++) {
      const unit = units.id[entry];
      if (begun < first[unit]) first[unit] = begun;
    }
  }
  return first;
}

function raiseFloor(facts: Facts, units: Units, mod: number, floors: Float64Array): void {
  const st = facts.role[mod] === MOD_WHOLE ? facts.st[mod] : NOT_SUPERSEDED;
  const version = facts.role[mod] === MOD_WHOLE && facts.kind[mod] === WRITE ? facts.row[mod] + 1 : 0;
  const end = units.at[mod] + facts.units[mod];
  for (let entry = units.at[mod]; entry < end; entry++) {
    const at = units.id[entry] * STRIDE;
    if (st <= floors[at + ST]) continue;
    floors[at + ST] = st;
    floors[at + VERSION] = version;
  }
}

function judgeRead(
  facts: Facts,
  units: Units,
  read: number,
  floors: Float64Array,
  firstBegun: Float64Array,
  unsettled: Unsettled,
): number {
  const { seen } = facts.history;
  const first = facts.history.seenAt[facts.row[read]];
  const length = unitsRead(facts, read);
  const returned = facts.co[read];
  let outcome = NOT_EXERCISED;
  let odd = false;
  for (let k = 0; k < length; k++) {
    const version = seen[first + k];
    if (version === SEEN_UNCHECKED) continue;
    const at = units.id[units.at[read] + k] * STRIDE;
    const floor = floors[at + ST];
    if (floor !== UNTOUCHED) outcome = PROVED;
    if (version === SEEN_ZEROES || version === SEEN_TORN) {
      odd = true;
      continue;
    }
    // What set the floor is not below it. Nearly all reads return it, and it saves them the walk to that write.
    if (version !== 0 && version === floors[at + VERSION] && floor <= returned) continue;
    if (!mayReturn(facts, read, k, version, floor)) return LOST;
  }
  if (outcome === PROVED && !odd) return PROVED;
  for (let k = 0; k < length; k++) {
    const version = seen[first + k];
    const unit = units.id[units.at[read] + k];
    if (version !== SEEN_ZEROES && version !== SEEN_TORN) {
      // Nothing was at stake where no mod can have begun before the read returned.
      if (outcome === PROVED || version === SEEN_UNCHECKED || firstBegun[unit] >= returned) continue;
    }
    unsettled.read.push(read);
    unsettled.index.push(k);
    unsettled.floor.push(floors[unit * STRIDE + ST]);
  }
  return outcome;
}

/**
 * Zeroes, torn units, and reads that no mod was acknowledged before: they ask for the mods that began before the read
 * returned. A second walk, in the order of that return, for these units alone.
 */
function settle(facts: Facts, units: Units, unsettled: Unsettled, outcomes: Uint8Array): void {
  const { role, kind, st, co, history } = facts;
  const mods = modsOf(facts, units, unsettled);
  const begun = Float64Array.from(mods, (mod) => canHaveBegun(facts, mod));
  const order = orderOf(begun);
  const byCo = orderOf(valuesOf(unsettled.read, co));
  const anyCo = new Float64Array(units.count).fill(-Infinity);
  const zeroingCo = new Float64Array(units.count).fill(-Infinity);
  const maybeCo = new Float64Array(units.count).fill(-Infinity);
  const raise = (latest: Float64Array, mod: number): void => {
    for (let k = 0; k < facts.units[mod]; k++) {
      const unit = units.id[units.at[mod] + k];
      if (co[mod] > latest[unit]) latest[unit] = co[mod];
    }
  };
  let before = 0;
  let upTo = 0;
  for (let i = 0; i < byCo.length; i++) {
    const read = unsettled.read[byCo[i]];
    const index = unsettled.index[byCo[i]];
    for (; before < order.length && begun[order[before]] < co[read]; before++) {
      raise(anyCo, mods[order[before]]);
    }
    for (; upTo < order.length && begun[order[upTo]] <= co[read]; upTo++) {
      const mod = mods[order[upTo]];
      if (kind[mod] !== WRITE) raise(zeroingCo, mod);
      if (role[mod] === MOD_MAYBE) raise(maybeCo, mod);
    }
    const unit = units.id[units.at[read] + index];
    const version = history.seen[history.seenAt[facts.row[read]] + index];
    const overlapped = anyCo[unit] > st[read];
    if (
      !mayBeOdd(facts.world, version, unsettled.floor[byCo[i]], overlapped, zeroingCo[unit], maybeCo[unit])
    ) {
      outcomes[read] = LOST;
    } else if (overlapped && outcomes[read] === NOT_EXERCISED) outcomes[read] = PROVED;
  }
}

/** The mods of units that were left unsettled. */
function modsOf(facts: Facts, units: Units, unsettled: Unsettled): number[] {
  const wanted = new Uint8Array(units.count);
  for (let i = 0; i < unsettled.read.length; i++) {
    wanted[units.id[units.at[unsettled.read[i]] + unsettled.index[i]]] = 1;
  }
  const mods: number[] = [];
  for (let mod = 0; mod < facts.count; mod++) {
    if (!isModRole(facts.role[mod])) continue;
    let entry = units.at[mod];
    const end = entry + facts.units[mod];
    while (entry < end && wanted[units.id[entry]] === 0) entry++;
    if (entry < end) mods.push(mod);
  }
  return mods;
}
