import assert from 'node:assert/strict';
import { test } from 'node:test';
import { wrongField } from '../../datasets/record.ts';
import { exampleRecord } from './example-record.ts';

/** A record as plain data, in which a test can break anything. */
// biome-ignore lint/suspicious/noExplicitAny: the tests write to fields that the type forbids
type Loose = Record<string, any>;

function broken(spoil: (record: Loose) => void): string | undefined {
  const record: Loose = exampleRecord();
  spoil(record);
  return wrongField(record);
}

test('a whole record is right, also without its optional fields', () => {
  assert.equal(wrongField(exampleRecord()), undefined);
  const record: Loose = exampleRecord();
  delete record.failure;
  const [operation] = record.verdicts.submitted.witness.operations;
  for (const name of ['queue', 'worker', 'se', 'st', 'co', 'ak']) delete operation[name];
  assert.equal(wrongField(record), undefined);
  delete record.verdicts.submitted.witness.operations;
  assert.equal(wrongField(record), undefined);
  delete record.verdicts.submitted.witness;
  for (const name of ['series', 'revision', 'load', 'grid', 'waits']) delete record[name];
  record.latency = {};
  record.claims = [];
  assert.equal(wrongField(record), undefined);
});

test('every other field is needed, wherever it sits', () => {
  const optional = [
    'failure',
    'series',
    'series.steady',
    'revision',
    'load',
    'load.rate',
    'grid',
    'metrics.ioWqPunts',
    'metrics.blocked',
    'waits',
    'waits.gate',
    'waits.device',
    'waits.settle',
    'waits.queue.read',
    'waits.queue.write',
    'waits.queue.flush',
    'waits.inFlight',
    'waits.dirtyBytes',
    'waits.readsBeside',
    'waits.readsAlone',
    'waits.headOfLine',
    'waits.headOfLine.device',
    'waits.headOfLine.cgroup',
    'verdicts.submitted.witness',
    'verdicts.submitted.witness.operations',
    'latency.write',
    'latency.flush',
  ];
  let tried = 0;
  const visit = (path: string[]): void => {
    const parent = (record: Loose) => path.slice(0, -1).reduce((at: Loose, name) => at[name], record);
    const last = path.at(-1)!;
    const value = parent(exampleRecord())[last];
    if (!optional.includes(path.join('.'))) {
      tried++;
      const problem = broken((record) => delete parent(record)[last]);
      if (path[0] === 'schema') assert.equal(problem, 'no loopwq.trial record');
      else assert.ok(problem?.startsWith(`${path.join('.')} is `), `${path.join('.')}: ${problem}`);
    }
    const open = path[0] === 'parameters';
    if (typeof value === 'object' && !Array.isArray(value) && !open) {
      for (const name of Object.keys(value)) visit([...path, name]);
    }
  };
  for (const name of Object.keys(exampleRecord())) visit([name]);
  assert.ok(tried > 80, `${tried} fields tried`);
});

test('wrong values are named by their path', () => {
  const cases: [spoil: (record: Loose) => void, message: string][] = [
    [(r) => (r.round = -1), 'round is no whole number from 0'],
    [(r) => (r.round = '0'), 'round is no whole number from 0'],
    [(r) => (r.metrics.iops = Number.NaN), 'metrics.iops is no finite number'],
    [(r) => (r.metrics.iops = null), 'metrics.iops is no finite number'],
    [(r) => (r.direct = 1), 'direct is neither true nor false'],
    [(r) => (r.backend = 'ramdisk'), 'backend is none of uring, sync, null'],
    [
      (r) => r.claims.push('order'),
      'claims[2] is none of integrity, completed, submitted, barrier, dependent, progress',
    ],
    [(r) => (r.claims = 'completed'), 'claims is no list'],
    [(r) => (r.parameters.queues = [4]), 'parameters.queues is no finite number'],
    [(r) => (r.parameters = []), 'parameters is no object'],
    [(r) => (r.host = null), 'host is no object'],
    [(r) => (r.started = 'yesterday'), 'started is no ISO 8601 date'],
    [(r) => (r.failure = 0), 'failure is no string'],
    [(r) => r.series.operations.push(0.5), 'series.operations[2] is no whole number from 0'],
    [(r) => (r.series.steady = 1), 'series.steady is neither true nor false'],
    [(r) => (r.latency.flush.n = 0.5), 'latency.flush.n is no whole number from 0'],
    [(r) => (r.revision = 7), 'revision is no string'],
    [(r) => (r.load.depth = '32'), 'load.depth is no whole number from 0'],
    [(r) => (r.grid.columnMs = 0), 'grid.columnMs is no number above 0'],
    [(r) => (r.grid.counts[0][1] = -1), 'grid.counts[0][1] is no whole number from 0'],
    [
      (r) => (r.verdicts.submitted.witness.operations[0].ak = null),
      'verdicts.submitted.witness.operations[0].ak is no finite number',
    ],
    [
      (r) => (r.verdicts.submitted.witness.rows = [1, 'x']),
      'verdicts.submitted.witness.rows[1] is no whole number from 0',
    ],
  ];
  for (const [spoil, message] of cases) assert.equal(broken(spoil), message);
});

test('other schemas and other versions', () => {
  for (const value of [null, 7, 'x', [], {}, { schema: 'loopwq.run' }]) {
    assert.equal(wrongField(value), 'no loopwq.trial record');
  }
  assert.equal(
    broken((record) => (record.version = 2)),
    'written by a newer loopwq (schema version 2, this one reads 1)',
  );
  assert.equal(
    broken((record) => (record.version = 0)),
    'version is none of 1',
  );
});
