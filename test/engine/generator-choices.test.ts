import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { BlockShare, Job, Pattern } from '../../datasets/workload.ts';
import { Generator } from '../../engine/generator.ts';
import { Schedule } from '../../engine/schedule.ts';
import { FLUSH, READ, WRITE } from '../../ordering/history.ts';

const BS = 4096;

function jobOf(change: Partial<Job>): Job {
  return {
    name: 'job',
    pattern: 'randread',
    readPercent: 50,
    bs: BS,
    size: 64 * BS,
    files: [0],
    iodepth: 1,
    fsync: 0,
    dataSync: false,
    runtime: 0,
    count: 0,
    randseed: 1,
    ...change,
  };
}

/** Blocks of 4 KiB and of 64 KiB. */
const SMALL_AND_LARGE: BlockShare[] = [
  { bytes: 4096, percent: 60 },
  { bytes: 65536, percent: 40 },
];
const both = (shares: BlockShare[]) => ({
  bs: Math.max(...shares.map((share) => share.bytes)),
  split: { read: shares, write: shares },
});

interface Issued {
  kind: number;
  device: number;
  offset: number;
  bytes: number;
}

function issue(job: Job, seed: number, count: number): Issued[] {
  const generator = new Generator(job, seed);
  return Array.from({ length: count }, () => {
    generator.advance();
    const { kind, device, offset, bytes } = generator;
    return { kind, device, offset, bytes };
  });
}

const patterns = fc.constantFrom<Pattern>('read', 'write', 'rw', 'randread', 'randwrite', 'randrw');
const shares: fc.Arbitrary<BlockShare[]> = fc
  .uniqueArray(fc.integer({ min: 2, max: 16 }), { minLength: 1, maxLength: 3 })
  .map((times) => {
    const percent = 100 / (times.length + 1);
    return [1, ...times].map((n) => ({ bytes: n * BS, percent }));
  });
const choices = fc.constantFrom<Job['choice']>(
  undefined,
  { kind: 'uniform' },
  { kind: 'zipf', theta: 1.2 },
  { kind: 'pareto', h: 0.2 },
);

test('whatever a job says, its operations lie in its part of the file, on blocks', () => {
  fc.assert(
    fc.property(
      patterns,
      fc.option(shares, { nil: undefined }),
      choices,
      fc.nat(20).map((n) => n * 512),
      fc.integer({ min: 16, max: 100 }),
      fc.integer(),
      (pattern, split, choice, offset, blocks, seed) => {
        const job = jobOf({
          pattern,
          ...(split && both(split)),
          ...(choice && { choice }),
          offset,
          size: blocks * BS,
          files: [3, 5],
        });
        for (const { offset: at, bytes, device } of issue(job, seed, 300)) {
          assert.ok(at >= offset && at + bytes <= offset + job.size, `${at} + ${bytes}`);
          assert.ok((at - offset) % BS === 0 && bytes >= BS && bytes % BS === 0 && bytes <= job.bs);
          assert.ok(job.files.includes(device));
        }
      },
    ),
  );
});

/** Splits operations on one file into passes that cover `size` bytes each; throws where one covers a byte twice. */
function passes(all: readonly Issued[], size: number): number {
  let covered = new Set<number>();
  let count = 0;
  for (const { offset, bytes } of all) {
    for (let at = offset; at < offset + bytes; at += BS) {
      assert.ok(!covered.has(at), `byte ${at} twice in pass ${count}`);
      covered.add(at);
    }
    if (covered.size * BS < size) continue;
    covered = new Set();
    count++;
  }
  return count;
}

test('with several sizes every pass covers each byte once, random or sequential', () => {
  fc.assert(
    fc.property(
      fc.constantFrom<Pattern>('randread', 'randwrite', 'randrw', 'read', 'write'),
      shares,
      fc.integer({ min: 16, max: 200 }),
      fc.integer(),
      (pattern, split, blocks, seed) => {
        const job = jobOf({ pattern, ...both(split), size: blocks * BS });
        assert.ok(passes(issue(job, seed, 4 * blocks), job.size) >= 4);
      },
    ),
  );
});

test('a map cuts blocks short as often as in fio', () => {
  const size = 2 ** 30;
  const generator = new Generator(jobOf({ ...both(SMALL_AND_LARGE), size }), 1);
  let reads = 0;
  let whole = 0;
  for (let bytes = 0; bytes < size; bytes += generator.bytes) {
    generator.advance();
    reads++;
    if (generator.bytes === 65536) whole++;
  }
  // fio 3.33: 67,343 reads for 1 GiB of 4k/60:64k/40, of which 10.2 % had all of their 64 KiB.
  assert.ok(Math.abs(reads - 67343) < 700, `${reads} reads`);
  assert.ok(Math.abs((100 * whole) / reads - 10.2) < 0.5, `${(100 * whole) / reads} % whole`);
});

