/**
 * What a file system must show after a crash, of files whose writers waited: a log of what they did to names and when it was
 * durable, and the names that an image shows -> what is wrong with it. Pure.
 *
 * A step begins, takes effect at some moment, and is durable when its fsync has returned. So an image that was taken between
 * `begin` and `end` shows of each name the last state that was durable before `begin`, or any later one that had begun before
 * `end`. A rename is one step on two names: an image has it on both or on neither.
 */

/** No file of that name. */
export const ABSENT = 0;

/** One step, in nanoseconds of one clock. */
export interface Step {
  name: string;
  /** What the name stands for afterwards: a number that tells the content, or ABSENT. */
  state: number;
  begun: number;
  /** When the fsync that covers it had returned; Infinity when none has. */
  durable: number;
  /** The content was written under this name, so that until it is durable any part of it may be there. */
  partial?: boolean;
  /** Of a rename: the other name, whose step is the next or the previous one. */
  other?: string;
}

/** A content that is none of those that were written. */
export const DAMAGED = -1;

export interface Listing {
  begin: number;
  end: number;
  /** By name: the state, or DAMAGED. A name that is not here is ABSENT. */
  shows: ReadonlyMap<string, number>;
}

export type Fault = 'lost' | 'resurrected' | 'stale' | 'damaged' | 'unknown' | 'half renamed';

export interface Finding {
  name: string;
  fault: Fault;
  shown: number;
  /** The step that had to be there; undefined for a name that nobody made. */
  step: Step | undefined;
}

/** @param steps of all writers; those of one name in the order in which they were taken, none before the last was durable */
export function checkFiles(steps: readonly Step[], listing: Listing): Finding[] {
  const byName = new Map<string, Step[]>();
  for (const step of steps) byName.set(step.name, [...(byName.get(step.name) ?? []), step]);
  const findings: Finding[] = [];
  for (const name of listing.shows.keys()) {
    if (!byName.has(name))
      findings.push({ name, fault: 'unknown', shown: listing.shows.get(name)!, step: undefined });
  }
  for (const [name, own] of byName) {
    const finding = judge(name, own, listing) ?? halfRenamed(name, own, byName, listing);
    if (finding !== undefined) findings.push(finding);
  }
  return findings;
}

function judge(name: string, steps: readonly Step[], listing: Listing): Finding | undefined {
  const shown = listing.shows.get(name) ?? ABSENT;
  const must = steps.findLast((step) => step.durable < listing.begin);
  const wanted = must?.state ?? ABSENT;
  if (shown === wanted) return undefined;
  const later = pending(steps, listing);
  if (later.some(({ state, partial }) => state === shown || (partial && shown === DAMAGED))) return undefined;
  const fault =
    shown === DAMAGED ? 'damaged' : shown === ABSENT ? 'lost' : wanted === ABSENT ? 'resurrected' : 'stale';
  return { name, fault, shown, step: must };
}

/** Steps that may be in the image, but need not be. */
function pending(steps: readonly Step[], { begin, end }: Listing): Step[] {
  return steps.filter((step) => step.durable >= begin && step.begun <= end);
}

/** A rename that is in the image under one name and not under the other; told under the old name. */
function halfRenamed(
  name: string,
  steps: readonly Step[],
  byName: ReadonlyMap<string, Step[]>,
  listing: Listing,
): Finding | undefined {
  for (const step of pending(steps, listing)) {
    if (step.other === undefined || step.state !== ABSENT) continue;
    const others = byName.get(step.other)!;
    const there = others.find((to) => to.other === name && to.begun === step.begun)!;
    // What came of either name afterwards may hide it.
    if ([...steps, ...others].some(({ begun }) => begun > step.begun && begun <= listing.end)) continue;
    const gone = (listing.shows.get(name) ?? ABSENT) === ABSENT;
    const arrived = listing.shows.get(step.other) === there.state;
    if (gone !== arrived)
      return { name, fault: 'half renamed', shown: listing.shows.get(name) ?? ABSENT, step };
  }
  return undefined;
}
