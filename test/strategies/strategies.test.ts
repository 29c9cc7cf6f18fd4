import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import fc from 'fast-check';
import { CONTRACTS } from '../../ordering/contracts.ts';
import { FLUSH, READ, WRITE } from '../../ordering/history.ts';
import { FLUSH_POLICIES, ORDER_POLICIES, STRATEGIES } from '../../strategies/index.ts';
import { HERE, INLINE, NOWAIT, type Runtime, type Strategy, type Topology } from '../../strategies/types.ts';
import { everyOperation, parameters, topologies } from './cases.ts';
import { type Operation, runtimeOf } from './runtime.ts';

/** Where an operation goes. */
function queueOf(strategy: Strategy, parameter: number, topology: Topology, operation: Operation): number {
  const hooks = strategy.open(parameter, topology);
  return hooks.route(0, runtimeOf([operation], hooks.layout));
}

/** What each header promises: how many workers there are, and in which queue an operation of a device lands. */
const PROMISED: Record<
  string,
  (n: number, t: Topology) => { workers: number; queue?(o: Operation): number }
> = {
  'single-wq': (_, t) => ({ workers: t.devices, queue: (o) => o.device }),
  'per-socket': (_, t) => ({
    workers: t.devices * t.sockets,
    queue: (o) => o.device * t.sockets + t.socketOf[o.cpu],
  }),
  'n-wq': (n, t) => ({ workers: t.devices * n, queue: (o) => o.device * n + (o.cpu % n) }),
  'shared-pool': (n) => ({ workers: n }),
  'per-cpu': (_, t) => ({ workers: t.devices * t.cpus, queue: (o) => o.device * t.cpus + o.cpu }),
  thread: (_, t) => ({ workers: t.devices, queue: (o) => o.device }),
  'mq-global': (n, t) => ({ workers: n + t.devices, queue: (o) => (o.kind === READ ? 0 : 1 + o.device) }),
  'mq-dev16': (n, t) => ({ workers: t.devices * n, queue: (o) => 2 * o.device + (o.kind === READ ? 0 : 1) }),
  'kthread-worker': (_, t) => ({ workers: t.devices, queue: (o) => o.device }),
  // Where its CPUs go is in semantics.test.ts, as for the others that name no queue here.
  'hwq-kthread': (n, t) => ({ workers: t.devices * Math.min(n, t.cpus) }),
  split: (n, t) => ({
    workers: t.devices * (n + 1),
    queue: (o) => o.device * (n + 1) + (o.kind === READ ? 1 + (o.cpu % n) : 0),
  }),
  // The operation has tag 0.
  ublk: (n, t) => ({ workers: t.devices * n, queue: (o) => o.device * n }),
  zloop: (n, t) => ({ workers: t.devices * n, queue: (o) => o.device }),
  'io-wq': (n) => ({ workers: n, queue: (o) => (o.kind === WRITE ? 1 + (o.device % n) : 0) }),
  affinity: (_, t) => ({ workers: t.cpus }),
  'round-robin': (n, t) => ({ workers: t.devices * n }),
  // The second step and the tree are in dm-crypt.test.ts.
  'dm-crypt': (options, t) => {
    const [sameCpu, submit, noRead, noWrite] = [1, 2, 4, 8].map((bit) => (options & bit) !== 0);
    return {
      workers: (noRead && noWrite ? 0 : t.cpus) + (submit || noWrite ? 0 : t.devices),
      queue: (o) => (o.kind !== WRITE || noWrite ? INLINE : sameCpu ? o.cpu : 0),
    };
  },
  // What was refused is in semantics.test.ts.
  nowait: (n, t) => ({
    workers: t.devices * (n + 1),
    queue: (o) => ([READ, WRITE].includes(o.kind) ? NOWAIT : PROMISED.blkcg!(n, t).queue!(o)),
  }),
  inline: () => ({ workers: 0, queue: () => INLINE }),
  'work-stealing': (n) => ({ workers: n, queue: (o) => o.cpu % n }),
  blkcg: (n, t) => ({
    workers: t.devices * (n + 1),
    queue: (o) => o.device * (n + 1) + (n === 0 || o.kind === FLUSH ? 0 : 1 + (o.cgroup % n)),
  }),
};

