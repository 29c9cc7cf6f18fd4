import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { InputError } from '../../datasets/errors.ts';
import { parseJobFile } from '../../datasets/fio.ts';
import type { BlockShare, Choice, Job, Workload } from '../../datasets/workload.ts';

const SIZES = [512, 1536, 4096, 65536];

const shares: fc.Arbitrary<BlockShare[]> = fc
  .tuple(fc.constantFrom(512, 4096), fc.integer({ min: 2, max: 16 }), fc.integer({ min: 1, max: 99 }))
  .map(([bytes, times, percent]) => [
    { bytes, percent },
    { bytes: bytes * times, percent: 100 - percent },
  ]);

const choices: fc.Arbitrary<Choice | undefined> = fc.oneof(
  fc.constant(undefined),
  fc.constant({ kind: 'uniform' as const }),
  fc.constantFrom(-1, 0, 0.5, 1.2, 2).map((theta) => ({ kind: 'zipf' as const, theta })),
  fc.constantFrom(0.01, 0.2, 0.99).map((h) => ({ kind: 'pareto' as const, h })),
);

const job = fc.record({
  pattern: fc.constantFrom('rw' as const, 'randrw' as const),
  readPercent: fc.integer({ min: 1, max: 99 }),
  bs: fc.constantFrom(...SIZES),
  split: fc.option(shares, { nil: undefined }),
  offset: fc.nat(8).map((n) => n * 512),
  blocks: fc.integer({ min: 16, max: 1000 }),
  files: fc.uniqueArray(fc.integer({ min: 0, max: 5 }), { minLength: 1 }),
  iodepth: fc.integer({ min: 1, max: 4096 }),
  choice: choices,
  fsync: fc.nat(100),
  dataSync: fc.boolean(),
  endFlush: fc.boolean(),
  pace: fc.constantFrom('none', 'think', 'rate'),
  ramp: fc.nat(3),
  runtime: fc.nat(100),
  timed: fc.boolean(),
  wall: fc.boolean(),
  cpus: fc.option(fc.uniqueArray(fc.nat(20), { minLength: 1 }), { nil: undefined }),
  cgroup: fc.constantFrom(undefined, 'x', 'y/z'),
});

/** What parseJobFile must give back, made without it. Seeds follow the reader's rule, so they are not drawn. */
const workloads: fc.Arbitrary<Workload> = fc
  .record({
    direct: fc.constantFrom(undefined, true, false),
    jobs: fc.array(job, { minLength: 1, maxLength: 6 }),
  })
  .map(({ direct, jobs }) => {
    const order = [...new Set(jobs.flatMap(({ files }) => files))];
    const named = jobs.some(({ cgroup }) => cgroup !== undefined);
    const cgroups = [...new Set(jobs.map(({ cgroup }) => cgroup ?? ''))];
    let wall = 0;
    const made = jobs.map((drawn, index): Job => {
      const { pattern, split, offset, blocks, files, timed, runtime, pace } = drawn;
      if (drawn.wall) wall = index;
      const bs = split ? split[1]!.bytes : drawn.bs;
      const size = (split ? split[0]!.bytes : bs) * blocks;
      const byTime = timed && runtime > 0;
      return {
        name: `j${index}`,
        pattern,
        readPercent: drawn.readPercent,
        bs,
        ...(split && { split: { read: split, write: split } }),
        ...(offset > 0 && { offset }),
        size,
        files: files.map((file) => order.indexOf(file)),
        iodepth: drawn.iodepth,
        ...(drawn.choice && pattern === 'randrw' && { choice: drawn.choice }),
        fsync: drawn.fsync,
        dataSync: drawn.dataSync && drawn.fsync > 0,
        ...(drawn.endFlush && { endFlush: true as const }),
        ...(pace === 'rate' && !split && { rate: { read: 100 + index, write: 7 } }),
        ...(pace === 'think' && { think: 0.0005 }),
        ...(byTime && drawn.ramp > 0 && { ramp: drawn.ramp }),
        runtime,
        count: byTime || split ? 0 : blocks * files.length,
        ...(!byTime && split && { bytes: size * files.length }),
        ...(wall > 0 && { after: wall }),
        ...(drawn.cpus && { cpus: [...drawn.cpus].sort((a, b) => a - b) }),
        ...(named && { cgroup: cgroups.indexOf(drawn.cgroup ?? '') }),
        randseed: 1 + index,
      };
    });
    const multiples = made.flatMap(({ bs, split, offset = 0 }) => [
      offset,
      ...(split ? split.read.map(({ bytes }) => bytes) : [bs]),
    ]);
    return {
      name: 'a',
      path: 'a.fio',
      summary: '',
      direct,
      files: order.map((file, index) => ({
        name: `f${file}`,
        bytes: Math.max(
          ...made.filter(({ files }) => files.includes(index)).map(({ offset = 0, size }) => offset + size),
        ),
      })),
      ...(named && { cgroups }),
      unitBytes: Math.max(...unitsOf(multiples)),
      jobs: made,
    };
  });

