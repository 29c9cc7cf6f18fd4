/**
 * The transform of designs that encrypt: AES-256-XTS, the number of each sector as its tweak, as cryptsetup's default
 * `aes-xts-plain64` has it. The tweak counts sectors of 512 bytes whatever the cipher's own sector is (dm-crypt without
 * iv_large_sectors). In place: the data buffer of a tag is the request's own, as are dm-crypt's bounce pages.
 *
 * node:crypto has no cipher that takes a new tweak, so each sector is a cipher of its own, and each result a buffer of its
 * own: the one place on the way of an operation that allocates. 4 KiB cost 4.2 us of CPU, 2.3 of them to make the cipher; in
 * sectors of 512 bytes they cost 16.5 us (measured). So a sector here is as large as dm-crypt lets it be: 4096 bytes, or what the
 * blocks of the workload can be divided into.
 */
import { createCipheriv, createDecipheriv, createHash } from 'node:crypto';
import { WRITE } from '../ordering/history.ts';
import type { OpId } from '../strategies/types.ts';
import type { EngineOps } from './shared.ts';
import { SECTOR } from './stamps.ts';

const CIPHER = 'aes-256-xts';
const TWEAK_BYTES = 16;
/** The largest sector_size of dm-crypt. */
const LARGEST = 4096;

/** Encrypts or decrypts the data of an operation, whichever is the step at hand. */
export type Transform = (op: OpId) => void;

/** Whole sectors of `bytes` bytes of `words` from word `at`, the data at `offset` of a file; what is left over stays as it is. */
export interface SectorCipher {
  encrypt(words: Uint32Array, at: number, bytes: number, offset: number): void;
  decrypt(words: Uint32Array, at: number, bytes: number, offset: number): void;
}

/** Two AES-256 keys that follow from the run's random word: whoever knows that can read the files. */
export function cipherKey(base: number): Buffer {
  return createHash('sha512').update(`loopwq ${base}`).digest();
}

/** Bytes under one tweak, where blocks are multiples of `unitBytes`: a power of two. */
export function cipherSector(unitBytes: number): number {
  return Math.min(LARGEST, unitBytes & -unitBytes);
}

export function sectorCipher(key: Uint8Array, unitBytes: number): SectorCipher {
  const sectorBytes = cipherSector(unitBytes);
  const tweak = Buffer.alloc(TWEAK_BYTES);
  return { encrypt, decrypt };

  function encrypt(words: Uint32Array, at: number, bytes: number, offset: number): void {
    for (let done = 0; done + sectorBytes <= bytes; done += sectorBytes) {
      const sector = sectorAt(words, at, done, offset);
      sector.set(createCipheriv(CIPHER, key, tweak).update(sector));
    }
  }

  function decrypt(words: Uint32Array, at: number, bytes: number, offset: number): void {
    for (let done = 0; done + sectorBytes <= bytes; done += sectorBytes) {
      const sector = sectorAt(words, at, done, offset);
      const plain = createDecipheriv(CIPHER, key, tweak).update(sector);
      // A hole is no ciphertext. dm-crypt decrypts it to noise; here it stays zeroes, which the checker has a word for.
      for (let i = 0; i < sectorBytes; i += SECTOR) {
        if (isHole(words, at + (done + i) / 4)) plain.fill(0, i, i + SECTOR);
      }
      sector.set(plain);
    }
  }

  /** The sector `done` bytes on, whose tweak is set. */
  function sectorAt(words: Uint32Array, at: number, done: number, offset: number): Uint8Array {
    const number = (offset + done) / SECTOR;
    tweak.writeUInt32LE(number % 2 ** 32, 0);
    tweak.writeUInt32LE(Math.floor(number / 2 ** 32), 4);
    return new Uint8Array(words.buffer, words.byteOffset + 4 * at + done, sectorBytes);
  }
}

/** A block of ciphertext is all zeroes once in 2^128. */
function isHole(words: Uint32Array, at: number): boolean {
  return (words[at]! | words[at + 1]! | words[at + 2]! | words[at + 3]!) === 0;
}

/** @param address where `data` lies, as the addresses of the operations have it */
export function transformOf(
  ops: EngineOps,
  data: Uint32Array,
  address: number,
  base: number,
  unitBytes: number,
): Transform {
  const cipher = sectorCipher(cipherKey(base), unitBytes);
  return (op) => {
    const at = (ops.address[op]! - address) / 4;
    if (ops.kind[op] === WRITE) cipher.encrypt(data, at, ops.length[op]!, ops.offset[op]!);
    else cipher.decrypt(data, at, ops.result[op]!, ops.offset[op]!);
  };
}
