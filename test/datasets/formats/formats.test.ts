/** Formats against what their consumers document; schemas are written from the documents named at each. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Ajv } from 'ajv';
import { FORMATS } from '../../../datasets/formats/index.ts';
import { CONTRACTS } from '../../../ordering/contracts.ts';
import { exampleData, NAMES, noData } from './export-data.ts';

const format = (name: string) => FORMATS.find((it) => it.name === name)!;
const written = (name: string, data = exampleData()) => JSON.parse(format(name).write(data));

function valid(schema: object, value: unknown): void {
  const ajv = new Ajv({ strict: false, allErrors: true });
  assert.ok(ajv.validate(schema, value), ajv.errorsText());
}

/** https://bencher.dev/docs/reference/bencher-metric-format, its JSON schema; names have at most 1,024 and measures 64 characters. */
const BMF = {
  type: 'object',
  propertyNames: { maxLength: 1024 },
  patternProperties: {
    '.+': {
      type: 'object',
      propertyNames: { maxLength: 64 },
      patternProperties: {
        '.+': {
          type: 'object',
          properties: {
            value: { type: 'number' },
            lower_value: { type: 'number' },
            upper_value: { type: 'number' },
          },
          required: ['value'],
          additionalProperties: false,
        },
      },
    },
  },
};

test('bencher: its schema, its two measures in their units', () => {
  const it = written('bencher');
  valid(BMF, it);
  valid(BMF, written('bencher', noData()));
  assert.deepEqual(Object.keys(it).sort(), [...NAMES].sort());
  const measures = it[NAMES[1]!];
  assert.deepEqual(measures.throughput, { value: 1001, lower_value: 1000, upper_value: 1002 });
  // Nanoseconds: the flushes lie around 4 ms.
  assert.ok(measures.latency.value > 3e6 && measures.latency.value < 5e6);
  assert.deepEqual(Object.keys(measures), [
    'throughput',
    'latency',
    'flush-p99',
    'read-p99',
    'write-p99',
    'cpu-per-operation',
  ]);
});

/** https://github.com/benchmark-action/github-action-benchmark, README "customBiggerIsBetter": an array of entries. */
const GITHUB = {
  type: 'array',
  items: {
    type: 'object',
    properties: {
      name: { type: 'string', minLength: 1 },
      unit: { type: 'string' },
      value: { type: 'number' },
      range: { type: 'string' },
      extra: { type: 'string' },
    },
    required: ['name', 'unit', 'value'],
    additionalProperties: false,
  },
};

test('github-action-benchmark: one file for each direction, and nothing in both', () => {
  const [bigger, smaller] = [written('github-action-bigger'), written('github-action-smaller')];
  for (const it of [bigger, smaller, written('github-action-bigger', noData())]) valid(GITHUB, it);
  assert.deepEqual(
    bigger.map(({ name, value, range }: Record<string, unknown>) => [name, value, range]),
    [
      [`${NAMES[0]}: IOPS`, 2001, '± 1'],
      [`${NAMES[1]}: IOPS`, 1001, '± 1'],
    ],
  );
  assert.equal(smaller.length, 2 * 5);
  // It tells series apart by their names.
  assert.equal(new Set([...bigger, ...smaller].map(({ name }) => name)).size, 12);
});

/** https://github.com/google/benchmark, docs/user_guide.md "Output Formats"; what tools/gbench/report.py looks up in a row. */
const GOOGLE = {
  type: 'object',
  required: ['context', 'benchmarks'],
  properties: {
    context: {
      type: 'object',
      required: ['date', 'host_name', 'executable', 'num_cpus', 'json_schema_version'],
    },
    benchmarks: {
      type: 'array',
      items: {
        type: 'object',
        required: [
          'name',
          'run_name',
          'run_type',
          'repetitions',
          'repetition_index',
          'threads',
          'iterations',
          'real_time',
          'cpu_time',
          'time_unit',
        ],
        properties: {
          run_type: { enum: ['iteration', 'aggregate'] },
          time_unit: { enum: ['ns', 'us', 'ms', 's'] },
          iterations: { type: 'integer', minimum: 1 },
          real_time: { type: 'number', exclusiveMinimum: 0 },
          cpu_time: { type: 'number', minimum: 0 },
        },
      },
    },
  },
};

test('google-benchmark: a repetition per trial, times per operation', () => {
  const it = written('google-benchmark');
  valid(GOOGLE, it);
  valid(GOOGLE, written('google-benchmark', noData()));
  assert.equal(it.benchmarks.length, 6);
  const rows = it.benchmarks.filter(({ name }: { name: string }) => name === NAMES[1]);
  assert.deepEqual(
    rows.map((row: Record<string, number>) => [row.repetition_index, row.repetitions, row.real_time]),
    [0, 1, 2].map((round) => [round, 3, 1e9 / (1000 + round)]),
  );
});

/** A reader of RFC 4180 that shares nothing with the writer. */
function readCsv(text: string): string[][] {
  const rows: string[][] = [[]];
  for (const [, field = '', end] of text.matchAll(/("(?:[^"]|"")*"|[^,\n]*)(,|\n)/g)) {
    rows.at(-1)!.push(field.startsWith('"') ? field.slice(1, -1).replaceAll('""', '"') : field);
    if (end === '\n') rows.push([]);
  }
  return rows.slice(0, -1);
}

test('csv: one line per trial, every line as long as the first, names unharmed', () => {
  const [head, ...rows] = readCsv(format('csv').write(exampleData()));
  assert.equal(rows.length, 6);
  for (const row of rows) assert.equal(row.length, head!.length);
  assert.equal(new Set(head).size, head!.length);
  const column = (name: string) => rows.map((row) => row[head!.indexOf(name)]);
  assert.deepEqual(column('design'), ['n-wq:4', 'a,"b"', 'n-wq:4', 'a,"b"', 'n-wq:4', 'a,"b"']);
  assert.deepEqual(column('iops'), ['1000', '2000', '1001', '2001', '1002', '2002']);
  assert.ok(column('flushP50_ns').every((value) => Number(value) > 3e6));
  for (const contract of CONTRACTS) assert.deepEqual(column(`${contract}_lost`), new Array(6).fill('0'));
  assert.equal(readCsv(format('csv').write(noData())).length, 1);
});
