/**
 * `dependent`: overlapping operations take effect in submission order. A situation is an operation b that shares a
 * unit with an earlier one a, at least one of both a mod. It is proved when every such a had returned before b began,
 * and lost when some a began only after b had returned and both succeeded: what failed may have had no effect, in
 * whatever order. If they ran at the same time either may have been first.
 */
import type { Verdict } from './contracts.ts';
import { type Facts, isModRole, MOD_WHOLE, overlap, precedes, READ_OK } from './facts.ts';
import { LOST, NOT_EXERCISED, PROVED, tally, UNPROVED, worthTelling } from './outcome.ts';
import { touchesUnits, type Units } from './units.ts';
import {
  beganOnly,
  type Candidate,
  choose,
  crossesQueues,
  kindOf,
  nameOf,
  runOf,
  smallest,
  spanOf,
  time,
} from './witness.ts';

/** Two running values a unit, side by side for the sake of the cache: of its mods, and of its reads. */
const STRIDE = 2;
const OF_MODS = 0;
const OF_READS = 1;

export function dependentRule(facts: Facts, units: Units): Verdict {
  const all = new Uint8Array(facts.count);
  for (let p = 0; p < facts.count; p++) all[p] = touchesUnits(facts.role[p]) ? 1 : 0;
  const batched = batchedOf(facts);
  const lastCo = latestBefore(facts, units, facts.co, all, batched);
  // No call begins after its return, so only where an earlier operation returned later can one have begun later.
  const rivals = rivalsOf(facts, units, lastCo);
  const lastSt = rivals === undefined ? lastCo : latestBefore(facts, units, startsOf(facts), rivals, batched);
  const outcomes = new Uint8Array(facts.count);
  for (let b = 0; b < facts.count; b++) {
    if (lastCo[b] !== -Infinity) outcomes[b] = judge(facts, lastCo[b], lastSt[b], b);
  }
  const verdict = tally(outcomes);
  const { outcome, situations } = worthTelling(outcomes, verdict, (b) => facts.co[b] - facts.sb[b]);
  const witness = smallest(facts, situations, (b) => candidate(facts, b, outcome));
  return witness === undefined ? verdict : { ...verdict, witness };
}

function judge(facts: Facts, lastCo: number, lastSt: number, b: number): number {
  // What never began has not taken effect, in whatever order.
  if (facts.st[b] === Infinity) return NOT_EXERCISED;
  if (lastSt > facts.co[b] && tookEffect(facts, b)) return LOST;
  if (lastCo <= facts.sb[b]) return NOT_EXERCISED;
  return lastCo < facts.st[b] ? PROVED : UNPROVED;
}

/** By place: `st` of what took effect, and -Infinity of what may not have: it overtakes nothing for certain. */
function startsOf(facts: Facts): Float64Array {
  const starts = facts.st.slice();
  for (let p = 0; p < facts.count; p++) if (!tookEffect(facts, p)) starts[p] = -Infinity;
  return starts;
}

function tookEffect(facts: Facts, place: number): boolean {
  return facts.role[place] === MOD_WHOLE || facts.role[place] === READ_OK;
}

/**
 * 1 for each operation that has a unit in common with one that returned before an earlier one did, by place; undefined when
 * there is none.
 */
function rivalsOf(facts: Facts, units: Units, lastCo: Float64Array): Uint8Array | undefined {
  const contested = new Uint8Array(units.count);
  let found = false;
  for (let b = 0; b < facts.count; b++) {
    if (lastCo[b] <= facts.co[b]) continue;
    found = true;
    const end = units.at[b] + facts.units[b];
    for (let entry = units.at[b]; entry < end; entry++) contested[units.id[entry]] = 1;
  }
  if (!found) return undefined;
  const rivals = new Uint8Array(facts.count);
  for (let p = 0; p < facts.count; p++) {
    if (!touchesUnits(facts.role[p])) continue;
    let entry = units.at[p];
    const end = entry + facts.units[p];
    while (entry < end && contested[units.id[entry]] === 0) entry++;
    if (entry < end) rivals[p] = 1;
  }
  return rivals;
}

/** By place: the latest stamp in `column` of what an operation depends on among `some`, -Infinity for nothing. */
function latestBefore(
  facts: Facts,
  units: Units,
  column: Float64Array,
  some: Uint8Array,
  batched: Uint8Array,
): Float64Array {
  const before = new Float64Array(facts.count).fill(-Infinity);
  sweepEarlier(facts, units, column, some, before);
  sweepBatches(facts, units, column, some, batched, before);
  return before;
}

/** Predecessors by their stamps, se(a) < sb(b). */
function sweepEarlier(
  facts: Facts,
  units: Units,
  column: Float64Array,
  some: Uint8Array,
  before: Float64Array,
): void {
  const { bySe, sb, se } = facts;
  const latest = new Float64Array(units.count * STRIDE).fill(-Infinity);
  for (let b = 0, next = 0; b < facts.count; b++) {
    if (some[b] === 0) continue;
    for (; next < bySe.length && se[bySe[next]] < sb[b]; next++) {
      const a = bySe[next];
      if (some[a] === 1) add(facts, units, latest, a, column[a]);
    }
    before[b] = collect(facts, units, latest, b, before[b]);
  }
}

