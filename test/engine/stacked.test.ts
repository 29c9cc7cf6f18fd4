/** Devices on devices, on real threads: whose queues both share may wait for themselves, and `progress` tells who waits for whom. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { type BackingFile, closeBacking, openBacking } from '../../engine/backing.ts';
import { allocate, attach } from '../../engine/shared.ts';
import { sizesOf } from '../../engine/sizes.ts';
import { handDown, ON_DEVICE } from '../../engine/stacked.ts';
import { check } from '../../ordering/check.ts';
import { DSYNC, FLUSH, FUA, NOUNMAP, WRITE, WRITE_ZEROES } from '../../ordering/history.ts';
import { finallyDo, folderFor } from '../cli/program.ts';
import { BASE, type CrewTrial, crewTrial, rowsOf } from './crew-trial.ts';

const JOBS = `[global]
rw=randrw
bs=4k
size=256k
norandommap
loops=4
iodepth=4
fsync=8
[a]
filename=d0
[b]
filename=d1
`;

function verdictsOf({ history, workload, outcome }: CrewTrial) {
  return check(history, {
    inodeOf: (device) => device,
    dataHeld: true,
    start: 0,
    unitBytes: workload.unitBytes,
    deviceNames: ['d0', 'd1'],
    ...(outcome.stalled === undefined ? {} : { progress: { deadlineSeconds: 1, dump: outcome.stalled } }),
  });
}

for (const [name, flags] of [
  ['single-wq', ''],
  ['n-wq:2+quiesce', ''],
  ['blk-flush>single-wq+generation', 'sync=1\n'],
] as const) {
  test(`a workqueue for each device makes progress, and the device below has the data: ${name}`, async (t) => {
    const folder = folderFor(t);
    const files: BackingFile[] = [0, 1].map((d) =>
      openBacking(join(folder, `d${d}`), 2 ** 18, d, BASE, true),
    );
    finallyDo(t, () => files.forEach(closeBacking));
    const fds = [ON_DEVICE, ON_DEVICE, ...files.map((file) => file.buffered)];
    const trial = await crewTrial(name, JOBS.replace('[a]', `${flags}[a]`), fds);
    const { history, outcome } = trial;
    assert.equal(outcome.stalled, undefined);
    assert.deepEqual(
      outcome.reports.map(({ reads, writes, failed }) => [reads + writes, failed]),
      [
        [256, 0],
        [256, 0],
      ],
    );
    const { integrity, completed, progress } = verdictsOf(trial);
    for (const verdict of [integrity, completed]) {
      assert.equal(verdict.lost + verdict.unproved, 0, verdict.witness?.sentence);
      assert.ok(verdict.proved > 0);
    }
    assert.equal(progress.lost, 0);
    assert.ok(rowsOf(trial).every((row) => history.device[row]! < 2));
    for (const [device, file] of files.entries()) {
      const bytes = readFileSync(file.path);
      assert.ok(
        new Uint32Array(bytes.buffer, bytes.byteOffset, 4)[1] === device,
        'stamped for the device above',
      );
    }
  });
}

test('one pool of one worker for both waits for itself, which is a violation that names the worker', async (t) => {
  const folder = folderFor(t);
  const file = openBacking(join(folder, 'd0'), 2 ** 18, 0, BASE, true);
  finallyDo(t, () => closeBacking(file));
  const jobs = '[a]\nrw=write\nbs=4k\nsize=64k\nfilename=d0\n';
  const trial = await crewTrial('shared-pool:1', jobs, [ON_DEVICE, file.buffered], { deadlineSeconds: 1 });
  assert.match(
    trial.outcome.stalled ?? '',
    /worker 0 waits for device 1, below device 0: WRITE tag \d+, in queue 0\nqueue 0: 1 queued/,
  );
  assert.equal(verdictsOf(trial).progress.lost, 1);
  assert.equal(trial.outcome.reports.length, 1, 'nobody was left waiting when the trial was given up');
});

test('what was to be written through is FUA to the device below, and an fsync is a FLUSH of all of it', () => {
  const asked = { submitters: 1, devices: 2, tags: 1, queues: 1, workers: 1, slots: 0, inline: 0, words: 0 };
  const shared = attach(allocate(sizesOf(undefined, 1, asked, true)));
  const { ops } = shared;
  ops.offset[0] = 8192;
  ops.length[0] = 4096;
  const told = (kind: number, flags: number) => {
    ops.flags[0] = flags;
    const tag = handDown(shared, 0, kind);
    return [tag, ops.kind[tag], ops.flags[tag], ops.device[tag], ops.offset[tag], ops.length[tag]];
  };
  assert.deepEqual(told(WRITE, DSYNC), [1, WRITE, FUA, 1, 8192, 4096]);
  assert.deepEqual(told(WRITE, 0), [1, WRITE, 0, 1, 8192, 4096]);
  assert.deepEqual(told(WRITE_ZEROES, NOUNMAP), [1, WRITE_ZEROES, NOUNMAP, 1, 8192, 4096]);
  assert.deepEqual(told(FLUSH, DSYNC), [1, FLUSH, 0, 1, 0, 0]);
});
