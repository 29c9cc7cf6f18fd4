/** Crash images by hand, and what each client makes of them. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  type Client,
  FILE,
  HOME,
  homeOf,
  REGION_UNITS,
  SUPERBLOCK,
  slotOf,
} from '../../../ordering/clients/client.ts';
import { fireAndForget } from '../../../ordering/clients/fire-and-forget.ts';
import { jbd2, jbd2AsyncCommit } from '../../../ordering/clients/jbd2.ts';
import { type Image, newImage, type Rule, recover, tellBroken } from '../../../ordering/clients/recover.ts';
import { xfsLog } from '../../../ordering/clients/xfs-log.ts';

function put(image: Image, unit: number, n: number): void {
  image.oldest[unit] = image.newest[unit] = image.first[unit] = n;
}

/** All that transactions 1 to n write, in order; the tail stands at 1. */
function after(n: number, client: Client): Image {
  const image = newImage();
  for (let k = 1; k <= n; k++) {
    for (let i = 0; i < 4; i++) put(image, slotOf(k) + i, k);
    for (const h of [0, 1]) put(image, homeOf(k, h), k);
    if (client.ordered) put(image, FILE + (k % 2), k);
  }
  return image;
}

function tear(image: Image, unit: number, old: number, n: number): void {
  image.oldest[unit] = image.first[unit] = old;
  image.newest[unit] = n;
}

/** What it is; the client; transactions that wrote everything, and what is then different; the last one promised; the rule that breaks. */
type Case = [
  what: string,
  client: Client,
  whole: number,
  change: (image: Image) => void,
  promised: number,
  rule?: Rule,
];

const record = (n: number) => (image: Image) => {
  for (let i = 0; i < 4; i++) put(image, slotOf(n) + i, n);
};

const CASES: Case[] = [
  ['nothing happened', jbd2, 0, () => {}, 0],
  ['all of three transactions', jbd2, 3, () => {}, 3],
  ['a home lags behind the journal', jbd2, 3, (i) => put(i, homeOf(3, 0), 0), 3],
  ['a home is torn, and replayed', jbd2, 3, (i) => tear(i, homeOf(3, 0), 0, 3), 3],
  ['a home without its commit', jbd2, 3, (i) => put(i, slotOf(3) + 3, 0), 2, 'uncommitted'],
  ['a journal with a gap ends at the gap', jbd2, 3, (i) => put(i, slotOf(2), 0), 1, 'uncommitted'],
  ['a commit before its log block', jbd2, 3, (i) => put(i, slotOf(3) + 1, 0), 2, 'stale log'],
  ['a commit before half of its log block', jbd2, 3, (i) => tear(i, slotOf(3) + 1, 0, 3), 2, 'stale log'],
  ['a commit before its data', jbd2, 3, (i) => put(i, FILE + 1, 1), 2, 'data'],
  ['a commit before half of its data', jbd2, 3, (i) => tear(i, FILE + 1, 1, 3), 2, 'data'],
  ['data that is ahead of its commit', jbd2, 3, (i) => put(i, FILE, 4), 3],
  ['the promised commit is lost', jbd2, 1, () => {}, 2, 'promise'],
  ['a checksum that does not fit ends the journal', jbd2AsyncCommit, 2, halfCommitted, 2],
  [
    'a checksum that does not fit is no excuse for a promise',
    jbd2AsyncCommit,
    2,
    halfCommitted,
    3,
    'promise',
  ],
  ['a record in part is none', xfsLog, 2, (i) => put(i, slotOf(3), 3), 2],
  ['a record behind a gap does not count', xfsLog, 2, record(4), 2],
  ['a promise behind a gap is lost', xfsLog, 2, record(4), 4, 'promise'],
  [
    "the thread's unlink: in place, not in the journal",
    fireAndForget,
    0,
    (i) => put(i, homeOf(1, 0), 1),
    0,
    'uncommitted',
  ],
  ['the ring has gone round', fireAndForget, 13, () => {}, 13],
  [
    'the ring has gone round, the next record is half there',
    fireAndForget,
    13,
    (i) => put(i, slotOf(14) + 2, 14),
    13,
  ],
  ['a record that is no longer replayed is gone', xfsLog, 8, (i) => put(i, slotOf(3), 0), 8],
  ['a record that is still replayed is gone', xfsLog, 8, (i) => put(i, slotOf(4), 0), 8, 'uncommitted'],
  ['what is no longer replayed has not come home', xfsLog, 8, (i) => put(i, homeOf(3, 0), 2), 8, 'overtaken'],
  ['what is still replayed has not come home', xfsLog, 8, (i) => put(i, homeOf(4, 0), 3), 8],
];

/** Its descriptor and commit are there, and one of two log blocks. */
function halfCommitted(image: Image): void {
  for (const i of [0, 1, 3]) put(image, slotOf(3) + i, 3);
}

for (const [what, client, whole, change, promised, rule] of CASES) {
  test(`${client.name}: ${what}`, () => {
    const image = after(whole, client);
    change(image);
    const broken = recover(client, image, promised);
    assert.equal(broken?.rule, rule, JSON.stringify(broken));
    if (broken) assert.doesNotMatch(tellBroken(broken), /undefined|NaN/);
  });
}

for (const [what, change, rule] of [
  ['the tail moved past what is not there', (i: Image) => put(i, homeOf(3, 0), 2), 'overtaken'],
  ['the tail moved past half a block', (i: Image) => tear(i, homeOf(3, 0), 2, 3), 'torn'],
] as const) {
  test(`jbd2: ${what}`, () => {
    const image = after(3, jbd2);
    put(image, SUPERBLOCK, 3);
    assert.equal(recover(jbd2, image, 3), undefined);
    change(image);
    assert.equal(recover(jbd2, image, 3)?.rule, rule);
  });
}

test('a region has all the units that its parts want', () => {
  assert.equal(REGION_UNITS, FILE + 2);
  assert.ok(slotOf(7) + 4 <= HOME);
});
