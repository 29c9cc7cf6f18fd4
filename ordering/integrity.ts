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
import { ascending, orderBy, orderOf, valuesOf } from './order.ts';
import { LOST, NONE, NOT_EXERCISED, PROVED, tally, worthTelling } from './outcome.ts';
import { canHaveBegun, mayBeOdd, mayReturn, unitsRead } from './reads.ts';
import type { Units } from './units.ts';

/** Of a unit's floor: no mod was acknowledged yet, or only such as may not have happened. Real stamps are above both. */
const UNTOUCHED = -2;
const NOT_SUPERSEDED = -1;

/**
 * By unit: the latest `st` of whole mods that were acknowledged by now, or one of the two numbers above; and the version
 * that the mod with this stamp wrote, 0 for one that wrote none.
 */
interface Floors {
  st: Float64Array;
  version: Uint32Array;
}

/** Units of reads that the first walk could not settle: which read, which of its units, and its floor. */
interface Unsettled {
  read: number[];
  index: number[];
  /** The latest `st` of whole mods of the unit that were acknowledged before the read was submitted. */
  floor: number[];
}

export function integrityRule(facts: Facts, units: Units): Verdict {
  const outcomes = facts.role.map((role) => (role === READ_OK ? NOT_EXERCISED : NONE));
  if (facts.world.dataHeld) judgeReads(facts, units, outcomes);
  const verdict = tally(outcomes);
  const { situations } = worthTelling(outcomes, verdict, (read) => facts.co[read] - facts.sb[read]);
  const witness = integrityWitness(facts, situations);
  return witness === undefined ? verdict : { ...verdict, witness };
}

function judgeReads(facts: Facts, units: Units, outcomes: Uint8Array): void {
  const { role, modsByAk, sb, ak } = facts;
  const floors: Floors = {
    st: new Float64Array(units.count).fill(UNTOUCHED),
    version: new Uint32Array(units.count),
  };
  const unsettled: Unsettled = { read: [], index: [], floor: [] };
  for (let read = 0, next = 0; read < facts.count; read++) {
    if (role[read] !== READ_OK) continue;
    for (; next < modsByAk.length && ak[modsByAk[next]] < sb[read]; next++) {
      raiseFloor(facts, units, modsByAk[next], floors);
    }
    outcomes[read] = judgeRead(facts, units, read, floors, unsettled);
  }
  if (unsettled.read.length > 0) settle(facts, units, unsettled, outcomes);
}

function raiseFloor(facts: Facts, units: Units, mod: number, floors: Floors): void {
  const st = facts.role[mod] === MOD_WHOLE ? facts.st[mod] : NOT_SUPERSEDED;
  const version = facts.role[mod] === MOD_WHOLE && facts.kind[mod] === WRITE ? facts.row[mod] + 1 : 0;
  const end = units.at[mod] + facts.units[mod];
  for (let entry = units.at[mod]; entry < end; entry++) {
    const unit = units.id[entry];
    if (st <= floors.st[unit]) continue;
    floors.st[unit] = st;
    floors.version[unit] = version;
  }
}

function judgeRead(facts: Facts, units: Units, read: number, floors: Floors, unsettled: Unsettled): number {
  const { seen } = facts.history;
  const first = facts.history.seenAt[facts.row[read]];
  const length = unitsRead(facts, read);
  let outcome = NOT_EXERCISED;
  for (let k = 0; k < length; k++) {
    const version = seen[first + k];
    if (version === SEEN_UNCHECKED) continue;
    const unit = units.id[units.at[read] + k];
    const floor = floors.st[unit];
    if (floor !== UNTOUCHED) outcome = PROVED;
    if (version === SEEN_ZEROES || version === SEEN_TORN) continue;
    // What set the floor is not below it. Nearly all reads return it, and it saves them the walk to that write.
    if (version !== 0 && version === floors.version[unit] && floor <= facts.co[read]) continue;
    if (!mayReturn(facts, read, k, version, floor)) return LOST;
  }
  for (let k = 0; k < length; k++) {
    const version = seen[first + k];
    const odd = version === SEEN_ZEROES || version === SEEN_TORN;
    if (!odd && (outcome === PROVED || version === SEEN_UNCHECKED)) continue;
    unsettled.read.push(read);
    unsettled.index.push(k);
    unsettled.floor.push(floors.st[units.id[units.at[read] + k]]);
  }
  return outcome;
}

/**
 * Zeroes, torn units, and reads that no mod was acknowledged before: they ask for the mods that began before the read
 * returned. A second walk, in the order of that return, for these units alone.
 */
function settle(facts: Facts, units: Units, unsettled: Unsettled, outcomes: Uint8Array): void {
  const { role, kind, st, co, history } = facts;
  const begun = st.map((_, p) => canHaveBegun(facts, p));
  const bySt = orderBy(modsOf(facts, units, unsettled), begun);
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
    for (; before < bySt.length && begun[bySt[before]] < co[read]; before++) raise(anyCo, bySt[before]);
    for (; upTo < bySt.length && begun[bySt[upTo]] <= co[read]; upTo++) {
      if (kind[bySt[upTo]] !== WRITE) raise(zeroingCo, bySt[upTo]);
      if (role[bySt[upTo]] === MOD_MAYBE) raise(maybeCo, bySt[upTo]);
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
function modsOf(facts: Facts, units: Units, unsettled: Unsettled): Uint32Array {
  const wanted = new Uint8Array(units.count);
  for (let i = 0; i < unsettled.read.length; i++) {
    wanted[units.id[units.at[unsettled.read[i]] + unsettled.index[i]]] = 1;
  }
  return ascending(facts.count).filter((mod) => {
    if (!isModRole(facts.role[mod])) return false;
    for (let k = 0; k < facts.units[mod]; k++) {
      if (wanted[units.id[units.at[mod] + k]] === 1) return true;
    }
    return false;
  });
}
