/**
 * What a client makes of a crash image: it reads its journal, replays it, and then every home block, every piece of file data and
 * every promise must be as after one and the same transaction.
 */
import {
  type Client,
  DATA,
  FILE,
  HOME,
  HOMES,
  REGION_UNITS,
  SLOT_UNITS,
  SLOTS,
  SUPERBLOCK,
  slotOf,
} from './client.ts';

/** A record of transaction n says that those before n - TAIL_LAG need not be replayed. */
export const TAIL_LAG = 4;

/**
 * A region after a crash. By unit the transactions whose versions its sectors hold: the oldest, the newest, and that of the first
 * sector; 0 is what was there before. A unit is whole where the oldest is the newest.
 */
export interface Image {
  oldest: Int32Array;
  newest: Int32Array;
  first: Int32Array;
}

export function newImage(): Image {
  const units = (): Int32Array => new Int32Array(REGION_UNITS);
  return { oldest: units(), newest: units(), first: units() };
}

export const RULES = ['uncommitted', 'overtaken', 'stale log', 'torn', 'data', 'promise'] as const;
export type Rule = (typeof RULES)[number];

/** Why an image is beyond recovery. */
export interface Broken {
  rule: Rule;
  /** The transaction that is wronged, the unit that shows it, and the transaction that this unit is of. */
  transaction: number;
  unit: number;
  holds: number;
  /** The last transaction that the journal has, and the first one that is replayed. */
  last: number;
  tail: number;
}

/** @param promised the last transaction of which the client was told that it is safe; 0 for none */
export function recover(client: Client, image: Image, promised: number): Broken | undefined {
  const { oldest, newest } = image;
  let tail: number;
  let last: number;
  if (client.reading === 'records') {
    last = headOf(image);
    tail = Math.max(1, last - TAIL_LAG);
  } else {
    tail = image.first[SUPERBLOCK] + 1;
    last = tail - 1;
    for (let n = tail; n < tail + SLOTS && isCommitted(image, n); n++) {
      const stale = staleLog(image, n);
      if (stale >= 0) {
        if (client.reading === 'checksums') break;
        return { rule: 'stale log', transaction: n, unit: stale, holds: oldest[stale], last, tail };
      }
      last = n;
    }
  }
  const broken = (rule: Rule, transaction: number, unit: number): Broken => {
    return { rule, transaction, unit, holds: newest[unit], last, tail };
  };
  for (let home = 0; home < HOMES; home++) {
    const unit = HOME + home;
    const wanted = changedLast(home, last);
    // The replay writes it, whatever it held.
    if (wanted >= tail) continue;
    if (newest[unit] > last) return broken('uncommitted', newest[unit], unit);
    if (oldest[unit] !== newest[unit]) return broken('torn', newest[unit], unit);
    if (newest[unit] < wanted) return broken('overtaken', wanted, unit);
  }
  for (let block = 0; client.ordered && block < DATA; block++) {
    const wanted = last - ((((last - block) % DATA) + DATA) % DATA);
    // Data that a later transaction writes is in place before its commit: that is what data=ordered means.
    if (wanted > 0 && oldest[FILE + block] < wanted) return broken('data', wanted, FILE + block);
  }
  if (promised > last) {
    return {
      rule: 'promise',
      transaction: promised,
      unit: slotOf(last + 1),
      holds: oldest[slotOf(last + 1)],
      last,
      tail,
    };
  }
  return undefined;
}

/** The last transaction up to n that changed a home; 0 or less where none did. */
function changedLast(home: number, n: number): number {
  const asFirst = n - ((((n - home) % HOMES) + HOMES) % HOMES);
  const asSecond = n - ((((n + 1 - home) % HOMES) + HOMES) % HOMES);
  return Math.max(0, asFirst, asSecond);
}

/** A header is one sector: what the first sector holds is what is read. */
function isCommitted({ first }: Image, n: number): boolean {
  const slot = slotOf(n);
  return first[slot] === n && first[slot + SLOT_UNITS - 1] === n;
}

/** A log block of a transaction that is not of this transaction as a whole; -1 for none. */
function staleLog({ oldest, newest }: Image, n: number): number {
  const slot = slotOf(n);
  for (let unit = slot + 1; unit < slot + SLOT_UNITS - 1; unit++) {
    if (oldest[unit] !== n || newest[unit] !== n) return unit;
  }
  return -1;
}

function isRecord({ oldest, newest }: Image, n: number): boolean {
  const slot = slotOf(n);
  for (let unit = slot; unit < slot + SLOT_UNITS; unit++)
    if (oldest[unit] !== n || newest[unit] !== n) return false;
  return true;
}

/** The last record that has all from its tail on before it; 0 without one. */
function headOf(image: Image): number {
  let highest = 0;
  for (let slot = 0; slot < SLOTS; slot++) {
    const n = image.oldest[slotOf(slot)];
    if (n > highest && isRecord(image, n)) highest = n;
  }
  for (let head = highest; head > Math.max(0, highest - SLOTS); ) {
    let n = Math.max(1, head - TAIL_LAG);
    while (n <= head && isRecord(image, n)) n++;
    if (n > head) return head;
    head = n - 1;
  }
  return Math.max(0, highest - SLOTS);
}

/** What is wrong, in words. */
export function tellBroken({ rule, transaction: n, unit, holds, last, tail }: Broken): string {
  const held = holds > 0 ? `the version of transaction ${holds}` : 'what it held before';
  switch (rule) {
    case 'uncommitted':
      return `block ${unit} holds the version of transaction ${n}, and the journal ends with ${last}: what was written in place is there without its journal entry`;
    case 'overtaken':
      return `the journal is replayed from transaction ${tail} on, and block ${unit} holds ${held} in place of ${n}'s: the tail moved past what had not come home`;
    case 'stale log':
      return `the commit of transaction ${n} is there, and its log block ${unit} holds ${held}: the replay would write something else`;
    case 'torn':
      return `block ${unit} is half of transaction ${n} and half older, and no replay writes it again`;
    case 'data':
      return `the commit of transaction ${n} is there, and its file data in block ${unit} is ${held}`;
    case 'promise':
      return `transaction ${n} was acknowledged as safe, and the journal ends with ${last}`;
  }
}
