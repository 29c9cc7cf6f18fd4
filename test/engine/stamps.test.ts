import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { SECTOR, stamp, versionOf } from '../../engine/stamps.ts';
import { MAX_VERSION, SEEN_FOREIGN, SEEN_TORN, SEEN_ZEROES } from '../../ordering/history.ts';

const BASE = 1000;
const TRIAL = BASE + 7;
const DEVICE = 3;
const WORDS = SECTOR / 4;

const sectors = fc.integer({ min: 1, max: 16 });
const versions = fc.integer({ min: 1, max: MAX_VERSION });
/** Offsets in sectors; those above 2^32 do not fit into a stamp's word. */
const places = fc.oneof(fc.nat(1000), fc.constantFrom(2 ** 32 - 2, 2 ** 32, 2 ** 33 + 5));

/** A buffer with some words before and behind the data, which begin at word `at`. */
function buffer(count: number, at = 0): Uint32Array {
  return new Uint32Array(at + count * WORDS + 8).fill(0xdead);
}

interface Unit {
  words: Uint32Array;
  at?: number;
  place?: number;
  count: number;
  trial?: number;
  device?: number;
}

function read({ words, at = 0, place = 0, count, trial = TRIAL, device = DEVICE }: Unit): number {
  return versionOf(words, at, count * SECTOR, place * SECTOR, BASE, trial, device);
}

/** One whole unit at sector 0, version 5. */
function unit(count: number): Uint32Array {
  const words = buffer(count);
  stamp(words, 0, count * SECTOR, 0, TRIAL, DEVICE, 5);
  return words;
}

test('a read finds the version that was stamped, wherever the unit lies', () => {
  fc.assert(
    fc.property(sectors, places, fc.nat(40), versions, (count, place, at, version) => {
      const words = buffer(count, at);
      stamp(words, at, count * SECTOR, place * SECTOR, TRIAL, DEVICE, version);
      assert.equal(read({ words, at, place, count }), version);
      assert.ok(words.subarray(0, at).every((word) => word === 0xdead));
      assert.ok(words.subarray(at + count * WORDS).every((word) => word === 0xdead));
    }),
  );
});

test('each unit of a block carries its own sectors and the version of the block', () => {
  const words = buffer(16);
  stamp(words, 0, 16 * SECTOR, 40 * SECTOR, TRIAL, DEVICE, 9);
  for (let i = 0; i < 4; i++)
    assert.equal(read({ words, at: i * 4 * WORDS, place: 40 + 4 * i, count: 4 }), 9);
});

test('data of another device, place, run, or of a trial to come is foreign', () => {
  fc.assert(
    fc.property(sectors, fc.nat(100), versions, (count, place, version) => {
      const words = buffer(count);
      stamp(words, 0, count * SECTOR, place * SECTOR, TRIAL, DEVICE, version);
      assert.equal(read({ words, place, count, device: DEVICE + 1 }), SEEN_FOREIGN);
      assert.equal(read({ words, place: place + 1, count }), SEEN_FOREIGN);
      assert.equal(read({ words, place, count, trial: TRIAL - 1 }), SEEN_FOREIGN);
      stamp(words, 0, count * SECTOR, place * SECTOR, BASE - 1, DEVICE, version);
      assert.equal(read({ words, place, count }), SEEN_FOREIGN);
    }),
  );
  assert.equal(read({ words: buffer(1), count: 1 }), SEEN_FOREIGN, 'what nobody stamped');
});

test('what an earlier trial of the run left, and the first filling, is version 0', () => {
  fc.assert(
    fc.property(sectors, fc.integer({ min: BASE, max: TRIAL - 1 }), versions, (count, trial, version) => {
      const words = buffer(count);
      stamp(words, 0, count * SECTOR, 0, trial, DEVICE, version);
      assert.equal(read({ words, count }), 0);
    }),
  );
  const words = buffer(2);
  stamp(words, 0, SECTOR, 0, BASE, DEVICE, 0);
  stamp(words, WORDS, SECTOR, SECTOR, BASE + 3, DEVICE, 88);
  assert.equal(read({ words, count: 2 }), 0, 'two earlier trials in one unit are both version 0');
});

test('two versions in one unit are torn, wherever the border lies', () => {
  fc.assert(
    fc.property(fc.integer({ min: 2, max: 16 }), fc.nat(), (count, n) => {
      const border = 1 + (n % (count - 1));
      for (const trial of [TRIAL, TRIAL - 1]) {
        const words = unit(count);
        stamp(words, border * WORDS, (count - border) * SECTOR, border * SECTOR, trial, DEVICE, 6);
        assert.equal(read({ words, count }), SEEN_TORN);
      }
    }),
  );
});

test('zeroes are zeroes only where the whole unit is zero; beside data they are torn', () => {
  fc.assert(
    fc.property(sectors, fc.nat(), fc.nat(3), (count, n, word) => {
      const words = unit(count);
      words.fill(0, 0, count * WORDS);
      assert.equal(read({ words, count }), SEEN_ZEROES);
      assert.equal(read({ words, count, device: 0 }), SEEN_ZEROES);
      words[(n % count) * WORDS + word] = 0x1234;
      assert.equal(read({ words, count }), SEEN_FOREIGN, 'nearly zero');
      if (count === 1) return;
      const half = unit(count);
      half.fill(0, (n % count) * WORDS, ((n % count) + 1) * WORDS);
      assert.equal(read({ words: half, count }), SEEN_TORN);
    }),
  );
});

test('one foreign sector makes the unit foreign, whatever stands before it', () => {
  fc.assert(
    fc.property(fc.integer({ min: 3, max: 16 }), fc.nat(), fc.nat(2), (count, n, word) => {
      const words = unit(count);
      stamp(words, WORDS, SECTOR, SECTOR, TRIAL, DEVICE, 6);
      const at = (2 + (n % (count - 2))) * WORDS;
      words[at + word] = 0xffff_0000;
      assert.equal(read({ words, count }), SEEN_FOREIGN);
    }),
  );
});
