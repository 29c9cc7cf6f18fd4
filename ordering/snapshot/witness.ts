/** The smallest violation that a snapshot shows, in words. */
import type { Witness } from '../contracts.ts';
import { BEFORE } from '../crash/shore.ts';
import { obligation } from '../crash/witness.ts';
import { type Facts, precedes } from '../facts.ts';
import { FUA, SEEN_ZEROES } from '../history.ts';
import { type Candidate, choose, crossesQueues, nameOf, runOf, smallest, spanOf, time } from '../witness.ts';
import {
  BARRIER,
  COMPLETED,
  FINE,
  type FilePlaces,
  INTEGRITY,
  IS_FOREIGN,
  IS_FUTURE,
  IS_STALE,
  isBound,
  type Judgement,
  SNAPSHOT_CONTRACTS,
} from './image.ts';

/** Units of an image that are looked at: each costs a walk over the history. */
const LOOK_AT = 8;

/** Of images that break a contract, the one that is told in the fewest operations. */
export function snapshotWitness(
  facts: Facts,
  judgements: readonly { judgement: Judgement; places: FilePlaces }[],
  contract: number,
): Witness | undefined {
  return smallest(facts, [...judgements.keys()], (i) => {
    const { judgement, places } = judgements[i];
    return brokenUnits(judgement, contract).flatMap((unit) =>
      contract === INTEGRITY
        ? integrityCandidate(facts, judgement, unit)
        : owedCandidate(facts, places, judgement, contract, unit),
    );
  });
}

/** Spread evenly over the file. */
function brokenUnits({ wrong, shownCo, floor }: Judgement, contract: number): number[] {
  const broken: number[] = [];
  for (let unit = 0; unit < wrong.length; unit++) {
    if (contract === INTEGRITY ? wrong[unit] !== FINE : shownCo[unit] < floor[contract][unit])
      broken.push(unit);
  }
  const stride = Math.ceil(broken.length / LOOK_AT);
  return broken.filter((_, i) => i % stride === 0);
}

function integrityCandidate(facts: Facts, judgement: Judgement, unit: number): Candidate {
  const { image, shown, wrong, floorMod } = judgement;
  const by = wrong[unit] === IS_STALE ? floorMod[INTEGRITY][unit] : -1;
  const places = [shown[unit], by].filter((place) => place !== -1);
  const stamps = places.flatMap((place) => [facts.st[place], facts.co[place]]);
  return {
    places,
    crossesQueues: crossesQueues(facts, ...places),
    span: spanOf(image.begin, image.end, ...stamps),
    tell: () => `${taken(facts, judgement)} shows in block ${unit} ${reason(facts, judgement, unit, by)}.`,
  };
}

function reason(facts: Facts, judgement: Judgement, unit: number, by: number): string {
  const { image, wrong } = judgement;
  const what = holds(facts, judgement, unit);
  if (wrong[unit] === IS_FOREIGN) return 'data that no write of this file put there';
  if (wrong[unit] === IS_FUTURE) return `${what}: the data came from the future`;
  if (wrong[unit] !== IS_STALE) {
    return image.seen[unit] === SEEN_ZEROES
      ? 'zeroes, although no DISCARD or WRITE_ZEROES of it can have been the last before the snapshot'
      : 'sectors of different writes, although no write of it was running beside the snapshot';
  }
  const newer = `${what}, although ${nameOf(facts, by)} ${runOf(facts, by)}`;
  return facts.ak[by] < image.begin
    ? `${newer} and was acknowledged at ${time(facts, facts.ak[by])} us, before the snapshot began`
    : `${newer}, before another write began that it shows`;
}

/** A mod that is missing, who owes it, and for `barrier`, where the flush was not acknowledged yet, what is there after it. */
function owedCandidate(
  facts: Facts,
  places: FilePlaces,
  judgement: Judgement,
  contract: number,
  unit: number,
): Candidate[] {
  const { sb, ak, flags, device } = facts;
  const { instant, shows } = judgement;
  const lost = judgement.floorMod[contract][unit];
  const covers = (f: number): boolean =>
    device[f] === device[lost] && (contract === COMPLETED ? ak[lost] < sb[f] : precedes(facts, lost, f));
  const tied = new Set<number>();
  for (const f of places.flushes) {
    if (f === lost || !covers(f)) continue;
    const followed = (): boolean => [...shows].some((x) => device[x] === device[f] && precedes(facts, f, x));
    if (isBound(facts, judgement, f) || (contract === BARRIER && followed())) tied.add(f);
  }
  const own = (flags[lost] & FUA) !== 0 && ak[lost] <= instant;
  const by = own
    ? lost
    : choose(
        facts,
        lost,
        (f) => tied.has(f),
        (f) => Math.abs(ak[f] - instant),
      );
  if (by === -1) return [];
  let x = BEFORE;
  if (!own && ak[by] > instant) {
    x = shows.has(by)
      ? by
      : choose(
          facts,
          by,
          (later) => shows.has(later) && device[later] === device[by] && precedes(facts, by, later),
          (later) => Math.abs(sb[later] - sb[by]),
        );
  }
  const named = [...new Set([lost, by, x])].filter((place) => place !== BEFORE);
  return [
    {
      places: named,
      crossesQueues: crossesQueues(facts, ...named),
      span: spanOf(sb[lost], sb[by], judgement.image.end),
      tell: () => {
        const rule = SNAPSHOT_CONTRACTS[contract];
        return (
          `${obligation(facts, rule, lost, by, x)}; the write ${runOf(facts, lost)}, and ` +
          `${taken(facts, judgement).replace('A', 'a')} shows in block ${unit} ${holds(facts, judgement, unit)}: ` +
          `\`${rule}\` forbids it.`
        );
      },
    },
  ];
}

function taken(facts: Facts, { image }: Judgement): string {
  return `A snapshot taken between ${time(facts, image.begin)} and ${time(facts, image.end)} us`;
}

function holds(facts: Facts, { image, shown }: Judgement, unit: number): string {
  if (shown[unit] !== -1) return `${nameOf(facts, shown[unit])}, which ${runOf(facts, shown[unit])}`;
  return image.seen[unit] === SEEN_ZEROES ? 'zeroes' : 'what it held before the trial';
}
