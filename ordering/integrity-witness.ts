/** Finds and tells the smallest witness for `integrity`: what a read returned, and why it must not have. */
import type { Witness } from './contracts.ts';
import { type Facts, isModRole, MOD_MAYBE, MOD_WHOLE, overlap } from './facts.ts';
import { SEEN_FOREIGN, SEEN_TORN, SEEN_UNCHECKED, SEEN_ZEROES, WRITE } from './history.ts';
import { canHaveBegun, mayBeOdd, mayReturn, unitsRead, writeOf } from './reads.ts';
import {
  beganOnly,
  type Candidate,
  choose,
  crossesQueues,
  nameOf,
  runOf,
  smallest,
  spanOf,
  time,
} from './witness.ts';

export function integrityWitness(facts: Facts, reads: readonly number[]): Witness | undefined {
  return smallest(facts, reads, (read) => candidate(facts, read));
}

/** The first unit of a read that breaks the rule. */
function candidate(facts: Facts, read: number): Candidate[] {
  const { seen } = facts.history;
  const first = facts.history.seenAt[facts.row[read]];
  const mods: number[] = [];
  for (let p = 0; p < facts.count; p++) if (isModRole(facts.role[p]) && overlap(facts, p, read)) mods.push(p);
  for (let k = 0; k < unitsRead(facts, read); k++) {
    const version = seen[first + k];
    if (version === SEEN_UNCHECKED) continue;
    if (version === SEEN_FOREIGN) return [alone(facts, read, k, 'data that no write of this file put there')];
    const around = modsAround(facts, mods, read, k);
    if (version === SEEN_ZEROES || version === SEEN_TORN) {
      if (mayBeOdd(facts.world, version, around.floor, around.overlapped, around.zeroingCo, around.maybeCo))
        continue;
      const what =
        version === SEEN_ZEROES
          ? 'zeroes, although no DISCARD or WRITE_ZEROES of it can have been the last before the read'
          : 'sectors of different writes, although no write of it was running beside the read';
      return [alone(facts, read, k, what)];
    }
    if (!mayReturn(facts, read, k, version, around.floor)) return [wrongVersion(facts, read, k, version)];
  }
  return [];
}

/** What the mods of one unit of a read say, by a walk over those that overlap the read. */
function modsAround(
  facts: Facts,
  mods: readonly number[],
  read: number,
  index: number,
): { floor: number; overlapped: boolean; zeroingCo: number; maybeCo: number } {
  const { role, kind, sb, st, co, ak } = facts;
  const around = { floor: -Infinity, overlapped: false, zeroingCo: -Infinity, maybeCo: -Infinity };
  for (const mod of mods) {
    if (!holdsUnit(facts, mod, read, index)) continue;
    if (role[mod] === MOD_WHOLE && ak[mod] < sb[read]) around.floor = Math.max(around.floor, st[mod]);
    const begun = canHaveBegun(facts, mod);
    if (begun < co[read] && co[mod] > st[read]) around.overlapped = true;
    if (begun > co[read]) continue;
    if (kind[mod] !== WRITE) around.zeroingCo = Math.max(around.zeroingCo, co[mod]);
    if (role[mod] === MOD_MAYBE) around.maybeCo = Math.max(around.maybeCo, co[mod]);
  }
  return around;
}

function holdsUnit(facts: Facts, mod: number, read: number, index: number): boolean {
  const { unit, units } = facts;
  const at = unit[read] + index;
  return overlap(facts, mod, read) && at >= unit[mod] && at < unit[mod] + units[mod];
}

function opening(facts: Facts, read: number, index: number): string {
  const block = facts.unit[read] + index;
  const which = facts.units[read] > 1 ? ` for block ${block}` : '';
  return `${nameOf(facts, read)} ${runOf(facts, read)} and returned${which} `;
}

function alone(facts: Facts, read: number, index: number, what: string): Candidate {
  const { sb, co } = facts;
  return {
    places: [read],
    crossesQueues: false,
    span: spanOf(sb[read], co[read]),
    tell: () => `${opening(facts, read, index)}${what}.`,
  };
}

function wrongVersion(facts: Facts, read: number, index: number, version: number): Candidate {
  const { st, co } = facts;
  const write = version === 0 ? -1 : writeOf(facts, read, index, version);
  if (version !== 0 && write === -1) {
    return alone(facts, read, index, `version ${version}, which is no write of that block`);
  }
  if (write === -1 || canHaveBegun(facts, write) <= co[read]) return superseded(facts, read, index, write);
  const places = [read, write];
  return {
    places,
    crossesQueues: crossesQueues(facts, ...places),
    span: spanOf(facts.sb[read], co[read], st[write]),
    tell: () =>
      `${opening(facts, read, index)}the data of ${nameOf(facts, write)}, but that ${beganOnly(facts, write)}: ` +
      'the data came from the future.',
  };
}

/** `write` is -1 when the read returned what the file held before the trial. */
function superseded(facts: Facts, read: number, index: number, write: number): Candidate {
  const { role, sb, st, co, ak } = facts;
  const until = write === -1 ? -Infinity : co[write];
  const supersedes = (mod: number): boolean =>
    role[mod] === MOD_WHOLE && ak[mod] < sb[read] && st[mod] > until && holdsUnit(facts, mod, read, index);
  const by = choose(facts, read, supersedes, (mod) => sb[read] - ak[mod], 0, read);
  const places = write === -1 ? [read, by] : [read, write, by];
  const old =
    write === -1
      ? 'what it held before the trial'
      : `the data of ${nameOf(facts, write)}, which ${runOf(facts, write)}`;
  return {
    places,
    crossesQueues: crossesQueues(facts, ...places),
    span: spanOf(co[read], st[by], write === -1 ? st[by] : st[write]),
    tell: () =>
      `${opening(facts, read, index)}${old}, although ${nameOf(facts, by)} ${runOf(facts, by)} and was acknowledged at ` +
      `${time(facts, ak[by])} us, before the read was submitted at ${time(facts, sb[read])} us: a stale read.`,
  };
}
