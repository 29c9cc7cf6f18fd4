import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { parseJobFile } from '../../datasets/fio.ts';
import { withDevices } from '../../datasets/many-devices.ts';

const jobFile = (jobs: number, more = ''): string =>
  `[vm]\nrw=randrw\nbs=4k\nsize=4m\nnumjobs=${jobs}\nruntime=1\ntime_based\n${more}`;

test('every device has a job, every job a device, and the bytes stay as many as blocks allow', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 20 }), fc.integer({ min: 1, max: 1024 }), (jobs, count) => {
      const workload = parseJobFile(jobFile(jobs), 'many.fio');
      const on = withDevices(workload, count);
      assert.equal(on.files.length, count);
      assert.equal(new Set(on.files.map(({ name }) => name)).size, count);
      assert.deepEqual(new Set(on.jobs.flatMap((job) => job.files)), new Set(on.files.keys()));
      for (const job of on.jobs) assert.ok(job.files.length > 0 && job.size === on.files[0]!.bytes);
      const total = on.files.reduce((sum, { bytes }) => sum + bytes, 0);
      const before = jobs * 4 * 2 ** 20;
      assert.ok(total <= Math.max(before, count * 4096) && total > before - count * 4096);
      if (count >= jobs) {
        const owners = on.jobs.flatMap((job) => job.files);
        assert.equal(owners.length, count, 'a device of one job');
      }
    }),
  );
});

test('the name tells the number, and the rest is the same', () => {
  const workload = parseJobFile(jobFile(2), 'many.fio');
  const on = withDevices(workload, 5);
  assert.equal(on.name, 'many-5dev');
  assert.deepEqual(
    on.jobs.map(({ files }) => files),
    [
      [0, 2, 4],
      [1, 3],
    ],
  );
  const { name: _, files: __, jobs: ___, ...rest } = on;
  const { name: _n, files: _f, jobs: _j, ...before } = workload;
  assert.deepEqual(rest, before);
});

test('jobs for which that has no meaning are refused, with what to do', () => {
  for (const [text, says] of [
    ['[a]\nrw=randrw\nsize=1m\n', /--devices 3: job 'a' of x.fio ends with its size: make it time_based/],
    [jobFile(1, 'offset=4k\n'), /job 'vm' of x.fio has an offset/],
    [jobFile(1, 'filename=/dev/loop9\n'), /\/dev\/loop9 of x.fio is no file that the run makes/],
  ] as const)
    assert.throws(() => withDevices(parseJobFile(text, 'x.fio'), 3), { name: 'InputError', message: says });
});
