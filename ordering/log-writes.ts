/**
 * The order in which dm-log-writes, were it below a device's file, would have logged what the file got: a write when it is durable or when
 * a flush covers it. A write completes at `co`; a flush is an fsync of the file, from `st` to `co`.
 *
 * Source: drivers/md/dm-log-writes.c. Two things are put right: a flush that overtakes an earlier one also logs what the earlier one
 * holds, since it made that durable too; and a write with FUA logs what it overwrites first, or a replay would bring that back.
 */
import { FLUSH_OK, FSYNC_OK, gather, MOD_WHOLE, overlap, type World } from './facts.ts';
import { DSYNC, type History } from './history.ts';
import { orderBy } from './order.ts';

/** Rows of the file behind `device`: writes, discards, zeroings, and what made them durable (FLUSH, FSYNC). */
export function logOrder(history: History, world: World, device: number): number[] {
  const facts = gather(history, world);
  const { st, co, role, unit, units, flags, row } = facts;
  const ours: number[] = [];
  let end = 0;
  for (let place = 0; place < facts.count; place++) {
    const has = role[place] === MOD_WHOLE || role[place] === FLUSH_OK || role[place] === FSYNC_OK;
    if (!has || co[place] === Infinity) continue;
    if (world.inodeOf(facts.device[place]) !== world.inodeOf(device)) continue;
    ours.push(place);
    end = Math.max(end, unit[place] + units[place]);
  }
  const begun = orderBy(Uint32Array.from(ours.filter((place) => role[place] !== MOD_WHOLE)), st);
  const completed = orderBy(Uint32Array.from(ours), co);

  const log: number[] = [];
  /** Writes of each unit that completed and are not logged yet: who overwrites none need not look for them. */
  const waiting = new Uint32Array(end);
  let unflushed: number[] = [];
  /** What each flush under way took with it, in the order in which they began. */
  const held = new Map<number, number[]>();
  const count = (place: number, by: number): void => {
    for (let u = unit[place]; u < unit[place] + units[place]; u++) waiting[u] += by;
  };
  const put = (places: readonly number[]): void => {
    for (const place of places) {
      count(place, -1);
      log.push(row[place]);
    }
  };
  const putOverwritten = (by: number): void => {
    if (!waiting.subarray(unit[by], unit[by] + units[by]).some((writes) => writes > 0)) return;
    // And what those overwrote in turn, from the last to the first, so that the writes of a unit stay in their order.
    const before = [by];
    for (const place of [...[...held.values()].flat(), ...unflushed].reverse()) {
      if (before.some((later) => overlap(facts, place, later))) before.push(place);
    }
    const chosen = new Set(before);
    for (const [flush, places] of held) {
      put(places.filter((place) => chosen.has(place)));
      held.set(
        flush,
        places.filter((place) => !chosen.has(place)),
      );
    }
    put(unflushed.filter((place) => chosen.has(place)));
    unflushed = unflushed.filter((place) => !chosen.has(place));
  };

  let next = 0;
  for (const place of completed) {
    // What completes in the very moment in which a flush begins is not covered by it.
    while (next < begun.length && st[begun[next]!] <= co[place]) {
      held.set(begun[next++]!, unflushed);
      unflushed = [];
    }
    if (role[place] !== MOD_WHOLE) {
      for (const [flush, places] of held) {
        put(places);
        held.set(flush, []);
        if (flush === place) break;
      }
      held.delete(place);
      log.push(row[place]);
    } else if ((flags[place] & DSYNC) !== 0) {
      putOverwritten(place);
      log.push(row[place]);
    } else {
      count(place, 1);
      unflushed.push(place);
    }
  }
  // Every flush has completed; dm-log-writes logs what none covered when the device goes.
  put(unflushed);
  return log;
}
