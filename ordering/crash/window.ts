/**
 * One flush window, made small: the writes that a crash may or may not leave, and *cells*, runs of units that the same of
 * them touch and of which the same is illegal. An image shows in each cell the newest of the surviving writes on it, or its
 * base, what is durable there. Which of them are illegal is decided here, once; what is left for the inner loop are bits.
 *
 * Newest is who returned last. Writes that ran at the same time may land in either order; every single sector's content is
 * in the enumeration all the same, as the image in which the later one did not survive.
 *
 * A *tie* couples two places of an image: what holds an X must hold some other writes as well. `barrier` ties each X to
 * what the flushes before X must cover; a write with PREFLUSH is tied to what it must cover, under every contract.
 */
import { precedes } from '../facts.ts';

import { PREFLUSH } from '../history.ts';
import { orderOf, valuesOf } from '../order.ts';
import {
  BEFORE,
  COMPLETED,
  isFlush,
  missingOf,
  type Owing,
  type Shore,
  SUBMITTED,
  startOf,
} from './shore.ts';

/** The contracts that crash states are judged by, and their bits. */
export const JUDGED = ['completed', 'submitted', 'barrier'] as const;
export const BARRIER = 2;
/** Ties are bits of a number; more than so many different ones are told apart no longer, and counted. */
const MOST_TIES = 30;
/** Flushes that are looked at for ties in one window, the latest first, and writes that they may miss. */
const MOST_FLUSHES = 256;
const MOST_MISSING = 1024;

export interface Window {
  file: number;
  /** Crash times: from `from` until before `to`, ns. */
  from: number;
  to: number;
  /** Places of the mods that may survive, in the order in which they land; their index is their bit. */
  writes: Uint32Array;
  /** By write: ties whose X it is. */
  holds: Int32Array;
  /** By cell: where its writes begin in `cover`, newest first; one entry more than there are cells. */
  coverAt: number[];
  cover: number[];
  /** Beside `cover`: bit 1 << contract where showing this write is illegal; and ties that it breaks. */
  bad: number[];
  breaks: number[];
  /** By cell: the same for its base, and the ties whose X the base is. */
  baseBad: number[];
  baseBreaks: number[];
  baseHolds: number[];
  /** By cell: one of its units, and how many it stands for. */
  unit: number[];
  units: number[];
  /** Ties whose X every image holds. */
  alwaysHeld: number;
  /** By contract: the ties that count. */
  ties: Int32Array;
  /** Ties that were left out because there are too many. */
  tiesLeftOut: number;
}

/** Memory for one window after the other. */
export interface Scratch {
  /** By unit: the slot in this window, -1 for none. */
  slot: Int32Array;
  /** By place: ties whose X it is, and ties that want it. */
  holds: Int32Array;
  wanted: Int32Array;
}

export function openScratch(shore: Shore): Scratch {
  return {
    slot: new Int32Array(shore.units.count).fill(-1),
    holds: new Int32Array(shore.facts.count),
    wanted: new Int32Array(shore.facts.count),
  };
}

/** The window of a file that ends now, as the sweep stands. */
export function windowOf(shore: Shore, scratch: Scratch, file: number, from: number, to: number): Window {
  const live = Uint32Array.from(shore.live[file]);
  const byReturn = orderOf(valuesOf(live, shore.facts.co));
  const writes = Uint32Array.from(byReturn, (i) => live[i]);
  const window: Window = {
    file,
    from,
    to,
    writes,
    holds: new Int32Array(writes.length),
    coverAt: [0],
    cover: [],
    bad: [],
    breaks: [],
    baseBad: [],
    baseBreaks: [],
    baseHolds: [],
    unit: [],
    units: [],
    alwaysHeld: 0,
    ties: new Int32Array(JUDGED.length),
    tiesLeftOut: 0,
  };
  const tied = tie(shore, scratch, window);
  cut(shore, scratch, window, tied.wanted);
  for (const x of tied.holders) {
    if (scratch.holds[x] !== 0 && isAlwaysSeen(shore, scratch, x)) window.alwaysHeld |= scratch.holds[x];
  }
  forget(shore, scratch, window, tied);
  return window;
}

