/**
 * The trial as what happens to the medium: mods begin, fsyncs return, flushes are acknowledged. Between two returns of
 * fsyncs of a file nothing becomes durable, while writes begin and flushes are acknowledged: so what a crash can leave, and
 * what it may not, only grows, and the moment before the next return has every image of that *flush window*.
 */
import { type Facts, MOD_WHOLE, NOTHING } from '../facts.ts';
import { DSYNC, FLUSH, FSYNC, FUA, READ } from '../history.ts';
import { orderBy } from '../order.ts';
import {
  begin,
  canLand,
  doubt,
  fileOf,
  isDurable,
  isFlush,
  owe,
  persist,
  persistOne,
  type Shore,
} from './shore.ts';

/** Returns of fsyncs, in the order of time; one entry for FLUSHes that one call served. */
export interface Syncs {
  file: Int32Array;
  st: Float64Array;
  co: Float64Array;
  ok: Uint8Array;
  /** Of a write that went through (RWF_DSYNC): its place; -1 for an fsync. */
  mod: Int32Array;
}

/**
 * Walks through the trial. At equal stamps an fsync's return comes first, then what begins, then what is acknowledged: a
 * batch of completions may share one reading of the clock.
 *
 * @param window called at the end of each flush window of a file, before anything new is durable: its crash times are
 *   from `from` until before `to`
 */
export function walk(
  shore: Shore,
  syncs: Syncs,
  window: (file: number, from: number, to: number) => void,
): void {
  const { facts } = shore;
  const { st, ak } = facts;
  const starts = orderBy(
    pick(facts, (p) => canLand(facts, p)),
    st,
  );
  const acks = orderBy(
    pick(
      facts,
      (p) =>
        ak[p] !== Infinity &&
        (isFlush(shore, p) || (facts.role[p] === MOD_WHOLE && (facts.flags[p] & FUA) !== 0)),
    ),
    ak,
  );
  const used = new Uint8Array(facts.inodes);
  for (let p = 0; p < facts.count; p++) {
    if (![READ, FSYNC].includes(facts.kind[p]) && facts.role[p] !== NOTHING) used[fileOf(shore, p)] = 1;
  }
  const from = new Float64Array(facts.inodes).fill(-Infinity);
  let start = 0;
  let ack = 0;
  const until = (time: number): void => {
    for (;;) {
      const nextStart = start < starts.length ? st[starts[start]] : Infinity;
      const nextAck = ack < acks.length ? ak[acks[ack]] : Infinity;
      if (Math.min(nextStart, nextAck) >= time) return;
      if (nextStart <= nextAck) begin(shore, starts[start++]);
      else owe(shore, acks[ack++]);
    }
  };
  for (let sync = 0; sync < syncs.co.length; ) {
    const time = syncs.co[sync];
    const file = syncs.file[sync];
    until(time);
    const first = sync;
    let news = false;
    for (; sync < syncs.co.length && syncs.co[sync] === time && syncs.file[sync] === file; sync++) {
      const mod = syncs.mod[sync];
      news ||= syncs.ok[sync] === 1 && (mod === -1 || !isDurable(shore, mod));
    }
    if (news && used[file] === 1) {
      window(file, from[file], time);
      from[file] = time;
    }
    for (let i = first; i < sync; i++) {
      if (syncs.ok[i] === 0) doubt(shore, file);
      else if (syncs.mod[i] === -1) persist(shore, file, syncs.st[i]);
      else if (!isDurable(shore, syncs.mod[i])) persistOne(shore, syncs.mod[i]);
    }
  }
  until(Infinity);
  for (let file = 0; file < facts.inodes; file++) if (used[file] === 1) window(file, from[file], Infinity);
}

/** Every call that made something durable, or failed to, from FLUSH rows, from notes of other fsyncs and from DSYNC writes. */
export function syncsOf(shore: Shore): Syncs {
  const { facts } = shore;
  const { kind, role, st, co, result } = facts;
  const file: number[] = [];
  const starts: number[] = [];
  const ends: number[] = [];
  const ok: number[] = [];
  const mod: number[] = [];
  const add = (f: number, s: number, c: number, fine: boolean, m: number): void => {
    file.push(f);
    starts.push(s);
    ends.push(c);
    ok.push(fine ? 1 : 0);
    mod.push(m);
  };
  for (let p = 0; p < facts.count; p++) {
    if (st[p] === Infinity || co[p] === Infinity) continue;
    if (kind[p] === FLUSH || kind[p] === FSYNC) add(fileOf(shore, p), st[p], co[p], result[p] >= 0, -1);
    else if (role[p] === MOD_WHOLE && (facts.flags[p] & DSYNC) !== 0) {
      add(fileOf(shore, p), st[p], co[p], true, p);
    }
  }
  return inOrder(file, starts, ends, ok, mod);
}

/** By time, then by file; of one file at one time those that returned well come first. */
function inOrder(file: number[], st: number[], co: number[], ok: number[], mod: number[]): Syncs {
  const order = [...file.keys()].sort(
    (a, b) => co[a] - co[b] || file[a] - file[b] || ok[b] - ok[a] || mod[a] - mod[b] || st[a] - st[b],
  );
  const kept = order.filter((i, at) => {
    const before = order[at - 1];
    if (before === undefined || mod[i] !== -1) return true;
    return st[i] !== st[before] || co[i] !== co[before] || file[i] !== file[before] || ok[i] !== ok[before];
  });
  return {
    file: Int32Array.from(kept, (i) => file[i]),
    st: Float64Array.from(kept, (i) => st[i]),
    co: Float64Array.from(kept, (i) => co[i]),
    ok: Uint8Array.from(kept, (i) => ok[i]),
    mod: Int32Array.from(kept, (i) => mod[i]),
  };
}

function pick(facts: Facts, fits: (place: number) => boolean): Uint32Array {
  const places: number[] = [];
  for (let p = 0; p < facts.count; p++) if (fits(p)) places.push(p);
  return Uint32Array.from(places);
}
