/**
 * A trial of clients: what a crash at any moment could have left of their regions, and whether their journals recover from it.
 * The images are those of ordering/crash, which the disk's rules make and no contract; so a client that relies on more than
 * its device keeps is found out, whatever the device claims.
 */
import { MOST_EXHAUSTIVE } from '../crash/exhaust.ts';
import type { Preset } from '../crash/odds.ts';
import { BEFORE, openShore, type Shore } from '../crash/shore.ts';
import { syncsOf, walk } from '../crash/timeline.ts';
import { type Facts, gather, NO_PLACE, type World } from '../facts.ts';
import type { History } from '../history.ts';
import { randomFrom } from '../random.ts';
import { numberUnits } from '../units.ts';
import { time } from '../witness.ts';
import { type Client, REGION_UNITS, stepAt, transactionAt } from './client.ts';
import { type Choices, everyImage, newChoices } from './images.ts';
import { type Broken, RULES, type Rule, recover, tellBroken } from './recover.ts';

/** Who plays a client, and where: its operations are the rows of a submitter, in their order. */
export interface Player {
  client: Client;
  submitter: number;
  /** First unit of its region. */
  unit: number;
}

export interface RecoveryPlan {
  /** Subsets of writes to try over the whole trial, about; windows share it. */
  budget: number;
  /** Subsets on top, for windows that can be tried whole and are larger than their share; 0 if not said. */
  exhaustive?: number;
  seed: number;
  preset?: Preset;
}

/** The smallest crash state from which a journal does not recover. */
export interface BrokenWitness {
  sentence: string;
  rule: Rule;
  /** Writes in the cache, and those of them that survive. */
  cached: number;
  survivors: number;
}

export interface RecoveryReport {
  /** Crash states tried, each once in its window, of so many; and those from which a journal does not recover. */
  explored: number;
  possible: number;
  unrecoverable: number;
  /** The same of torn images, which are drawn. */
  torn: number;
  unrecoverableTorn: number;
  byRule: Record<Rule, number>;
  /** Transactions that their clients were told are safe. */
  promised: number;
  witness?: BrokenWitness;
}

export function emptyRecovery(): RecoveryReport {
  return {
    explored: 0,
    possible: 0,
    unrecoverable: 0,
    torn: 0,
    unrecoverableTorn: 0,
    byRule: Object.fromEntries(RULES.map((rule) => [rule, 0])) as Record<Rule, number>,
    promised: 0,
  };
}

/** The sum of several trials' reports; the smallest witness of all is kept. */
export function addRecoveries(a: RecoveryReport, b: RecoveryReport): RecoveryReport {
  const witness = smaller(a.witness, b.witness);
  return {
    explored: a.explored + b.explored,
    possible: Math.min(Number.MAX_VALUE, a.possible + b.possible),
    unrecoverable: a.unrecoverable + b.unrecoverable,
    torn: a.torn + b.torn,
    unrecoverableTorn: a.unrecoverableTorn + b.unrecoverableTorn,
    byRule: Object.fromEntries(RULES.map((rule) => [rule, a.byRule[rule] + b.byRule[rule]])) as Record<
      Rule,
      number
    >,
    promised: a.promised + b.promised,
    ...(witness ? { witness } : {}),
  };
}

/** Fewer writes in the cache, then fewer that survive. */
function smaller(a: BrokenWitness | undefined, b: BrokenWitness | undefined): BrokenWitness | undefined {
  if (a === undefined || b === undefined) return a ?? b;
  return b.cached < a.cached || (b.cached === a.cached && b.survivors < a.survivors) ? b : a;
}

/** What is known of a player's region as the sweep goes on. */
interface Region extends Player {
  file: number;
  /** By unit of the region: its number among all units, -1 where nothing was ever written. */
  ids: Int32Array;
  /** Places of the steps that promise a transaction, in their order, and how many have been acknowledged. */
  promises: number[];
  kept: number;
  promised: number;
  choices: Choices;
  /** The window before showed the same. */
  before: string;
}

/** @example recoveryOf(history, world, [{ client: jbd2, submitter: 0, unit: 0 }], { budget: 1e5, seed: 1 }).unrecoverable */
export function recoveryOf(
  history: History,
  world: World,
  players: readonly Player[],
  plan: RecoveryPlan,
): RecoveryReport {
  const facts = gather(history, world);
  const shore = openShore(facts, numberUnits(facts));
  const syncs = syncsOf(shore);
  const regions = players.map((player) => openRegion(shore, player));
  const random = randomFrom(plan.seed);
  const report = emptyRecovery();
  let left = plan.budget;
  let wholeLeft = plan.exhaustive ?? 0;
  let windowsLeft = (syncs.co.length + facts.inodes) * Math.max(1, regions.length);

  walk(shore, syncs, (file, from, to) => {
    for (const region of regions) {
      const share = Math.max(16, Math.floor(left / Math.max(1, windowsLeft--)));
      if (region.file !== file) continue;
      keepPromises(facts, region, to);
      const writes = cachedOf(shore, region);
      if (!isNews(shore, region, writes)) continue;
      chooseFrom(shore, region, writes);
      const all = 2 ** writes.length;
      const isWhole = all > share && all <= wholeLeft && writes.length <= MOST_EXHAUSTIVE;
      const { explored, possible, torn } = everyImage(
        region.choices,
        isWhole ? all : share,
        plan.preset,
        random,
        (image, chosen, isTorn) => {
          const broken = recover(region.client, image, region.promised);
          if (broken === undefined) return;
          if (isTorn) {
            report.unrecoverableTorn++;
            return;
          }
          report.unrecoverable++;
          report.byRule[broken.rule]++;
          const survivors = chosen.reduce((sum, one) => sum + one, 0);
          const found = { rule: broken.rule, cached: writes.length, survivors, sentence: '' };
          if (smaller(report.witness, found) !== found) return;
          found.sentence = tell(facts, region, writes, chosen, from, broken);
          report.witness = found;
        },
      );
      report.explored += explored;
      report.possible = Math.min(Number.MAX_VALUE, report.possible + possible);
      report.torn += torn;
      if (isWhole) wholeLeft -= explored;
      else left -= explored;
    }
  });
  for (const { promised } of regions) report.promised += Math.max(0, promised);
  return report;
}

