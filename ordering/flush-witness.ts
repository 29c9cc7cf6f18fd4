/** Finds and tells the smallest witness for `completed`, `submitted` and `barrier`, with the rules written out. */
import type { Contract, Witness } from './contracts.ts';
import { type Facts, FLUSH_OK, FSYNC_OK, isModRole, MOD_WHOLE, precedes } from './facts.ts';
import { type Flushes, IS_FUA, IS_PREFLUSH, writtenThrough } from './flush-sweeps.ts';
import { LOST } from './outcome.ts';
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

/** A write that F must cover and that F's fsyncs missed (LOST) or may have missed (UNPROVED). */
export function coverWitness(
  contract: 'completed' | 'submitted',
  facts: Facts,
  flushes: Flushes,
  situations: readonly number[],
  outcome: number,
): Witness | undefined {
  return smallest(facts, situations, (flush) =>
    coverCandidate(contract, contract, facts, flushes, flush, outcome),
  );
}

/** A write that F must cover, F, and a write after F that is (LOST) or may be (UNPROVED) in an image without the first. */
export function barrierWitness(
  facts: Facts,
  flushes: Flushes,
  situations: readonly number[],
  outcome: number,
): Witness | undefined {
  return smallest(facts, situations, (flush) => {
    const cover = coverCandidate('submitted', 'barrier', facts, flushes, flush, outcome);
    const overtaken = outcome === LOST ? overtakenCandidate : notHeldBackCandidate;
    return [...cover, ...overtaken(facts, flushes, flush)];
  });
}

/** A whole mod that F's rule covers. */
function owes(facts: Facts, f: number, contract: 'completed' | 'submitted', w: number): boolean {
  const { role, device, ak, sb } = facts;
  if (role[w] !== MOD_WHOLE || device[w] !== device[f]) return false;
  return contract === 'completed' ? ak[w] < sb[f] : precedes(facts, w, f);
}

/** One of them that needs an fsync, or that was written through too late. */
function mustCover(
  facts: Facts,
  flushes: Flushes,
  flush: number,
  contract: 'completed' | 'submitted',
  w: number,
): boolean {
  const inTime = writtenThrough(facts, w) && facts.co[w] <= flushes.deadline[flush];
  return !inTime && owes(facts, flushes.place[flush], contract, w);
}

function comesLater(facts: Facts, f: number, x: number): boolean {
  const { role, device } = facts;
  return isModRole(role[x]) && device[x] === device[f] && precedes(facts, f, x);
}

function coverCandidate(
  scope: 'completed' | 'submitted',
  rule: Contract,
  facts: Facts,
  flushes: Flushes,
  flush: number,
  outcome: number,
): Candidate[] {
  const { sb, st, co, ak } = facts;
  const f = flushes.place[flush];
  if (flushes.what[flush] === IS_FUA) return [ownCandidate(rule, facts, flushes, flush, outcome)];
  const due = flushes.deadline[flush];
  const missed = (w: number): boolean =>
    outcome === LOST
      ? !writtenThrough(facts, w) && st[w] > flushes.fsyncCo[flush]
      : co[w] >= flushes.fsyncSt[flush];
  const span = (w: number): number => spanOf(sb[w], sb[f], due, outcome === LOST ? st[w] : co[w]);
  const w = choose(facts, f, (p) => mustCover(facts, flushes, flush, scope, p) && missed(p), span, 0, f);
  if (w === -1) return [];
  const before =
    scope === 'completed'
      ? `was acknowledged at ${time(facts, ak[w])} us, before ${nameOf(facts, f)} was submitted at ${time(facts, sb[f])} us`
      : `was submitted at ${time(facts, sb[w])} us, before ${nameOf(facts, f)} at ${time(facts, sb[f])} us`;
  const how = outcome === LOST ? howLost : howOpen;
  const places = [w, f];
  return [
    {
      places,
      crossesQueues: crossesQueues(facts, ...places),
      span: span(w),
      tell: () => `${nameOf(facts, w)} ${before}; ${how(rule, facts, flushes, flush, w)}`,
    },
  ];
}

/** A FUA write that no fsync made durable by its acknowledgement (LOST), or that the one which ran may have missed. */
function ownCandidate(
  rule: Contract,
  facts: Facts,
  flushes: Flushes,
  flush: number,
  outcome: number,
): Candidate {
  const { sb, ak } = facts;
  const w = flushes.place[flush];
  const acknowledged = time(facts, ak[w]);
  const none = flushes.fsyncCo[flush] === -Infinity;
  const which = none
    ? 'no fsync of the file had returned by then'
    : fsyncWords(facts, flushes, flush, facts.st, flushes.fsyncSt[flush]);
  const harm =
    outcome === LOST
      ? `a crash after that loses it though \`${rule}\` has a FUA durable at its acknowledgement.`
      : `that fsync may have missed it: an open window for \`${rule}\`, harm was not seen.`;
  return {
    places: [w],
    crossesQueues: false,
    span: spanOf(sb[w], ak[w]),
    tell: () =>
      `${nameOf(facts, w)} ${runOf(facts, w)} and was acknowledged at ${acknowledged} us, and ${which}: ${harm}`,
  };
}

/** `the flush was acknowledged at 41.0 us`: the moment by which it owes. */
function dueWords(facts: Facts, flushes: Flushes, flush: number): string {
  const due = time(facts, flushes.deadline[flush]);
  return flushes.what[flush] === IS_PREFLUSH
    ? `the data of the PREFLUSH write began at ${due} us`
    : `the flush was acknowledged at ${due} us`;
}

