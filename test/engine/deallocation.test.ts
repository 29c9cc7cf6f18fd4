/** DISCARD and WRITE_ZEROES on a real file: what the file system holds afterwards. */
import assert from 'node:assert/strict';
import { closeSync, fsyncSync, openSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import koffi from 'koffi';
import { type Backend, perform } from '../../engine/backend.ts';
import { allocate, attach } from '../../engine/shared.ts';
import { DISCARD, NOUNMAP, WRITE_ZEROES } from '../../ordering/history.ts';
import { finallyDo, folderFor } from '../cli/program.ts';
import { crewTrial, rowsOf } from './crew-trial.ts';

const KIB = 1024;
const SIZE = 256 * KIB;

const libc = koffi.load('libc.so.6');
const lseek = libc.func('int64 lseek(int fd, int64 offset, int whence)');
const SEEK_DATA = 3;
const SEEK_HOLE = 4;

/** A file without a hole, and its descriptor. */
function fullFile(t: TestContext): { path: string; fd: number } {
  const path = join(folderFor(t), 'file');
  writeFileSync(path, Buffer.alloc(SIZE, 0x55));
  const fd = openSync(path, 'r+');
  finallyDo(t, () => closeSync(fd));
  fsyncSync(fd);
  assert.equal(lseek(fd, 0, SEEK_HOLE), SIZE, 'the file has no hole');
  return { path, fd };
}

/** A backend of one device and one tag. */
function backend(): Backend {
  const sizes = { submitters: 1, workers: 1, queues: 1, devices: 1, tags: 1, flushRequests: 0, stages: 0 };
  const shared = attach(allocate({ ...sizes, policyWords: 0, slots: 0, inline: 0, words: 0 }));
  return { shared, history: undefined, real: true, worker: 0 };
}

for (const [what, kind, flags, hole] of [
  ['DISCARD punches a hole', DISCARD, 0, true],
  ['WRITE_ZEROES punches a hole', WRITE_ZEROES, 0, true],
  ['WRITE_ZEROES with NOUNMAP keeps its blocks', WRITE_ZEROES, NOUNMAP, false],
] as const) {
  test(`${what}; the rest and the size stay`, (t) => {
    const { path, fd } = fullFile(t);
    const before = statSync(path).blocks;
    const at = backend();
    const { ops } = at.shared;
    ops.kind[0] = kind;
    ops.flags[0] = flags;
    ops.offset[0] = 64 * KIB;
    ops.length[0] = 128 * KIB;
    perform(at, 0, fd);
    assert.equal(ops.result[0], 128 * KIB);
    const bytes = readFileSync(path);
    assert.equal(bytes.length, SIZE);
    for (const [byte, from, to] of [
      [0x55, 0, 64],
      [0, 64, 192],
      [0x55, 192, 256],
    ] as const)
      assert.ok(bytes.subarray(from * KIB, to * KIB).every((found) => found === byte));
    const blocks = statSync(path).blocks;
    if (hole) {
      assert.ok(
        before - blocks >= (128 * KIB) / 512,
        `${before} blocks of 512 bytes before, ${blocks} after`,
      );
      assert.deepEqual([lseek(fd, 0, SEEK_HOLE), lseek(fd, 64 * KIB, SEEK_DATA)], [64 * KIB, 192 * KIB]);
    } else assert.ok(before - blocks < 64, `${before} blocks of 512 bytes before, ${blocks} after`);
  });
}

test('a job of trims leaves a file of nothing but a hole', async (t) => {
  const { path, fd } = fullFile(t);
  const trial = await crewTrial('n-wq:2', '[t]\nrw=randtrim\nbs=16k\nsize=256k\niodepth=4\nfilename=disk\n', [
    fd,
  ]);
  assert.ok(rowsOf(trial).every((row) => trial.history.result[row] === 16 * KIB));
  assert.equal(statSync(path).size, SIZE);
  assert.ok(statSync(path).blocks < 64, `${statSync(path).blocks} blocks of 512 bytes are left`);
  assert.equal(lseek(fd, 0, SEEK_DATA), -1, 'no data is left');
  assert.equal(koffi.errno(), os.constants.errno.ENXIO);
});
