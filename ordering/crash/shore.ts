/**
 * What has reached the medium by a moment of a trial, and what the contracts owe by then: the sweep's state, moved on by one
 * event at a time (timeline.ts). Everything about a unit is two stamps: the latest `st` of the durable mods of it, below which
 * nothing older can come back, and the latest `st` of the mods that some acknowledged flush owes, below which nothing older may.
 */
import { type Facts, FLUSH_OK, isModRole, MOD_WHOLE, precedes } from '../facts.ts';
import { FUA, PREFLUSH } from '../history.ts';
import type { Units } from '../units.ts';

/** Before any mod of the trial: what the file held when it began. */
export const BEFORE = -1;

/** The contracts that oblige by themselves; `barrier` adds to `submitted` what window.ts calls ties. */
export const COMPLETED = 0;
export const SUBMITTED = 1;
export type Owing = typeof COMPLETED | typeof SUBMITTED;

/** Bits of `state`, by place of a mod. */
const STARTED = 1;
const DURABLE = 2;
/** An fsync failed while it may have been in the cache: no later fsync proves it, and no flush owes it, until it is rewritten. */
const DOUBTFUL = 4;
/** Some acknowledged flush owes it: one bit for each of the two contracts. */
const OWED = 8;

export interface Shore {
  facts: Facts;
  units: Units;
  state: Uint8Array;
  /** By unit: the latest `st` of durable mods, -Infinity without one; and the place of what the medium then holds. */
  durableSt: Float64Array;
  base: Int32Array;
  /** By unit, where there are several: durable mods none of which supersedes another. */
  rivals: Map<number, number[]>;
  /** By contract and unit: the latest `st` of owed mods, that mod, and the flush (or the FUA write itself) that owes it. */
  owedSt: readonly [Float64Array, Float64Array];
  owedMod: readonly [Int32Array, Int32Array];
  owedBy: readonly [Int32Array, Int32Array];
  /** By file: mods that have begun and are not known to be durable, in the order in which they began. */
  live: number[][];
  /** By file: whole mods that are owed and have not begun. */
  late: number[][];
  /** By file: durable mods that may have come before something that had to come first. */
  recent: number[][];
  /** By device: whole mods, and OK flushes (PREFLUSH writes among them), in the order of submission. */
  mods: number[][];
  flushes: number[][];
  /** By device: up to where `mods` is durable, and up to where `flushes` has no write left to wait for. */
  firstMod: Int32Array;
  firstFlush: Int32Array;
  owing: Pointers;
}

/** How far the mods of a device are owed, by the three orders in which a flush may cover them. */
interface Pointers {
  byAk: number[][];
  bySe: number[][];
  /** By device and submitter: index into `own`. */
  own: number[][];
  nextAk: Int32Array;
  nextSe: Int32Array;
  nextOwn: Int32Array;
}

export function openShore(facts: Facts, units: Units): Shore {
  const { devices, inodes, count, role, device } = facts;
  const lists = (n: number): number[][] => Array.from({ length: n }, () => []);
  const stamps = (): Float64Array => new Float64Array(units.count).fill(-Infinity);
  const places = (): Int32Array => new Int32Array(units.count).fill(BEFORE);
  const { submitters } = facts.history;
  const shore: Shore = {
    facts,
    units,
    state: new Uint8Array(count),
    durableSt: stamps(),
    base: places(),
    rivals: new Map(),
    owedSt: [stamps(), stamps()],
    owedMod: [places(), places()],
    owedBy: [places(), places()],
    live: lists(inodes),
    late: lists(inodes),
    recent: lists(inodes),
    mods: lists(devices),
    flushes: lists(devices),
    firstMod: new Int32Array(devices),
    firstFlush: new Int32Array(devices),
    owing: {
      byAk: lists(devices),
      bySe: lists(devices),
      own: lists(devices * submitters),
      nextAk: new Int32Array(devices),
      nextSe: new Int32Array(devices),
      nextOwn: new Int32Array(devices * submitters),
    },
  };
  for (let p = 0; p < count; p++) {
    if (role[p] === MOD_WHOLE) {
      shore.mods[device[p]].push(p);
      shore.owing.own[device[p] * submitters + facts.submitter[p]].push(p);
    }
    if (isFlush(shore, p)) shore.flushes[device[p]].push(p);
  }
  for (const p of facts.modsByAk) if (role[p] === MOD_WHOLE) shore.owing.byAk[device[p]].push(p);
  for (const p of facts.bySe) if (role[p] === MOD_WHOLE) shore.owing.bySe[device[p]].push(p);
  return shore;
}

