/**
 * What a crash does to the writes that no fsync had made durable, drawn at random. A sector of 512 bytes lands whole or
 * not at all, as disks promise; so what FoundationDB calls a damaged sector is one that did not land.
 */
import type { Random } from '../random.ts';

export const PRESETS = ['all-or-nothing', 'random', 'foundationdb'] as const;
export type Preset = (typeof PRESETS)[number];

export const SECTOR_BYTES = 512;
/** FoundationDB decides by pages of this size; so do we. */
export const PAGE_BYTES = 4096;

/** What becomes of a page of one write. */
export const DROPPED = 0;
export const LANDED = 1;
/** Each of its sectors has its own fate. */
export const TORN = 2;

/**
 * The draw for a whole crash, to be handed on to `pageFate` and `sectorLands`.
 *
 * - `all-or-nothing`: everything lands or nothing does, evenly.
 * - `random`: each sector lands with a chance that is one of 1/10, 1/2, 9/10 for the crash.
 * - `foundationdb`: with p = 0.1 everything lands; else each page lands, is dropped or is torn, evenly, and of a torn page
 *   each sector lands with p = 1/4 (AsyncFileNonDurable.actor.h: 25 % correct, 50 % damaged, 25 % dropped).
 */
export function crashDraw(preset: Preset, random: Random): number {
  if (preset === 'all-or-nothing') return random() < 0.5 ? 1 : 0;
  if (preset === 'random') return [0.1, 0.5, 0.9][Math.floor(random() * 3)];
  return random() < 0.1 ? 1 : 0.25;
}

export function pageFate(preset: Preset, draw: number, random: Random): number {
  if (draw === 1) return LANDED;
  if (draw === 0) return DROPPED;
  if (preset === 'random') return TORN;
  return Math.floor(random() * 3);
}

export function sectorLands(draw: number, random: Random): boolean {
  return random() < draw;
}