interface Tied {
  holders: number[];
  wanted: number[];
}

/** Finds the ties of a window and notes them in `scratch`, by place. */
function tie(shore: Shore, scratch: Scratch, window: Window): Tied {
  const tied: Tied = { holders: [], wanted: [] };
  const { facts, live, recent } = shore;
  const groups: { contracts: number; wants: number[] }[] = [];
  const add = (x: number, contracts: number, wants: number[]): void => {
    if (wants.length === 0) return;
    let group = groups.findIndex((g) => g.contracts === contracts && sameList(g.wants, wants));
    if (group === -1) {
      if (groups.length === MOST_TIES) {
        window.tiesLeftOut++;
        return;
      }
      group = groups.push({ contracts, wants }) - 1;
    }
    if (scratch.holds[x] === 0) tied.holders.push(x);
    scratch.holds[x] |= 1 << group;
  };
  const xs = [...live[window.file], ...recent[window.file]];
  for (let device = 0; device < facts.devices; device++) {
    if (facts.inode[device] !== window.file) continue;
    const open = openFlushes(shore, device, window.to);
    if (open.length === 0) continue;
    const missing = open.map((flush) => missing1(shore, SUBMITTED, flush));
    for (const x of xs) {
      if (facts.device[x] !== device) continue;
      const before = open.flatMap((flush, i) =>
        missing[i].length > 0 && flush !== x && precedes(facts, flush, x) ? [i] : [],
      );
      if (before.length > 0) {
        const wants = before.length === 1 ? missing[before[0]] : union(before.map((i) => missing[i]));
        add(x, 1 << BARRIER, wants);
      }
      if ((facts.flags[x] & PREFLUSH) === 0 || !isFlush(shore, x)) continue;
      add(x, 1 << COMPLETED, missing1(shore, COMPLETED, x));
      add(x, (1 << SUBMITTED) | (1 << BARRIER), missing1(shore, SUBMITTED, x));
    }
  }
  groups.forEach(({ contracts, wants }, group) => {
    for (let c = 0; c < JUDGED.length; c++) if ((contracts >> c) & 1) window.ties[c] |= 1 << group;
    for (const w of wants) {
      if (scratch.wanted[w] === 0) tied.wanted.push(w);
      scratch.wanted[w] |= 1 << group;
    }
  });
  window.writes.forEach((w, i) => {
    window.holds[i] = scratch.holds[w];
  });
  return tied;
}

/** Flushes of a device, submitted before `to`, that a write which is not durable may precede. */
function openFlushes(shore: Shore, device: number, to: number): number[] {
  const flushes = shore.flushes[device];
  let end = shore.firstFlush[device];
  while (end < flushes.length && shore.facts.sb[flushes[end]] < to) end++;
  return flushes.slice(Math.max(shore.firstFlush[device], end - MOST_FLUSHES), end);
}

function missing1(shore: Shore, contract: Owing, flush: number): number[] {
  const missing: number[] = [];
  missingOf(shore, contract, flush, missing);
  return missing.length > MOST_MISSING ? missing.slice(-MOST_MISSING) : missing;
}

function union(lists: readonly number[][]): number[] {
  return [...new Set(lists.flat())].sort((a, b) => a - b);
}

function sameList(a: readonly number[], b: readonly number[]): boolean {
  return a.length === b.length && a.every((value, i) => value === b[i]);
}