function howLost(rule: Contract, facts: Facts, flushes: Flushes, flush: number, w: number): string {
  const { st, co } = facts;
  const due = time(facts, flushes.deadline[flush]);
  const last = flushes.fsyncCo[flush];
  const preflush = flushes.what[flush] === IS_PREFLUSH;
  if (last === -Infinity) {
    const then = preflush ? "when the PREFLUSH write's data began" : 'when the flush was acknowledged';
    return (
      `no fsync of the file had returned by ${due} us, ${then}: ` +
      `a crash after that loses the write though \`${rule}\` covers it.`
    );
  }
  const after = preflush ? 'after that' : 'after the acknowledgement';
  const when = st[w] > flushes.deadline[flush] ? 'in between' : after;
  return (
    `${fsyncWords(facts, flushes, flush, co, last)} and ${dueWords(facts, flushes, flush)}, but the write ` +
    `${beganOnly(facts, w)}: a crash ${when} loses it though \`${rule}\` covers it.`
  );
}

function howOpen(rule: Contract, facts: Facts, flushes: Flushes, flush: number, w: number): string {
  const first =
    flushes.fsyncSt[flush] === -Infinity
      ? 'no fsync of the file had returned'
      : fsyncWords(facts, flushes, flush, facts.st, flushes.fsyncSt[flush]);
  return (
    `${first} and ${dueWords(facts, flushes, flush)}, ` +
    `but the write ${runOf(facts, w)}, so that fsync may have missed it: ` +
    `an open window for \`${rule}\`, harm was not seen.`
  );
}

function overtakenCandidate(facts: Facts, flushes: Flushes, flush: number): Candidate[] {
  const { sb, st, co } = facts;
  if (flushes.laterCo[flush] >= flushes.submittedSt[flush]) return [];
  const f = flushes.place[flush];
  const overtaken = (w: number): boolean =>
    !writtenThrough(facts, w) &&
    st[w] > flushes.laterCo[flush] &&
    mustCover(facts, flushes, flush, 'submitted', w);
  let w = choose(facts, f, overtaken, (p) => st[p], 0, f);
  // The last write to begin was overtaken by the most: if none of the writes crosses queues, one of those still may.
  if (!crossesQueues(facts, w, f)) w = choose(facts, f, overtaken, (p) => -st[p], 0, f);
  const overtook = (x: number): boolean =>
    facts.role[x] === MOD_WHOLE && co[x] < st[w] && comesLater(facts, f, x);
  const x = choose(facts, f, overtook, (p) => sb[p], f + 1);
  const places = [w, f, x];
  return [
    {
      places,
      crossesQueues: crossesQueues(facts, ...places),
      span: spanOf(sb[w], sb[f], sb[x], st[w]),
      tell: () =>
        `${threeSubmissions(facts, w, f, x)} had returned at ${time(facts, co[x])} us but the earlier one ` +
        `${beganOnly(facts, w)}: an image between the two holds the later write without the earlier one, ` +
        'which `barrier` forbids.',
    },
  ];
}

function notHeldBackCandidate(facts: Facts, flushes: Flushes, flush: number): Candidate[] {
  const { sb, st, co } = facts;
  const f = flushes.place[flush];
  const fsynced = flushes.submittedCo[flush] === -Infinity ? -Infinity : flushes.coveringCo[flush];
  const returned = Math.max(fsynced, flushes.throughCo[flush]);
  if (returned > flushes.deadline[flush] || flushes.laterSt[flush] > returned) return [];
  // What was durable last: a write that needed the fsync, or one that was written through.
  const through = returned > fsynced;
  const latest = through ? returned : flushes.submittedCo[flush];
  const last = (w: number): boolean =>
    co[w] === latest && writtenThrough(facts, w) === through && owes(facts, f, 'submitted', w);
  const w = choose(facts, f, last, (p) => -sb[p], 0, f);
  const early = (x: number): boolean => st[x] <= returned && comesLater(facts, f, x);
  const x = choose(facts, f, early, (p) => sb[p], f + 1);
  const places = [w, f, x];
  return [
    {
      places,
      crossesQueues: crossesQueues(facts, ...places),
      span: spanOf(sb[w], sb[f], sb[x], returned),
      tell: () =>
        `${threeSubmissions(facts, w, f, x)} began at ${time(facts, st[x])} us, before ` +
        `${through ? 'the earlier one, written through,' : 'the fsync that covers the earlier one'} had returned at ` +
        `${time(facts, returned)} us: an open window for \`barrier\`, harm was not seen.`,
    },
  ];
}

function threeSubmissions(facts: Facts, w: number, f: number, x: number): string {
  const at = (place: number): string => `${time(facts, facts.sb[place])} us`;
  return (
    `${nameOf(facts, w)} was submitted at ${at(w)}, before ${nameOf(facts, f)} at ${at(f)}, and ` +
    `${nameOf(facts, x)} after that flush, at ${at(x)}; the later write`
  );
}

/** The fsync whose stamp in `column` is the given one, of those that could cover F's writes, and when it ran. */
function fsyncWords(
  facts: Facts,
  flushes: Flushes,
  flush: number,
  column: Float64Array,
  stamp: number,
): string {
  const { role, inode, device, co } = facts;
  const f = flushes.place[flush];
  const due = flushes.deadline[flush];
  if (role[f] === FLUSH_OK && column[f] === stamp && co[f] <= due)
    return `the flush's fsync ${runOf(facts, f)}`;
  const could = (y: number): boolean =>
    (role[y] === FLUSH_OK || role[y] === FSYNC_OK) &&
    column[y] === stamp &&
    co[y] <= due &&
    inode[device[y]] === inode[device[f]];
  const y = choose(facts, f, could, () => 0);
  const whose = role[y] === FLUSH_OK ? ", another flush's," : '';
  return `the last fsync that could cover it${whose} ${runOf(facts, y)}`;
}
