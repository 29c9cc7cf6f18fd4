import assert from 'node:assert/strict';
import { test } from 'node:test';
import { summarize } from '../../benchmarks/summary.ts';
import { renderTable } from '../../cli/table.ts';
import { bytes } from '../../cli/table-text.ts';
import { trial } from '../benchmarks/trials.ts';
import { GATED, PLAIN, withWaits } from '../benchmarks/waits/examples.ts';

const plain = (records: Parameters<typeof summarize>[0], waits = true, width = 160): string =>
  renderTable(summarize(records), { color: false, width, waits });
const between = (text: string, from: string, to: string): string =>
  text.slice(text.indexOf(from), text.indexOf(to));

test('the tables of waits', () => {
  const punts = { metrics: { ioWqPunts: 90 } };
  const records = [
    withWaits('single-wq', PLAIN),
    withWaits('single-wq+quiesce', GATED),
    withWaits('raw', { queue: {}, gate: PLAIN.gate!, device: PLAIN.device! }, { reference: true, ...punts }),
  ];
  assert.equal(between(plain(records), '  a FLUSH', '  contracts:'), GOLDEN);
});

test('they are there where they are asked for, and only where something was recorded', () => {
  const records = [withWaits('single-wq', PLAIN)];
  assert.doesNotMatch(plain(records, false), /a FLUSH, from|in flight:|behind:/);
  const { blocked: _, ...metrics } = trial().metrics;
  assert.equal(plain([{ ...trial(), metrics }]), plain([{ ...trial(), metrics }], false));
});

test('a column that no design has is left out, and its line of the legend with it', () => {
  const text = plain([withWaits('a', PLAIN)]);
  assert.doesNotMatch(text, /gate\b.*queue\b.*call\b/);
  assert.doesNotMatch(text, /^gate:/m);
  assert.match(plain([withWaits('a', PLAIN), withWaits('b', GATED)]), /^gate: /m);
  assert.doesNotMatch(text, /io-wq\/IO:/);
  assert.match(text, /^in flight, dirty: /m);
});

test('no line is longer than the width', () => {
  for (const width of [80, 100, 160])
    for (const line of plain([withWaits('a', GATED)], true, width).split('\n'))
      assert.ok(line.length <= width, `${width}: ${line}`);
});

test('amounts of data have three digits', () => {
  assert.deepEqual([0, 512, 999, 1000, 1024, 131072, 1023 * 1024, 2 ** 40 * 1.5].map(bytes), [
    '0 B',
    '512 B',
    '999 B',
    '0.98 KiB',
    '1.00 KiB',
    '128 KiB',
    '1.00 MiB',
    '1.50 TiB',
  ]);
});

const GOLDEN = `  a FLUSH, from submission to acknowledgement, and what its fsync met
  design               gate    gate    queue    queue     call     call  in flight  in flight    dirty    dirty
                        p50     p95      p50      p95      p50      p95        p50        p95      p50      p95
  single-wq               -       -  50.0 us  50.0 us  2.00 ms  2.00 ms         12         12  128 KiB  128 KiB
  single-wq+quiesce  700 us  700 us  50.0 us  50.0 us  2.00 ms  2.00 ms          0          0  128 KiB  128 KiB
  raw (reference)         -       -        -        -  2.00 ms  2.00 ms          -          -        -        -

  queues and neighbours
  design               read in    read in   write in   write in  behind  behind  read p99  read p99  no free  io-wq/
                     queue p50  queue p95  queue p50  queue p95  device  cgroup  by flush     alone      tag      IO
  single-wq            30.0 us    30.0 us    40.0 us    40.0 us     25%      0%    900 us     n<368      50%       -
  single-wq+quiesce    30.0 us    30.0 us    40.0 us    40.0 us      0%    1.0%    900 us     n<368      50%       -
  raw (reference)            -          -          -          -       -       -         -         -      50%   0.090

`;
