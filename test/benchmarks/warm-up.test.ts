import assert from 'node:assert/strict';
import { test } from 'node:test';
import { runPlan } from '../../benchmarks/runner.ts';
import { warmUpOf, withWarmUp } from '../../benchmarks/warm-up.ts';
import { InputError } from '../../datasets/errors.ts';
import { parseJobFile } from '../../datasets/fio.ts';
import { readHost } from '../../datasets/host.ts';
import type { TrialRecord } from '../../datasets/schema.ts';
import type { Workload } from '../../datasets/workload.ts';
import { smallPlan } from './small-plan.ts';

const GLOBAL = '[global]\nfilename=disk\nsize=1m\niodepth=4\nrw=randwrite\n';
const read = (text: string) => parseJobFile(GLOBAL + text, 'w.fio');

async function run(workload: Workload): Promise<TrialRecord> {
  const records: TrialRecord[] = [];
  await runPlan(
    smallPlan([{ workload, direct: false, backend: 'null' }], ['single-wq']),
    'run',
    readHost(process.cwd()),
    { progress: () => {}, trial: (record) => records.push(record) },
    new AbortController().signal,
  );
  return records[0]!;
}

test('windows are fifths of the run time, 25 of them at most, behind the ramp of the job file', () => {
  const { steady, jobs } = withWarmUp(read('time_based\nruntime=200ms\nramp_time=1\n[a]\n[b]\n'));
  assert.deepEqual(steady, { least: 1, window: 0.04, most: 2 });
  assert.deepEqual(
    jobs.map((job) => job.ramp),
    [2, 2],
  );
  assert.equal(withWarmUp(read('time_based\nruntime=5ms\n[a]\n')).steady!.window, 0.01);
});

test('jobs that end by count, or begin later, can not wait for a steady state', () => {
  assert.throws(() => withWarmUp(read('[a]\nnumber_ios=10\n')), InputError);
  assert.throws(
    () => withWarmUp(read('time_based\nruntime=1\n[a]\n[b]\nstonewall\n')),
    /w\.fio: --steady is for timed jobs: job 'b' begins behind a stonewall/,
  );
});

test('fewer than five windows are never steady', () => {
  const { isSteady } = warmUpOf(withWarmUp(read('time_based\nruntime=1\n[a]\n')))!;
  assert.deepEqual(
    [[], [1, 1, 1, 1], [1, 1, 1, 1, 1], [1, 1, 1, 1, 2]].map((rates) => isSteady(rates)),
    [false, false, true, false],
  );
  assert.equal(warmUpOf(read('time_based\nruntime=1\n[a]\n')), undefined);
});

test('a steady rate opens the measured window long before the longest warm-up is over', async () => {
  // A tenth of what any machine does: an open loop's rate does not depend on who else is there.
  const workload = withWarmUp(read('time_based\nruntime=100ms\nrate_iops=2000\n[a]\n'));
  const longer = { ...workload, steady: { ...workload.steady!, most: 20 } };
  const jobs = longer.jobs.map((job) => ({ ...job, ramp: 20 }));
  const { series, metrics } = await run({ ...longer, jobs });
  assert.equal(series!.steady, true);
  // Five windows of 20 ms, in each of which the job issued: it may have begun within the first.
  assert.ok(series!.warmUp >= 0.08 && series!.warmUp < 19, `${series!.warmUp} s`);
  assert.ok(metrics.seconds >= 0.1 && metrics.seconds < 10, `${metrics.seconds} s`);
  assert.ok(metrics.writes <= 2000 * (metrics.seconds + 0.1), `${metrics.writes} writes: the warm-up counts`);
});

test('one that never comes to rest is measured all the same, and says so', async () => {
  // Longer rests than the whole warm-up of 25 windows: most of these are empty, whatever the machine does.
  const text = 'time_based\nruntime=50ms\nthinktime=300ms\niodepth=1\n[a]\n';
  const { series, metrics } = await run(withWarmUp(read(text)));
  assert.equal(series!.steady, false);
  assert.ok(series!.warmUp >= 0.25, `${series!.warmUp} s`);
  assert.ok(metrics.seconds >= 0.05, `${metrics.seconds} s`);
});
