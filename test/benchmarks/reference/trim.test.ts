import assert from 'node:assert/strict';
import { test } from 'node:test';
import { latencyRecord, mergeLatencies } from '../../../benchmarks/latency.ts';
import { trimmed } from '../../../benchmarks/reference/trim.ts';
import { exampleRecord } from '../../datasets/example-record.ts';

test('the host is neutral, latencies move by 1/128 at most, a witness is kept once, waits are not', () => {
  const values = Array.from({ length: 1000 }, (_, i) => 1000 + i * 997);
  const write = latencyRecord(values)!;
  const witness = { sentence: 'lost', rows: [1], crossesQueues: false };
  const record = exampleRecord();
  record.host.hostname = 'build-7';
  record.host.kernel = '6.18.44-vendor-3';
  record.host.fileSystem = 'ext4 rw,relatime';
  record.latency = { write };
  record.waits = { queue: { write } } as NonNullable<typeof record.waits>;
  record.verdicts.submitted = { proved: 0, unproved: 0, lost: 2, notExercised: 0, witness };
  const [first, second] = trimmed([record, { ...record, round: 1 }]);
  const { hostname, kernel, fileSystem } = first!.host;
  assert.deepEqual([hostname, kernel, fileSystem], ['reference', '6.18.44', 'ext4']);
  assert.ok(!('waits' in first!));
  assert.deepEqual(first!.verdicts.submitted, record.verdicts.submitted);
  assert.deepEqual(second!.verdicts.submitted, { proved: 0, unproved: 0, lost: 2, notExercised: 0 });
  const { n, min, max, mean } = first!.latency.write!;
  assert.deepEqual([n, min, max, mean], [write.n, write.min, write.max, write.mean]);
  const [fine, coarse] = [mergeLatencies([write]), mergeLatencies([first!.latency.write!])];
  assert.ok(coarse.values.length < fine.values.length / 2, 'a coarse histogram is a small one');
  for (const q of [0.01, 0.5, 0.9])
    assert.ok(Math.abs(coarse.percentile(q)! / fine.percentile(q)! - 1) < 1 / 100, `p${q * 100}`);
});
