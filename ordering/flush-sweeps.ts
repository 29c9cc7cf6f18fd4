/**
 * What the flush rules compare, for every successful FLUSH F of a history: extremes of stamps over the writes that F
 * must cover, over the fsyncs that could have covered them, and over what was submitted after F. One walk in the order
 * of a stamp finds each of them for all flushes at once, with a running value for each device or file.
 *
 * The flags of a write oblige like a FLUSH: PREFLUSH owes the same, but before the write's own data begins; FUA owes its own
 * data alone, by its acknowledgement. So a write may stand here once for each.
 */
import { type Facts, FLUSH_OK, FSYNC_OK, isModRole, MOD_WHOLE } from './facts.ts';
import { DSYNC, FUA, PREFLUSH, WRITE } from './history.ts';
import { ascending, orderBy, orderOf, valuesOf } from './order.ts';

/** What obliges. */
export const IS_FLUSH = 0;
export const IS_PREFLUSH = 1;
export const IS_FUA = 2;

/**
 * One entry for each successful FLUSH, PREFLUSH and FUA, in the order of submission. A maximum over nothing is -Infinity, a
 * minimum +Infinity. Mods that were written through (DSYNC) need no fsync and stand in `throughCo` alone.
 */
export interface Flushes {
  place: Uint32Array;
  what: Uint8Array;
  /** When the obligation falls due: ak(F), or for a PREFLUSH st(F), when its data begins. */
  deadline: Float64Array;
  /** `completed`: the latest `co` and `st` of whole mods of F's device that were acknowledged before sb(F); of a FUA, its own. */
  completedCo: Float64Array;
  completedSt: Float64Array;
  /** `submitted`: the same over whole mods of F's device that precede F. */
  submittedCo: Float64Array;
  submittedSt: Float64Array;
  /** The latest `co` of whole mods that precede F and were written through. */
  throughCo: Float64Array;
  /** The latest `st` and `co` of fsyncs of F's file that returned by the deadline. A FLUSH's own is one of them. */
  fsyncSt: Float64Array;
  fsyncCo: Float64Array;
  /** The latest `st` of fsyncs of F's file that returned before sb(F). */
  earlierSt: Float64Array;
  /** The earliest `co` of fsyncs of F's file that began after every write F must cover had returned (`barrier`). */
  coveringCo: Float64Array;
  /** Of mods of F's device that F precedes: the earliest `sb`, `st`, and `co` of the whole ones (`barrier`). */
  laterSb: Float64Array;
  laterSt: Float64Array;
  laterCo: Float64Array;
}

export function sweepFlushes(facts: Facts): Flushes {
  const { place, what } = obligations(facts);
  const column = (value: number): Float64Array => new Float64Array(place.length).fill(value);
  const flushes: Flushes = {
    place,
    what,
    deadline: column(0).map((_, i) => dueOf(facts, place[i], what[i])),
    completedCo: column(-Infinity),
    completedSt: column(-Infinity),
    submittedCo: column(-Infinity),
    submittedSt: column(-Infinity),
    throughCo: column(-Infinity),
    fsyncSt: column(-Infinity),
    fsyncCo: column(-Infinity),
    earlierSt: column(-Infinity),
    coveringCo: column(Infinity),
    laterSb: column(Infinity),
    laterSt: column(Infinity),
    laterCo: column(Infinity),
  };
  if (place.length === 0) return flushes;
  sweepAcknowledged(facts, flushes);
  sweepEarlier(facts, flushes);
  sweepLaterByStamp(facts, flushes);
  sweepLaterByPlace(facts, flushes);
  sweepFsyncs(facts, flushes);
  return flushes;
}

function obligations(facts: Facts): { place: Uint32Array; what: Uint8Array } {
  const { role, kind, flags } = facts;
  const place: number[] = [];
  const what: number[] = [];
  for (let p = 0; p < facts.count; p++) {
    if (role[p] === FLUSH_OK) {
      place.push(p);
      what.push(IS_FLUSH);
    } else if (flags[p] !== 0 && role[p] === MOD_WHOLE && kind[p] === WRITE) {
      if ((flags[p] & PREFLUSH) !== 0) {
        place.push(p);
        what.push(IS_PREFLUSH);
      }
      if ((flags[p] & FUA) !== 0) {
        place.push(p);
        what.push(IS_FUA);
      }
    }
  }
  return { place: Uint32Array.from(place), what: Uint8Array.from(what) };
}

/** A write that was acknowledged and never began owes by its acknowledgement. */
function dueOf({ st, ak }: Facts, place: number, what: number): number {
  return what === IS_PREFLUSH ? Math.min(st[place], ak[place]) : ak[place];
}

