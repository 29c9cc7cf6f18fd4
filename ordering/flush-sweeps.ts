/**
 * What the flush rules compare, for every successful FLUSH F of a history: extremes of stamps over the writes that F
 * must cover, over the fsyncs that could have covered them, and over what was submitted after F. One walk in the order
 * of a stamp finds each of them for all flushes at once, with a running value for each device or file.
 */
import { type Facts, FLUSH_OK, isModRole, MOD_WHOLE } from './facts.ts';
import { ascending, orderBy, orderOf, valuesOf } from './order.ts';

/** One entry for each successful FLUSH, in the order of submission. A maximum over nothing is -Infinity, a minimum +Infinity. */
export interface Flushes {
  place: Uint32Array;
  /** `completed`: the latest `co` and `st` of whole mods of F's device that were acknowledged before sb(F). */
  completedCo: Float64Array;
  completedSt: Float64Array;
  /** `submitted`: the same over whole mods of F's device that precede F. */
  submittedCo: Float64Array;
  submittedSt: Float64Array;
  /** The latest `st` and `co` of fsyncs of F's file that returned by ak(F). F's own is one of them. */
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
  const place = ascending(facts.count).filter((p) => facts.role[p] === FLUSH_OK);
  const column = (value: number): Float64Array => new Float64Array(place.length).fill(value);
  const flushes: Flushes = {
    place,
    completedCo: column(-Infinity),
    completedSt: column(-Infinity),
    submittedCo: column(-Infinity),
    submittedSt: column(-Infinity),
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
      if (role[w] !== MOD_WHOLE) continue;
      const d = device[w];
      if (co[w] > latestCo[d]) latestCo[d] = co[w];
      if (st[w] > latestSt[d]) latestSt[d] = st[w];
    }
    flushes.completedCo[flush] = latestCo[device[f]];
    flushes.completedSt[flush] = latestSt[device[f]];
  }
}

/** W that precede F: by their stamps, se(W) < sb(F), for every submitter, and by their place for F's own. */
function sweepEarlier(facts: Facts, flushes: Flushes): void {
  const { role, bySe, device, devices, submitter, sb, se, st, co } = facts;
  const latestCo = new Float64Array(devices).fill(-Infinity);
  const latestSt = new Float64Array(devices).fill(-Infinity);
  const ownCo = new Float64Array(devices * facts.history.submitters).fill(-Infinity);
  const ownSt = new Float64Array(devices * facts.history.submitters).fill(-Infinity);
  for (let p = 0, next = 0, flush = 0; p < facts.count; p++) {
    const d = device[p];
    const own = submitter[p] * devices + d;
    if (role[p] === MOD_WHOLE) {
      if (co[p] > ownCo[own]) ownCo[own] = co[p];
      if (st[p] > ownSt[own]) ownSt[own] = st[p];
    } else if (role[p] === FLUSH_OK) {
      for (; next < bySe.length && se[bySe[next]] < sb[p]; next++) {
        const w = bySe[next];
        if (role[w] !== MOD_WHOLE) continue;
        if (co[w] > latestCo[device[w]]) latestCo[device[w]] = co[w];
        if (st[w] > latestSt[device[w]]) latestSt[device[w]] = st[w];
      }
      flushes.submittedCo[flush] = Math.max(latestCo[d], ownCo[own]);
      flushes.submittedSt[flush] = Math.max(latestSt[d], ownSt[own]);
      flush++;
    }
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
    if (isModRole(role[p])) {
      firstSb[own] = sb[p];
      if (st[p] < firstSt[own]) firstSt[own] = st[p];
      if (role[p] === MOD_WHOLE && co[p] < firstCo[own]) firstCo[own] = co[p];
    } else if (role[p] === FLUSH_OK) {
      if (firstSb[own] < flushes.laterSb[flush]) flushes.laterSb[flush] = firstSb[own];
      if (firstSt[own] < flushes.laterSt[flush]) flushes.laterSt[flush] = firstSt[own];
      if (firstCo[own] < flushes.laterCo[flush]) flushes.laterCo[flush] = firstCo[own];
      flush--;
    }
  }
}

function firsts(slots: number): { firstSb: Float64Array; firstSt: Float64Array; firstCo: Float64Array } {
  return {
    firstSb: new Float64Array(slots).fill(Infinity),
    firstSt: new Float64Array(slots).fill(Infinity),
    firstCo: new Float64Array(slots).fill(Infinity),
  };
}

/** Fsyncs of F's file, whoever issued them. One that never began returned at +Infinity: none. */
function sweepFsyncs(facts: Facts, flushes: Flushes): void {
  const { place } = flushes;
  const file = place.map((f) => facts.inode[facts.device[f]]);
  const st = valuesOf(place, facts.st);
  const co = valuesOf(place, facts.co);
  const fsyncs = orderOf(co);

  // At equal stamps the fsync counts, as a batch of completions may share one reading of the clock: every crash at or
  // after ak(F) then comes after the fsync's return.
  const ak = valuesOf(place, facts.ak);
  const latestSt = new Float64Array(facts.inodes).fill(-Infinity);
  const latestCo = new Float64Array(facts.inodes).fill(-Infinity);
  const byAk = orderOf(ak);
  for (let i = 0, next = 0; i < byAk.length; i++) {
    const flush = byAk[i];
    for (; next < fsyncs.length && co[fsyncs[next]] <= ak[flush]; next++) {
      const y = fsyncs[next];
      if (st[y] > latestSt[file[y]]) latestSt[file[y]] = st[y];
      latestCo[file[y]] = co[y];
    }
    flushes.fsyncSt[flush] = latestSt[file[flush]];
    flushes.fsyncCo[flush] = latestCo[file[flush]];
  }

  const sb = valuesOf(place, facts.sb);
  latestSt.fill(-Infinity);
  for (let flush = 0, next = 0; flush < place.length; flush++) {
    for (; next < fsyncs.length && co[fsyncs[next]] < sb[flush]; next++) {
      const y = fsyncs[next];
      if (st[y] > latestSt[file[y]]) latestSt[file[y]] = st[y];
    }
    flushes.earlierSt[flush] = latestSt[file[flush]];
  }
  sweepCovering(flushes, file, orderBy(fsyncs, st), st, co, facts.inodes);
}

/** The first fsync to return of those that began after the last write F must cover; the walk goes back in time. */
function sweepCovering(
  flushes: Flushes,
  file: Uint32Array,
  fsyncsBySt: Uint32Array,
  st: Float64Array,
  co: Float64Array,
  inodes: number,
): void {
  const covered = flushes.submittedCo;
  const obliged = ascending(covered.length).filter((flush) => covered[flush] !== -Infinity);
  const byCovered = orderBy(obliged, covered);
  const firstCo = new Float64Array(inodes).fill(Infinity);
  let next = fsyncsBySt.length - 1;
  for (let i = byCovered.length - 1; i >= 0; i--) {
    const flush = byCovered[i];
    for (; next >= 0 && st[fsyncsBySt[next]] > covered[flush]; next--) {
      const y = fsyncsBySt[next];
      if (co[y] < firstCo[file[y]]) firstCo[file[y]] = co[y];
    }
    flushes.coveringCo[flush] = firstCo[file[flush]];
  }
}
