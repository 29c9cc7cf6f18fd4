import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Cell } from '../../benchmarks/plan.ts';
import { runPlan } from '../../benchmarks/runner.ts';
import { parseJobFile } from '../../datasets/fio.ts';
import { readHost } from '../../datasets/host.ts';
import type { BackendName, TrialRecord } from '../../datasets/schema.ts';
import { smallPlan } from './small-plan.ts';

/** One trial of a job file on real threads; the null backend has no files. */
async function run(text: string, design = 'single-wq', backend: BackendName = 'null'): Promise<TrialRecord> {
  const cell: Cell = { workload: parseJobFile(text, 'paced.fio'), direct: false, backend };
  const records: TrialRecord[] = [];
  const end = await runPlan(
    smallPlan([cell], [design]),
    'run',
    readHost(process.cwd()),
    { progress: () => {}, trial: (record) => records.push(record) },
    new AbortController().signal,
  );
  assert.equal(end.failed, undefined);
  assert.equal(records.length, 1);
  assert.equal(records[0]!.failure, undefined);
  return records[0]!;
}

const GLOBAL = '[global]\nfilename=disk\nsize=1m\niodepth=4\n';

// Bounds that a busy machine can't break: nothing is early, and what rests never catches up.

test('an open loop is never ahead of its rate', async () => {
  for (const [design, backend] of [
    ['single-wq', 'null'],
    ['raw', 'sync'],
  ] as const) {
    const text = `${GLOBAL}[a]\nrw=write\nrate_iops=500\nfsync=10\nnumber_ios=51\n`;
    const { metrics, skipped } = await run(text, design, backend);
    // Without io_uring the reference row stands with its reason.
    if (skipped !== undefined) continue;
    assert.deepEqual([metrics.writes, metrics.flushes], [51, 5]);
    // The last one is due after 50 intervals of 2 ms.
    assert.ok(metrics.seconds >= 0.1, `${design}: ${metrics.seconds} s`);
  }
});

test('a mixed open loop does as much of each as its rates say', async () => {
  const text = `${GLOBAL}[a]\nrw=randrw\nrate_iops=1000,200\ntime_based\nruntime=200ms\n`;
  const { metrics } = await run(text);
  assert.ok(metrics.reads > 0 && metrics.reads <= 201, `${metrics.reads} reads`);
  assert.ok(metrics.writes > 0 && metrics.writes <= 41, `${metrics.writes} writes`);
  assert.ok(Math.abs(metrics.reads - 5 * metrics.writes) <= 5, `${metrics.reads}, ${metrics.writes}`);
});

test('the latencies of an open loop count from when an operation was due', async () => {
  // Far more than one tag can do: each operation is later than the one before it. From its submission on no operation would overlap another, and all latencies
  // together would be as long as the trial. A machine that is busy elsewhere may do few of them, hence the further tries.
  const text = '[a]\nfilename=disk\nsize=1m\nrw=randread\nrate_iops=10000000\ntime_based\nruntime=100ms\n';
  let longer = 0;
  for (let tries = 0; longer < 3; tries++) {
    assert.ok(tries < 10, `all latencies together are ${longer} times as long as the trial`);
    const { metrics, latency } = await run(text);
    const { n, mean } = latency.read!;
    assert.equal(n, metrics.reads);
    longer = (n * mean) / (metrics.seconds * 1e9);
  }
});

test('rests bound what a job does, whatever its depth', async () => {
  const { metrics } = await run(`${GLOBAL}time_based\nruntime=200ms\n[a]\nrw=randread\nthinktime=2ms\n`);
  assert.ok(metrics.reads >= 1 && metrics.reads <= 101, `${metrics.reads} reads`);
});

test('a job that has tags to spare is never blocked, one with a single tag is while it waits', async () => {
  const timed = 'time_based\nruntime=50ms\nramp_time=20ms\n';
  const [resting, lone] = await Promise.all([
    run(`${GLOBAL}${timed}[a]\nrw=randread\nthinktime=1ms\n`),
    run(`${GLOBAL}${timed}[a]\nrw=randread\niodepth=1\n`),
  ]);
  assert.equal(resting.metrics.blocked, 0);
  const { blocked, seconds } = lone.metrics;
  assert.ok(blocked! > 0 && blocked! <= 1, `${blocked} of ${seconds} s`);
});

test('behind a stonewall a job begins when those before it have ended', async () => {
  const one = '[x]\nrw=randread\ntime_based\nruntime=60ms\n';
  for (const design of ['single-wq', 'raw']) {
    const { metrics, skipped } = await run(
      `${GLOBAL}${one}${one}stonewall\n${one}stonewall\n`,
      design,
      design === 'raw' ? 'sync' : 'null',
    );
    if (skipped !== undefined) continue;
    assert.ok(metrics.seconds >= 0.18, `${design}: ${metrics.seconds} s`);
  }
});

test('a ramp is run and not counted', async () => {
  const text = `${GLOBAL}time_based\nruntime=100ms\n[a]\nrw=randread\nthinktime=10ms\nramp_time=200ms\n`;
  const { metrics, latency, series } = await run(text);
  assert.ok(metrics.reads >= 1 && metrics.reads <= 12, `${metrics.reads} reads`);
  // The series has the ramp as well.
  assert.ok(
    series!.warmUp >= 0.2 && series!.operations.length * series!.seconds >= 0.28,
    `${series!.warmUp}`,
  );
  assert.ok(Math.abs(latency.read!.n - metrics.reads) <= 1, `${latency.read!.n} latencies`);
});

test('flushes at the very end are made and counted nowhere', async () => {
  const { metrics, latency } = await run(`${GLOBAL}[a]\nrw=write\nend_fsync=1\n`);
  assert.deepEqual([metrics.writes, metrics.flushes, latency.flush], [256, 0, undefined]);
});

test('blocks of several sizes hold what was written', async () => {
  const text = `${GLOBAL}[a]\nrw=randrw\nbssplit=4k/50:16k/30:64k/20\noffset=8k\nloops=4\nfsync=8\n`;
  for (const backend of ['sync', 'uring'] as const) {
    const { metrics, verdicts } = await run(text, 'n-wq:2', backend);
    assert.equal(metrics.bytes, 4 * 2 ** 20);
    assert.ok(verdicts.integrity.proved > 0);
    assert.equal(verdicts.integrity.lost + verdicts.integrity.unproved, 0);
  }
});