function unitsOf(multiples: number[]): number[] {
  const units = Array.from({ length: 128 }, (_, i) => (i + 1) * 512);
  return units.filter((unit) => multiples.every((bytes) => bytes % unit === 0));
}

function print(workload: Workload): string {
  const lines: string[] = [];
  for (const [index, job] of workload.jobs.entries()) {
    const { choice, split, rate } = job;
    lines.push(`[${job.name}]`, `rw=${job.pattern}`, `rwmixread=${job.readPercent}`);
    if (split) lines.push(`bssplit=${split.read.map((s) => `${s.bytes}/${s.percent}`).join(':')}`);
    else lines.push(`bs=${job.bs}`);
    lines.push(`size=${job.size * job.files.length}`, `iodepth=${job.iodepth}`, `runtime=${job.runtime}`);
    lines.push(`filename=${job.files.map((file) => workload.files[file]!.name).join(':')}`);
    lines.push(`${job.dataSync ? 'fdatasync' : 'fsync'}=${job.fsync}`, `offset=${job.offset ?? 0}`);
    if (job.count === 0 && job.bytes === undefined) lines.push('time_based');
    if (choice?.kind === 'uniform') lines.push('norandommap');
    if (choice?.kind === 'zipf') lines.push(`random_distribution=zipf:${choice.theta}`);
    if (choice?.kind === 'pareto') lines.push(`random_distribution=pareto:${choice.h}`);
    if (job.endFlush) lines.push('end_fsync=1');
    if (rate) lines.push(`rate_iops=${rate.read},${rate.write}`);
    if (job.think) lines.push(`thinktime=${job.think * 1e6}`);
    if (job.ramp) lines.push(`ramp_time=${job.ramp}s`);
    if (job.after === index) lines.push('stonewall');
    if (job.cpus) lines.push(`cpus_allowed=${job.cpus.join(',')}`);
    const cgroup = workload.cgroups?.[job.cgroup!];
    if (cgroup) lines.push(`cgroup=${cgroup}`);
    if (workload.direct !== undefined) lines.push(`direct=${Number(workload.direct)}`);
  }
  return lines.join('\n');
}

test('a printed workload parses back', () => {
  fc.assert(
    fc.property(workloads, (workload) => assert.deepEqual(parseJobFile(print(workload), 'a.fio'), workload)),
    { numRuns: 150 },
  );
});

function onlyInputErrors(text: string): void {
  try {
    const workload = parseJobFile(text, 'a.fio');
    assert.ok(workload.jobs.length > 0);
    for (const job of workload.jobs) {
      const { size, bs, offset = 0, count, runtime, bytes = 0 } = job;
      assert.ok(size >= bs && bs % workload.unitBytes === 0 && offset % workload.unitBytes === 0);
      assert.ok(count > 0 || runtime > 0 || bytes > 0);
      for (const file of job.files) assert.ok(workload.files[file]!.bytes >= offset + size);
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
    ...['rw', 'bs', 'size', 'filename', 'numjobs', 'direct', 'runtime', 'time_based', 'toString', 'bssplit'],
    ...['offset', 'nrfiles', 'random_distribution', 'rate_iops', 'thinktime', 'stonewall', 'cpus_allowed'],
    ...['ramp_time', 'loops', 'cgroup', 'end_fsync', 'norandommap', 'sync', 'verify'],
  );
  const value = fc.oneof(
    fc.constantFrom('1', '4k', '1m', 'rw', 'randrw', '10s', '"', "'{}'", 'a:b', 'null', '', '0'),
    fc.constantFrom('4k/50:64k/50', '4k/50:8k/50,4k', 'zipf:1.2', 'pareto:0.5', '1,2', '0-3', '0x10', '9p'),
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