/** True for what obliges as a FLUSH does: an OK one, and a write with PREFLUSH that succeeded whole. */
export function isFlush(shore: Shore, place: number): boolean {
  const { role } = shore.facts;
  return (
    role[place] === FLUSH_OK || (role[place] === MOD_WHOLE && (shore.facts.flags[place] & PREFLUSH) !== 0)
  );
}

export function isDurable(shore: Shore, mod: number): boolean {
  return (shore.state[mod] & DURABLE) !== 0;
}

/** When a mod began, for the sake of what it supersedes; one that was acknowledged without a call, at the latest then. */
export function startOf(facts: Facts, mod: number): number {
  return facts.st[mod] === Infinity && facts.role[mod] === MOD_WHOLE ? facts.ak[mod] : facts.st[mod];
}

/** A mod's call begins: from now on any part of it may be on the medium. */
export function begin(shore: Shore, mod: number): void {
  shore.state[mod] |= STARTED;
  const file = fileOf(shore, mod);
  // One that went through at the very stamp of its beginning is durable already.
  if (!isDurable(shore, mod)) shore.live[file].push(mod);
  if ((shore.state[mod] & (OWED | (OWED << SUBMITTED))) !== 0) remove(shore.late[file], mod);
}

/** An fsync of a file that began at `st` has returned well: whole mods that had returned before it began are durable. */
export function persist(shore: Shore, file: number, st: number): void {
  const { role, co } = shore.facts;
  const live = shore.live[file];
  for (const mod of live) {
    if (role[mod] === MOD_WHOLE && (shore.state[mod] & DOUBTFUL) === 0 && co[mod] < st) settle(shore, mod);
  }
  tidy(shore, file);
}

/** A write that went through to the medium (RWF_DSYNC) has returned. */
export function persistOne(shore: Shore, mod: number): void {
  settle(shore, mod);
  tidy(shore, fileOf(shore, mod));
}

/** An fsync of a file has failed: what may have been in the cache then, nobody knows of any more. */
export function doubt(shore: Shore, file: number): void {
  for (const mod of shore.live[file]) shore.state[mod] |= DOUBTFUL;
  tidy(shore, file);
}

/** A flush F, or a write with PREFLUSH or FUA, is acknowledged as done: what it must have made durable is owed. */
export function owe(shore: Shore, flush: number): void {
  const { device, sb, se, ak, submitter, history } = shore.facts;
  if ((shore.facts.flags[flush] & FUA) !== 0) {
    for (const contract of [COMPLETED, SUBMITTED] as const) raise(shore, contract, flush, flush);
  }
  if (!isFlush(shore, flush)) return;
  const { byAk, bySe, own, nextAk, nextSe, nextOwn } = shore.owing;
  const d = device[flush];
  const s = d * history.submitters + submitter[flush];
  for (; nextAk[d] < byAk[d].length && ak[byAk[d][nextAk[d]]] < sb[flush]; nextAk[d]++) {
    raise(shore, COMPLETED, byAk[d][nextAk[d]], flush);
  }
  for (; nextSe[d] < bySe[d].length && se[bySe[d][nextSe[d]]] < sb[flush]; nextSe[d]++) {
    raise(shore, SUBMITTED, bySe[d][nextSe[d]], flush);
  }
  for (; nextOwn[s] < own[s].length && own[s][nextOwn[s]] < flush; nextOwn[s]++) {
    raise(shore, SUBMITTED, own[s][nextOwn[s]], flush);
  }
}

/** Mods of a device that the flush must cover and that are not durable, begun or not, under one contract. */
export function missingOf(shore: Shore, contract: Owing, flush: number, out: number[]): void {
  const { device, sb, ak } = shore.facts;
  const mods = shore.mods[device[flush]];
  for (let i = shore.firstMod[device[flush]]; i < mods.length && mods[i] < flush; i++) {
    const mod = mods[i];
    if ((shore.state[mod] & (DURABLE | DOUBTFUL)) !== 0) continue;
    const covered = contract === COMPLETED ? ak[mod] < sb[flush] : precedes(shore.facts, mod, flush);
    if (covered) out.push(mod);
  }
}

