/** fio's output as a side of a comparison: what fio itself writes, and what is refused. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fioSamples } from '../../../benchmarks/compare/samples.ts';
import { InputError } from '../../../datasets/errors.ts';
import { looksLikeFio, readFioResults } from '../../../datasets/formats/fio-results.ts';
import { fioOutput } from './fio-run.ts';

const direction = (total: number, runtime: number, bins: Record<string, number> = {}) => ({
  total_ios: total,
  runtime,
  clat_ns: { N: total, bins },
  lat_ns: { N: total },
});
const job = (more: object = {}) => ({
  jobname: 'w',
  error: 0,
  'job options': {},
  read: direction(0, 0),
  write: direction(400, 2000, { '1000': 398, '9000': 2 }),
  sync: { total_ios: 10, lat_ns: { N: 10, bins: { '5000': 10 } } },
  ...more,
});
const output = (more: object = {}): string =>
  JSON.stringify({ 'fio version': 'fio-3.33', 'global options': {}, jobs: [job()], ...more });

test('what fio writes: its own totals and percentiles come out again', (t) => {
  const { text, skip } = fioOutput();
  if (text === undefined) return t.skip(skip);
  assert.ok(looksLikeFio(text));
  const run = readFioResults('t.json', text);
  const { jobs } = JSON.parse(text.slice(text.indexOf('{')));
  const n = (bins: ReadonlyMap<number, number> | undefined) =>
    [...bins!.values()].reduce((sum, it) => sum + it, 0);
  const total = (kind: string) =>
    jobs.reduce((sum: number, it: Record<string, { total_ios: number }>) => sum + it[kind]!.total_ios, 0);
  assert.equal(jobs.length, 2);
  assert.equal(n(run.write), total('write'));
  assert.equal(n(run.read), total('read'));
  assert.equal(n(run.sync), total('sync'));
  assert.ok(n(run.sync) > 0 && run.iops > 0 && run.direct === false);
  // Of one job alone fio has computed the percentile itself, from the same bins.
  const one = readFioResults(
    't.json',
    JSON.stringify({ ...JSON.parse(text.slice(text.indexOf('{'))), jobs: [jobs[0]] }),
  );
  const p99 = fioSamples([one])[0]!.values.writeP99;
  assert.equal(p99, jobs[0].write.clat_ns.percentile['99.000000']);
});

test('jobs of a file are one run: counts over the longest time, bins added up', () => {
  const text = output({ jobs: [job(), job({ write: direction(600, 4000, { '1000': 500, '2000': 100 }) })] });
  const run = readFioResults('dir/wal.2.json', text);
  assert.equal(run.iops, 250);
  assert.deepEqual(
    [...run.write!],
    [
      [1000, 898],
      [9000, 2],
      [2000, 100],
    ],
  );
  assert.equal(run.read, undefined);
  const [sample] = fioSamples([run]);
  // p99 of 1,000: the 990th, when 898 take 1,000 ns and 100 more take 2,000.
  assert.deepEqual(sample!.values, { iops: 250, flushP50: 5000, writeP99: 2000 });
  assert.deepEqual([sample!.workload, sample!.round], ['wal', 'dir/wal.2.json']);
});

test('notes before the JSON are skipped', () => {
  const text = `note: both iodepth >= 1 and synchronous I/O engine are selected\nfio: x {\n${output()}`;
  assert.ok(looksLikeFio(text));
  assert.equal(readFioResults('a', text).iops, 200);
});

test('latency from submission, where fio was told to keep it', (t) => {
  const lat = { ...direction(400, 2000, { '1': 400 }), lat_ns: { N: 400, bins: { '7000': 400 } } };
  const run = readFioResults('a', output({ jobs: [job({ write: lat })] }));
  assert.deepEqual([run.fromSubmission, [...run.write!]], [true, [[7000, 400]]]);
  assert.equal(readFioResults('a', output()).fromSubmission, false);
  const { text, skip } = fioOutput(['lat_percentiles=1']);
  if (text === undefined) return t.skip(skip);
  assert.equal(readFioResults('a', text).fromSubmission, true);
});

test('direct, as fio reads it', () => {
  const direct = (options: object) => readFioResults('a', output({ 'global options': options })).direct;
  assert.deepEqual([{ direct: '1' }, { direct: '0' }, {}, { buffered: '0' }, { direct: '' }].map(direct), [
    true,
    false,
    false,
    true,
    true,
  ]);
});

test('what can not be meant is refused, and says what to do', () => {
  const refused = (text: string, message: RegExp) =>
    assert.throws(
      () => readFioResults('f.json', text),
      (error: Error) =>
        error instanceof InputError && message.test(error.message) && error.message.includes('f.json'),
    );
  refused('no braces', /no line begins/);
  refused(`${output()}{`, /broken JSON/);
  refused('{}', /no output of fio/);
  refused(output({ jobs: [] }), /no output of fio/);
  refused(output({ jobs: [job({ error: 5 })] }), /'w' ended with error 5/);
  refused(output({ jobs: [job({ 'job options': { stonewall: '1' } })] }), /stonewall.*--section/);
  refused(output({ jobs: [job(), job({ 'job options': { direct: '1' } })] }), /direct=1/);
  refused(output({ jobs: [job({ write: { total_ios: 5, runtime: 1, clat_ns: { N: 5 } } })] }), /json\+/);
  refused(output({ 'fio version': 'loopwq-0.1.0' }), /written by loopwq/);
  assert.ok(!looksLikeFio('{"schema":"loopwq.trial"}\n'));
});