function openRegion({ facts, units }: Shore, player: Player): Region {
  const { history, place } = facts;
  const ids = new Int32Array(REGION_UNITS).fill(-1);
  const promises: number[] = [];
  let file = -1;
  for (let i = 0; i < history.count[player.submitter]; i++) {
    const p = place[player.submitter * history.rowsEach + i];
    if (p === NO_PLACE) continue;
    file = facts.inode[facts.device[p]];
    if (stepAt(player.client, i).promises) promises.push(p);
    for (let k = 0; k < facts.units[p]; k++) ids[facts.unit[p] + k - player.unit] = units.id[units.at[p] + k];
  }
  return { ...player, file, ids, promises, kept: 0, promised: 0, choices: newChoices(), before: '' };
}

/** The transaction of a place. */
function transactionOf({ history, row }: Facts, { client, submitter }: Player, place: number): number {
  return Math.max(0, transactionAt(client, row[place] - submitter * history.rowsEach));
}

function keepPromises(facts: Facts, region: Region, to: number): void {
  while (region.kept < region.promises.length && facts.ak[region.promises[region.kept]] < to) {
    region.promised = transactionOf(facts, region, region.promises[region.kept++]);
  }
}

/** The region's writes in the cache, in the order in which they land. */
function cachedOf({ facts, live }: Shore, { file, submitter }: Region): number[] {
  const { co, st } = facts;
  return live[file]
    .filter((p) => facts.submitter[p] === submitter)
    .sort((a, b) => (co[a] === co[b] ? st[a] - st[b] : co[a] < co[b] ? -1 : 1));
}

/** False when the window before had the same images and promises. */
function isNews({ base }: Shore, region: Region, writes: readonly number[]): boolean {
  const now = `${region.promised} ${writes} ${Array.from(region.ids, (id) => (id < 0 ? BEFORE : base[id]))}`;
  if (now === region.before) return false;
  region.before = now;
  return true;
}

function chooseFrom(shore: Shore, region: Region, writes: readonly number[]): void {
  const { facts, base, durableSt } = shore;
  const { choices, ids } = region;
  choices.transaction = writes.map((p) => transactionOf(facts, region, p));
  choices.unit = writes.map((p) => facts.unit[p] - region.unit);
  choices.units = writes.map((p) => facts.units[p]);
  for (let unit = 0; unit < REGION_UNITS; unit++) {
    const held = ids[unit] < 0 ? BEFORE : base[ids[unit]];
    choices.base[unit] = held === BEFORE ? 0 : transactionOf(facts, region, held);
    choices.on[unit].length = 0;
  }
  for (let i = writes.length - 1; i >= 0; i--) {
    for (let unit = choices.unit[i]; unit < choices.unit[i] + choices.units[i]; unit++) {
      // What a durable write supersedes can't come back.
      if (facts.co[writes[i]] >= durableSt[ids[unit]]) choices.on[unit].push(i);
    }
  }
}

function tell(
  facts: Facts,
  region: Region,
  writes: readonly number[],
  chosen: Uint8Array,
  from: number,
  broken: Broken,
): string {
  const survivors = writes.filter((_, i) => chosen[i] === 1);
  const promise =
    broken.rule === 'promise' && region.kept > 0 ? facts.ak[region.promises[region.kept - 1]] : from;
  const crash = Math.max(from, promise, ...survivors.map((p) => facts.st[p]));
  const when = Number.isFinite(crash) ? `a crash at ${time(facts, crash)} us` : 'a crash';
  const left =
    writes.length === 0
      ? 'with nothing in the cache'
      : `that leaves ${survivors.length} of ${writes.length} writes in the cache`;
  return `${region.client.name}: after ${when} ${left}, ${tellBroken(broken)}${journalOf(facts, region, broken)}.`;
}

/** When the journal entry was written that is missed. */
function journalOf(facts: Facts, region: Region, { rule, transaction }: Broken): string {
  if (rule !== 'uncommitted' && rule !== 'promise') return '';
  const { history, place } = facts;
  for (let i = 0; i < history.count[region.submitter]; i++) {
    if (!stepAt(region.client, i).begins || transactionAt(region.client, i) !== transaction) continue;
    const p = place[region.submitter * history.rowsEach + i];
    const began = facts.st[p] === Infinity ? 'never began' : `began at ${time(facts, facts.st[p])} us`;
    return ` (submitted at ${time(facts, facts.sb[p])} us, its write ${began}, queue ${facts.queue[p]})`;
  }
  return '';
}
