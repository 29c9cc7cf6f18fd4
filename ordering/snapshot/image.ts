/**
 * One snapshot of a file against the contracts. An image shows in each unit one version, and it was taken at one instant
 * between two stamps: the clone waits for what is being written, and writes back what the page cache holds, before it
 * shares the blocks. So an image is two things at once:
 *
 * - A read of the whole file, submitted at `begin` and returned at `end`: `integrity`. What had returned before the instant is
 *   in it, written back or not.
 * - What a crash at that instant would have left of a disk that loses nothing: `completed`, `submitted` and `barrier`, by the
 *   rules of crash states (crash/check.ts). No flush is needed for a write to be there, so what these rules find missing here
 *   was still on its way when it was owed.
 *
 * The instant is not known, but the image narrows it down: what it shows had begun. Only what holds at every instant that is
 * left is called a violation.
 */
import { type Facts, FLUSH_OK, isModRole, MOD_MAYBE, MOD_WHOLE, NO_PLACE } from '../facts.ts';
import {
  FLUSH,
  FSYNC,
  FUA,
  PENDING,
  PREFLUSH,
  SEEN_FOREIGN,
  SEEN_TORN,
  SEEN_UNCHECKED,
  SEEN_ZEROES,
  WRITE,
} from '../history.ts';
import { canHaveBegun } from '../reads.ts';

/** What a snapshot is judged by, in the order of the numbers below. */
export const SNAPSHOT_CONTRACTS = ['integrity', 'completed', 'submitted', 'barrier'] as const;
export const INTEGRITY = 0;
export const COMPLETED = 1;
export const SUBMITTED = 2;
export const BARRIER = 3;

export interface Image {
  /** A device whose file was cloned. */
  device: number;
  /** Nanoseconds of the history's clock, read before and after the clone. */
  begin: number;
  end: number;
  /** By unit of the file: a version, or one of SEEN_*. */
  seen: Uint32Array;
}

/** Places of one file's mods and of what can oblige: FLUSHes, and writes with PREFLUSH. */
export interface FilePlaces {
  /** The file's number; -1 for one that no operation of the history went to. */
  file: number;
  mods: Uint32Array;
  flushes: Uint32Array;
  /** When the last fsync that failed had returned: of what had begun by then nobody knows any more, so nobody owes it. */
  doubt: number;
}

/** Why a unit breaks `integrity`, or 0. */
export const FINE = 0;
export const IS_FOREIGN = 1;
export const IS_FUTURE = 2;
export const IS_ODD = 3;
export const IS_STALE = 4;

/** What one image says, with all that a witness needs. */
export interface Judgement {
  image: Image;
  /** The instant was not earlier. */
  instant: number;
  /** By unit: the place of the mod that it shows (-1: none, or not known which), and when that had returned. */
  shown: Int32Array;
  shownCo: Float64Array;
  /** Places that the image shows. */
  shows: Set<number>;
  /** By unit: FINE, or why it breaks `integrity`. */
  wrong: Uint8Array;
  /** By contract and unit: the latest `st` of what must be there, and that mod. */
  floor: Float64Array[];
  floorMod: Int32Array[];
  bounds: Bounds[];
  /** By contract: something was owed; a unit breaks it. */
  exercised: boolean[];
  lost: boolean[];
}

/** The flushes that oblige under a contract, as the sums of what they cover: by device, and by device and submitter. */
interface Bounds {
  sb: Float64Array;
  place: Int32Array;
}

export function placesOf(facts: Facts, file: number): FilePlaces {
  const { role, kind, co, device, inode, result } = facts;
  const mods: number[] = [];
  const flushes: number[] = [];
  let doubt = -Infinity;
  for (let p = 0; p < facts.count; p++) {
    if (inode[device[p]] !== file) continue;
    if (isModRole(role[p])) mods.push(p);
    if (isFlush(facts, p)) flushes.push(p);
    const failed = (kind[p] === FLUSH || kind[p] === FSYNC) && result[p] < 0 && result[p] !== PENDING;
    if (failed && co[p] !== Infinity) doubt = Math.max(doubt, co[p]);
  }
  return { file, mods: Uint32Array.from(mods), flushes: Uint32Array.from(flushes), doubt };
}

