/** Histories to time the checker with: made up, and as long as it is asked for, so that no disk has a say in the figures. */
import type { World } from '../../ordering/check.ts';
import { FLUSH, type History, historyBytes, openHistory, READ, WRITE } from '../../ordering/history.ts';
import { orderOf } from '../../ordering/order.ts';
import { seededRandom } from '../statistics/seeded-random.ts';

export interface Recipe {
  name: string;
  operations: number;
  /** Blocks of the file. */
  blocks: number;
  /** FLUSHes wait for what was submitted before, as `quiesce` has them; or nobody waits for anything, and some lie. */
  kept: boolean;
  /** Tags of each of the sixteen submitters, and FLUSHes of a hundred operations. */
  depth: number;
  flushes: number;
}

const SUBMITTERS = 16;
const UNIT_BYTES = 4096;
/** Of a hundred operations. */
const READS = 45;
/** Nanoseconds: between submissions, in a queue, in a call, in an fsync. */
const PACE = 4_000;
const QUEUED = 40_000;
const CALL = 30_000;
const FSYNC = 150_000;

export const WORLD: World = {
  inodeOf: () => 0,
  dataHeld: true,
  start: 0,
  unitBytes: UNIT_BYTES,
  deviceNames: ['disk'],
};

/** Sixteen submitters and four queues on one disk. */
export function makeHistory({ operations, blocks, kept, depth, flushes }: Recipe, seed: number): History {
  const rowsEach = Math.ceil((operations / SUBMITTERS) * 1.2);
  const bytes = historyBytes(SUBMITTERS, rowsEach, rowsEach);
  const history = openHistory(new SharedArrayBuffer(bytes), SUBMITTERS, rowsEach, rowsEach);
  const random = seededRandom(seed);
  const below = (n: number): number => Math.floor(random() * n);
  // A closed loop: a submitter has so many tags, and waits for the oldest when it has none.
  const free = new Float64Array(SUBMITTERS * depth);
  const ready = Float64Array.from({ length: SUBMITTERS }, () => 1_000_000 + random() * PACE);
  let open = 0;
  let lastCo = 0;
  for (let made = 0; made < operations; made++) {
    const submitter = ready.indexOf(Math.min(...ready));
    const clock = ready[submitter]!;
    const tag = submitter * depth + (history.count[submitter]! % depth);
    const row = submitter * rowsEach + history.count[submitter]++;
    const pick = below(100);
    const kind = pick < flushes ? FLUSH : pick < flushes + READS ? READ : WRITE;
    history.kind[row] = kind;
    history.queue[row] = submitter % 4;
    history.unit[row] = kind === FLUSH ? 0 : below(blocks);
    history.units[row] = kind === FLUSH ? 0 : 1;
    history.result[row] = kind === FLUSH ? 0 : UNIT_BYTES;
    history.seenAt[row] = row;
    history.sb[row] = clock;
    history.se[row] = clock + 200;
    let st = clock + 300 + random() * QUEUED;
    let co = st + random() * CALL;
    if (kept && kind === FLUSH) {
      st = Math.max(st, lastCo + 1);
      co = open = st + random() * FSYNC;
    } else if (kept && st <= open) {
      co += open + 1 - st;
      st = open + 1;
    }
    lastCo = Math.max(lastCo, co);
    history.st[row] = st;
    history.co[row] = co;
    history.ak[row] = co + 500;
    // An FSYNC that nobody makes, and a write that is acknowledged at once.
    if (!kept && kind === FLUSH && made % 2 === 0) history.st[row] = history.co[row] = 0;
    if (!kept && kind === WRITE && made % 8 === 0) history.ak[row] = clock + 250;
    free[tag] = history.ak[row]!;
    const next = submitter * depth + (history.count[submitter]! % depth);
    ready[submitter] = Math.max(clock + random() * PACE, free[next]!);
  }
  fillSeen(history, blocks, kept, random);
  return history;
}

/** Each operation takes effect half-way through its call; where nobody keeps anything, one read in ten returns something else. */
function fillSeen(history: History, blocks: number, kept: boolean, random: () => number): void {
  const { kind, st, co, unit, seen } = history;
  const effect = st.map((time, row) => (time === 0 ? Infinity : (time + co[row]!) / 2));
  const newest = new Uint32Array(blocks);
  for (const row of orderOf(effect)) {
    if (effect[row] === Infinity) break;
    if (kind[row] === WRITE) newest[unit[row]!] = row + 1;
    else if (kind[row] === READ) seen[row] = !kept && random() < 0.1 ? 0 : newest[unit[row]!]!;
  }
}

/** One submitter that writes `writes` blocks and flushes, `windows` times; every other flush leaves the last write out. */
export function makeWindows(windows: number, writes: number): History {
  const rows = windows * (writes + 1);
  const history = openHistory(new SharedArrayBuffer(historyBytes(1, rows, 1)), 1, rows, 1);
  let clock = 1000;
  for (let window = 0; window < windows; window++) {
    for (let i = 0; i <= writes; i++) {
      const row = history.count[0]++;
      const flush = i === writes;
      history.kind[row] = flush ? FLUSH : WRITE;
      history.unit[row] = flush ? 0 : (7 * i) % 64;
      history.units[row] = flush ? 0 : 1;
      history.result[row] = flush ? 0 : UNIT_BYTES;
      const late = i === writes - 1 && window % 2 === 0;
      history.sb[row] = clock++;
      history.se[row] = clock++;
      history.st[row] = late ? clock + 4 : clock++;
      history.co[row] = late ? clock + 8 : clock++;
      history.ak[row] = late ? clock + 9 : clock++;
    }
    clock += 20;
  }
  return history;
}
