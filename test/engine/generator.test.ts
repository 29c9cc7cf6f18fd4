import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { Job, Pattern } from '../../datasets/workload.ts';
import { Generator } from '../../engine/generator.ts';
import { FLUSH, READ, WRITE } from '../../ordering/history.ts';

interface Issued {
  kind: number;
  device: number;
  block: number;
}

const BS = 4096;

function jobOf(change: Partial<Job> & { blocks?: number }): Job {
  const { blocks = 8, ...rest } = change;
  return {
    name: 'job',
    pattern: 'randwrite',
    readPercent: 0,
    bs: BS,
    size: blocks * BS,
    files: [0],
    iodepth: 1,
    fsync: 0,
    dataSync: false,
    runtime: 0,
    count: 0,
    randseed: 1,
    ...rest,
  };
}

function issue(job: Job, seed: number, count: number): Issued[] {
  const generator = new Generator(job, seed);
  return Array.from({ length: count }, () => {
    generator.advance();
    return { kind: generator.kind, device: generator.device, block: generator.offset / job.bs };
  });
}

const blocksOf = (job: Job, seed: number, count: number): number[] =>
  issue(job, seed, count).map(({ block }) => block);
const ascending = (a: number, b: number): number => a - b;
const range = (n: number): number[] => Array.from({ length: n }, (_, i) => i);

const RANDOM: Pattern[] = ['randread', 'randwrite', 'randrw'];
const sizes = fc.oneof(
  fc.integer({ min: 1, max: 5 }),
  fc.integer({ min: 1, max: 300 }),
  fc.constantFrom(64, 127, 128, 129),
);
const seeds = fc.integer({ min: -(2 ** 31), max: 2 ** 32 - 1 });

test('random patterns visit every block once in each pass', () => {
  fc.assert(
    fc.property(sizes, fc.constantFrom(...RANDOM), seeds, (blocks, pattern, seed) => {
      const all = blocksOf(jobOf({ blocks, pattern, readPercent: 40 }), seed, 3 * blocks);
      for (let pass = 0; pass < 3; pass++) {
        assert.deepEqual(all.slice(pass * blocks, (pass + 1) * blocks).sort(ascending), range(blocks));
      }
    }),
  );
});

test('the order differs from pass to pass and from seed to seed', () => {
  const BLOCKS = 4096;
  const orders = range(10).flatMap((seed) => {
    const job = jobOf({ blocks: BLOCKS });
    const all = blocksOf(job, seed, 2 * BLOCKS);
    const other = blocksOf({ ...job, randseed: 1024 + 16 * seed }, seed, BLOCKS);
    return [all.slice(0, BLOCKS), all.slice(BLOCKS), other].map((order) => order.slice(0, 8).join());
  });
  assert.equal(new Set(orders).size, orders.length);
});

test('random offsets are spread: neighbours in time are seldom neighbours in the file', () => {
  const BLOCKS = 4096;
  for (const seed of range(20)) {
    const all = blocksOf(jobOf({ blocks: BLOCKS }), seed, BLOCKS);
    const near = all.filter((block, i) => i > 0 && Math.abs(block - all[i - 1]) <= 2).length;
    assert.ok(near < BLOCKS / 50, `seed ${seed}: ${near} of ${BLOCKS}`);
    // The first quarter of the pass visits every sixteenth of the file: 64 times if it were even.
    const visits = new Array<number>(16).fill(0);
    for (const block of all.slice(0, BLOCKS / 4)) visits[Math.floor((block * 16) / BLOCKS)]++;
    assert.ok(Math.min(...visits) >= 16 && Math.max(...visits) <= 160, `seed ${seed}: ${visits}`);
  }
});

test('the largest file of 2^32 blocks stays within itself, and a larger one is refused', () => {
  for (const blocks of [2 ** 31 - 1, 2 ** 31 + 1, 2 ** 32]) {
    const all = blocksOf(jobOf({ blocks }), 5, 2000);
    assert.ok(all.every((block) => Number.isInteger(block) && block >= 0 && block < blocks));
    assert.equal(new Set(all).size, 2000);
    assert.ok(Math.max(...all) > blocks * 0.9 && Math.min(...all) < blocks * 0.1);
  }
  assert.throws(() => new Generator(jobOf({ blocks: 2 ** 32 + 1 }), 1), RangeError);
  assert.throws(() => new Generator(jobOf({ size: BS - 1 }), 1), RangeError);
});

