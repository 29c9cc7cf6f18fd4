/**
 * `dependent`: overlapping operations take effect in submission order. A situation is an operation b that shares a
 * unit with an earlier one a, at least one of both a mod. It is proved when every such a had returned before b began,
 * and lost when some a began only after b had returned. If they ran at the same time either may have been first.
 */
import type { Verdict } from './contracts.ts';
import { type Facts, isModRole, overlap, precedes } from './facts.ts';
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
  const lastCo = latestBefore(facts, units, facts.co);
  // No call begins after its return, so only where an earlier operation returned later can one have begun later.
  const overlapped = lastCo.some((co, b) => co > facts.co[b]);
  const lastSt = overlapped ? latestBefore(facts, units, facts.st) : lastCo;
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
  if (lastSt > facts.co[b]) return LOST;
  if (lastCo <= facts.sb[b]) return NOT_EXERCISED;
  return lastCo < facts.st[b] ? PROVED : UNPROVED;
}

/** By place: the latest stamp in `column` of the operations that one depends on, -Infinity when there are none. */
function latestBefore(facts: Facts, units: Units, column: Float64Array): Float64Array {
  const before = new Float64Array(facts.count).fill(-Infinity);
  sweepEarlier(facts, units, column, before);
  sweepBatches(facts, units, column, before);
  return before;
}

/** Predecessors by their stamps, se(a) < sb(b). */
function sweepEarlier(facts: Facts, units: Units, column: Float64Array, before: Float64Array): void {
  const { role, bySe, sb, se } = facts;
  const latest = new Float64Array(units.count * STRIDE).fill(-Infinity);
  for (let b = 0, next = 0; b < facts.count; b++) {
    if (!touchesUnits(role[b])) continue;
    for (; next < bySe.length && se[bySe[next]] < sb[b]; next++) {
      const a = bySe[next];
      if (touchesUnits(role[a])) add(facts, units, latest, a, column[a]);
    }
    before[b] = collect(facts, units, latest, b, before[b]);
  }
}

/**
 * Predecessors by their place: the same submitter, a lower row. Most precede by their stamps already; what is left is
 * inside batches, whose submissions overlap: a batch ends where all earlier submissions of the submitter had ended.
 */
function sweepBatches(facts: Facts, units: Units, column: Float64Array, before: Float64Array): void {
  const { history, place, role } = facts;
  const latest = new Float64Array(units.count * STRIDE);
  // Which batch's values a unit holds: cheaper than clearing all units for each batch.
  const holder = new Int32Array(units.count).fill(-1);
  for (let submitter = 0; submitter < history.submitters; submitter++) {
    const end = submitter * history.rowsEach + history.count[submitter];
    for (let from = submitter * history.rowsEach; from < end; ) {
      const to = batchEnd(facts, from, end);
      for (let row = from; row < to && to - from > 1; row++) {
        const b = place[row];
        if (!touchesUnits(role[b])) continue;
        forget(facts, units, latest, holder, from, b);
        before[b] = collect(facts, units, latest, b, before[b]);
        add(facts, units, latest, b, column[b]);
      }
      from = to;
    }
  }
}

/** The end of the batch that begins at row `from`. */
function batchEnd(facts: Facts, from: number, end: number): number {
  const { place, sb, se } = facts;
  let submitted = se[place[from]];
  let to = from + 1;
  for (; to < end && submitted >= sb[place[to]]; to++) {
    if (se[place[to]] > submitted) submitted = se[place[to]];
  }
  return to;
}

/** Drops what b's units hold of other batches. */
function forget(
  facts: Facts,
  units: Units,
  latest: Float64Array,
  holder: Int32Array,
  batch: number,
  b: number,
): void {
  for (let entry = units.at[b]; entry < units.at[b] + facts.units[b]; entry++) {
    const unit = units.id[entry];
    if (holder[unit] === batch) continue;
    holder[unit] = batch;
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
  const broke = (a: number): boolean => (outcome === LOST ? st[a] > co[b] : co[a] >= st[b] && co[a] > sb[b]);
  const conflicts = (a: number): boolean =>
    touchesUnits(role[a]) && (isModRole(role[a]) || isModRole(role[b])) && overlap(facts, a, b);
  const span = (a: number): number => spanOf(sb[a], sb[b], co[b], outcome === LOST ? st[a] : co[a]);
  const fit = (a: number): boolean => a !== b && broke(a) && conflicts(a) && precedes(facts, a, b);
  const a = choose(facts, b, fit, span);
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
