import assert from 'node:assert/strict';
import { createDecipheriv, createHash } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { after, test } from 'node:test';
import fc from 'fast-check';
import { parseJobFile } from '../../datasets/fio.ts';
import { cipherKey, cipherSector, sectorCipher } from '../../engine/crypt.ts';
import { stamp } from '../../engine/stamps.ts';
import { WRITE } from '../../ordering/history.ts';
import { BASE, TRIAL, trialOf } from './trial-of.ts';

const SECTOR = 512;
const WORDS = SECTOR / 4;

function bytesOf(words: Uint32Array, from: number, length: number): string {
  return Buffer.from(words.buffer, words.byteOffset + from, length).toString('hex');
}

test('it is XTS-AES-256 with the sector number as its tweak: vectors 10 and 11 of IEEE Std 1619-2007, annex B', () => {
  const key = Buffer.from(
    '2718281828459045235360287471352662497757247093699959574966967627' +
      '3141592653589793238462643383279502884197169399375105820974944592',
    'hex',
  );
  for (const [sector, begins] of [
    [0xff, '1c3b3a102f770386e4836c99e370cf9bea00803f5e482357a4ae12d414a3e63b'],
    [0xffff, '77a31251618a15e6b92d1d66dffe7b50b50bad552305ba0217a610688eff7e11'],
  ] as const) {
    const data = Uint8Array.from({ length: SECTOR }, (_, i) => i & 0xff);
    const words = new Uint32Array(data.buffer);
    const cipher = sectorCipher(key, SECTOR);
    cipher.encrypt(words, 0, SECTOR, sector * SECTOR);
    assert.equal(bytesOf(words, 0, 32), begins);
    cipher.decrypt(words, 0, SECTOR, sector * SECTOR);
    assert.ok(data.every((byte, i) => byte === (i & 0xff)));
  }
});

test('a sector is the largest power of two up to 4096 that all blocks are made of', () => {
  const sizes = [512, 1024, 1536, 2048, 4096, 12288, 65536].map(cipherSector);
  assert.deepEqual(sizes, [512, 1024, 512, 2048, 4096, 4096, 4096]);
});

test('what was encrypted at an offset is decrypted there, and is noise anywhere else; holes stay holes', () => {
  const place = fc.record({
    sector: fc.nat({ max: 2 ** 41 }),
    count: fc.integer({ min: 1, max: 4 }),
    unit: fc.constantFrom(512, 4096),
    hole: fc.nat(3),
  });
  fc.assert(
    fc.property(place, ({ sector, count, unit, hole }) => {
      const cipher = sectorCipher(cipherKey(7), unit);
      const offset = sector * unit;
      const bytes = count * unit;
      const words = new Uint32Array(bytes / 4 + 3);
      stamp(words, 3, bytes, offset, 9, 1, 5);
      const plain = bytesOf(words, 12, bytes);
      cipher.encrypt(words, 3, bytes, offset);
      const secret = words.slice();
      cipher.decrypt(words, 3, bytes, offset);
      assert.equal(bytesOf(words, 12, bytes), plain);
      assert.deepEqual([...words.subarray(0, 3)], [0, 0, 0], 'nothing before it was touched');
      words.set(secret);
      cipher.decrypt(words, 3, bytes, offset + unit);
      assert.notEqual(bytesOf(words, 12, SECTOR), plain.slice(0, 2 * SECTOR));
      if (hole >= count) return;
      words.set(secret);
      words.fill(0, 3 + (hole * unit) / 4, 3 + (hole * unit) / 4 + WORDS);
      cipher.decrypt(words, 3, bytes, offset);
      const zeroed =
        plain.slice(0, 2 * hole * unit) + '00'.repeat(SECTOR) + plain.slice(2 * (hole * unit + SECTOR));
      assert.equal(bytesOf(words, 12, bytes), zeroed);
    }),
    { numRuns: 200 },
  );
});

const folder = mkdtempSync(join(process.cwd(), 'loopwq-test-crypt-'));
after(() => rmSync(folder, { recursive: true, force: true }));

const workload = parseJobFile(
  '[job]\nfilename=disk\nrw=randrw\nbs=4k\nsize=256k\niodepth=8\nloops=2\nfsync=8\nnumjobs=2\n',
  'crypt.fio',
);
for (const name of ['dm-crypt', 'dm-crypt:submit', 'dm-crypt:no-read:no-write']) {
  test(`${name}: the file holds ciphertext, which anybody with the key decrypts to the stamps of the writes`, async () => {
    const { verdicts, history, path } = await trialOf(name, workload, folder, 'sync', true);
    const disk = readFileSync(path);
    const { integrity, completed } = verdicts;
    assert.deepEqual([integrity.lost, integrity.unproved], [0, 0], integrity.witness?.sentence);
    assert.ok(integrity.proved > 50 && completed.proved > 0);
    // Of each unit the versions that were written to it; a version is the row plus one.
    const written = new Map<number, Set<number>>();
    for (let row = 0; row < 2 * history.rowsEach; row++) {
      if (history.kind[row] !== WRITE || history.ak[row] === 0) continue;
      const unit = history.unit[row]!;
      written.set(unit, (written.get(unit) ?? new Set([])).add(row + 1));
    }
    assert.ok(written.size > 30);
    const key = createHash('sha512').update(`loopwq ${BASE}`).digest();
    for (let unit = 0; unit < disk.length / 4096; unit++) {
      const secret = disk.subarray(unit * 4096, (unit + 1) * 4096);
      // plain64: the number of the 512-byte sector, little-endian.
      const tweak = Buffer.alloc(16);
      tweak.writeBigUInt64LE(BigInt(unit * 8));
      const plain = createDecipheriv('aes-256-xts', key, tweak).update(secret);
      for (let sector = 0; sector < 8; sector++) {
        const [trial, device, at, version] = new Uint32Array(
          plain.buffer,
          plain.byteOffset + sector * SECTOR,
          4,
        );
        assert.notDeepEqual(
          secret.subarray(sector * SECTOR, sector * SECTOR + 16),
          plain.subarray(sector * SECTOR, sector * SECTOR + 16),
        );
        assert.deepEqual([device, at], [0, unit * 8 + sector]);
        if (written.has(unit)) assert.ok(trial === TRIAL && written.get(unit)!.has(version!), `unit ${unit}`);
        else assert.deepEqual([trial, version], [BASE, 0]);
      }
    }
  });
}

test('reads are checked as they were decrypted: on a file that was never encrypted they bring what nobody wrote', async () => {
  const { verdicts } = await trialOf('dm-crypt', workload, folder, 'sync', false);
  assert.ok(verdicts.integrity.lost > 0);
});

test('a design that does not encrypt can read nothing of a file that is', async () => {
  const { verdicts } = await trialOf('single-wq', workload, folder, 'sync', true);
  assert.ok(verdicts.integrity.lost > 0);
});
