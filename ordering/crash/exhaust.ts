/**
 * All crash states of a small window: every subset of its writes, in Gray-code order, so that each step flips one write and
 * touches the cells of that write alone. Nothing is allocated while it runs.
 */
import { BARRIER, JUDGED, type Window } from './window.ts';

/** Writes of a window whose subsets are all tried: 2^20 states, some 50 ms. */
export const MOST_EXHAUSTIVE = 20;

/** What was found in the states of one window, by contract. */
export interface Found {
  illegal: Float64Array;
  /** The first of the illegal states with the fewest surviving writes, and their number; -1 for none. */
  state: Int32Array;
  size: Int32Array;
}

/** Index of a cell's base in the tables. */
const BASE = 31;

export function newFound(): Found {
  return {
    illegal: new Float64Array(JUDGED.length),
    state: new Int32Array(JUDGED.length),
    size: new Int32Array(JUDGED.length).fill(-1),
  };
}

/** Tables over all that a cell can show: 32 entries for each cell. Kept from window to window. */
export interface Tables {
  cover: Int32Array;
  bad: Uint8Array;
  breaks: Int32Array;
  /** By cell: what it shows now, as index, and the bits of it. */
  shown: Int32Array;
  cellAt: Int32Array;
  cellOf: Int32Array;
  /** By tie: cells that break it now, and cells that show its X. */
  broken: Int32Array;
  held: Int32Array;
}

export function newTables(): Tables {
  return {
    cover: new Int32Array(0),
    bad: new Uint8Array(0),
    breaks: new Int32Array(0),
    shown: new Int32Array(0),
    cellAt: new Int32Array(MOST_EXHAUSTIVE + 2),
    cellOf: new Int32Array(0),
    broken: new Int32Array(32),
    held: new Int32Array(32),
  };
}

/** Tries every subset of the window's writes, of which there are MOST_EXHAUSTIVE at most. Returns how many. */
export function exhaust(window: Window, tables: Tables, found: Found): number {
  fill(window, tables);
  const tied = (window.ties[0] | window.ties[1] | window.ties[BARRIER]) !== 0;
  if (tied) exhaustTied(window, tables, found);
  else exhaustFree(window, tables, found);
  return 2 ** window.writes.length;
}

function fill(window: Window, tables: Tables): void {
  const cells = window.unit.length;
  if (tables.cover.length < cells) {
    const room = 2 * cells;
    tables.cover = new Int32Array(room);
    tables.bad = new Uint8Array(room * 32);
    tables.breaks = new Int32Array(room * 32);
    tables.shown = new Int32Array(room);
  }
  if (tables.cellOf.length < window.cover.length) tables.cellOf = new Int32Array(2 * window.cover.length);
  const { cover, bad, breaks, cellAt, cellOf } = tables;
  cellAt.fill(0);
  for (let c = 0; c < cells; c++) {
    cover[c] = 0;
    for (let k = window.coverAt[c]; k < window.coverAt[c + 1]; k++) {
      const write = window.cover[k];
      cover[c] |= 1 << write;
      bad[c * 32 + write] = window.bad[k];
      breaks[c * 32 + write] = window.breaks[k];
      cellAt[write + 2]++;
    }
    bad[c * 32 + BASE] = window.baseBad[c];
    breaks[c * 32 + BASE] = window.baseBreaks[c];
  }
  for (let write = 2; write < cellAt.length; write++) cellAt[write] += cellAt[write - 1];
  for (let c = 0; c < cells; c++) {
    for (let k = window.coverAt[c]; k < window.coverAt[c + 1]; k++) {
      cellOf[cellAt[window.cover[k] + 1]++] = c;
    }
  }
}

/** Without ties: an image is illegal when some cell is, so two counters decide. */
function exhaustFree(window: Window, tables: Tables, found: Found): void {
  const { cover, bad, shown, cellAt, cellOf } = tables;
  let completed = 0;
  let submitted = 0;
  for (let c = 0; c < window.unit.length; c++) {
    shown[c] = window.baseBad[c];
    completed += shown[c] & 1;
    submitted += (shown[c] >> 1) & 1;
  }
  let illegalCompleted = completed === 0 ? 0 : 1;
  let illegalSubmitted = submitted === 0 ? 0 : 1;
  if (completed > 0) keep(found, 0, 0);
  if (submitted > 0) keepBoth(found, 0);
  const last = 2 ** window.writes.length;
  let state = 0;
  for (let step = 1; step < last; step++) {
    const write = 31 - Math.clz32(step & -step);
    state ^= 1 << write;
    const end = cellAt[write + 1];
    for (let k = cellAt[write]; k < end; k++) {
      const c = cellOf[k];
      const surviving = state & cover[c];
      const now = bad[(c << 5) | (surviving === 0 ? BASE : 31 - Math.clz32(surviving))];
      const was = shown[c];
      if (now === was) continue;
      shown[c] = now;
      completed += (now & 1) - (was & 1);
      submitted += (now >> 1) - (was >> 1);
    }
    if (submitted > 0) {
      illegalSubmitted++;
      keepBoth(found, state);
    }
    if (completed > 0) {
      illegalCompleted++;
      keep(found, 0, state);
    }
  }
  found.illegal[0] += illegalCompleted;
  found.illegal[1] += illegalSubmitted;
  found.illegal[BARRIER] += illegalSubmitted;
}

