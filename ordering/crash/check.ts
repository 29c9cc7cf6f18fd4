/**
 * Crash states of one trial: what a disk with a volatile cache could have left at any moment, held to what each contract
 * allows. The two are different things: an image is made by the disk's rules (durable is what an fsync covered that had
 * returned; of the rest any part may be there), and judged by the contract's (a unit holds no write that one supersedes
 * which an acknowledged flush owes).
 *
 * A mod W is durable at t when an OK fsync y of its file had co(W) < st(y) and co(y) <= t, or when W itself went through to
 * the medium (RWF_DSYNC) and co(W) <= t. After a failed fsync nobody knows of the writes that it may have dropped, until
 * they are rewritten: no later fsync proves them and no flush owes them.
 */
import type { World } from '../facts.ts';
import { gather } from '../facts.ts';
import type { History } from '../history.ts';
import { randomFrom } from '../random.ts';
import { numberUnits } from '../units.ts';
import { exhaust, MOST_EXHAUSTIVE, newFound, newTables } from './exhaust.ts';
import type { Preset } from './odds.ts';
import { sample, tear } from './sample.ts';
import { openShore } from './shore.ts';
import { syncsOf, walk } from './timeline.ts';
import { JUDGED, openScratch, type Window, windowOf } from './window.ts';
import { type CrashWitness, crashWitness } from './witness.ts';

export { JUDGED } from './window.ts';
export type { CrashWitness } from './witness.ts';
export type Judged = (typeof JUDGED)[number];

export interface CrashPlan {
  /** States to try over the whole trial, about; windows share it. */
  budget: number;
  /**
   * States on top, for windows that can be tried whole and are larger than their share: each costs some 30 ns, where a sampled one
   * of a large window costs as much as that has writes. 0 if not said.
   */
  exhaustive?: number;
  seed: number;
  /** The odds of torn images; without it `random` and `foundationdb` in turn. */
  preset?: Preset;
}

export interface CrashVerdict {
  /** Illegal ones of the states explored, and of the torn images. */
  illegal: number;
  illegalTorn: number;
  /** Windows with an illegal state. */
  windows: number;
  witness?: CrashWitness;
}

export interface CrashReport {
  windows: number;
  /** Windows of which every subset of writes was tried. */
  exhaustive: number;
  /** Writes in the cache at the end of the fullest window. */
  fullest: number;
  /** Subsets of writes tried, each once in its window, of so many; capped at the largest number there is. */
  explored: number;
  possible: number;
  /** Torn images tried on top. */
  torn: number;
  /** Ties that were left out, because a window had too many different ones: each may hide states illegal under `barrier`. */
  tiesLeftOut: number;
  contracts: Record<Judged, CrashVerdict>;
}

/** Illegal states that are told in words at most, by contract: each costs a walk over its window. */
const TOLD = 64;

