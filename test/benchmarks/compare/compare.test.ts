import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type CompareOptions, compare, type Source } from '../../../benchmarks/compare/compare.ts';
import { seededRandom } from '../../../benchmarks/statistics/seeded-random.ts';
import type { FioRun } from '../../../datasets/formats/fio-results.ts';
import type { TrialRecord } from '../../../datasets/schema.ts';
import { type Difference, trial, verdict } from '../trials.ts';

const NAMES = { 'single-wq': 1000, 'n-wq:4': 2000, raw: 5000 };

/** Ten rounds of designs whose IOPS are about those given. */
function source(path: string, iops: Record<string, number> = NAMES, more: Difference = {}): Source {
  const random = seededRandom(path.length);
  const records = Array.from({ length: 10 }, (_, round) =>
    Object.entries(iops).map(([design, value]) =>
      trial({
        run: path,
        round,
        design,
        reference: design === 'raw',
        metrics: { iops: value * (1 + 0.01 * random()) },
        ...more,
      }),
    ),
  );
  return { path, records: records.flat(), runs: [] };
}

const answers = (base: Source, other: Source | undefined, options: CompareOptions = {}): string[] =>
  compare(base, other, options).judgement.verdicts.map((it) => `${it.design} ${it.metric} ${it.answer}`);

test('designs are compared with themselves; raw is the control and decides nothing', () => {
  const it = compare(source('a'), source('bb', { 'single-wq': 700, 'n-wq:4': 2000, raw: 4000 }), {});
  assert.deepEqual(
    it.judgement.verdicts
      .filter(({ metric }) => metric === 'iops')
      .map(({ design, answer }) => [design, answer]),
    [
      ['n-wq:4', 'same'],
      ['single-wq', 'worse'],
    ],
  );
  assert.deepEqual(
    it.control.map(({ metric, answer }) => [metric, answer]),
    [
      ['iops', 'worse'],
      ['cpuUs', 'same'],
    ],
  );
  assert.deepEqual([it.base, it.new, it.broken, it.differences], ['a', 'bb', [], []]);
});

test('another machine is refused, naming the fields, unless it is asked for', () => {
  const other = source('bb', NAMES, { host: { cpuModel: 'Z80' } });
  assert.throws(() => compare(source('a'), other, {}), /host\.cpuModel \(.*; Z80\).*--cross-host/);
  const it = compare(source('a'), other, { crossHost: true });
  assert.deepEqual(
    it.differences.map(({ field }) => field),
    ['host.cpuModel'],
  );
});

test('another kernel is the point, and is said', () => {
  const it = compare(source('a'), source('bb', NAMES, { host: { kernel: '9.9.9' } }), {});
  assert.deepEqual(it.notes, [`Linux ${trial().host.kernel} against 9.9.9`]);
});

test('two designs of one run, paired by round', () => {
  const it = compare(source('a'), undefined, {});
  assert.deepEqual([it.base, it.new, it.judgement.paired], ['single-wq', 'n-wq:4', true]);
  assert.equal(it.judgement.verdicts[0]!.answer, 'better');
  const back = compare(source('a'), undefined, { designs: { new: 'single-wq' } });
  assert.deepEqual(
    [back.base, back.new, back.judgement.verdicts[0]!.answer],
    ['n-wq:4', 'single-wq', 'worse'],
  );
  // The reference too, when it is named.
  assert.equal(compare(source('a'), undefined, { designs: { base: 'raw', new: 'n-wq:4' } }).base, 'raw');
});

test('two designs of two results, unpaired', () => {
  const designs = { base: 'single-wq', new: 'n-wq:4' };
  const it = compare(source('a'), source('bb'), { designs });
  assert.deepEqual([it.base, it.new, it.judgement.paired], ['single-wq of a', 'n-wq:4 of bb', false]);
  assert.equal(it.judgement.verdicts[0]!.answer, 'better');
});

test('designs that are unknown, unclear or the same', () => {
  const a = source('a');
  const three = source('a', { x: 1, y: 1, z: 1 });
  assert.throws(
    () => compare(a, undefined, { designs: { base: 'single-w', new: 'raw' } }),
    /Did you mean 'single-wq'/,
  );
  assert.throws(() => compare(three, undefined, {}), /has 3 designs.*--base and --new.*x, y, z/);
  assert.throws(() => compare(source('a', { x: 1, raw: 1 }), undefined, {}), /has one design/);
  assert.throws(() => compare(a, undefined, { designs: { base: 'raw', new: 'raw' } }), /both raw/);
  assert.throws(() => compare(a, a, { designs: { base: 'single-wq' } }), /name one design with --new/);
});

test('nothing in common says what each has', () => {
  const other = source('bb', { 'split:2': 1 });
  assert.throws(
    () => compare(source('a', { x: 1 }), other, {}),
    /a: randwrite-fsync, direct, uring, x\. bb: randwrite-fsync, direct, uring, split:2/,
  );
  assert.throws(
    () => compare(source('a'), source('bb', NAMES, { failure: 'x' }), {}),
    /bb: no trial that is a measure/,
  );
});

test('a claim that no longer holds and a design that no longer ends its trials are worse, however fast', () => {
  const claims = { claims: ['completed' as const] };
  const lost = (n: number): Partial<TrialRecord> => ({
    claims: claims.claims,
    verdicts: { ...trial().verdicts, completed: verdict(5, 0, n) },
  });
  const changed = (path: string, change: Partial<TrialRecord>): Source => {
    const it = source(path, { x: 1000 });
    return { ...it, records: it.records.map((record, i) => (i === 3 ? { ...record, ...change } : record)) };
  };
  const it = compare(changed('a', lost(0)), changed('bb', lost(2)), {});
  assert.deepEqual(
    it.broken.map(({ design, what }) => [design, what]),
    [['x', 'completed, which it claims, is lost (2)']],
  );
  // Known from BASE: nothing new.
  assert.deepEqual(compare(changed('a', lost(1)), changed('bb', lost(2)), {}).broken, []);
  const [failed] = compare(changed('a', {}), changed('bb', { failure: 'stalled' }), {}).broken;
  assert.equal(failed!.what, '1 trial failed, first in round 3: stalled');
});

test('fio beside loopwq: one design, whatever the backend is called', () => {
  const runs = Array.from({ length: 6 }, (_, i): FioRun => {
    const bins = new Map([[1000 + i, 400]]);
    return {
      path: `dir/randwrite-fsync.${i}.json`,
      version: 'fio-3.33',
      direct: true,
      iops: 3000 + i,
      read: undefined,
      write: bins,
      sync: new Map([[1000, 5]]),
      fromSubmission: false,
    };
  });
  const fio: Source = { path: 'dir', records: [], runs };
  assert.throws(() => compare(source('a'), fio, {}), /name one design with --base/);
  const it = compare(source('a'), fio, { designs: { base: 'single-wq' } });
  assert.deepEqual(answers(source('a'), fio, { designs: { base: 'single-wq' } }), ['fio iops better']);
  assert.match(it.notes.join('\n'), /no fingerprint[\s\S]*lat_percentiles/);
  // The five syncs of a round are too few for a median: 6 would do.
  assert.deepEqual(
    it.judgement.missing.map(({ metric, from }) => [metric, from]),
    [
      ['cpuUs', 'base'],
      ['writeP99', 'new'],
    ],
  );
  assert.deepEqual(answers(fio, fio), ['fio iops same', 'fio writeP99 same']);
});