function raise(shore: Shore, contract: Owing, mod: number, flush: number): void {
  const { state, units, facts } = shore;
  const bit = OWED << contract;
  if ((state[mod] & (bit | DOUBTFUL)) !== 0) return;
  const isLate = (state[mod] & (STARTED | OWED | (OWED << SUBMITTED))) === 0;
  state[mod] |= bit;
  if (isLate) shore.late[fileOf(shore, mod)].push(mod);
  const st = startOf(facts, mod);
  const owedSt = shore.owedSt[contract];
  for (let entry = units.at[mod]; entry < units.at[mod] + facts.units[mod]; entry++) {
    const unit = units.id[entry];
    if (st <= owedSt[unit]) continue;
    owedSt[unit] = st;
    shore.owedMod[contract][unit] = mod;
    shore.owedBy[contract][unit] = flush;
  }
}

/**
 * The mod is durable. Of durable ones that ran at the same time any may have landed last; taken is the one that returned
 * first, as it is the one that a later mod supersedes first.
 */
function settle(shore: Shore, mod: number): void {
  const { state, units, facts, durableSt, base, rivals } = shore;
  const { st, co } = facts;
  state[mod] |= DURABLE;
  shore.recent[fileOf(shore, mod)].push(mod);
  for (let entry = units.at[mod]; entry < units.at[mod] + facts.units[mod]; entry++) {
    const unit = units.id[entry];
    if (st[mod] > durableSt[unit]) durableSt[unit] = st[mod];
    if (base[unit] === BEFORE || (co[base[unit]] < st[mod] && !rivals.has(unit))) {
      base[unit] = mod;
      continue;
    }
    const before = rivals.get(unit) ?? [base[unit]];
    const kept = [...before, mod].filter((w) => co[w] >= durableSt[unit]);
    if (kept.length > 1) rivals.set(unit, kept);
    else rivals.delete(unit);
    base[unit] = kept.reduce((first, w) => (co[w] < co[first] ? w : first));
  }
}

/** Drops what is durable, and what failed or is doubtful and was rewritten, from a file's lists. */
function tidy(shore: Shore, file: number): void {
  const { state, facts, recent, live } = shore;
  live[file] = live[file].filter((mod) => (state[mod] & DURABLE) === 0 && !isRewritten(shore, mod));
  for (let d = 0; d < facts.devices; d++) if (facts.inode[d] === file) advance(shore, d);
  recent[file] = recent[file].filter((mod) => {
    const mods = shore.mods[facts.device[mod]];
    const first = shore.firstMod[facts.device[mod]];
    return first < mods.length && mods[first] < mod;
  });
}

function advance(shore: Shore, device: number): void {
  const { state, mods, flushes, firstMod, firstFlush } = shore;
  const list = mods[device];
  while (firstMod[device] < list.length && (state[list[firstMod[device]]] & (DURABLE | DOUBTFUL)) !== 0) {
    firstMod[device]++;
  }
  const first = firstMod[device] < list.length ? list[firstMod[device]] : Infinity;
  const f = flushes[device];
  while (firstFlush[device] < f.length && f[firstFlush[device]] < first) firstFlush[device]++;
}

/** True for a mod that can't be durable by itself any more and that durable ones supersede in all its units. */
function isRewritten(shore: Shore, mod: number): boolean {
  const { state, units, facts, durableSt } = shore;
  if (facts.role[mod] === MOD_WHOLE && (state[mod] & DOUBTFUL) === 0) return false;
  for (let entry = units.at[mod]; entry < units.at[mod] + facts.units[mod]; entry++) {
    if (facts.co[mod] >= durableSt[units.id[entry]]) return false;
  }
  return true;
}

export function fileOf(shore: Shore, place: number): number {
  return shore.facts.inode[shore.facts.device[place]];
}

/** True for what can be on the medium after a crash: a mod that made its call, whole or not. */
export function canLand(facts: Facts, place: number): boolean {
  return isModRole(facts.role[place]) && facts.st[place] !== Infinity;
}

function remove(list: number[], place: number): void {
  const at = list.indexOf(place);
  if (at >= 0) list.splice(at, 1);
}