/** True when a mod needs no fsync to be durable once its call has returned. */
export function writtenThrough(facts: Facts, mod: number): boolean {
  return (facts.flags[mod] & DSYNC) !== 0;
}

/** W with ak(W) < sb(F). */
function sweepAcknowledged(facts: Facts, flushes: Flushes): void {
  const { role, modsByAk, device, sb, st, co, ak } = facts;
  const latestCo = new Float64Array(facts.devices).fill(-Infinity);
  const latestSt = new Float64Array(facts.devices).fill(-Infinity);
  let next = 0;
  for (let flush = 0; flush < flushes.place.length; flush++) {
    const f = flushes.place[flush];
    for (; next < modsByAk.length && ak[modsByAk[next]] < sb[f]; next++) {
      const w = modsByAk[next];
      if (role[w] !== MOD_WHOLE || writtenThrough(facts, w)) continue;
      const d = device[w];
      if (co[w] > latestCo[d]) latestCo[d] = co[w];
      if (st[w] > latestSt[d]) latestSt[d] = st[w];
    }
    const own = flushes.what[flush] === IS_FUA;
    flushes.completedCo[flush] = own ? co[f] : latestCo[device[f]];
    flushes.completedSt[flush] = own ? st[f] : latestSt[device[f]];
  }
}

/** W that precede F: by their stamps, se(W) < sb(F), for every submitter, and by their place for F's own. */
function sweepEarlier(facts: Facts, flushes: Flushes): void {
  const { role, bySe, device, devices, submitter, sb, se, st, co } = facts;
  const latestCo = new Float64Array(devices).fill(-Infinity);
  const latestSt = new Float64Array(devices).fill(-Infinity);
  const ownCo = new Float64Array(devices * facts.history.submitters).fill(-Infinity);
  const ownSt = new Float64Array(devices * facts.history.submitters).fill(-Infinity);
  const through = new Float64Array(devices).fill(-Infinity);
  const ownThrough = new Float64Array(devices * facts.history.submitters).fill(-Infinity);
  const { place, what } = flushes;
  for (let p = 0, next = 0, flush = 0; p < facts.count; p++) {
    const d = device[p];
    const own = submitter[p] * devices + d;
    for (; flush < place.length && place[flush] === p; flush++) {
      if (what[flush] === IS_FUA) continue;
      for (; next < bySe.length && se[bySe[next]] < sb[p]; next++) {
        const w = bySe[next];
        if (role[w] !== MOD_WHOLE) continue;
        if (writtenThrough(facts, w)) {
          if (co[w] > through[device[w]]) through[device[w]] = co[w];
          continue;
        }
        if (co[w] > latestCo[device[w]]) latestCo[device[w]] = co[w];
        if (st[w] > latestSt[device[w]]) latestSt[device[w]] = st[w];
      }
      flushes.submittedCo[flush] = Math.max(latestCo[d], ownCo[own]);
      flushes.submittedSt[flush] = Math.max(latestSt[d], ownSt[own]);
      flushes.throughCo[flush] = Math.max(through[d], ownThrough[own]);
    }
    if (role[p] !== MOD_WHOLE) continue;
    if (writtenThrough(facts, p)) {
      if (co[p] > ownThrough[own]) ownThrough[own] = co[p];
      continue;
    }
    if (co[p] > ownCo[own]) ownCo[own] = co[p];
    if (st[p] > ownSt[own]) ownSt[own] = st[p];
  }
}

/** X that F precedes by their stamps, se(F) < sb(X). The walk goes back in time, from the last submission. */
function sweepLaterByStamp(facts: Facts, flushes: Flushes): void {
  const { role, device, sb, se, st, co } = facts;
  const bySe = orderOf(valuesOf(flushes.place, se));
  const { firstSb, firstSt, firstCo } = firsts(facts.devices);
  let x = facts.count - 1;
  for (let i = bySe.length - 1; i >= 0; i--) {
    const flush = bySe[i];
    const f = flushes.place[flush];
    for (; x >= 0 && sb[x] > se[f]; x--) {
      if (!isModRole(role[x])) continue;
      const d = device[x];
      firstSb[d] = sb[x];
      if (st[x] < firstSt[d]) firstSt[d] = st[x];
      if (role[x] === MOD_WHOLE && co[x] < firstCo[d]) firstCo[d] = co[x];
    }
    const d = device[f];
    flushes.laterSb[flush] = firstSb[d];
    flushes.laterSt[flush] = firstSt[d];
    flushes.laterCo[flush] = firstCo[d];
  }
}

