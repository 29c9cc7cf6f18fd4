/** Words for witnesses: how an operation, a queue and a time are told, and which of two witnesses is the smaller. */
import type { Witness } from './contracts.ts';
import type { Facts } from './facts.ts';
import { FLUSH, FSYNC, FUA, KIND_NAMES, NO_QUEUE, PREFLUSH } from './history.ts';

/** A witness whose sentence is not yet made: only the smallest of many is told. */
export interface Candidate {
  places: number[];
  crossesQueues: boolean;
  /** Nanoseconds from the first to the last event that the sentence names. */
  span: number;
  tell(): string;
}

/**
 * The smallest: across two queues rather than in one, then the fewest operations, then the shortest span. The search
 * ends with the first situation that has one across two queues: the shortest situations come first.
 */
export function smallest(
  facts: Facts,
  situations: readonly number[],
  candidatesOf: (situation: number) => readonly Candidate[],
): Witness | undefined {
  let best: Candidate | undefined;
  for (const situation of situations) {
    for (const candidate of candidatesOf(situation)) {
      if (best === undefined || isSmaller(candidate, best)) best = candidate;
    }
    if (best?.crossesQueues) break;
  }
  if (best === undefined) return undefined;
  const rows = best.places.map((place) => facts.row[place]);
  return { sentence: best.tell(), rows, crossesQueues: best.crossesQueues };
}

function isSmaller(a: Candidate, b: Candidate): boolean {
  if (a.crossesQueues !== b.crossesQueues) return a.crossesQueues;
  if (a.places.length !== b.places.length) return a.places.length < b.places.length;
  return a.span < b.span;
}

/** True when two of the places went through different queues. Going through none is not another queue. */
export function crossesQueues(facts: Facts, ...places: number[]): boolean {
  let first = NO_QUEUE;
  for (const place of places) {
    const queue = facts.queue[place];
    if (first === NO_QUEUE) first = queue;
    else if (queue !== first && queue !== NO_QUEUE) return true;
  }
  return false;
}

/**
 * Of all places that `fit`, the one that makes the smallest witness beside `place`: a queue other than its own first,
 * then the smallest `cost`. -1 when none fits. They are looked for from `from` to before `to`: what precedes another stands before it.
 */
export function choose(
  facts: Facts,
  place: number,
  fit: (candidate: number) => boolean,
  cost: (candidate: number) => number,
  from = 0,
  to = facts.count,
): number {
  let best = -1;
  let bestCrosses = false;
  for (let candidate = from; candidate < to; candidate++) {
    if (!fit(candidate)) continue;
    const crosses = crossesQueues(facts, place, candidate);
    if (best !== -1 && (crosses === bestCrosses ? cost(candidate) >= cost(best) : bestCrosses)) continue;
    best = candidate;
    bestCrosses = crosses;
  }
  return best;
}

/** Nanoseconds between the first and the last of some stamps, leaving out those that never came. */
export function spanOf(...stamps: number[]): number {
  const came = stamps.filter((stamp) => Number.isFinite(stamp));
  return Math.max(...came) - Math.min(...came);
}

/** For example `WRITE of block 4711 (4096 B at 19296256, device disk, job 2, queue 1)`. */
export function nameOf(facts: Facts, place: number): string {
  const { world } = facts;
  const device = world.deviceNames[facts.device[place]] ?? String(facts.device[place]);
  const where = `device ${device}, job ${facts.submitter[place]}, ${queueOf(facts, place)}`;
  if (facts.kind[place] === FLUSH || facts.kind[place] === FSYNC) return `${kindOf(facts, place)} (${where})`;
  const first = facts.unit[place];
  const last = first + facts.units[place] - 1;
  const blocks = last > first ? `blocks ${first}-${last}` : `block ${first}`;
  const bytes = facts.units[place] * world.unitBytes;
  return `${kindOf(facts, place)} of ${blocks} (${bytes} B at ${first * world.unitBytes}, ${where})`;
}

/** Shorter, for an operation in a part of the sentence where its block is known: `PREFLUSH|FUA WRITE`. */
export function kindOf(facts: Facts, place: number): string {
  const flags = [
    ...((facts.flags[place] & PREFLUSH) !== 0 ? ['PREFLUSH'] : []),
    ...((facts.flags[place] & FUA) !== 0 ? ['FUA'] : []),
  ];
  return `${flags.join('|')}${flags.length > 0 ? ' ' : ''}${KIND_NAMES[facts.kind[place]]}`;
}

function queueOf(facts: Facts, place: number): string {
  const queue = facts.queue[place];
  if (queue === NO_QUEUE) return 'no queue';
  return facts.world.queueName?.(queue) ?? `queue ${queue}`;
}

/** Microseconds since the trial began, to a tenth: `10512.3`. */
export function time(facts: Facts, stamp: number): string {
  return ((stamp - facts.world.start) / 1000).toFixed(1);
}

/** `ran 10540.1-11200.4 us`: the backend call, as far as it came. */
export function runOf(facts: Facts, place: number): string {
  const from = time(facts, facts.st[place]);
  if (facts.st[place] === Infinity) return 'never began';
  return facts.co[place] === Infinity
    ? `ran from ${from} us on`
    : `ran ${from}-${time(facts, facts.co[place])} us`;
}

/** `began only at 11350.2 us`, or that it never did. */
export function beganOnly(facts: Facts, place: number): string {
  return facts.st[place] === Infinity ? 'never began' : `began only at ${time(facts, facts.st[place])} us`;
}
