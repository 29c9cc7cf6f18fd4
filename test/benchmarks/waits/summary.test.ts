import assert from 'node:assert/strict';
import { test } from 'node:test';
import { compare } from '../../../benchmarks/compare/compare.ts';
import { exportData } from '../../../benchmarks/compare/export-data.ts';
import { judge } from '../../../benchmarks/compare/judge.ts';
import { latencyRecord } from '../../../benchmarks/latency.ts';
import { summarize } from '../../../benchmarks/summary.ts';
import { waitSummary } from '../../../benchmarks/waits/summary.ts';
import { CSV } from '../../../datasets/formats/csv.ts';
import { WAIT_METRICS } from '../../../datasets/sample.ts';
import { GATED, PLAIN, withWaits } from './examples.ts';

test('histograms of trials are added up, and shares are of all the time in queues', () => {
  const one = { queue: {}, gate: latencyRecord([1, 2, 3, 4])!, headOfLine: { queued: 100, device: 50 } };
  const two = {
    queue: {},
    gate: latencyRecord([1000, 1000, 1000, 1000])!,
    headOfLine: { queued: 900, device: 50 },
  };
  const { percentiles, behindDevice, behindCgroup } = waitSummary([one, two])!;
  // Eight values: the fourth is the median, not the mean of two medians. A p95 takes 72.
  assert.deepEqual(percentiles, { flushGateP50: { value: 4 }, flushGateP95: { refused: 8, needs: 72 } });
  assert.deepEqual([behindDevice, behindCgroup], [0.1, undefined]);
  assert.equal(waitSummary([]), undefined);
});

test('a row has the waits of its measured trials; punts are told where every trial counted them', () => {
  const punts = (ioWqPunts: number | undefined) => ({
    metrics: ioWqPunts === undefined ? {} : { ioWqPunts },
  });
  const rowOf = (...counts: (number | undefined)[]) =>
    summarize([
      ...counts.map((count, round) => withWaits('a', PLAIN, { round, ...punts(count) })),
      withWaits('a', GATED, { round: 9, failure: 'x' }),
    ])[0]!.rows[0]!;
  const row = rowOf(30, 70);
  assert.deepEqual(row.waits!.percentiles.flushGateP50, { value: 0 });
  assert.deepEqual(row.waits!.percentiles.readAloneP99, { refused: 40, needs: 368 });
  assert.equal(row.blocked, 0.5);
  // Two trials of 1,000 operations.
  assert.equal(row.ioWqPunts, 0.05);
  assert.equal(rowOf(30, undefined).ioWqPunts, undefined);
});

test('compare looks at waits where that is asked, and at nothing more than before where it is not', () => {
  const source = (path: string, queued: number) => ({
    path,
    runs: [],
    records: Array.from({ length: 10 }, (_, round) => {
      const flush = latencyRecord(Array.from({ length: 100 }, (_, i) => queued + round + i))!;
      return withWaits('a', { ...PLAIN, queue: { flush } }, { run: path, round });
    }),
  });
  const metrics = (waits: boolean) =>
    compare(source('x', 50_000), source('y', 90_000), { waits }).judgement.verdicts.map(
      ({ metric, answer }) => `${metric} ${answer}`,
    );
  assert.deepEqual(metrics(false), ['iops same', 'cpuUs same']);
  // There is no ratio to a gate that nobody waits in.
  assert.deepEqual(metrics(true), [
    'iops same',
    'cpuUs same',
    'flushQueueP50 worse',
    'flushQueueP95 worse',
    'flushCallP50 same',
    'flushCallP95 same',
    'readBesideP99 same',
  ]);
  // The package's own compare takes records.
  const [base, other] = [source('x', 50_000).records, source('y', 90_000).records];
  assert.equal(judge(base, other).verdicts.length, 2);
  assert.equal(judge(base, other, { waits: true }).verdicts.length, 7);
});

test('the CSV has a column for each, empty in records of earlier versions', () => {
  const plain = { host: { fileSystem: 'ext4' } };
  const { waits: _, ...old } = withWaits('old', PLAIN, plain);
  const [head, ...rows] = CSV.write(exportData([withWaits('new', PLAIN, plain), old]))
    .trim()
    .split('\n')
    .map((line) => line.split(','));
  const value = (row: number, column: string): string => rows[row]![head!.indexOf(column)]!;
  for (const { name } of WAIT_METRICS) {
    assert.ok(head!.includes(`${name}_ns`), name);
    assert.equal(value(1, `${name}_ns`), '');
  }
  // A bucket of the histogram is at most 1/1024 wide.
  assert.ok(Math.abs(Number(value(0, 'writeQueueP95_ns')) - 40_000) < 40);
  assert.deepEqual(
    ['inFlight_mean', 'dirtyBytes_mean', 'queued_ns', 'behindDevice_ns', 'behindCgroup_ns', 'blocked'].map(
      (name) => value(0, name),
    ),
    ['12', '131072', '1000000', '250000', '0', '0.5'],
  );
});