/** X that F precedes by their place: the same submitter, a later place. */
function sweepLaterByPlace(facts: Facts, flushes: Flushes): void {
  const { role, device, devices, submitter, sb, st, co } = facts;
  const { firstSb, firstSt, firstCo } = firsts(devices * facts.history.submitters);
  for (let p = facts.count - 1, flush = flushes.place.length - 1; p >= 0; p--) {
    const own = submitter[p] * devices + device[p];
    for (; flush >= 0 && flushes.place[flush] === p; flush--) {
      if (firstSb[own] < flushes.laterSb[flush]) flushes.laterSb[flush] = firstSb[own];
      if (firstSt[own] < flushes.laterSt[flush]) flushes.laterSt[flush] = firstSt[own];
      if (firstCo[own] < flushes.laterCo[flush]) flushes.laterCo[flush] = firstCo[own];
    }
    if (!isModRole(role[p])) continue;
    firstSb[own] = sb[p];
    if (st[p] < firstSt[own]) firstSt[own] = st[p];
    if (role[p] === MOD_WHOLE && co[p] < firstCo[own]) firstCo[own] = co[p];
  }
}

function firsts(slots: number): { firstSb: Float64Array; firstSt: Float64Array; firstCo: Float64Array } {
  return {
    firstSb: new Float64Array(slots).fill(Infinity),
    firstSt: new Float64Array(slots).fill(Infinity),
    firstCo: new Float64Array(slots).fill(Infinity),
  };
}

/** The fsyncs of a history, whoever asked for them. */
interface Fsyncs {
  file: Int32Array;
  st: Float64Array;
  co: Float64Array;
  /** Their order by `co`. */
  byCo: Uint32Array;
}

/** One that never began returned at +Infinity: none. */
function fsyncsOf(facts: Facts): Fsyncs {
  const { role, device, inode } = facts;
  const place: number[] = [];
  for (let p = 0; p < facts.count; p++) if (role[p] === FLUSH_OK || role[p] === FSYNC_OK) place.push(p);
  const co = valuesOf(place, facts.co);
  return {
    file: Int32Array.from(place, (p) => inode[device[p]]),
    st: valuesOf(place, facts.st),
    co,
    byCo: orderOf(co),
  };
}

/** The fsyncs of F's file that count for it. */
function sweepFsyncs(facts: Facts, flushes: Flushes): void {
  const { place, deadline } = flushes;
  const { file, st, co, byCo } = fsyncsOf(facts);
  const fileOf = (flush: number): number => facts.inode[facts.device[place[flush]]];

  // At equal stamps the fsync counts, as a batch of completions may share one reading of the clock: every crash at or
  // after the deadline then comes after the fsync's return.
  const latestSt = new Float64Array(facts.inodes).fill(-Infinity);
  const latestCo = new Float64Array(facts.inodes).fill(-Infinity);
  const byDeadline = orderOf(deadline);
  for (let i = 0, next = 0; i < byDeadline.length; i++) {
    const flush = byDeadline[i];
    for (; next < byCo.length && co[byCo[next]] <= deadline[flush]; next++) {
      const y = byCo[next];
      if (st[y] > latestSt[file[y]]) latestSt[file[y]] = st[y];
      latestCo[file[y]] = co[y];
    }
    flushes.fsyncSt[flush] = latestSt[fileOf(flush)];
    flushes.fsyncCo[flush] = latestCo[fileOf(flush)];
  }

  const sb = valuesOf(place, facts.sb);
  latestSt.fill(-Infinity);
  for (let flush = 0, next = 0; flush < place.length; flush++) {
    for (; next < byCo.length && co[byCo[next]] < sb[flush]; next++) {
      const y = byCo[next];
      if (st[y] > latestSt[file[y]]) latestSt[file[y]] = st[y];
    }
    flushes.earlierSt[flush] = latestSt[fileOf(flush)];
  }

  // The first fsync to return of those that began after the last write F must cover; the walk goes back in time.
  const covered = flushes.submittedCo;
  const obliged = ascending(covered.length).filter((flush) => covered[flush] !== -Infinity);
  const byCovered = orderBy(obliged, covered);
  const bySt = orderBy(byCo, st);
  const firstCo = new Float64Array(facts.inodes).fill(Infinity);
  let next = bySt.length - 1;
  for (let i = byCovered.length - 1; i >= 0; i--) {
    const flush = byCovered[i];
    for (; next >= 0 && st[bySt[next]] > covered[flush]; next--) {
      const y = bySt[next];
      if (co[y] < firstCo[file[y]]) firstCo[file[y]] = co[y];
    }
    flushes.coveringCo[flush] = firstCo[fileOf(flush)];
  }
}
