import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { COST_TAGS, costOf } from '../../benchmarks/cost.ts';
import { allDesigns, parseDesign } from '../../benchmarks/designs.ts';
import { layoutOf, layoutSize } from '../../benchmarks/layout.ts';
import { topologyFor } from '../../benchmarks/topology.ts';
import type { Mapping } from '../../engine/libc.ts';
import { Ring, ringBytes, WORKER_RING } from '../../engine/ring.ts';
import { allocate, bytesOf } from '../../engine/shared.ts';
import { sizesOf } from '../../engine/sizes.ts';
import { STRATEGIES } from '../../strategies/index.ts';

const machine = (sockets: number, cpusPerSocket: number, devices: number) =>
  topologyFor({ sockets, cpusPerSocket, virtual: true }, devices, 1);
const FREE = { threads: undefined, descriptors: undefined };
const cost = (name: string, topology = machine(8, 64, 1000), limits: Parameters<typeof costOf>[2] = FREE) =>
  costOf(parseDesign(name), topology, limits);

test('the thread’s designs and the widest one, on 8 sockets of 64 CPUs with 1,000 devices', () => {
  const rows = ['single-wq', 'per-socket', 'n-wq:4', 'shared-pool:4', 'per-cpu'].map((name) => {
    const { queues, workers, exact, refused } = cost(name);
    return [name, queues, workers, exact, refused !== undefined];
  });
  assert.deepEqual(rows, [
    ['single-wq', 1000, 1000, true, false],
    ['per-socket', 8000, 8000, true, true],
    ['n-wq:4', 4000, 4000, true, true],
    ['shared-pool:4', 4, 4, true, false],
    ['per-cpu', 512_000, 512_000, true, true],
  ]);
});

test('what would be laid out in hundreds of millions of entries is counted and not laid out', () => {
  const before = process.memoryUsage().heapUsed;
  const { queues, workers, exact, refused, sharedBytes } = cost('per-cpu', machine(64, 64, 65_536));
  assert.deepEqual([queues, workers, exact], [4096 * 65_536, 4096 * 65_536, false]);
  assert.match(refused!, /^268435457 threads, a run has 1024 at most$/);
  // Two cells of two words for each of 32 tags and two lines of indexes, for each queue: beyond what 32 bits count.
  assert.ok(sharedBytes > queues * (32 + 2 * 32) * 4);
  assert.ok(process.memoryUsage().heapUsed - before < 2 ** 28);
});

test('a layout grows by the same for each device, which is how one is counted that is not made', () => {
  fc.assert(
    fc.property(
      fc.constantFrom(...STRATEGIES),
      fc.integer({ min: 1, max: 4 }),
      fc.integer({ min: 1, max: 9 }),
      fc.integer({ min: 3, max: 40 }),
      (strategy, sockets, each, devices) => {
        const design = parseDesign(strategy.name);
        const [one, two, many] = [1, 2, devices].map((n) => layoutSize(design, machine(sockets, each, n)));
        for (const field of ['queues', 'workers', 'slots', 'words'] as const)
          assert.equal(many![field], one![field] + (two![field] - one![field]) * (devices - 1), field);
        const { queues, workers } = layoutOf(design, machine(sockets, each, devices));
        assert.deepEqual([many!.queues, many!.workers], [queues.length, workers.length]);
      },
    ),
  );
});

test('the shared memory is what a run allocates, policies and front included', () => {
  for (const name of [...allDesigns(), 'n-wq:2+quiesce+range-lock', 'blk-flush>per-cpu+generation']) {
    const topology = machine(2, 2, 3);
    const design = parseDesign(name);
    const { queues, workers, sharedBytes } = costOf(design, topology, FREE);
    const { table, words = 0, inline = false } = layoutOf(design, topology);
    const [slots, inlined] = [table?.length ?? 0, inline ? 1 : 0];
    const asked = {
      submitters: 1,
      devices: 3,
      tags: COST_TAGS,
      queues,
      workers,
      slots,
      words,
      inline: inlined,
    };
    const sizes = sizesOf(design.crew, topology.cpus, asked);
    assert.equal(allocate(sizes).buffer.byteLength, sharedBytes, name);
  }
  const [plain, held] = ['n-wq:4', 'n-wq:4+quiesce'].map((name) => cost(name).sharedBytes);
  assert.ok(held! > plain!, 'a gate has inboxes');
});

test('memory beyond 2 GiB is counted, and refused with its size where it can’t be had', () => {
  const sizes = sizesOf(undefined, 1, {
    ...{ submitters: 1, devices: 1, tags: 4096, queues: 2 ** 20, workers: 1 },
    ...{ slots: 0, words: 0, inline: 0 },
  });
  // A ring: two lines of 64 bytes and 4096 cells of 8.
  assert.ok(bytesOf(sizes) >= 2 ** 20 * (128 + 4096 * 8));
  assert.throws(
    () => allocate({ ...sizes, queues: 2 ** 30 }),
    /^MachineError: no memory for 1073741824 queues and 1 devices, \d+ MiB: /,
  );
});

test('a ring takes what the kernel maps for it', (t) => {
  let ring: Ring;
  try {
    ring = new Ring(WORKER_RING);
  } catch (error) {
    t.skip((error as Error).message);
    return;
  }
  const { maps } = ring as unknown as { maps: Mapping[] };
  const page = (bytes: number) => Math.ceil(bytes / 4096) * 4096;
  assert.equal(
    ringBytes(WORKER_RING),
    maps.reduce((sum, { bytes }) => sum + page(bytes), 0),
  );
  ring.close();
});

test('refused with the number by the limit that is met first', () => {
  const limit = (most: number, used: number) => ({ name: 'a limit', most, used, remedy: 'raise it' });
  const small = machine(1, 2, 10);
  const refused = (limits: Parameters<typeof costOf>[2]) => cost('n-wq:4', small, limits).refused;
  assert.equal(refused(FREE), undefined);
  assert.equal(refused({ threads: limit(41, 0), descriptors: undefined }), undefined);
  assert.equal(
    refused({ threads: limit(141, 101), descriptors: undefined }),
    '41 threads take about 41, a limit is 141 with 101 taken: raise it',
  );
  const { descriptors } = cost('n-wq:4', small);
  assert.equal(refused({ threads: undefined, descriptors: limit(descriptors + 20, 20) }), undefined);
  assert.match(
    refused({ threads: undefined, descriptors: limit(descriptors + 20, 21) })!,
    /^41 threads and 10 files take about \d+, a limit is \d+ with 21 taken/,
  );
});