test('norandommap keeps the shares, and forgets what it chose', () => {
  const job = jobOf({ ...both(SMALL_AND_LARGE), size: 2 ** 30, choice: { kind: 'uniform' } });
  const all = issue(job, 1, 40_000);
  const large = all.filter(({ bytes }) => bytes === 65536).length;
  // Five standard deviations of a binomial share.
  assert.ok(Math.abs(large - 16_000) < 5 * Math.sqrt(40_000 * 0.4 * 0.6), `${large}`);
  assert.equal(all.filter(({ bytes }) => bytes === 4096).length, 40_000 - large);
  // fio 3.33: 6,440 of 10,240 blocks in as many reads; 1 - 1/e is 63.2 %.
  const few = issue(jobOf({ size: 10_240 * BS, choice: { kind: 'uniform' } }), 1, 10_240);
  const distinct = new Set(few.map(({ offset }) => offset)).size;
  assert.ok(Math.abs(distinct - 6473) < 200, `${distinct}`);
});

test('halves of bssplit: reads and writes have sizes and alignments of their own', () => {
  const split = { read: SMALL_AND_LARGE, write: [{ bytes: 8192, percent: 100 }] };
  for (const pattern of ['randrw', 'rw'] as const) {
    const all = issue(
      jobOf({ pattern, bs: 65536, split, size: 2 ** 24, choice: { kind: 'uniform' } }),
      7,
      4000,
    );
    for (const { kind, offset, bytes } of all) {
      if (kind === READ) assert.ok(bytes === 4096 || bytes === 65536);
      else assert.ok(bytes === 8192 && offset % 8192 === 0);
    }
    assert.ok(all.some(({ kind, offset }) => kind === READ && offset % 8192 === 4096));
  }
});

test('a preferred block is preferred wherever it lies, and another one with another seed', () => {
  const hot = [1, 2, 3, 4].map((seed) => {
    const counts = new Map<number, number>();
    const job = jobOf({ size: 16_384 * BS, choice: { kind: 'zipf', theta: 1.2 } });
    for (const { offset } of issue(job, seed, 50_000)) counts.set(offset, (counts.get(offset) ?? 0) + 1);
    const [top] = [...counts].sort((a, b) => b[1] - a[1]);
    // The share of the first rank is 20.5 %.
    assert.ok(Math.abs(top![1] - 10_260) < 5 * Math.sqrt(50_000 * 0.2 * 0.8), `${top![1]}`);
    return top![0];
  });
  assert.equal(new Set(hot).size, 4);
});

test('an open loop: each direction at its own intervals, in the order of time', () => {
  const generator = new Generator(jobOf({ pattern: 'randrw', rate: { read: 1000, write: 250 } }), 1);
  const due: [number, number][] = [];
  for (let i = 0; i < 12; i++) {
    const at = generator.due;
    generator.advance();
    due.push([generator.kind, at / 1e6]);
  }
  // Milliseconds; a read goes first where both are due.
  const expected = [
    [READ, 0],
    [WRITE, 0],
    [READ, 1],
    [READ, 2],
    [READ, 3],
    [READ, 4],
    [WRITE, 4],
    [READ, 5],
    [READ, 6],
    [READ, 7],
    [READ, 8],
    [WRITE, 8],
  ];
  assert.deepEqual(due, expected);
});

test('a flush is due with the write that it follows, and a schedule tells it from the kinds alone', () => {
  const job = jobOf({ pattern: 'randrw', rate: { read: 300, write: 700 }, fsync: 2, files: [0, 1] });
  const generator = new Generator(job, 1);
  const schedule = new Schedule(job.rate!);
  let last = 0;
  let flushes = 0;
  for (let i = 0; i < 500; i++) {
    const at = generator.due;
    generator.advance();
    const should = schedule.begun(generator.kind);
    if (generator.kind === FLUSH) {
      flushes++;
      assert.equal(at, 0);
      assert.equal(should, last);
    } else {
      assert.equal(at, should);
      assert.ok(should >= last);
      last = should;
    }
  }
  assert.ok(flushes > 80);
});

test('a flush that is asked for clears the count of its file', () => {
  const generator = new Generator(jobOf({ pattern: 'write', fsync: 2, files: [4, 6] }), 1);
  generator.advance();
  generator.flush(0);
  assert.deepEqual([generator.kind, generator.device, generator.offset, generator.bytes], [FLUSH, 4, 0, 0]);
  const kinds = Array.from({ length: 5 }, () => {
    generator.advance();
    return [generator.kind, generator.device];
  });
  assert.deepEqual(kinds, [
    [WRITE, 6],
    [WRITE, 4],
    [WRITE, 6],
    [FLUSH, 6],
    [WRITE, 4],
  ]);
});