function isFlush({ role, kind, flags }: Facts, place: number): boolean {
  if (role[place] === FLUSH_OK) return true;
  return role[place] === MOD_WHOLE && kind[place] === WRITE && (flags[place] & PREFLUSH) !== 0;
}

export function judgeImage(facts: Facts, places: FilePlaces, image: Image): Judgement {
  const units = image.seen.length;
  const judgement: Judgement = {
    image,
    instant: image.begin,
    shown: new Int32Array(units).fill(-1),
    shownCo: new Float64Array(units).fill(-Infinity),
    shows: new Set(),
    wrong: new Uint8Array(units),
    floor: SNAPSHOT_CONTRACTS.map(() => new Float64Array(units).fill(-Infinity)),
    floorMod: SNAPSHOT_CONTRACTS.map(() => new Int32Array(units).fill(-1)),
    bounds: SNAPSHOT_CONTRACTS.map(() => boundsOf(facts)),
    exercised: SNAPSHOT_CONTRACTS.map(() => false),
    lost: SNAPSHOT_CONTRACTS.map(() => false),
  };
  readVersions(facts, places.file, judgement);
  bind(facts, places, judgement);
  raiseFloors(facts, places, judgement);
  readOddities(facts, places, judgement);
  for (let unit = 0; unit < units; unit++) {
    if (image.seen[unit] === SEEN_UNCHECKED) continue;
    if (judgement.wrong[unit] === FINE && judgement.shownCo[unit] < judgement.floor[INTEGRITY][unit]) {
      judgement.wrong[unit] = IS_STALE;
    }
    if (judgement.wrong[unit] !== FINE) judgement.lost[INTEGRITY] = true;
    for (let c = COMPLETED; c <= BARRIER; c++) {
      if (judgement.shownCo[unit] < judgement.floor[c][unit]) judgement.lost[c] = true;
    }
  }
  return judgement;
}

function boundsOf({ devices, history }: Facts): Bounds {
  return {
    sb: new Float64Array(devices).fill(-Infinity),
    place: new Int32Array(devices * history.submitters).fill(-1),
  };
}

/** Which write each unit shows, and how early the instant can have been. */
function readVersions(facts: Facts, file: number, judgement: Judgement): void {
  const { image, shown, shownCo, shows, wrong } = judgement;
  for (let unit = 0; unit < image.seen.length; unit++) {
    const version = image.seen[unit];
    // A unit that nobody can name, or not yet, is taken for the newest there is: it accuses no one.
    if (version === SEEN_UNCHECKED || version === SEEN_TORN || version === SEEN_ZEROES) {
      shownCo[unit] = Infinity;
      continue;
    }
    if (version === 0) continue;
    const write = writeIn(facts, file, unit, version);
    if (write === -1) {
      wrong[unit] = IS_FOREIGN;
      shownCo[unit] = Infinity;
      continue;
    }
    const begun = canHaveBegun(facts, write);
    if (begun > image.end) wrong[unit] = IS_FUTURE;
    else if (begun > judgement.instant) judgement.instant = begun;
    shown[unit] = write;
    shownCo[unit] = facts.co[write];
    shows.add(write);
  }
}

/** The place of the write that put a version into a unit of the file, or -1. */
function writeIn(facts: Facts, file: number, unit: number, version: number): number {
  if (version === SEEN_FOREIGN || version > facts.place.length) return -1;
  const write = facts.place[version - 1];
  if (write === NO_PLACE || facts.kind[write] !== WRITE || !isModRole(facts.role[write])) return -1;
  if (facts.inode[facts.device[write]] !== file) return -1;
  return unit >= facts.unit[write] && unit < facts.unit[write] + facts.units[write] ? write : -1;
}

/** True when a flush, or a write with PREFLUSH, obliges in this image whatever the contract. */
export function isBound({ ak }: Facts, { instant, shows }: Judgement, flush: number): boolean {
  return ak[flush] <= instant || shows.has(flush);
}