function exhaustTied(window: Window, tables: Tables, found: Found): void {
  const { cover, bad, breaks, shown, cellAt, cellOf, broken, held } = tables;
  const { holds, baseHolds, ties } = window;
  broken.fill(0);
  held.fill(0);
  let completed = 0;
  let submitted = 0;
  for (let c = 0; c < window.unit.length; c++) {
    shown[c] = BASE;
    completed += window.baseBad[c] & 1;
    submitted += window.baseBad[c] >> 1;
    addBits(broken, window.baseBreaks[c], 1);
    addBits(held, baseHolds[c], 1);
  }
  addBits(held, window.alwaysHeld, 1);
  let clash = clashes(broken, held);
  const last = 2 ** window.writes.length;
  let state = 0;
  for (let step = 1; ; step++) {
    if (completed > 0 || (clash & ties[0]) !== 0) {
      found.illegal[0]++;
      keep(found, 0, state);
    }
    if (submitted > 0 || (clash & ties[1]) !== 0) {
      found.illegal[1]++;
      keep(found, 1, state);
    }
    if (submitted > 0 || (clash & ties[BARRIER]) !== 0) {
      found.illegal[BARRIER]++;
      keep(found, BARRIER, state);
    }
    if (step === last) return;
    const write = 31 - Math.clz32(step & -step);
    state ^= 1 << write;
    const end = cellAt[write + 1];
    let moved = false;
    for (let k = cellAt[write]; k < end; k++) {
      const c = cellOf[k];
      const surviving = state & cover[c];
      const now = surviving === 0 ? BASE : 31 - Math.clz32(surviving);
      const was = shown[c];
      if (now === was) continue;
      shown[c] = now;
      const nowAt = (c << 5) | now;
      const wasAt = (c << 5) | was;
      completed += (bad[nowAt] & 1) - (bad[wasAt] & 1);
      submitted += (bad[nowAt] >> 1) - (bad[wasAt] >> 1);
      const nowHolds = now === BASE ? baseHolds[c] : holds[now];
      const wasHolds = was === BASE ? baseHolds[c] : holds[was];
      if (nowHolds !== wasHolds) {
        addBits(held, nowHolds, 1);
        addBits(held, wasHolds, -1);
        moved = true;
      }
      if (breaks[nowAt] !== breaks[wasAt]) {
        addBits(broken, breaks[nowAt], 1);
        addBits(broken, breaks[wasAt], -1);
        moved = true;
      }
    }
    if (moved) clash = clashes(broken, held);
  }
}

function addBits(counts: Int32Array, bits: number, by: number): void {
  for (let rest = bits; rest !== 0; rest &= rest - 1) counts[31 - Math.clz32(rest & -rest)] += by;
}

/** Ties of which the image holds the X and not what the X wants. */
function clashes(broken: Int32Array, held: Int32Array): number {
  let bits = 0;
  for (let tie = 0; tie < 30; tie++) if (broken[tie] > 0 && held[tie] > 0) bits |= 1 << tie;
  return bits;
}

function keep(found: Found, contract: number, state: number): void {
  if (found.size[contract] === 0) return;
  const size = bitsIn(state);
  if (found.size[contract] !== -1 && size >= found.size[contract]) return;
  found.size[contract] = size;
  found.state[contract] = state;
}

function keepBoth(found: Found, state: number): void {
  keep(found, 1, state);
  keep(found, BARRIER, state);
}

function bitsIn(value: number): number {
  let rest = value - ((value >>> 1) & 0x5555_5555);
  rest = (rest & 0x3333_3333) + ((rest >>> 2) & 0x3333_3333);
  return (((rest + (rest >>> 4)) & 0x0f0f_0f0f) * 0x0101_0101) >>> 24;
}
