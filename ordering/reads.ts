/** What a read may return of one unit: the questions that `integrity` asks, one at a time. */
import { type Facts, NO_PLACE, NOTHING, type World } from './facts.ts';
import { PENDING, SEEN_TORN, SEEN_ZEROES, WRITE } from './history.ts';

/** Units that a read returned whole. What a short read left out it says nothing of. */
export function unitsRead(facts: Facts, read: number): number {
  return Math.min(facts.units[read], Math.floor(facts.result[read] / facts.world.unitBytes));
}

/**
 * The place of the write that a version names, or -1 when there is no write of that unit of the read with it, as for
 * SEEN_FOREIGN.
 */
export function writeOf(facts: Facts, read: number, index: number, version: number): number {
  const { inode, device, unit, units } = facts;
  if (version === 0 || version > facts.place.length) return -1;
  const write = facts.place[version - 1];
  if (write === NO_PLACE || facts.kind[write] !== WRITE || facts.role[write] === NOTHING) return -1;
  if (inode[device[write]] !== inode[device[read]]) return -1;
  const block = unit[read] + index;
  return block >= unit[write] && block < unit[write] + units[write] ? write : -1;
}

/**
 * The earliest time in ns at which a mod's call can have begun. Of a PENDING one nothing may have been written down, and
 * a read that returned its data then only shows that it had begun: it was not stamped for want of an acknowledgement.
 */
export function canHaveBegun(facts: Facts, mod: number): number {
  return facts.st[mod] === Infinity && facts.result[mod] === PENDING ? facts.sb[mod] : facts.st[mod];
}

/** True when a version is no violation: what the file held before the trial, or a write that began in time. */
export function mayReturn(
  facts: Facts,
  read: number,
  index: number,
  version: number,
  floor: number,
): boolean {
  if (version === 0) return floor < 0;
  const write = writeOf(facts, read, index, version);
  return write !== -1 && canHaveBegun(facts, write) <= facts.co[read] && facts.co[write] >= floor;
}

/**
 * True when zeroes or a mixture may be what a unit holds: zeroes while a DISCARD or WRITE_ZEROES may be current, a
 * mixture while a mod runs beside the read, or while one that failed half-way may be current. `floor` supersedes both.
 */
export function mayBeOdd(
  world: World,
  version: number,
  floor: number,
  overlapped: boolean,
  zeroingCo: number,
  maybeCo: number,
): boolean {
  if (version === SEEN_ZEROES) {
    // What a unit held from the start is superseded like version 0.
    return (world.zeroesAtStart === true && floor < 0) || (zeroingCo !== -Infinity && zeroingCo >= floor);
  }
  if (version === SEEN_TORN) return overlapped || (maybeCo !== -Infinity && maybeCo >= floor);
  return true;
}
