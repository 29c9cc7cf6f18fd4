/** Failures of real files under real threads: each is the result of the operation that met it, and of all who shared its fsync. */
import assert from 'node:assert/strict';
import { closeSync, openSync, rmSync, truncateSync } from 'node:fs';
import { join } from 'node:path';
import { describe, type TestContext, test } from 'node:test';
import { EIO, ENOSPC, O_DIRECT, O_RDWR, open } from '../../engine/libc.ts';
import { whyNoRing } from '../../engine/ring.ts';
import { FLUSH } from '../../ordering/history.ts';
import { command, finallyDo, folderFor, lacking, loopOver, mounted, smallDisk } from '../cli/program.ts';
import { type CrewTrial, crewTrial, rowsOf } from './crew-trial.ts';

const KIB = 1024;
/** Trials at most until two FLUSHes share a failing fsync: most do at once. */
const TRIALS = 40;

function opened(t: TestContext, path: string, direct: boolean): number {
  const fd = open(path, O_RDWR | (direct ? O_DIRECT : 0));
  assert.ok(fd >= 0, `open of ${path}: ${fd}`);
  finallyDo(t, () => closeSync(fd));
  return fd;
}

const RING = whyNoRing();
/** Where the worker blocks, where it has a ring, and where the submitter does the I/O. */
const WAYS = [
  ['single-wq', 'sync'],
  ['single-wq', 'uring'],
  ['nowait', 'uring'],
  ['inline', 'sync'],
] as const;

for (const [name, backend] of WAYS) {
  const skip = backend === 'uring' && RING !== undefined && RING;
  test(`a file that ends too early cuts reads short: ${name} on ${backend}`, { skip }, async (t) => {
    const path = join(folderFor(t), 'file');
    command('fallocate', '--length', '64K', path);
    const fd = opened(t, path, backend === 'uring');
    truncateSync(path, 18 * KIB);
    const jobs = '[r]\nrw=read\nbs=4k\nsize=64k\niodepth=1\nfilename=disk\n';
    const trial = await crewTrial(name, jobs, [fd], { backend, direct: backend === 'uring' });
    const { history, outcome } = trial;
    assert.deepEqual(
      rowsOf(trial).map((row) => history.result[row]),
      [4096, 4096, 4096, 4096, 2048],
    );
    const [report] = outcome.reports;
    assert.deepEqual([report!.reads, report!.failed, report!.failure?.result], [4, 1, 2048]);
  });
}

describe('disks that fail', { concurrency: 2, skip: lacking('mkfs.ext4', 'losetup') }, () => {
  for (const [name, backend] of WAYS.slice(0, 3)) {
    const skip = backend === 'uring' && RING !== undefined && RING;
    test(`a full disk: ENOSPC, or a short write before it: ${name} on ${backend}`, { skip }, async (t) => {
      const disk = smallDisk(t, folderFor(t), 2);
      const path = join(disk, 'sparse');
      command('truncate', '-s', '16M', path);
      const direct = backend === 'uring';
      const jobs = '[w]\nrw=write\nbs=64k\nsize=16m\niodepth=1\nfilename=disk\n';
      const trial = await crewTrial(name, jobs, [opened(t, path, direct)], { backend, direct });
      const results = rowsOf(trial).map((row) => trial.history.result[row]!);
      const last = results.pop()!;
      assert.ok(last === -ENOSPC || (last > 0 && last < 64 * KIB), `the last write ended with ${last}`);
      assert.ok(results.length > 0 && results.every((result) => result === 64 * KIB));
      assert.equal(trial.outcome.reports[0]!.failed, 1);
      rmSync(path);
    });
  }

  for (const name of ['blk-flush>n-wq:2', 'n-wq:2+generation']) {
    test(`a failed fsync fails every FLUSH that shared it: ${name}`, async (t) => {
      const tmp = mounted(t, folderFor(t), '-t', 'tmpfs', '-o', 'size=256k', 'tmpfs');
      const image = join(tmp, 'image');
      command('truncate', '-s', '16M', image);
      const device = loopOver(t, image);
      const fd = openSync(device, 'r+');
      finallyDo(t, () => closeSync(fd));
      const jobs = '[w]\nrw=randwrite\nbs=4k\nsize=16m\nfsync=1\nnumjobs=8\nfilename=disk\n';
      // Whether two FLUSHes meet at the fsync that fails is for the scheduler to say: each trial has to be right, and one of them has to tell.
      let shared = 0;
      for (let trials = 0; shared < 2; trials++) {
        assert.ok(trials < TRIALS, `nobody shared the fsync that failed in ${TRIALS} trials`);
        shared = sharersOfFailure(name, await crewTrial(name, jobs, [fd]));
      }
    });
  }
});

/** How many FLUSHes waited for the first fsync that failed, once it is sure that all of them did. */
function sharersOfFailure(name: string, trial: CrewTrial): number {
  const { history } = trial;
  const flushes = rowsOf(trial).filter((row) => history.kind[row] === FLUSH);
  const failed = flushes.filter((row) => history.result[row] !== 0);
  assert.ok(failed.every((row) => history.result[row] === -EIO));
  // One fsync is under way at a time, so the first to fail is one whose return comes first.
  const fsyncs = failed.filter((row) => history.st[row]! > 0);
  const returned = Math.min(...fsyncs.map((row) => history.co[row]!));
  const begun = Math.min(...fsyncs.map((row) => history.st[row]!));
  // Its list was closed when it was issued, and generation's waiters came while it ran.
  const waited = flushes.filter((row) =>
    name.startsWith('blk-flush')
      ? history.st[row] === begun
      : history.se[row]! < begun && history.ak[row]! > returned,
  );
  assert.ok(waited.length >= 1);
  assert.deepEqual(
    waited.map((row) => history.result[row]),
    waited.map(() => -EIO),
  );
  assert.equal(failedIn(trial), failed.length, 'the writes had only gone to the page cache');
  return waited.length;
}

function failedIn({ outcome }: CrewTrial): number {
  return outcome.reports.reduce((sum, report) => sum + report.failed, 0);
}