/** Sums up the flushes that oblige. `barrier` adds those that precede something the image shows. */
function bind(facts: Facts, { flushes }: FilePlaces, judgement: Judgement): void {
  const { submitter, device, devices, sb, se } = facts;
  const shown = boundsOf(facts);
  for (const x of judgement.shows) raise(shown, x);
  for (const flush of flushes) {
    const bound = isBound(facts, judgement, flush);
    for (let c = COMPLETED; bound && c <= BARRIER; c++) raise(judgement.bounds[c], flush);
    if (!bound && covers(shown, flush)) raise(judgement.bounds[BARRIER], flush);
  }

  function raise(bounds: Bounds, place: number): void {
    const d = device[place];
    const own = submitter[place] * devices + d;
    if (sb[place] > bounds.sb[d]) bounds.sb[d] = sb[place];
    if (place > bounds.place[own]) bounds.place[own] = place;
  }
  /** True when the place precedes one of those that were raised. */
  function covers(bounds: Bounds, place: number): boolean {
    const d = device[place];
    return se[place] < bounds.sb[d] || place < bounds.place[submitter[place] * devices + d];
  }
}

/** True when a contract other than `integrity` wants the mod to be in the image. */
export function isOwed(facts: Facts, judgement: Judgement, contract: number, mod: number): boolean {
  const { role, flags, device, submitter, devices, se, ak } = facts;
  if (role[mod] !== MOD_WHOLE) return false;
  if ((flags[mod] & FUA) !== 0 && ak[mod] <= judgement.instant) return true;
  const { sb, place } = judgement.bounds[contract];
  const d = device[mod];
  if (contract === COMPLETED) return ak[mod] < sb[d];
  return se[mod] < sb[d] || mod < place[submitter[mod] * devices + d];
}

function raiseFloors(facts: Facts, { mods, doubt }: FilePlaces, judgement: Judgement): void {
  const { role, st, co, ak } = facts;
  const { begin } = judgement.image;
  for (const mod of mods) {
    if (role[mod] !== MOD_WHOLE) continue;
    if (ak[mod] < begin || co[mod] < judgement.instant) raise(INTEGRITY, mod);
    if (st[mod] <= doubt) continue;
    for (let c = COMPLETED; c <= BARRIER; c++) if (isOwed(facts, judgement, c, mod)) raise(c, mod);
  }

  function raise(contract: number, mod: number): void {
    const floor = judgement.floor[contract];
    const start = st[mod] === Infinity ? ak[mod] : st[mod];
    const end = Math.min(floor.length, facts.unit[mod] + facts.units[mod]);
    judgement.exercised[contract] = true;
    for (let unit = facts.unit[mod]; unit < end; unit++) {
      if (start <= floor[unit]) continue;
      floor[unit] = start;
      judgement.floorMod[contract][unit] = mod;
    }
  }
}

/**
 * Zeroes are what the last DISCARD or WRITE_ZEROES left, if one may be current. A mixture takes a mod that was running, or one
 * that failed half-way.
 */
function readOddities(facts: Facts, { mods }: FilePlaces, judgement: Judgement): void {
  const { image, shownCo, wrong } = judgement;
  const odd = (unit: number): boolean => image.seen[unit] === SEEN_ZEROES || image.seen[unit] === SEEN_TORN;
  if (!image.seen.some((_, unit) => odd(unit))) return;
  const zeroing = new Float64Array(image.seen.length).fill(-Infinity);
  const mixing = new Float64Array(image.seen.length).fill(-Infinity);
  for (const mod of mods) {
    if (canHaveBegun(facts, mod) > image.end) continue;
    const zeroes = facts.kind[mod] !== WRITE;
    const mixes = facts.role[mod] === MOD_MAYBE || facts.co[mod] >= image.begin;
    const end = Math.min(zeroing.length, facts.unit[mod] + facts.units[mod]);
    for (let unit = facts.unit[mod]; unit < end; unit++) {
      if (zeroes) zeroing[unit] = Math.max(zeroing[unit], facts.co[mod]);
      if (mixes) mixing[unit] = Math.max(mixing[unit], facts.co[mod]);
    }
  }
  for (let unit = 0; unit < image.seen.length; unit++) {
    if (!odd(unit)) continue;
    const zeroes = image.seen[unit] === SEEN_ZEROES;
    const floor = judgement.floor[INTEGRITY][unit];
    const from = zeroes ? zeroing[unit] : mixing[unit];
    const old = zeroes && facts.world.zeroesAtStart === true && floor === -Infinity;
    if (zeroes) shownCo[unit] = from;
    if (!old && (from === -Infinity || from < floor)) {
      wrong[unit] = IS_ODD;
      // Told as `integrity`; no other rule is then told of it a second time.
      shownCo[unit] = Infinity;
    }
  }
}
