/**
 * The crash images of one region as a flush window ends: which transaction's version each unit can show, for every subset of the
 * region's writes in the cache where they are few, for a sample where they are many, and for torn ones drawn by a preset.
 */
import { MOST_EXHAUSTIVE } from '../crash/exhaust.ts';
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
} from '../crash/odds.ts';
import { isNew, newSeen, representatives } from '../crash/sample.ts';
import type { Random } from '../random.ts';
import { REGION_UNITS } from './client.ts';
import { type Image, newImage } from './recover.ts';

const SECTORS = PAGE_BYTES / SECTOR_BYTES;
/** Torn images of a window at most. */
const MOST_TORN = 32;

/** What a region can show when a window ends. */
export interface Choices {
  /** By unit: the transaction that is durable there. */
  base: Int32Array;
  /** The writes in the cache, in the order in which they land: their transaction, first unit and number of units. */
  transaction: number[];
  unit: number[];
  units: number[];
  /** By unit: the writes that can show there, the newest first. */
  on: number[][];
}

export function newChoices(): Choices {
  return {
    base: new Int32Array(REGION_UNITS),
    transaction: [],
    unit: [],
    units: [],
    on: Array.from({ length: REGION_UNITS }, () => []),
  };
}

export interface Counts {
  explored: number;
  possible: number;
  torn: number;
}

/** Called with each image; `survivors` is their number, undefined of a torn image. */
export type Look = (image: Image, chosen: Uint8Array, torn: boolean) => void;

/** @param most subsets to try at most */
export function everyImage(
  choices: Choices,
  most: number,
  preset: Preset | undefined,
  random: Random,
  look: Look,
): Counts {
  const n = choices.transaction.length;
  const image = newImage();
  const chosen = new Uint8Array(n);
  for (let unit = 0; unit < REGION_UNITS; unit++) show(choices, image, chosen, unit);
  const counts: Counts = { explored: 0, possible: 2 ** n, torn: 0 };
  const tried = (): void => {
    counts.explored++;
    look(image, chosen, false);
  };
  if (n <= MOST_EXHAUSTIVE && 2 ** n <= most) {
    tried();
    // Gray code: each step flips one write.
    for (let step = 1; step < 2 ** n; step++) {
      const write = 31 - Math.clz32(step & -step);
      chosen[write] = 1 - chosen[write];
      const end = choices.unit[write] + choices.units[write];
      for (let unit = choices.unit[write]; unit < end; unit++) show(choices, image, chosen, unit);
      tried();
    }
  } else {
    const seen = newSeen(most, n, random);
    const showAll = (): boolean => {
      if (!isNew(seen, chosen)) return false;
      for (let unit = 0; unit < REGION_UNITS; unit++) show(choices, image, chosen, unit);
      tried();
      return true;
    };
    for (const fill of representatives(n)) {
      if (counts.explored >= most) break;
      fill(chosen);
      showAll();
    }
    for (let misses = 0; counts.explored < most && misses < most; ) {
      const chance = [0.1, 0.5, 0.9][Math.floor(random() * 3)];
      for (let i = 0; i < n; i++) chosen[i] = random() < chance ? 1 : 0;
      if (!showAll()) misses++;
    }
  }
  if (n === 0) return counts;
  chosen.fill(0);
  for (; counts.torn < Math.min(MOST_TORN, 2 ** n); counts.torn++) {
    const odds = preset ?? PRESETS[1 + (counts.torn % 2)];
    const draw = crashDraw(odds, random);
    for (let unit = 0; unit < REGION_UNITS; unit++) tear(choices, image, unit, odds, draw, random);
    look(image, chosen, true);
  }
  return counts;
}

/** What a unit holds when just the chosen writes survive. */
function show({ base, on, transaction }: Choices, image: Image, chosen: Uint8Array, unit: number): void {
  const list = on[unit];
  let held = base[unit];
  for (let k = 0; k < list.length; k++) {
    if (chosen[list[k]] === 0) continue;
    held = transaction[list[k]];
    break;
  }
  image.oldest[unit] = image.newest[unit] = image.first[unit] = held;
}

/** What the sectors of a unit hold when each page of each write has a fate of its own. */
function tear(
  { base, on, transaction }: Choices,
  image: Image,
  unit: number,
  odds: Preset,
  draw: number,
  random: Random,
): void {
  const list = on[unit];
  const fates = list.map(() => pageFate(odds, draw, random));
  for (let sector = 0; sector < SECTORS; sector++) {
    let k = 0;
    while (k < list.length && fates[k] !== LANDED && (fates[k] === DROPPED || !sectorLands(draw, random)))
      k++;
    const held = k < list.length ? transaction[list[k]] : base[unit];
    if (sector === 0) image.oldest[unit] = image.newest[unit] = image.first[unit] = held;
    else {
      image.oldest[unit] = Math.min(image.oldest[unit], held);
      image.newest[unit] = Math.max(image.newest[unit], held);
    }
  }
}
