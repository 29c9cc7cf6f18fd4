/**
 * Crash states of a window with too many writes to try every subset. First those that show a lost or an overtaken write if
 * there is any: nothing survives, everything does, one write alone, all but one, every prefix in the order of landing. Then
 * random ones, each counted once. Torn images come on top: sectors of one write with fates of their own.
 */
import type { Random } from '../random.ts';
import {
  crashDraw,
  DROPPED,
  LANDED,
  PAGE_BYTES,
  PRESETS,
  type Preset,
  pageFate,
  SECTOR_BYTES,
  sectorLands,
  TORN,
} from './odds.ts';
import { BARRIER, type Window } from './window.ts';

/** CrashMonkey's rule: it gives up after so many states in a row that were seen, or twice those seen, if more. */
const DUPLICATES = 1000;
/** Cells and writes that are looked at for one window at most: about a second. */
const WORK = 1e8;

/** What was found in samples of one window. */
export interface Sampled {
  explored: number;
  torn: number;
  illegal: Float64Array;
  illegalTorn: Float64Array;
  /** By contract: the writes that survive in the smallest illegal state, as indexes; undefined for none. */
  smallest: (number[] | undefined)[];
}

/** Tries up to `most` subsets of the window's writes, and a quarter as many torn images. */
export function sample(
  window: Window,
  most: number,
  unitBytes: number,
  preset: Preset | undefined,
  random: Random,
): Sampled {
  const n = window.writes.length;
  const sampled: Sampled = {
    explored: 0,
    torn: 0,
    illegal: new Float64Array(3),
    illegalTorn: new Float64Array(3),
    smallest: [undefined, undefined, undefined],
  };
  const cost = window.unit.length + window.cover.length + n;
  const states = Math.max(16, Math.min(most, Math.floor(WORK / cost)));
  const seen = newSeen(states, n, random);
  const chosen = new Uint8Array(n);
  const look = (): boolean => {
    if (!isNew(seen, chosen)) return false;
    sampled.explored++;
    const illegal = judge(window, chosen);
    if (illegal !== 0) note(sampled, illegal, chosen);
    return true;
  };
  for (const fill of representatives(n)) {
    if (sampled.explored >= states) break;
    fill(chosen);
    look();
  }
  for (let misses = 0; sampled.explored < states; ) {
    const chance = [0.1, 0.5, 0.9][Math.floor(random() * 3)];
    for (let i = 0; i < n; i++) chosen[i] = random() < chance ? 1 : 0;
    misses = look() ? 0 : misses + 1;
    if (misses > Math.max(DUPLICATES, 2 * sampled.explored)) break;
  }
  tear(window, Math.ceil(states / 4), unitBytes, preset, random, sampled);
  return sampled;
}

/** Torn images alone, beside an enumeration that was exhaustive over whole writes. */
export function tear(
  window: Window,
  images: number,
  unitBytes: number,
  preset: Preset | undefined,
  random: Random,
  sampled: { torn: number; illegalTorn: Float64Array },
): void {
  if (window.writes.length === 0) return;
  const sectors = Math.max(1, Math.min(unitBytes, PAGE_BYTES) / SECTOR_BYTES);
  const fates = new Uint8Array(window.cover.length);
  for (let i = 0; i < images; i++) {
    const odds = preset ?? PRESETS[1 + (i % 2)];
    const illegal = judgeTorn(window, sectors, odds, fates, random);
    sampled.torn++;
    for (let c = 0; c < 3; c++) sampled.illegalTorn[c] += (illegal >> c) & 1;
  }
}

/** By bit: the contracts that the image breaks in which just the chosen writes survive. */
export function judge(window: Window, chosen: Uint8Array): number {
  const { coverAt, cover, bad, breaks, baseBad, baseBreaks, baseHolds, holds } = window;
  let worst = 0;
  let broken = 0;
  let held = window.alwaysHeld;
  for (let c = 0; c < window.unit.length; c++) {
    const end = coverAt[c + 1];
    let k = coverAt[c];
    while (k < end && chosen[cover[k]] === 0) k++;
    worst |= k < end ? bad[k] : baseBad[c];
    broken |= k < end ? breaks[k] : baseBreaks[c];
    held |= k < end ? holds[cover[k]] : baseHolds[c];
  }
  return verdictOf(window, worst, broken & held);
}

