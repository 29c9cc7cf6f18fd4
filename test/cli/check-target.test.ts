/** `loopwq check --target kernel-loop` on the real driver. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Ext4Report } from '../../benchmarks/kernel/ext4.ts';
import type { ShortWriteReport } from '../../benchmarks/kernel/short-write.ts';
import { assertDetached, folderFor, lacking, leftIn, run } from './program.ts';

const NEEDS = lacking('losetup', 'mkfs.btrfs', 'mkfs.ext4', 'e2fsck');

test('ext4 keeps what was fsynced in every clone, and a short write on a full btrfs is found', {
  skip: NEEDS,
}, async (t) => {
  const folder = folderFor(t);
  const words = ['check', '--target', 'kernel-loop', '--fs', 'btrfs', '--snapshots', '3', '--json'];
  const { code, stdout, stderr } = await run(t, { cwd: folder }, ...words);
  const { ext4, shortWrites } = JSON.parse(stdout) as { ext4: Ext4Report[]; shortWrites: ShortWriteReport[] };
  assert.equal(ext4.length, 2, stderr);
  for (const { taken, durable, unmountable, unclean, wrong, ...rest } of ext4) {
    assert.deepEqual([taken, unmountable, unclean, wrong], [3, 0, 0, 0], JSON.stringify(rest));
    assert.ok(durable > 0);
  }
  // Linux 6.18, buffered: acknowledged as whole, the FLUSH after it fine, and a part is nowhere.
  const [buffered] = shortWrites;
  assert.equal(buffered!.refused, 'ENOSPC');
  assert.equal(buffered!.flushed, '0');
  assert.ok(buffered!.absent > 0 && buffered!.absent < buffered!.request, stdout);
  assert.equal(buffered!.at + buffered!.absent, buffered!.acknowledged, 'the end of the last one');
  assert.equal(code, 1);
  assert.deepEqual(leftIn(folder), []);
  await assertDetached(folder);
});

test('where it can not be asked the reason is said, and other targets are refused', async (t) => {
  const where = { cwd: folderFor(t), env: { PATH: '/nowhere' } };
  const refused = await run(t, where, 'check', '--target', 'kernel-loop');
  assert.equal(refused.code, 4);
  assert.match(
    refused.stderr,
    /^loopwq: --target kernel-loop: (losetup needs root|losetup is not installed)/,
  );
  const unknown = await run(t, where, 'check', '--target', 'kernel-lop');
  assert.equal(unknown.code, 2);
  assert.match(unknown.stderr, /unknown target 'kernel-lop'\. Did you mean 'kernel-loop'\?/);
});
