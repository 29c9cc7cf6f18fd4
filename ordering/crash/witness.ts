/** The smallest illegal crash state in words: when the crash comes, what the medium then holds, and which write is lost. */
import type { Witness } from '../contracts.ts';
import { type Facts, precedes } from '../facts.ts';
import { crossesQueues, nameOf, runOf, spanOf, time } from '../witness.ts';
import { BEFORE, COMPLETED, isFlush, missingOf, type Shore, SUBMITTED, startOf } from './shore.ts';
import { BARRIER, JUDGED, type Window } from './window.ts';

/** A witness with its crash time in ns and the writes that survive in it. */
export interface CrashWitness extends Witness {
  crash: number;
  survivors: number;
}

/** A lost write, who owes it, on which unit, and what that unit holds instead; `x` is what should not be there without it. */
interface Loss {
  lost: number;
  by: number;
  unit: number;
  shown: number;
  x: number;
}

/** Tells an illegal state of a window as it stands; `survivors` are indexes of writes. */
export function crashWitness(
  shore: Shore,
  window: Window,
  contract: number,
  survivors: readonly number[],
): CrashWitness | undefined {
  const { facts } = shore;
  const chosen = new Set(survivors);
  let best: Loss | undefined;
  const offer = (loss: Loss): void => {
    if (best === undefined || rank(facts, loss) < rank(facts, best)) best = loss;
  };
  for (let c = 0; c < window.unit.length; c++) {
    const shown = shownIn(shore, window, c, chosen);
    const unit = window.unit[c];
    const end = shown === BEFORE ? -Infinity : facts.co[shown];
    const owing = contract === COMPLETED ? COMPLETED : SUBMITTED;
    if (end < shore.owedSt[owing][unit]) {
      const lost = shore.owedMod[owing][unit];
      offer({ lost, by: shore.owedBy[owing][unit], unit, shown, x: BEFORE });
    }
  }
  best ??= brokenTie(shore, window, contract, chosen);
  if (best === undefined) return undefined;
  return tell(shore, window, contract, survivors, best);
}

/** Across queues first, then the shortest span. */
function rank(facts: Facts, { lost, by, x }: Loss): number {
  const crosses = x === BEFORE ? crossesQueues(facts, lost, by) : crossesQueues(facts, lost, by, x);
  return (crosses ? 0 : 1e18) + spanOf(facts.sb[lost], facts.sb[by], facts.ak[by]);
}

function shownIn(shore: Shore, window: Window, cell: number, chosen: ReadonlySet<number>): number {
  for (let k = window.coverAt[cell]; k < window.coverAt[cell + 1]; k++) {
    if (chosen.has(window.cover[k])) return window.writes[window.cover[k]];
  }
  return shore.base[window.unit[cell]];
}

function brokenTie(
  shore: Shore,
  window: Window,
  contract: number,
  chosen: ReadonlySet<number>,
): Loss | undefined {
  const { facts, live, recent, units } = shore;
  const shown = new Map<number, number>();
  for (let c = 0; c < window.unit.length; c++) shown.set(window.unit[c], shownIn(shore, window, c, chosen));
  const survivors = new Set([...chosen].map((i) => window.writes[i]));
  let best: Loss | undefined;
  for (const x of [...live[window.file].filter((w) => survivors.has(w)), ...recent[window.file]]) {
    for (const { by, owing } of tiesOf(shore, contract, x)) {
      const missing: number[] = [];
      missingOf(shore, owing, by, missing);
      for (const lost of missing) {
        for (let entry = units.at[lost]; entry < units.at[lost] + facts.units[lost]; entry++) {
          const holds = shown.get(units.id[entry]);
          if (holds === undefined || holds === x) continue;
          if ((holds === BEFORE ? -Infinity : facts.co[holds]) >= startOf(facts, lost)) continue;
          const loss = { lost, by, unit: units.id[entry], shown: holds, x };
          if (best === undefined || rank(facts, loss) < rank(facts, best)) best = loss;
        }
      }
    }
  }
  return best;
}

/** The flushes that tie an X, by the contract's rule. */
function tiesOf(
  shore: Shore,
  contract: number,
  x: number,
): { by: number; owing: typeof COMPLETED | typeof SUBMITTED }[] {
  const { facts } = shore;
  const own = isFlush(shore, x)
    ? [{ by: x, owing: contract === COMPLETED ? COMPLETED : SUBMITTED } as const]
    : [];
  if (contract !== BARRIER) return own;
  const device = facts.device[x];
  const flushes = shore.flushes[device].slice(shore.firstFlush[device]);
  const before = flushes.filter((flush) => flush !== x && precedes(facts, flush, x));
  return [...own, ...before.map((by) => ({ by, owing: SUBMITTED }) as const)];
}

function tell(
  shore: Shore,
  window: Window,
  contract: number,
  survivors: readonly number[],
  { lost, by, unit, shown, x }: Loss,
): CrashWitness {
  const { facts } = shore;
  const rule = JUDGED[contract];
  const landed = survivors.map((i) => facts.st[window.writes[i]]);
  const since = x === BEFORE ? facts.ak[by] : facts.st[x];
  const crash = Math.max(window.from, since, ...landed);
  const block = facts.unit[lost] + offsetOf(shore, lost, unit);
  const holds =
    shown === BEFORE
      ? 'what it held before the trial'
      : `${nameOf(facts, shown)}, which ${runOf(facts, shown)}`;
  const places = x === BEFORE ? [lost, by] : [...new Set([lost, by, x])];
  const kept = `${survivors.length} of ${window.writes.length} writes in the cache survive`;
  return {
    sentence:
      `${obligation(facts, rule, lost, by, x)}; the write ${runOf(facts, lost)}, no fsync of the file proves it by then, ` +
      `and after a crash at ${time(facts, crash)} us (${kept}) block ${block} holds ${holds}: \`${rule}\` forbids it.`,
    rows: places.map((place) => facts.row[place]),
    crossesQueues: crossesQueues(facts, ...places),
    crash,
    survivors: survivors.length,
  };
}

/** Who owes a mod, and since when; `x` is what must not be there without it, or BEFORE where it must be there in any case. */
export function obligation(facts: Facts, rule: string, lost: number, by: number, x: number): string {
  const { sb, ak } = facts;
  const acknowledged = `acknowledged at ${time(facts, ak[by])} us`;
  if (lost === by) return `${nameOf(facts, lost)} with FUA was ${acknowledged}`;
  const before =
    rule === 'completed'
      ? `was acknowledged at ${time(facts, ak[lost])} us, before`
      : `was submitted at ${time(facts, sb[lost])} us, before`;
  const flush = `${nameOf(facts, lost)} ${before} ${nameOf(facts, by)} was submitted at ${time(facts, sb[by])} us`;
  if (x === BEFORE) return `${flush} and ${acknowledged}`;
  if (x === by) return `${flush} with PREFLUSH, and the medium holds the latter`;
  return `${flush}, and ${nameOf(facts, x)} after that flush, at ${time(facts, sb[x])} us; the medium holds the latter`;
}

/** Which of a mod's units has a number. */
function offsetOf(shore: Shore, mod: number, unit: number): number {
  const { units, facts } = shore;
  for (let k = 0; k < facts.units[mod]; k++) if (units.id[units.at[mod] + k] === unit) return k;
  return 0;
}