/** Cuts the units that matter into cells. */
function cut(shore: Shore, scratch: Scratch, window: Window, wanted: readonly number[]): void {
  const { facts, units, durableSt, base, late } = shore;
  const { co } = facts;
  const slots: number[] = [];
  /** By slot: writes and wanted mods on the unit, in the order in which they were linked. */
  const writesOn: number[][] = [];
  const wantedOn: number[][] = [];
  const visit = (mod: number, seen: (slot: number) => void): void => {
    for (let entry = units.at[mod]; entry < units.at[mod] + facts.units[mod]; entry++) {
      const unit = units.id[entry];
      if (scratch.slot[unit] === -1) {
        scratch.slot[unit] = slots.push(unit) - 1;
        writesOn.push([]);
        wantedOn.push([]);
      }
      seen(scratch.slot[unit]);
    }
  };
  window.writes.forEach((mod, i) => {
    visit(mod, (slot) => {
      if (co[mod] >= durableSt[slots[slot]]) writesOn[slot].push(i);
    });
  });
  for (const mod of late[window.file]) visit(mod, () => {});
  for (const mod of wanted) visit(mod, (slot) => wantedOn[slot].push(mod));
  for (let slot = 0; slot < slots.length; slot++) {
    const unit = slots[slot];
    const judge = (end: number): [bad: number, breaks: number] => {
      const bad =
        (end < shore.owedSt[COMPLETED][unit] ? 1 : 0) | (end < shore.owedSt[SUBMITTED][unit] ? 2 : 0);
      let breaks = 0;
      for (const w of wantedOn[slot]) if (end < startOf(facts, w)) breaks |= scratch.wanted[w];
      return [bad, breaks];
    };
    const at = window.cover.length;
    for (let k = writesOn[slot].length - 1; k >= 0; k--) {
      const [bad, breaks] = judge(co[window.writes[writesOn[slot][k]]]);
      window.cover.push(writesOn[slot][k]);
      window.bad.push(bad);
      window.breaks.push(breaks);
    }
    const [bad, breaks] = judge(base[unit] === BEFORE ? -Infinity : co[base[unit]]);
    const holds = base[unit] === BEFORE ? 0 : scratch.holds[base[unit]];
    addCell(window, at, unit, bad, breaks, holds);
  }
}

/** Closes a cell whose writes are in `cover` from `at`; one that equals the last is counted with it. */
function addCell(window: Window, at: number, unit: number, bad: number, breaks: number, holds: number): void {
  const last = window.unit.length - 1;
  const length = window.cover.length - at;
  let same =
    last >= 0 &&
    window.baseBad[last] === bad &&
    window.baseBreaks[last] === breaks &&
    window.baseHolds[last] === holds &&
    at - window.coverAt[last] === length;
  for (let k = 0; same && k < length; k++) {
    const other = window.coverAt[last] + k;
    same =
      window.cover[other] === window.cover[at + k] &&
      window.bad[other] === window.bad[at + k] &&
      window.breaks[other] === window.breaks[at + k];
  }
  if (same) {
    window.units[last]++;
    for (const column of [window.cover, window.bad, window.breaks]) column.length = at;
    return;
  }
  window.unit.push(unit);
  window.units.push(1);
  window.baseBad.push(bad);
  window.baseBreaks.push(breaks);
  window.baseHolds.push(holds);
  window.coverAt.push(window.cover.length);
}

/** True when a durable X is what some unit holds in every image: no write of the window touches that unit. */
function isAlwaysSeen(shore: Shore, scratch: Scratch, x: number): boolean {
  const { units, base, facts } = shore;
  for (let entry = units.at[x]; entry < units.at[x] + facts.units[x]; entry++) {
    if (base[units.id[entry]] === x && scratch.slot[units.id[entry]] === -1) return true;
  }
  return false;
}

function forget(shore: Shore, scratch: Scratch, window: Window, tied: Tied): void {
  const { units, facts, late } = shore;
  for (const mods of [window.writes, late[window.file], tied.wanted]) {
    for (const mod of mods) {
      for (let entry = units.at[mod]; entry < units.at[mod] + facts.units[mod]; entry++) {
        scratch.slot[units.id[entry]] = -1;
      }
    }
  }
  for (const x of tied.holders) scratch.holds[x] = 0;
  for (const w of tied.wanted) scratch.wanted[w] = 0;
}