/**
 * Predecessors by their place: the same submitter, a lower row. Most precede by their stamps already; what is left is
 * inside batches, whose submissions overlap.
 */
function sweepBatches(
  facts: Facts,
  units: Units,
  column: Float64Array,
  some: Uint8Array,
  batched: Uint8Array,
  before: Float64Array,
): void {
  const { history, place } = facts;
  if (!batched.includes(1)) return;
  const latest = new Float64Array(units.count * STRIDE);
  // Whose values a unit holds: cheaper than clearing all units for each submitter.
  const holder = new Int32Array(units.count).fill(-1);
  for (let submitter = 0; submitter < history.submitters; submitter++) {
    const from = submitter * history.rowsEach;
    for (let row = from; row < from + history.count[submitter]; row++) {
      const b = place[row];
      if (batched[b] === 0 || some[b] === 0) continue;
      forgetOthers(facts, units, latest, holder, b);
      before[b] = collect(facts, units, latest, b, before[b]);
      add(facts, units, latest, b, column[b]);
    }
  }
}

/** 1 for each operation of a batch of several, by place. A batch ends where all submissions before it had ended. */
function batchedOf(facts: Facts): Uint8Array {
  const { submitter, sb, se } = facts;
  const batched = new Uint8Array(facts.count);
  const previous = new Int32Array(facts.history.submitters);
  const ended = new Float64Array(facts.history.submitters).fill(-Infinity);
  for (let p = 0; p < facts.count; p++) {
    const s = submitter[p];
    if (ended[s] >= sb[p]) batched[previous[s]] = batched[p] = 1;
    if (se[p] > ended[s]) ended[s] = se[p];
    previous[s] = p;
  }
  return batched;
}

/** Drops what b's units hold of other submitters. */
function forgetOthers(facts: Facts, units: Units, latest: Float64Array, holder: Int32Array, b: number): void {
  const submitter = facts.submitter[b];
  for (let entry = units.at[b]; entry < units.at[b] + facts.units[b]; entry++) {
    const unit = units.id[entry];
    if (holder[unit] === submitter) continue;
    holder[unit] = submitter;
    latest[unit * STRIDE + OF_MODS] = -Infinity;
    latest[unit * STRIDE + OF_READS] = -Infinity;
  }
}

function add(facts: Facts, units: Units, latest: Float64Array, a: number, stamp: number): void {
  const of = isModRole(facts.role[a]) ? OF_MODS : OF_READS;
  const end = units.at[a] + facts.units[a];
  for (let entry = units.at[a]; entry < end; entry++) {
    const at = units.id[entry] * STRIDE + of;
    if (stamp > latest[at]) latest[at] = stamp;
  }
}

/** The latest stamp of what b depends on: the mods of its units, and if b is a mod their reads too. */
function collect(facts: Facts, units: Units, latest: Float64Array, b: number, so: number): number {
  const mod = isModRole(facts.role[b]);
  const end = units.at[b] + facts.units[b];
  let last = so;
  for (let entry = units.at[b]; entry < end; entry++) {
    const at = units.id[entry] * STRIDE;
    if (latest[at + OF_MODS] > last) last = latest[at + OF_MODS];
    if (mod && latest[at + OF_READS] > last) last = latest[at + OF_READS];
  }
  return last;
}

function candidate(facts: Facts, b: number, outcome: number): Candidate[] {
  const { role, sb, st, co } = facts;
  const broke = (a: number): boolean =>
    outcome === LOST ? st[a] > co[b] && tookEffect(facts, a) : co[a] >= st[b] && co[a] > sb[b];
  const conflicts = (a: number): boolean =>
    touchesUnits(role[a]) && (isModRole(role[a]) || isModRole(role[b])) && overlap(facts, a, b);
  const span = (a: number): number => spanOf(sb[a], sb[b], co[b], outcome === LOST ? st[a] : co[a]);
  const fit = (a: number): boolean => broke(a) && conflicts(a) && precedes(facts, a, b);
  const a = choose(facts, b, fit, span, 0, b);
  if (a === -1) return [];
  const places = [a, b];
  const order = `${nameOf(facts, b)} was submitted at ${time(facts, sb[b])} us, after ${nameOf(facts, a)} at ${time(facts, sb[a])} us`;
  return [
    {
      places,
      crossesQueues: crossesQueues(facts, ...places),
      span: span(a),
      tell: () =>
        outcome === LOST
          ? `${order}; the later ${kindOf(facts, b)} had returned at ${time(facts, co[b])} us but the earlier ` +
            `${kindOf(facts, a)} ${beganOnly(facts, a)}: they took effect against the order of submission that ` +
            '`dependent` asks for.'
          : `${order}; the later ${kindOf(facts, b)} ${runOf(facts, b)} and the earlier ${kindOf(facts, a)} ` +
            `${runOf(facts, a)}, so either may have come first: an open window for \`dependent\`, harm was not seen.`,
    },
  ];
}