for (const strategy of STRATEGIES) {
  const cases = fc.tuple(parameters(strategy), topologies);

  test(`${strategy.name}: every queue has a worker and no more of them than may be active`, () => {
    fc.assert(
      fc.property(cases, ([parameter, topology]) => {
        const { queues, workers, table } = strategy.open(parameter, topology).layout;
        const servers = queues.map(
          (_, queue) => workers.filter((worker) => worker.serves.includes(queue)).length,
        );
        queues.forEach(({ maxActive }, queue) => {
          assert.ok(servers[queue] >= 1 && servers[queue] <= (maxActive ?? servers[queue]), `queue ${queue}`);
        });
        for (const { serves } of workers) {
          assert.equal(new Set(serves).size, serves.length);
          assert.ok(serves.length > 0 && serves.every((queue) => queue in queues));
        }
        if (table) assert.ok(table.every((queue) => queue in queues));
      }),
    );
  });

  test(`${strategy.name}: every operation goes into a queue that exists, or to its submitter, the same way each time`, () => {
    fc.assert(
      fc.property(cases, ([parameter, topology]) => {
        const operations = everyOperation(topology);
        const hooks = strategy.open(parameter, topology);
        const rt = runtimeOf(operations, hooks.layout);
        operations.forEach((_, op) => {
          const queue = hooks.route(op, rt);
          const inline = hooks.layout.inline === true && [INLINE, NOWAIT].includes(queue);
          assert.ok(inline || (Number.isInteger(queue) && queue in hooks.layout.queues), `queue ${queue}`);
          if (queue === NOWAIT) {
            const refused = runtimeOf([{ ...operations[op], tries: 1 }], hooks.layout);
            assert.ok(hooks.route(0, refused) in hooks.layout.queues, 'what was refused has a queue');
          }
          if (strategy.name !== 'round-robin') assert.equal(hooks.route(op, rt), queue);
          if (!hooks.layout.transform || operations[op]!.kind === FLUSH) return;
          const second = hooks.route(0, runtimeOf([{ ...operations[op]!, step: 1 }], hooks.layout));
          assert.ok(second === HERE || second in hooks.layout.queues, `queue ${second} for the second step`);
        });
      }),
    );
  });

  test(`${strategy.name}: workers and routes are as its header says`, () => {
    fc.assert(
      fc.property(cases, ([parameter, topology]) => {
        assert.ok(strategy.name in PROMISED, 'say in PROMISED what its header promises');
        const { workers, queue } = PROMISED[strategy.name](parameter, topology);
        assert.equal(strategy.open(parameter, topology).layout.workers.length, workers);
        if (!queue) return;
        for (const operation of everyOperation(topology)) {
          assert.equal(queueOf(strategy, parameter, topology, operation), queue(operation));
        }
      }),
      { numRuns: 30 },
    );
  });

  test(`${strategy.name}: two openings share no state`, () => {
    fc.assert(
      fc.property(cases, ([parameter, topology]) => {
        const [a, b] = [strategy.open(parameter, topology), strategy.open(parameter, topology)];
        assert.deepEqual(a.layout, b.layout);
        a.layout.table?.fill(-99);
        assert.ok(!b.layout.table?.includes(-99));
      }),
      { numRuns: 10 },
    );
  });
}

/** One pool for all devices, or, of `mq-global`, for their reads; of `dm-crypt` for what is encrypted. */
const POOLS = ['shared-pool', 'mq-global', 'io-wq', 'affinity', 'dm-crypt', 'work-stealing'];

test('devices share no queue, unless the design is one pool for all', () => {
  fc.assert(
    fc.property(topologies, fc.nat(STRATEGIES.length - 1), (topology, i) => {
      const strategy = STRATEGIES[i];
      if (POOLS.includes(strategy.name)) return;
      const owner = new Map<number, number>();
      for (const operation of everyOperation(topology)) {
        const queue = queueOf(strategy, strategy.parameter?.default ?? 0, topology, operation);
        if (queue < 0) continue;
        assert.equal(owner.get(queue) ?? operation.device, operation.device);
        owner.set(queue, operation.device);
      }
    }),
  );
});

test('each strategy and policy says what it is, once, and claims contracts by their names', () => {
  const all = [...STRATEGIES, ...FLUSH_POLICIES, ...ORDER_POLICIES];
  assert.equal(new Set(all.map(({ name }) => name)).size, all.length);
  for (const { name, summary, source, claims } of all) {
    assert.match(name, /^[a-z][a-z0-9]*(-[a-z0-9]+)*$/);
    assert.ok(summary.length > 10 && summary.length < 80 && !summary.endsWith('.'), `${name}: ${summary}`);
    assert.match(source, /linux-block|drivers\/(block|md)|Linux \d|Documentation\/|QEMU, /, name);
    // `lba-affinity` alone claims nothing, and its header says why.
    assert.ok(
      (claims.length > 0 || name === 'lba-affinity') && claims.every((claim) => CONTRACTS.includes(claim)),
    );
    assert.equal(new Set(claims).size, claims.length);
  }
  for (const { name, parameter } of STRATEGIES) {
    if (!parameter) continue;
    const { least, most, default: usual, choices, flags } = parameter;
    assert.ok(least <= usual && usual <= most, name);
    const words = choices ?? flags ?? [];
    if (choices) assert.deepEqual([least, most], [0, choices.length - 1], name);
    if (flags) assert.deepEqual([usual, least, most], [0, 0, 2 ** flags.length - 1], name);
    assert.equal(new Set(words).size, words.length);
    for (const word of words) assert.match(word, /^[a-z][a-z0-9]*(-[a-z0-9]+)*$/);
  }
});