/** @example checkCrashes(history, world, { budget: 1e6, seed: 1 }).contracts.completed.illegal */
export function checkCrashes(history: History, world: World, plan: CrashPlan): CrashReport {
  const facts = gather(history, world);
  const shore = openShore(facts, numberUnits(facts));
  const scratch = openScratch(shore);
  const syncs = syncsOf(shore);
  const tables = newTables();
  const random = randomFrom(plan.seed);
  const report = emptyReport();
  const told = new Int32Array(JUDGED.length);
  let left = plan.budget;
  let wholeLeft = plan.exhaustive ?? 0;
  let windowsLeft = syncs.co.length + facts.inodes;

  const note = (window: Window, contract: number, illegal: number, survivors: number[] | undefined): void => {
    const verdict = report.contracts[JUDGED[contract]];
    verdict.illegal += illegal;
    if (illegal === 0 || survivors === undefined) return;
    verdict.windows++;
    const best = verdict.witness;
    if (best !== undefined && (best.survivors < survivors.length || told[contract] >= TOLD)) return;
    told[contract]++;
    const witness = crashWitness(shore, window, contract, survivors);
    if (witness !== undefined && (best === undefined || isSmaller(witness, best))) verdict.witness = witness;
  };

  walk(shore, syncs, (file, from, to) => {
    const window = windowOf(shore, scratch, file, from, to);
    const n = window.writes.length;
    const share = Math.max(16, Math.floor(left / Math.max(1, windowsLeft--)));
    const explored = report.explored;
    report.windows++;
    report.fullest = Math.max(report.fullest, n);
    report.possible = Math.min(Number.MAX_VALUE, report.possible + 2 ** n);
    report.tiesLeftOut += window.tiesLeftOut;
    const isLarge = 2 ** n > share;
    if (n <= MOST_EXHAUSTIVE && 2 ** n <= Math.max(share, wholeLeft)) {
      const found = newFound();
      report.exhaustive++;
      report.explored += exhaust(window, tables, found);
      for (let c = 0; c < JUDGED.length; c++) {
        const survivors = found.size[c] < 0 ? undefined : bitsOf(found.state[c]);
        note(window, c, found.illegal[c], survivors);
      }
      const torn = { torn: 0, illegalTorn: new Float64Array(JUDGED.length) };
      tear(window, Math.min(64, 2 ** n), world.unitBytes, plan.preset, random, torn);
      noteTorn(report, torn);
    } else {
      const sampled = sample(window, share, world.unitBytes, plan.preset, random);
      report.explored += sampled.explored;
      for (let c = 0; c < JUDGED.length; c++) note(window, c, sampled.illegal[c], sampled.smallest[c]);
      noteTorn(report, sampled);
    }
    if (isLarge && n <= MOST_EXHAUSTIVE && 2 ** n <= wholeLeft) wholeLeft -= 2 ** n;
    else left -= report.explored - explored;
  });
  return report;
}

/** The sum of reports of several trials; the smallest witness of all is kept. */
export function addReports(sum: CrashReport, more: CrashReport): CrashReport {
  const contracts = { ...sum.contracts };
  for (const contract of JUDGED) {
    const a = sum.contracts[contract];
    const b = more.contracts[contract];
    const witness =
      a.witness !== undefined && (b.witness === undefined || !isSmaller(b.witness, a.witness))
        ? a.witness
        : b.witness;
    contracts[contract] = {
      illegal: a.illegal + b.illegal,
      illegalTorn: a.illegalTorn + b.illegalTorn,
      windows: a.windows + b.windows,
      ...(witness === undefined ? {} : { witness }),
    };
  }
  return {
    windows: sum.windows + more.windows,
    exhaustive: sum.exhaustive + more.exhaustive,
    fullest: Math.max(sum.fullest, more.fullest),
    explored: sum.explored + more.explored,
    possible: Math.min(Number.MAX_VALUE, sum.possible + more.possible),
    torn: sum.torn + more.torn,
    tiesLeftOut: sum.tiesLeftOut + more.tiesLeftOut,
    contracts,
  };
}

export function emptyReport(): CrashReport {
  const nothing = (): CrashVerdict => ({ illegal: 0, illegalTorn: 0, windows: 0 });
  return {
    windows: 0,
    exhaustive: 0,
    fullest: 0,
    explored: 0,
    possible: 0,
    torn: 0,
    tiesLeftOut: 0,
    contracts: { completed: nothing(), submitted: nothing(), barrier: nothing() },
  };
}

/** Fewer surviving writes, then across queues, then fewer operations, then the earlier crash. */
function isSmaller(a: CrashWitness, b: CrashWitness): boolean {
  if (a.survivors !== b.survivors) return a.survivors < b.survivors;
  if (a.crossesQueues !== b.crossesQueues) return a.crossesQueues;
  if (a.rows.length !== b.rows.length) return a.rows.length < b.rows.length;
  return a.crash < b.crash;
}

function noteTorn(
  report: CrashReport,
  { torn, illegalTorn }: { torn: number; illegalTorn: Float64Array },
): void {
  report.torn += torn;
  for (let c = 0; c < JUDGED.length; c++) report.contracts[JUDGED[c]].illegalTorn += illegalTorn[c];
}

function bitsOf(state: number): number[] {
  const bits: number[] = [];
  for (let i = 0; i < 31; i++) if (((state >> i) & 1) === 1) bits.push(i);
  return bits;
}
