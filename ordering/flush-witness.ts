/** Finds and tells the smallest witness for `completed`, `submitted` and `barrier`, with the rules written out. */
import type { Contract, Witness } from './contracts.ts';
import { type Facts, FLUSH_OK, isModRole, MOD_WHOLE, precedes } from './facts.ts';
import type { Flushes } from './flush-sweeps.ts';
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

function mustCover(facts: Facts, contract: 'completed' | 'submitted', w: number, f: number): boolean {
  const { role, device, ak, sb } = facts;
  if (role[w] !== MOD_WHOLE || device[w] !== device[f]) return false;
  return contract === 'completed' ? ak[w] < sb[f] : precedes(facts, w, f);
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
  const missed = (w: number): boolean =>
    outcome === LOST ? st[w] > flushes.fsyncCo[flush] : co[w] >= flushes.fsyncSt[flush];
  const span = (w: number): number => spanOf(sb[w], sb[f], ak[f], outcome === LOST ? st[w] : co[w]);
  const w = choose(facts, f, (p) => mustCover(facts, scope, p, f) && missed(p), span);
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

function howLost(rule: Contract, facts: Facts, flushes: Flushes, flush: number, w: number): string {
  const { st, co, ak } = facts;
  const f = flushes.place[flush];
  const acknowledged = time(facts, ak[f]);
  const last = flushes.fsyncCo[flush];
  if (last === -Infinity) {
    return (
      `no fsync of the file had returned by ${acknowledged} us, when the flush was acknowledged: ` +
      `a crash after that loses the write though \`${rule}\` covers it.`
    );
  }
  const when = st[w] > ak[f] ? 'in between' : 'after the acknowledgement';
  return (
    `${fsyncWords(facts, f, co, last)} and the flush was acknowledged at ${acknowledged} us, but the write ` +
    `${beganOnly(facts, w)}: a crash ${when} loses it though \`${rule}\` covers it.`
  );
}

function howOpen(rule: Contract, facts: Facts, flushes: Flushes, flush: number, w: number): string {
  const f = flushes.place[flush];
  return (
    `${fsyncWords(facts, f, facts.st, flushes.fsyncSt[flush])} and the flush was acknowledged at ${time(facts, facts.ak[f])} us, ` +
    `but the write ${runOf(facts, w)}, so that fsync may have missed it: ` +
    `an open window for \`${rule}\`, harm was not seen.`
  );
}

function overtakenCandidate(facts: Facts, flushes: Flushes, flush: number): Candidate[] {
  const { sb, st, co } = facts;
  if (flushes.laterCo[flush] >= flushes.submittedSt[flush]) return [];
  const f = flushes.place[flush];
  const overtaken = (w: number): boolean =>
    st[w] > flushes.laterCo[flush] && mustCover(facts, 'submitted', w, f);
  let w = choose(facts, f, overtaken, (p) => st[p]);
  // The last write to begin was overtaken by the most: if none of the writes crosses queues, one of those still may.
  if (!crossesQueues(facts, w, f)) w = choose(facts, f, overtaken, (p) => -st[p]);
  const overtook = (x: number): boolean =>
    facts.role[x] === MOD_WHOLE && co[x] < st[w] && comesLater(facts, f, x);
  const x = choose(facts, f, overtook, (p) => sb[p]);
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
  const { sb, st, co, ak } = facts;
  const f = flushes.place[flush];
  const returned = flushes.coveringCo[flush];
  if (returned > ak[f] || flushes.laterSt[flush] > returned) return [];
  const last = (w: number): boolean =>
    co[w] === flushes.submittedCo[flush] && mustCover(facts, 'submitted', w, f);
  const w = choose(facts, f, last, (p) => -sb[p]);
  const early = (x: number): boolean => st[x] <= returned && comesLater(facts, f, x);
  const x = choose(facts, f, early, (p) => sb[p]);
  const places = [w, f, x];
  return [
    {
      places,
      crossesQueues: crossesQueues(facts, ...places),
      span: spanOf(sb[w], sb[f], sb[x], returned),
      tell: () =>
        `${threeSubmissions(facts, w, f, x)} began at ${time(facts, st[x])} us, before the fsync that covers the earlier ` +
        `one had returned at ${time(facts, returned)} us: an open window for \`barrier\`, harm was not seen.`,
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
function fsyncWords(facts: Facts, f: number, column: Float64Array, stamp: number): string {
  const { role, inode, device, co, ak } = facts;
  if (column[f] === stamp && co[f] <= ak[f]) return `the flush's fsync ${runOf(facts, f)}`;
  const could = (y: number): boolean =>
    role[y] === FLUSH_OK && column[y] === stamp && co[y] <= ak[f] && inode[device[y]] === inode[device[f]];
  const y = choose(facts, f, could, () => 0);
  return `the last fsync that could cover it, another flush's, ${runOf(facts, y)}`;
}
