import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { InputError } from '../../datasets/errors.ts';
import { parseJobFile } from '../../datasets/fio.ts';
import type { Workload } from '../../datasets/workload.ts';

/** What parseJobFile must give back, made without it. Seeds follow the reader's rule, so they are not drawn. */
const workloads: fc.Arbitrary<Workload> = fc
  .record({
    direct: fc.constantFrom(undefined, true, false),
    jobs: fc.array(
      fc.record({
        pattern: fc.constantFrom('rw', 'randrw'),
        readPercent: fc.integer({ min: 0, max: 100 }),
        bs: fc.constantFrom(512, 1536, 4096, 65536),
        blocks: fc.integer({ min: 1, max: 1000 }),
        files: fc.uniqueArray(fc.integer({ min: 0, max: 5 }), { minLength: 1 }),
        iodepth: fc.integer({ min: 1, max: 4096 }),
        fsync: fc.nat(100),
        dataSync: fc.boolean(),
        runtime: fc.nat(100),
        timed: fc.boolean(),
      }),
      { minLength: 1, maxLength: 6 },
    ),
  })
  .map(({ direct, jobs }) => {
    const order = [...new Set(jobs.flatMap((job) => job.files))];
    return {
      name: 'a',
      path: 'a.fio',
      summary: '',
      direct,
      files: order.map((file) => ({
        name: `f${file}`,
        bytes: Math.max(...jobs.filter((job) => job.files.includes(file)).map((job) => job.bs * job.blocks)),
      })),
      unitBytes: [65536, 4096, 1536, 512].find((unit) => jobs.every((job) => job.bs % unit === 0))!,
      jobs: jobs.map((job, index) => ({
        name: `j${index}`,
        pattern: job.pattern as 'rw' | 'randrw',
        readPercent: job.readPercent,
        bs: job.bs,
        size: job.bs * job.blocks,
        files: job.files.map((file) => order.indexOf(file)),
        iodepth: job.iodepth,
        fsync: job.fsync,
        dataSync: job.dataSync && job.fsync > 0,
        runtime: job.runtime,
        count: job.timed && job.runtime > 0 ? 0 : job.blocks * job.files.length,
        randseed: 1 + index,
      })),
    };
  });

function print(workload: Workload): string {
  const lines: string[] = [];
  for (const job of workload.jobs) {
    lines.push(`[${job.name}]`, `rw=${job.pattern}`, `rwmixread=${job.readPercent}`, `bs=${job.bs}`);
    lines.push(`size=${job.size * job.files.length}`, `iodepth=${job.iodepth}`, `runtime=${job.runtime}`);
    lines.push(`filename=${job.files.map((file) => workload.files[file]!.name).join(':')}`);
    lines.push(`${job.dataSync ? 'fdatasync' : 'fsync'}=${job.fsync}`);
    if (job.count === 0) lines.push('time_based');
    if (workload.direct !== undefined) lines.push(`direct=${Number(workload.direct)}`);
  }
  return lines.join('\n');
}

test('a printed workload parses back', () => {
  fc.assert(
    fc.property(workloads, (workload) => assert.deepEqual(parseJobFile(print(workload), 'a.fio'), workload)),
  );
});

function onlyInputErrors(text: string): void {
  try {
    const workload = parseJobFile(text, 'a.fio');
    assert.ok(workload.jobs.length > 0);
    for (const job of workload.jobs) {
      assert.ok(
        job.size >= job.bs && job.bs % workload.unitBytes === 0 && (job.count > 0 || job.runtime > 0),
      );
      for (const file of job.files) assert.ok(workload.files[file]!.bytes >= job.size);
    }
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    assert.match(error.message, /^a\.fio(:\d+)?: /);
  }
}

test('whatever the text is, the reader gives a sound workload or an InputError', () => {
  fc.assert(fc.property(fc.string({ unit: 'binary' }), onlyInputErrors));
  // Pieces of job files get deeper than noise.
  const key = fc.constantFrom(
    'rw',
    'bs',
    'size',
    'filename',
    'numjobs',
    'direct',
    'runtime',
    'time_based',
    'toString',
  );
  const value = fc.oneof(
    fc.constantFrom('1', '4k', '1m', 'rw', '10s', '"', "'{}'", 'a:b', 'null', ''),
    fc.string(),
  );
  const setting = fc.tuple(key, fc.constantFrom('=', ' = ', ''), value).map((parts) => parts.join(''));
  const header = fc.oneof(
    fc.constantFrom('[global]', '[a]', '[b.c]'),
    fc.string().map((name) => `[${name}]`),
  );
  const line = fc.oneof(setting, setting, setting, header, fc.string());
  const file = fc.array(line, { maxLength: 12 }).map((lines) => `[a]\nsize=1m\n${lines.join('\n')}`);
  fc.assert(fc.property(file, onlyInputErrors), { numRuns: 1000 });
});