function judgeTorn(window: Window, sectors: number, odds: Preset, fates: Uint8Array, random: Random): number {
  const { coverAt, cover, bad, breaks, baseBad, baseBreaks, baseHolds, holds } = window;
  const draw = crashDraw(odds, random);
  let worst = 0;
  let broken = 0;
  let held = window.alwaysHeld;
  for (let k = 0; k < cover.length; k++) fates[k] = pageFate(odds, draw, random);
  for (let c = 0; c < window.unit.length; c++) {
    const end = coverAt[c + 1];
    for (let sector = 0; sector < sectors; sector++) {
      let k = coverAt[c];
      while (k < end && fates[k] !== LANDED && (fates[k] === DROPPED || !sectorLands(draw, random))) k++;
      worst |= k < end ? bad[k] : baseBad[c];
      broken |= k < end ? breaks[k] : baseBreaks[c];
      held |= k < end ? holds[cover[k]] : baseHolds[c];
      if (k === end && coverAt[c] === end) break;
      if (k < end && fates[k] !== TORN && k === coverAt[c]) break;
    }
  }
  return verdictOf(window, worst, broken & held);
}

function verdictOf(window: Window, bad: number, clash: number): number {
  const { ties } = window;
  let illegal = bad | ((bad & 2) << (BARRIER - 1));
  for (let c = 0; c < 3; c++) if ((clash & ties[c]) !== 0) illegal |= 1 << c;
  return illegal;
}

function note(sampled: Sampled, illegal: number, chosen: Uint8Array): void {
  let size = 0;
  for (let i = 0; i < chosen.length; i++) size += chosen[i];
  for (let c = 0; c < 3; c++) {
    if (((illegal >> c) & 1) === 0) continue;
    sampled.illegal[c]++;
    const before = sampled.smallest[c];
    if (before !== undefined && before.length <= size) continue;
    sampled.smallest[c] = [...chosen.keys()].filter((i) => chosen[i] === 1);
  }
}

/** In the order in which they tell most. */
export function* representatives(n: number): Generator<(chosen: Uint8Array) => void> {
  yield (chosen) => chosen.fill(0);
  yield (chosen) => chosen.fill(1);
  for (let i = 0; i < n; i++) yield (chosen) => chosen.fill(0).fill(1, i, i + 1);
  for (let i = 0; i < n; i++) yield (chosen) => chosen.fill(1).fill(0, i, i + 1);
  for (let i = 1; i < n; i++) yield (chosen) => chosen.fill(0).fill(1, 0, i);
}

/** A set of states by 52 bits of their Zobrist hash: open addressing over one typed array. */
export interface Seen {
  words: Float64Array;
  high: Uint32Array;
  low: Uint32Array;
}

export function newSeen(states: number, n: number, random: Random): Seen {
  const seen: Seen = {
    words: new Float64Array(2 ** Math.ceil(Math.log2(2 * states + 2))),
    high: new Uint32Array(n),
    low: new Uint32Array(n),
  };
  for (let i = 0; i < n; i++) {
    seen.high[i] = random() * 2 ** 20;
    seen.low[i] = random() * 2 ** 32;
  }
  return seen;
}

export function isNew({ words, high, low }: Seen, chosen: Uint8Array): boolean {
  let h = 0;
  let l = 0;
  for (let i = 0; i < chosen.length; i++) {
    if (chosen[i] === 0) continue;
    h ^= high[i];
    l ^= low[i];
  }
  // Zero is the empty word.
  const key = h * 2 ** 32 + (l >>> 0) + 1;
  const mask = words.length - 1;
  let at = (l ^ (h * 7)) & mask;
  for (; words[at] !== 0; at = (at + 1) & mask) if (words[at] === key) return false;
  words[at] = key;
  return true;
}