test('each is one file of its name, of fewer than 120 lines, that begins with a header in prose', () => {
  const root = fileURLToPath(new URL('../../../', import.meta.url));
  const files = [
    ...STRATEGIES.map(({ name }) => ({ name, path: `strategies/${name}.ts` })),
    ...FLUSH_POLICIES.map(({ name }) => ({ name, path: `strategies/flush/${name}.ts` })),
    ...ORDER_POLICIES.map(({ name }) => ({ name, path: `strategies/order/${name}.ts` })),
  ];
  for (const { name, path } of files) {
    const text = readFileSync(root + path, 'utf8');
    assert.ok(text.split('\n').length < 120, path);
    const header = /^\/\*\*\n([\s\S]*?)\*\/\n/.exec(text)?.[1] ?? '';
    const prose = header.replaceAll(/^ \* ?/gm, '');
    assert.match(prose, new RegExp(`^${name}(:[A-Z]+)?[:,] `), `${path} begins with its name`);
    assert.ok(prose.split(/\s+/).length >= 30, `${path} has a header of ${prose.split(/\s+/).length} words`);
  }
});

test('shared-pool: each pair of device and CPU has a slot, and the queues begin with equal shares of them', () => {
  const strategy = STRATEGIES.find(({ name }) => name === 'shared-pool')!;
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 9 }), topologies, (n, topology) => {
      const hooks = strategy.open(n, topology);
      const operations = everyOperation(topology).filter(({ kind }) => kind === WRITE);
      const rt: Runtime = { ...runtimeOf(operations, hooks.layout), table: (slot) => slot };
      const slots = operations.map((_, op) => hooks.route(op, rt)).sort((a, b) => a - b);
      const table = [...hooks.layout.table!];
      assert.deepEqual(slots, [...table.keys()]);
      for (let queue = 0; queue < n; queue++) {
        const share = table.filter((entry) => entry === queue).length;
        assert.ok(Math.abs(share - table.length / n) < 1, `queue ${queue} has ${share} of ${table.length}`);
      }
    }),
  );
});

/** The depths that `retune` sees, and what it publishes. */
function retuneWith(n: number, topology: Topology, depths: readonly number[], table?: readonly number[]) {
  const strategy = STRATEGIES.find(({ name }) => name === 'shared-pool')!;
  const hooks = strategy.open(n, topology);
  const before = Int32Array.from(table ?? hooks.layout.table!);
  const published: number[][] = [];
  const rt: Runtime = {
    ...runtimeOf([], hooks.layout),
    depth: (queue) => depths[queue],
    table: (slot) => before[slot],
    publish: (next) => published.push([...next]) > 0,
  };
  return { retune: () => hooks.retune!(rt), before: [...before], published };
}

const pools = fc.tuple(fc.integer({ min: 1, max: 6 }), topologies).chain(([n, topology]) =>
  fc.record({
    n: fc.constant(n),
    topology: fc.constant(topology),
    depths: fc.array(fc.nat(30), { minLength: n, maxLength: n }),
    table: fc.array(fc.nat(n - 1), {
      minLength: topology.devices * topology.cpus,
      maxLength: topology.devices * topology.cpus,
    }),
  }),
);

test('shared-pool: retune moves one slot, from a deepest queue to a shallowest one, and only if it is worth it', () => {
  fc.assert(
    fc.property(pools, ({ n, topology, depths, table }) => {
      const { retune, before, published } = retuneWith(n, topology, depths, table);
      retune();
      const [most, least] = [Math.max(...depths), Math.min(...depths)];
      assert.ok(published.length <= 1);
      if (most - least < 8) assert.deepEqual(published, []);
      for (const next of published) {
        const moved = next.flatMap((queue, slot) => (queue === before[slot] ? [] : [slot]));
        assert.equal(moved.length, 1);
        assert.equal(depths[before[moved[0]]], most);
        assert.equal(depths[next[moved[0]]], least);
      }
    }),
    { numRuns: 500 },
  );
});

test('shared-pool: while one queue leads and has slots to give, each retune moves another one', () => {
  const topology = { cpus: 4, sockets: 1, devices: 2, cgroups: 1, socketOf: new Uint16Array(4) };
  const { retune, before, published } = retuneWith(2, topology, [20, 0]);
  const givers = new Set<number>();
  for (let turn = 0; turn < before.length; turn++) {
    retune();
    const next = published.at(-1)!;
    givers.add(next.findIndex((queue, slot) => queue !== before[slot]));
  }
  assert.equal(published.length, before.length);
  // The table that it sees stays as it was, so that only its own turn decides: every slot of queue 0 comes up.
  assert.deepEqual([...givers].sort(), [0, 2, 4, 6]);
});
