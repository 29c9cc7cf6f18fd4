/**
 * ext4's journal, after fs/jbd2/commit.c. A commit waits for the file data and for every log block, and the commit record is
 * written with PREFLUSH|FUA and waited for. The homes are written after it (checkpoint.c), and before the superblock moves the
 * tail past them the device is flushed. One transaction commits at a time.
 *
 * With async_commit the record is plain and waits for nothing: a checksum tells whether the log blocks fit it. Then all are
 * waited for, and the device is flushed. ext4 refuses it beside data=ordered, so this one has no file data.
 */
import { FUA, PREFLUSH } from '../history.ts';
import {
  CALLER,
  DATA,
  type Draft,
  defineClient,
  FILE,
  homesOf,
  JOURNALING,
  SLOTS,
  SUPERBLOCK,
  slotOf,
  WRITE_BACK,
} from './client.ts';

/** Transactions between two moves of the tail. */
const MOVES = 4;
const moves = (n: number): boolean => n % MOVES === 1;

/** How far back the move of the tail was that gave n its slot: it went past n - SLOTS. */
const freed = (n: number): number => -SLOTS + 1 + ((MOVES + 1 - ((n + 1) % MOVES)) % MOVES);

function logOf(n: number, last: string): Draft[] {
  const waits = [[last, -1] as const, ['tail', freed(n)] as const];
  return ['descriptor', 'log 0', 'log 1'].map((name, i) => ({
    name,
    thread: JOURNALING,
    unit: slotOf(n) + i,
    ...(i === 0 ? { begins: true as const, waits } : {}),
  }));
}

/** What is in place up to n - 1 is flushed, and then the tail moves past it. */
function flushOf(n: number): Draft[] {
  if (!moves(n)) return [];
  const waits = Array.from({ length: MOVES }, (_, k) => k - MOVES).flatMap((k) => [
    ['home 0', k] as const,
    ['home 1', k] as const,
  ]);
  return [{ name: 'checkpoint', thread: WRITE_BACK, waits }];
}

function tailOf(n: number): Draft[] {
  if (!moves(n)) return [];
  const waits = [['checkpoint', 0] as const, ['tail', -MOVES] as const];
  return [{ name: 'tail', thread: WRITE_BACK, unit: SUPERBLOCK, flags: FUA, of: -1, waits }];
}

const LOG = ['descriptor', 'log 0', 'log 1'].map((name) => [name, 0] as const);

export const jbd2 = defineClient(
  {
    name: 'jbd2',
    summary: 'waits for data and log, commits with PREFLUSH|FUA, flushes before the tail moves',
    source: 'ext4: fs/jbd2/commit.c, checkpoint.c; data=ordered, barrier=1',
    reading: 'commits',
    ordered: true,
  },
  (n) => [
    { name: 'data', thread: CALLER, unit: FILE + (n % DATA), waits: [['data', -DATA]] },
    ...logOf(n, 'commit'),
    ...flushOf(n),
    {
      name: 'commit',
      thread: JOURNALING,
      unit: slotOf(n) + 3,
      flags: PREFLUSH | FUA,
      promises: true,
      waits: [['data', 0], ...LOG],
    },
    ...tailOf(n),
    ...homesOf(n, 0, [['commit', 0]]),
  ],
);

export const jbd2AsyncCommit = defineClient(
  {
    name: 'jbd2-async-commit',
    summary: 'a plain commit record with a checksum beside the log blocks, then waits for all and flushes',
    source: 'ext4: fs/jbd2/commit.c with journal_async_commit; data=writeback, barrier=1',
    reading: 'checksums',
    ordered: false,
  },
  (n) => [
    ...logOf(n, 'sync'),
    { name: 'commit', thread: JOURNALING, unit: slotOf(n) + 3 },
    ...flushOf(n),
    { name: 'sync', thread: JOURNALING, promises: true, waits: [...LOG, ['commit', 0]] },
    ...tailOf(n),
    ...homesOf(n, 0, [['sync', 0]]),
  ],
);
