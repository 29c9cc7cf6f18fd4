/**
 * A client of a device: a file system's journal, as the writes and FLUSHes that a transaction is made of, what each of them
 * waits for, and how the journal is read after a crash (recover.ts). The script repeats itself, so the i-th operation of
 * whoever plays it tells by its number alone which transaction it belongs to.
 *
 * Every client has the same small region of a device, in units: a superblock, slots of the journal, the homes of the blocks that
 * the transactions change, and file data. Transaction n is in slot n % SLOTS and changes the homes n % HOMES and (n + 1) % HOMES.
 */
import { FLUSH, WRITE } from '../history.ts';

export const SLOTS = 8;
/** A descriptor, two log blocks and a commit; or one record of as many units. */
export const SLOT_UNITS = 4;
/** More than a journal replays, so that what comes home too early or not at all is not always written again. */
export const HOMES = 16;
export const DATA = 2;

/** First units of the parts of a region, and their sum. */
export const SUPERBLOCK = 0;
export const JOURNAL = 1;
export const HOME = JOURNAL + SLOTS * SLOT_UNITS;
export const FILE = HOME + HOMES;
export const REGION_UNITS = FILE + DATA;

/** Transactions until the script repeats itself: a multiple of all the numbers above. */
export const PERIOD = HOMES;

/** Threads of a file system: they are on CPUs of their own. */
export const CALLER = 0;
export const JOURNALING = 1;
export const WRITE_BACK = 2;

export interface Step {
  kind: typeof WRITE | typeof FLUSH;
  /** Of a WRITE: FUA, PREFLUSH. */
  flags: number;
  thread: number;
  /** Its place in the region; 0 units of a FLUSH. */
  unit: number;
  units: number;
  /** Of the script's first period; later ones are PERIOD higher each time. 0 and below: before the first one. */
  transaction: number;
  /** A transaction begins with it: the first write of its journal. */
  begins: boolean;
  /** With its acknowledgement, and that of every earlier transaction, the transaction is safe: fsync(2) returns. */
  promises: boolean;
  /** How many steps back those are that have to be acknowledged before this one is submitted. */
  after: readonly number[];
}

/**
 * How the journal is read. `commits`: from the superblock's tail on, as long as the next descriptor and its commit are there.
 * `checksums`: the commit must fit the log blocks as well. `records`: the last whole record tells the tail; what is behind
 * a gap does not count.
 */
export type Reading = 'commits' | 'checksums' | 'records';

export interface Client {
  name: string;
  summary: string;
  /** What it is modelled on. */
  source: string;
  reading: Reading;
  /** File data is in place before the commit (data=ordered). */
  ordered: boolean;
  /** One period. */
  script: readonly Step[];
}

/** A step as it is written down: what it waits for by name and by transaction, relative to its own. */
export interface Draft {
  name: string;
  thread: number;
  /** Without units it is a FLUSH. */
  unit?: number;
  units?: number;
  flags?: number;
  begins?: true;
  promises?: true;
  /** The transaction that it belongs to, relative to the one that it is written down with; 0 if not said. */
  of?: number;
  waits?: readonly (readonly [name: string, relative: number])[];
}

/** Makes a client of what each transaction does. Throws where a step waits for one that is not there, or that comes later. */
export function defineClient(
  about: Omit<Client, 'script'>,
  transaction: (n: number) => readonly Draft[],
): Client {
  // The second period: everything that its steps wait for has a place, in it or in the first.
  const places = new Map<string, number>();
  const drafts: { draft: Draft; n: number }[] = [];
  for (let n = 1; n <= 2 * PERIOD; n++) {
    for (const draft of transaction(n)) {
      places.set(`${draft.name} ${n}`, drafts.length);
      drafts.push({ draft, n });
    }
  }
  const script = drafts.slice(drafts.length / 2).map(({ draft, n }, i): Step => {
    const place = drafts.length / 2 + i;
    const after = (draft.waits ?? []).map(([name, relative]) => {
      const before = places.get(`${name} ${n + relative}`);
      if (before === undefined || before >= place)
        throw new Error(`${about.name}: ${draft.name} waits for ${name}, which does not come before it`);
      return place - before;
    });
    return {
      kind: draft.unit === undefined ? FLUSH : WRITE,
      flags: draft.flags ?? 0,
      thread: draft.thread,
      unit: draft.unit ?? 0,
      units: draft.unit === undefined ? 0 : (draft.units ?? 1),
      transaction: n - PERIOD + (draft.of ?? 0),
      begins: draft.begins === true,
      promises: draft.promises === true,
      after,
    };
  });
  return { ...about, script };
}

/** The step that the i-th operation of a client plays. */
export function stepAt({ script }: Client, i: number): Step {
  return script[i % script.length];
}

/** The transaction of the i-th operation. */
export function transactionAt({ script }: Client, i: number): number {
  return script[i % script.length].transaction + PERIOD * Math.floor(i / script.length);
}

export function slotOf(n: number): number {
  return JOURNAL + (n % SLOTS) * SLOT_UNITS;
}

/** The n-th transaction's first or second home; `k` is 0 or 1. */
export function homeOf(n: number, k: number): number {
  return HOME + ((n + k) % HOMES);
}

/** The homes of a transaction: each waits for `written`, and for the write of the same block before it. */
export function homesOf(n: number, of: number, waits: Draft['waits']): Draft[] {
  return [0, 1].map((k) => ({
    name: `home ${k}`,
    thread: WRITE_BACK,
    unit: homeOf(n + of + 2 * HOMES, k),
    of,
    waits: [...(waits ?? []), k === 0 ? (['home 1', -1] as const) : (['home 0', 1 - HOMES] as const)],
  }));
}
