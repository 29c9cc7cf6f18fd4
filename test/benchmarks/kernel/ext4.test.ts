/** The check of the real kernel, checked: writers that do not wait must be found out, and contents must tell when they are damaged. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { contentOf, MOST_WORDS, stateOf } from '../../../benchmarks/kernel/content.ts';
import { runExt4 } from '../../../benchmarks/kernel/ext4.ts';
import { DAMAGED } from '../../../ordering/files/check.ts';
import { assertDetached, folderFor, lacking, leftIn } from '../../cli/program.ts';

const bytesOf = (content: Uint32Array): Buffer => Buffer.from(content.buffer.slice(0));

test('a content tells which one it is, and whether it is whole', () => {
  for (const [state, words] of [
    [1, 1],
    [7, 100],
    [3 * 2 ** 24 + 5, MOST_WORDS],
  ] as const) {
    const whole = bytesOf(contentOf(state, words));
    assert.equal(stateOf(whole), state);
    assert.equal(stateOf(whole.subarray(0, -4)), DAMAGED);
    assert.equal(stateOf(Buffer.concat([whole, Buffer.alloc(4)])), DAMAGED);
    for (const at of [0, 4, whole.length - 1]) {
      const changed = Buffer.from(whole);
      changed[at]! ^= 1;
      assert.equal(stateOf(changed), DAMAGED, `byte ${at}`);
    }
  }
  for (const bytes of [0, 4, 4096]) assert.equal(stateOf(Buffer.alloc(bytes)), DAMAGED);
});

test('writers that claim what they did not wait for are found out', {
  skip: lacking('losetup', 'mkfs.btrfs', 'mkfs.ext4', 'e2fsck'),
}, async (t) => {
  const dir = folderFor(t);
  const plan = { dir, fileSystem: 'btrfs', direct: false, snapshots: 4, seed: 1, waits: false } as const;
  const { taken, wrong, finding, unmountable, unclean } = await runExt4(plan, new AbortController().signal);
  assert.equal(taken, 4);
  assert.ok(wrong > 0, 'the page cache of ext4 is not in the clone');
  assert.match(finding!, /^\d\/[fr]\d+ is (lost|stale|damaged|resurrected) in a snapshot, and the last step/);
  // A crash is a crash, whatever a program claims.
  assert.deepEqual([unmountable, unclean], [0, 0]);
  assert.deepEqual(leftIn(dir), []);
  await assertDetached(dir);
});