test('one seed gives one sequence', () => {
  fc.assert(
    fc.property(
      sizes,
      fc.constantFrom(...RANDOM, 'rw' as const),
      seeds,
      fc.nat(5),
      (blocks, pattern, seed, fsync) => {
        const job = jobOf({ blocks, pattern, readPercent: 50, fsync, files: [0, 1] });
        assert.deepEqual(issue(job, seed, 100), issue(job, seed, 100));
      },
    ),
  );
});

test('sequential patterns go through the file and begin again at its start', () => {
  for (const pattern of ['read', 'write'] as const) {
    for (const blocks of [1, 2, 3, 5]) {
      assert.deepEqual(blocksOf(jobOf({ pattern, blocks }), 1, 3 * blocks), [
        ...range(blocks),
        ...range(blocks),
        ...range(blocks),
      ]);
    }
  }
});

test('in a sequential mix reads and writes each go through the file on their own, as in fio', () => {
  const all = issue(jobOf({ pattern: 'rw', readPercent: 30, blocks: 7 }), 3, 200);
  for (const kind of [READ, WRITE]) {
    const own = all.filter((o) => o.kind === kind);
    assert.ok(own.length > 20);
    assert.deepEqual(
      own.map((o) => o.block),
      own.map((_, i) => i % 7),
    );
  }
});

test('pure patterns have one kind, a mix has about its share of reads', () => {
  for (const [pattern, kind] of [
    ['read', READ],
    ['randread', READ],
    ['write', WRITE],
    ['randwrite', WRITE],
  ] as const) {
    // The share of a mix says nothing here.
    assert.ok(issue(jobOf({ pattern, readPercent: 50 }), 1, 500).every((o) => o.kind === kind));
  }
  for (const readPercent of [0, 1, 30, 70, 100]) {
    for (const seed of range(10)) {
      const reads = issue(jobOf({ pattern: 'randrw', readPercent }), seed, 10_000).filter(
        (o) => o.kind === READ,
      );
      const expected = 100 * readPercent;
      // Five standard deviations of a binomial share.
      const slack = 5 * Math.sqrt(expected * (1 - readPercent / 100));
      assert.ok(
        Math.abs(reads.length - expected) <= slack,
        `seed ${seed}, ${readPercent} %: ${reads.length}`,
      );
    }
  }
});

test('several files are served in turn, beginning with the first, each with all of its blocks', () => {
  fc.assert(
    fc.property(fc.constantFrom(...RANDOM), fc.integer({ min: 1, max: 20 }), (pattern, blocks) => {
      const job = jobOf({ pattern, blocks, files: [4, 2, 9], readPercent: 50 });
      const all = issue(job, 1, 3 * blocks);
      assert.deepEqual(
        all.map(({ device }) => device),
        all.map((_, i) => job.files[i % 3]),
      );
      for (const file of job.files) {
        const own = all.filter(({ device }) => device === file).map(({ block }) => block);
        assert.deepEqual(own.sort(ascending), range(blocks));
      }
    }),
  );
});

test('a FLUSH follows every n-th write to a file at once, and counts the writes of no other', () => {
  const patterns = fc.constantFrom<Pattern>('write', 'randwrite', 'rw', 'randrw', 'randread');
  fc.assert(
    fc.property(
      patterns,
      fc.integer({ min: 1, max: 9 }),
      fc.integer({ min: 1, max: 4 }),
      seeds,
      (pattern, fsync, files, seed) => {
        const since = new Map<number, number>();
        let due = -1;
        for (const { kind, device, block } of issue(
          jobOf({ pattern, fsync, files: range(files), readPercent: 50 }),
          seed,
          400,
        )) {
          assert.equal(kind === FLUSH, due !== -1);
          if (kind === FLUSH) {
            assert.deepEqual([device, block], [due, 0]);
            since.set(device, 0);
            due = -1;
          } else if (kind === WRITE) {
            const writes = (since.get(device) ?? 0) + 1;
            since.set(device, writes);
            if (writes === fsync) due = device;
          }
        }
      },
    ),
  );
});

test('without fsync there is no FLUSH', () => {
  assert.ok(issue(jobOf({ fsync: 0 }), 1, 300).every(({ kind }) => kind !== FLUSH));
});
