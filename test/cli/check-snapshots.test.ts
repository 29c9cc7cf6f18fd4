/** Snapshots of what designs write, on real btrfs and xfs. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, test } from 'node:test';
import type { Verdict } from '../../ordering/contracts.ts';
import { assertDetached, folderFor, JOB, lacking, leftIn, run, start, until } from './program.ts';

interface Row {
  fileSystem: string;
  design: string;
  taken: number;
  verdicts: Record<string, Verdict>;
}

/** Four writers that wait for nothing, on a disk so small that a clone is quick. */
const HASTY = JOB.replace('rw=randrw', 'rw=randwrite').replace('numjobs=2', 'numjobs=4');

const mounts = (folder: string): boolean => readFileSync('/proc/self/mounts', 'utf8').includes(folder);

describe('snapshots', { concurrency: 2, skip: lacking('losetup', 'mkfs.btrfs', 'mkfs.xfs') }, () => {
  test('what a flush passed is missing in some image without quiesce, and in none with it', async (t) => {
    const folder = folderFor(t, HASTY);
    const designs = ['--designs', 'n-wq:4,n-wq:4+quiesce', '--backend', 'sync'];
    const { code, stdout, stderr } = await run(
      t,
      { cwd: folder },
      ...['check', 't.fio', '--snapshots', '10', ...designs, '--json'],
    );
    assert.equal(code, 0, stderr);
    const rows = JSON.parse(stdout) as Row[];
    const of = (design: string): Row[] => rows.filter((row) => row.design === design);
    const lost = (design: string, contract: string): number =>
      of(design).reduce((sum, row) => sum + row.verdicts[contract]!.lost, 0);
    assert.deepEqual(
      of('n-wq:4').map((row) => row.fileSystem),
      ['btrfs', 'xfs'],
    );
    for (const { taken, verdicts, design } of rows) {
      assert.equal(taken, 10, `${design}: ${stderr}`);
      assert.ok(verdicts.barrier!.proved + verdicts.barrier!.lost > 3, 'images with something to show');
      for (const contract of ['integrity', 'completed']) assert.equal(verdicts[contract]!.lost, 0, contract);
    }
    for (const contract of ['submitted', 'barrier']) assert.equal(lost('n-wq:4+quiesce', contract), 0);
    // In half of the images on a busy machine: twenty that miss it all are not to be expected.
    assert.ok(lost('n-wq:4', 'barrier') > 0, stdout);
    const witness = of('n-wq:4').find((row) => row.verdicts.barrier!.lost > 0)!.verdicts.barrier!.witness!;
    assert.match(witness.sentence, /a snapshot taken between .* `barrier` forbids it\.$/);
    assert.deepEqual(leftIn(folder), []);
    assert.ok(!mounts(folder));
  });

  test('interrupted: nothing stays mounted, attached or on the disk', async (t) => {
    const folder = folderFor(t);
    const words = ['check', '--snapshots', '10000', '--designs', 'n-wq:4', '--fs', 'xfs'];
    const running = start(t, { cwd: folder }, ...words);
    const [left] = await until('a backing file on xfs', running, () => {
      const found = leftIn(folder).filter((name) => readFileSync('/proc/self/mounts', 'utf8').includes(name));
      return found.length > 0 && found;
    });
    running.child.kill('SIGINT');
    const { code, stderr } = await running.ended;
    assert.equal(code, 130, stderr);
    assert.deepEqual(leftIn(folder), []);
    assert.ok(!mounts(left!));
    await assertDetached(folder);
  });

  test('the next run unmounts what a killed one left', async (t) => {
    const folder = folderFor(t);
    const words = ['check', '--designs', 'n-wq:4', '--backend', 'sync', '--fs', 'btrfs', '--snapshots'];
    const killed = start(t, { cwd: folder }, ...words, '10000');
    await until('something mounted', killed, () => mounts(folder));
    killed.child.kill('SIGKILL');
    await killed.ended;
    assert.ok(mounts(folder));
    const { code, stderr } = await run(t, { cwd: folder }, ...words, '1');
    assert.equal(code, 0, stderr);
    assert.ok(!mounts(folder));
    assert.deepEqual(leftIn(folder), []);
  });
});

test('where no such disk can be made, the reason is said', async (t) => {
  const where = { cwd: folderFor(t), env: { PATH: '/nowhere' } };
  const { code, stdout, stderr } = await run(t, where, 'check', '--snapshots', '3');
  assert.equal(code, 4);
  assert.equal(stdout, '');
  assert.match(
    stderr,
    /^loopwq: snapshots on btrfs: (losetup needs root|losetup is not installed \(.*\))\n$/,
  );
});

test('words that mean nothing are refused by name', async (t) => {
  const where = { cwd: folderFor(t) };
  const cases: [words: string[], message: RegExp][] = [
    [['--snapshots', '0'], /--snapshots is a whole number from 1/],
    [['--snapshots', '3', '--fs', 'zfs'], /unknown file system 'zfs'.*btrfs, xfs/s],
    [['--snapshots', '3', '--designs', 'n-wg'], /unknown design 'n-wg'\. Did you mean 'n-wq'\?/],
  ];
  for (const [words, message] of cases) {
    const { code, stderr } = await run(t, where, 'check', ...words);
    assert.equal(code, 2, words.join(' '));
    assert.match(stderr, message);
  }
});
