/** Disks that fill up or fail under a run: finished trials are kept, and what is said names the errno and the remedy. */
import assert from 'node:assert/strict';
import { closeSync, openSync, readdirSync, truncateSync, writeFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { describe, type TestContext, test } from 'node:test';
import { readResults } from '../../datasets/results.ts';
import {
  assertDetached,
  command,
  ENDLESS,
  folderFor,
  JOB,
  lacking,
  leftIn,
  loopOver,
  run,
  SMALL,
  smallDisk,
  start,
  trialsIn,
} from './program.ts';

const BLOCKS_OF = [2 ** 20, 4096, 1];
const MEBIBYTES = 16;

/** Takes what is free on a disk, to the last byte. */
function fill(disk: string, name: string): void {
  const fd = openSync(join(disk, name), 'w');
  for (const bytes of BLOCKS_OF) {
    try {
      for (const chunk = Buffer.alloc(bytes); writeSync(fd, chunk) === bytes; );
    } catch (error) {
      assert.equal((error as NodeJS.ErrnoException).code, 'ENOSPC');
    }
  }
  closeSync(fd);
}

const onto = (name: string) => JOB.replace('filename=disk', `filename=${name}`);

describe('a disk that fills up or fails', { concurrency: 2, skip: lacking('mkfs.ext4', 'losetup') }, () => {
  test('too little space to begin with', async (t) => {
    const folder = folderFor(t, JOB.replace('1m', '1g'));
    const disk = smallDisk(t, folder, MEBIBYTES);
    const words = ['run', 't.fio', ...SMALL, '--dir', disk, '--out', 'out'];
    const { code, stdout, stderr } = await run(t, { cwd: folder }, ...words);
    assert.equal(code, 4);
    assert.equal(stdout, '');
    assert.match(
      stderr,
      /^loopwq: too little space .*: the backing files take 1024 MiB, \d+ MiB are free\. Free some, .*--dir/,
    );
    assert.deepEqual(readdirSync(disk), ['lost+found']);
    assert.deepEqual(leftIn(folder), []);

    // Not a byte: what was made before the disk said so goes as well.
    fill(disk, 'filler');
    const full = await run(t, { cwd: folder }, ...words);
    assert.equal(full.code, 4);
    assert.match(
      full.stderr,
      /ENOSPC.*The file system is full: free some space, or name another folder with --dir/,
    );
    assert.deepEqual(readdirSync(disk), ['filler', 'lost+found']);
    const noResults = await run(t, { cwd: folder }, 'run', 't.fio', ...SMALL, '--out', join(disk, 'out'));
    assert.equal(noResults.code, 4, noResults.stderr);
    assert.match(noResults.stderr, /ENOSPC.*Free some space, or name another folder with --out/);
    assert.deepEqual(readdirSync(disk), ['filler', 'lost+found']);
  });

  test('the results can no longer be written', async (t) => {
    const folder = folderFor(t);
    const disk = smallDisk(t, folder, MEBIBYTES);
    const out = join(disk, 'out');
    const running = start(t, { cwd: folder }, 'run', 't.fio', ...SMALL, ...ENDLESS, '--out', out);
    await trialsIn(out, running);
    fill(disk, 'filler');
    const { code, stdout, stderr } = await running.ended;
    assert.equal(code, 4, stderr);
    const { records, truncated } = readResults(out);
    assert.equal(truncated, false);
    assert.match(stdout, new RegExp(`^${records.length} trials? in `, 'm'));
    assert.match(
      stderr,
      /results\.jsonl: can't write a result, earlier ones are kept: no space left on the device\. Free some space, or name another folder with --out\n$/,
    );
    assert.deepEqual(leftIn(folder), []);
  });

  // A file tells at the write that there is no room; a device only when its FLUSH brings the cache to it.
  for (const [what, device] of [
    ['a file', false],
    ['a device', true],
  ] as const) {
    test(`${what} on a disk that has filled up meanwhile`, async (t) => {
      const folder = folderFor(t);
      const disk = smallDisk(t, folder, 2 * MEBIBYTES);
      const image = join(disk, 'image');
      command('truncate', '-s', `${MEBIBYTES}M`, image);
      const path = device ? loopOver(t, image) : image;
      writeFileSync(join(folder, 't.fio'), onto(path).replace('1m', `${MEBIBYTES}m`));
      const words = ['run', 't.fio', ...SMALL, ...ENDLESS, '--out', 'out', '--overwrite', path];
      const { code, stdout, stderr } = await brokenWhile(t, folder, words, () => {
        fill(disk, 'filler');
        command('fallocate', '--punch-hole', '--length', `${MEBIBYTES}M`, image);
        fill(disk, 'more');
      });
      assert.equal(code, 4, stderr);
      assert.match(
        stderr,
        /^loopwq: (the run ended early\. .*: (WRITE|FLUSH|READ) of .*|fsync of .*)(ENOSPC|EIO)[,.] /m,
      );
      assert.match(stdout, /^\d+ trials? in .* (is|are) in out\. Next: /m);
      assert.ok(readResults(join(folder, 'out')).records.length > 0);
    });
  }

  test('a device that fails: the failed trial is on record, and every loop device is detached', async (t) => {
    const folder = folderFor(t);
    const image = join(folder, 'image');
    command('truncate', '-s', '1M', image);
    const device = loopOver(t, image);
    writeFileSync(join(folder, 't.fio'), onto(device));
    const words = ['run', 't.fio', '--backend', 'uring', '--designs', 'single-wq,kernel-loop', ...ENDLESS];
    const { code, stderr } = await brokenWhile(
      t,
      folder,
      [...words, '--out', 'out', '--overwrite', device],
      () => truncateSync(image, 0),
    );
    assert.equal(code, 4, stderr);
    assert.match(
      stderr,
      /READ of 4096 bytes at \d+ of .* failed: EIO, the device below reports an I\/O error/,
    );
    const last = readResults(join(folder, 'out')).records.at(-1)!;
    assert.match(last.failure ?? '', /EIO/);
    await assertDetached(device);
    assert.deepEqual(leftIn(folder), []);
  });
});

/** Starts a run that has no end, and breaks its disk when a trial is on record. */
async function brokenWhile(t: TestContext, folder: string, words: string[], breakIt: () => void) {
  const running = start(t, { cwd: folder }, ...words);
  await trialsIn(join(folder, 'out'), running);
  breakIt();
  return running.ended;
}
