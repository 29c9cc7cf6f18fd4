/** Our json+ beside fio's own: the same keys at the same places, and fio's own tool reads it. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import fc from 'fast-check';
import { fioBins, fioBucket } from '../../../datasets/formats/fio-buckets.ts';
import { FIO_JSON } from '../../../datasets/formats/fio-json.ts';
import { readFioResults } from '../../../datasets/formats/fio-results.ts';
import { exampleData, noData } from './export-data.ts';
import { fioOutput } from './fio-run.ts';

interface Tree {
  [name: string]: Tree | Tree[] | number | string;
}

/** Every path with the kind of value that stands there. Keys that are data, such as a bucket's, count as one. */
function shape(tree: Tree, path = ''): Map<string, string> {
  const found = new Map<string, string>();
  for (const [key, value] of Object.entries(tree)) {
    if (path.endsWith('options')) continue;
    const at = `${path}/${/^\d/.test(key) ? 'N' : key}`;
    found.set(at, Array.isArray(value) ? 'list' : typeof value);
    const [below] = Array.isArray(value) ? value : [value];
    if (typeof below === 'object')
      for (const [deeper, kind] of shape(below as Tree, at)) found.set(deeper, kind);
  }
  return found;
}

/** What fio has and we can't tell, or have no counterpart of. */
const ABSENT =
  /_kbytes$|short_ios|drop_ios|bw_(min|max|agg|mean|dev|samples)|iops_(min|max|stddev|mean|samples)|\/eta$|(usr|sys)_cpu|majf|minf|iodepth_|latency_|disk_util|trim/;

test('every key that we write is one of fio, with the same kind of value, and none of its figures is missing', (t) => {
  const { text, skip } = fioOutput(['lat_percentiles=1', 'clat_percentiles=1']);
  if (text === undefined) return t.skip(skip);
  const theirs = shape(JSON.parse(text.slice(text.indexOf('{'))));
  const ours = shape(JSON.parse(FIO_JSON.write(exampleData())));
  for (const [path, kind] of ours) assert.equal(theirs.get(path), kind, path);
  const missing = [...theirs.keys()].filter((path) => !ours.has(path) && !ABSENT.test(path));
  assert.deepEqual(missing, []);
});

test('figures come out as they went in', () => {
  const data = exampleData();
  const output = JSON.parse(FIO_JSON.write(data));
  assert.equal(output.jobs.length, data.trials.length);
  const job = output.jobs[0];
  const { metrics, latency } = data.trials[0]!.record;
  assert.equal(job.jobname, 'randwrite-fsync/direct/uring/n-wq:4/0');
  assert.equal(job.read.iops + job.write.iops, metrics.iops);
  assert.equal(job.read.io_bytes + job.write.io_bytes, metrics.bytes);
  assert.deepEqual([job.read.total_ios, job.write.total_ios, job.sync.total_ios], [500, 1500, 400]);
  assert.deepEqual([job.write.runtime, job.trim.runtime], [2000, 0]);
  const sum = (bins: Record<string, number>) => Object.values(bins).reduce((total, it) => total + it, 0);
  assert.equal(sum(job.sync.lat_ns.bins), 400);
  assert.equal(job.sync.lat_ns.N, latency.flush!.n);
  const p50 = data.trials[0]!.values.flushP50!;
  assert.ok(Math.abs(job.sync.lat_ns.percentile['50.000000'] / p50 - 1) < 1 / 64);
  assert.deepEqual(JSON.parse(FIO_JSON.write(noData())).jobs, []);
});

test('compare refuses it as a side: the results themselves say more', () => {
  assert.throws(() => readFioResults('x.json', FIO_JSON.write(exampleData())), /written by loopwq/);
});

test("fio's own fio_jsonplus_clat2csv reads it", (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'loopwq-test-clat2csv-'));
  try {
    writeFileSync(join(folder, 'in.json'), FIO_JSON.write(exampleData()));
    const { error, status, stderr } = spawnSync('fio_jsonplus_clat2csv', ['in.json', 'out.csv'], {
      cwd: folder,
      encoding: 'utf8',
    });
    if (error) return t.skip('needs fio_jsonplus_clat2csv, which comes with fio');
    assert.equal(status, 0, stderr);
    const [head, ...rows] = readFileSync(join(folder, 'out_job0.csv'), 'utf8').trimEnd().split('\n');
    const columns = head!.split(',').map((name) => name.trim());
    const counted = (name: string) =>
      rows.reduce((sum, row) => sum + Number(row.split(',')[columns.indexOf(name)]), 0);
    assert.deepEqual([counted('read_clat_ns_count'), counted('write_clat_ns_count')], [500, 1500]);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});

test('buckets: those of a real run of fio are fixed points, each value is within 1/128 of its bucket', (t) => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 2 ** 34 - 1 }), (ns) => {
      const bucket = fioBucket(ns);
      assert.ok(Math.abs(bucket - ns) <= ns / 128, `${ns} in ${bucket}`);
      assert.equal(fioBucket(bucket), bucket);
    }),
  );
  assert.equal(fioBucket(2033), 2040);
  assert.equal(fioBucket(127), 127);
  assert.equal(fioBucket(1e12), fioBucket(2 ** 40));
  assert.deepEqual(
    [...fioBins({ values: [2033, 2040, 2048], counts: [1, 2, 3] })],
    [
      [2040, 3],
      [2064, 3],
    ],
  );
  const { text, skip } = fioOutput();
  if (text === undefined) return t.skip(skip);
  for (const job of JSON.parse(text.slice(text.indexOf('{'))).jobs)
    for (const ns of Object.keys({ ...job.write.clat_ns.bins, ...job.sync.lat_ns.bins }))
      assert.equal(fioBucket(Number(ns)), Number(ns));
});
