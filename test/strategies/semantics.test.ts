/** What the headers of strategies say of order and parallelism, read off their layouts and routes. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { FLUSH, READ, WRITE } from '../../ordering/history.ts';
import { STRATEGIES } from '../../strategies/index.ts';
import { NONE, NOWAIT, type Runtime, type Topology } from '../../strategies/types.ts';
import { everyOperation, machines, parameters, topologies } from './cases.ts';
import { type Operation, runtimeOf } from './runtime.ts';

/** An operation, the queue it went to, and the workers behind that. */
interface Placed extends Operation {
  queue: number;
  servers: number[];
}

interface Opened {
  n: number;
  topology: Topology;
  workers: { serves: number[] }[];
  placed: Placed[];
}

/** Opens a strategy with random parameters on random machines, and puts one operation of each kind, CPU and device into it. */
function onMachines(name: string, look: (opened: Opened) => void, machine = topologies): void {
  const strategy = STRATEGIES.find((it) => it.name === name)!;
  fc.assert(
    fc.property(parameters(strategy), machine, (n, topology) => {
      const { layout, route } = strategy.open(n, topology);
      const operations = everyOperation(topology);
      const rt = runtimeOf(operations, layout);
      const placed = operations.map((operation, op) => {
        const queue = route(op, rt);
        const servers = layout.workers.flatMap(({ serves }, w) => (serves.includes(queue) ? [w] : []));
        return { ...operation, queue, servers };
      });
      look({ n, topology, workers: layout.workers, placed });
    }),
    { numRuns: 50 },
  );
}

const distinct = <T>(values: readonly T[]): number => new Set(values).size;
const queuesOf = (placed: readonly Placed[]): number => distinct(placed.map(({ queue }) => queue));
const serversOf = (placed: readonly Placed[]): number => distinct(placed.flatMap(({ servers }) => servers));

/** How often each value occurs. */
function sharesOf(values: readonly number[]): number[] {
  return [...new Set(values)].map((value) => values.filter((other) => other === value).length);
}

/** The operations of each device that `pick` takes. */
function byDevice({ placed, topology }: Opened, pick: (operation: Operation) => boolean): Placed[][] {
  return Array.from({ length: topology.devices }, (_, device) =>
    placed.filter((it) => it.device === device && pick(it)),
  );
}

/** One queue, one worker behind it, and nothing else for that worker to do: total order on `sync`. */
function assertSerial(operations: readonly Placed[], { workers }: Opened): void {
  assert.equal(queuesOf(operations), 1);
  const { queue, servers } = operations[0]!;
  assert.equal(servers.length, 1);
  assert.deepEqual(workers[servers[0]!]!.serves, [queue]);
}

const isRead = ({ kind }: Operation): boolean => kind === READ;
const isNoRead = ({ kind }: Operation): boolean => kind !== READ;

for (const name of ['single-wq', 'thread', 'kthread-worker']) {
  test(`${name}: everything of a device is one queue's and one worker's`, () => {
    onMachines(name, (opened) => {
      for (const operations of byDevice(opened, () => true)) assertSerial(operations, opened);
      assert.equal(serversOf(opened.placed), opened.topology.devices);
    });
  });
}

test('mq-global: reads of all devices share N readers, and no device waits for the writes of another', () => {
  onMachines('mq-global', (opened) => {
    const reads = opened.placed.filter(isRead);
    assert.equal(queuesOf(reads), 1);
    assert.equal(serversOf(reads), opened.n);
    const writes = byDevice(opened, isNoRead);
    for (const operations of writes) assertSerial(operations, opened);
    assert.equal(queuesOf(writes.flat()), opened.topology.devices);
  });
});

test('mq-dev16: N workers of a device read, one of them drains its writes and FLUSHes', () => {
  onMachines('mq-dev16', (opened) => {
    const reads = byDevice(opened, isRead);
    const writes = byDevice(opened, isNoRead);
    for (let device = 0; device < opened.topology.devices; device++) {
      assert.equal(queuesOf(reads[device]!), 1);
      assert.equal(serversOf(reads[device]!), opened.n);
      assert.equal(queuesOf(writes[device]!), 1);
      assert.equal(serversOf(writes[device]!), 1);
      assert.equal(serversOf([...reads[device]!, ...writes[device]!]), opened.n, 'at most N at once');
    }
  });
});

test('split: reads spread over N workers, writes and FLUSHes have one of their own', () => {
  onMachines('split', (opened) => {
    const { n, topology } = opened;
    for (const operations of byDevice(opened, isNoRead)) assertSerial(operations, opened);
    for (const operations of byDevice(opened, isRead)) {
      assert.equal(serversOf(operations), Math.min(n, topology.cpus));
      for (let cpu = 0; cpu < topology.cpus; cpu++) {
        assertSerial(
          operations.filter((it) => it.cpu === cpu),
          opened,
        );
      }
    }
    assert.equal(
      serversOf(opened.placed),
      serversOf(opened.placed.filter(isRead)) + serversOf(opened.placed.filter(isNoRead)),
    );
  });
});

test('nowait: a write is tried while none of its device is on the slow path, a read always, a FLUSH never', () => {
  const strategy = STRATEGIES.find(({ name }) => name === 'nowait')!;
  const blkcg = STRATEGIES.find(({ name }) => name === 'blkcg')!;
  fc.assert(
    fc.property(parameters(strategy), topologies, (n, topology) => {
      const hooks = strategy.open(n, topology);
      const fresh = everyOperation(topology);
      const refused = fresh.map((operation) => ({ ...operation, tries: 1 }));
      const rt = runtimeOf([...fresh, ...refused], hooks.layout);
      const slow = blkcg.open(n, topology);
      const tried = (kind: number, device: number): boolean =>
        hooks.route(
          fresh.findIndex((it) => it.kind === kind && it.device === device),
          rt,
        ) === NOWAIT;
      refused.forEach((operation, i) => {
        const op = fresh.length + i;
        assert.equal(hooks.route(op, rt), slow.route(op, rt), 'the slow path is that of blkcg');
        for (let device = 0; device < topology.devices; device++) {
          const blocked = operation.kind === WRITE && device === operation.device;
          assert.deepEqual(
            [READ, WRITE, FLUSH].map((kind) => tried(kind, device)),
            [true, !blocked, false],
          );
          // A write that was not tried is on the slow path as well.
          if (blocked)
            hooks.done!(0 + fresh.findIndex((it) => it.kind === WRITE && it.device === device), rt);
        }
        hooks.done!(op, rt);
      });
    }),
    { numRuns: 20 },
  );
});

test('work-stealing: a worker takes the oldest of its own queue, else of the longest, and nothing only when there is nothing', () => {
  const strategy = STRATEGIES.find(({ name }) => name === 'work-stealing')!;
  const queues = fc.array(fc.array(fc.nat(), { maxLength: 4 }), { minLength: 1, maxLength: 6 });
  fc.assert(
    fc.property(queues, topologies, fc.nat(5), (lengths, topology, w) => {
      const held = lengths.map((queue, q) => queue.map((_, i) => 10 * q + i));
      const worker = w % held.length;
      const { layout, next } = strategy.open(held.length, topology);
      const rt: Runtime = {
        ...runtimeOf([], layout),
        depth: (queue) => held[queue]!.length,
        pop: (queue) => held[queue]!.shift() ?? NONE,
      };
      const sizes = held.map((queue) => queue.length);
      const taken = next!(worker, rt);
      const from = Math.floor(taken / 10);
      if (sizes.every((size) => size === 0)) assert.equal(taken, NONE);
      else if (sizes[worker]! > 0) assert.equal(taken, 10 * worker);
      else assert.deepEqual([taken % 10, sizes[from]], [0, Math.max(...sizes)]);
      // Whatever it may take from can wake it, and its own queue is the first of them.
      assert.equal(layout.workers[worker]!.serves[0], worker);
      assert.equal(new Set(layout.workers[worker]!.serves).size, held.length);
    }),
  );
});

test('per-cpu: no two CPUs and no two devices share a worker', () => {
  onMachines('per-cpu', (opened) => {
    const { cpus, devices } = opened.topology;
    for (const operations of byDevice(opened, () => true)) {
      for (let cpu = 0; cpu < cpus; cpu++) {
        assertSerial(
          operations.filter((it) => it.cpu === cpu),
          opened,
        );
      }
    }
    assert.equal(serversOf(opened.placed), cpus * devices);
  });
});

test('hwq-kthread: a hardware queue has neighbouring CPUs, and all have equal shares of them', () => {
  onMachines('hwq-kthread', (opened) => {
    const { n, topology } = opened;
    for (const kind of [READ, WRITE, FLUSH]) {
      for (const operations of byDevice(opened, (it) => it.kind === kind)) {
        const queues = operations.map(({ queue }) => queue);
        assert.equal(distinct(queues), Math.min(n, topology.cpus));
        assert.deepEqual(
          queues,
          queues.toSorted((a, b) => a - b),
          'operations are in the order of their CPUs',
        );
        const shares = sharesOf(queues);
        assert.ok(Math.max(...shares) - Math.min(...shares) <= 1, `shares ${shares}`);
      }
    }
    assert.equal(serversOf(opened.placed), queuesOf(opened.placed));
  });
});

test('ublk: the tag alone says which of the N daemons, and tags go round', () => {
  const strategy = STRATEGIES.find(({ name }) => name === 'ublk')!;
  fc.assert(
    fc.property(parameters(strategy), topologies, (n, topology) => {
      const { layout, route } = strategy.open(n, topology);
      const tags = Array.from({ length: 3 * n }, (_, tag) => tag);
      const daemons = (first: Operation): number[] => {
        const rt = runtimeOf(
          tags.map(() => first),
          layout,
        );
        return tags.map((tag) => route(tag, rt));
      };
      for (let device = 0; device < topology.devices; device++) {
        const one = daemons({ kind: READ, cpu: 0, device, cgroup: 0 });
        assert.deepEqual(one, daemons({ kind: FLUSH, cpu: topology.cpus - 1, device, cgroup: 0 }));
        assert.equal(distinct(one.slice(0, n)), n);
        assert.deepEqual(one.slice(n, 2 * n), one.slice(0, n));
      }
    }),
    { numRuns: 30 },
  );
});

test('zloop: a device has one queue and N workers that serve nothing else', () => {
  onMachines('zloop', (opened) => {
    for (const operations of byDevice(opened, () => true)) {
      assert.equal(queuesOf(operations), 1);
      assert.equal(serversOf(operations), opened.n);
    }
    assert.equal(serversOf(opened.placed), opened.n * opened.topology.devices);
    for (const { serves } of opened.workers) assert.equal(serves.length, 1);
  });
});

test("io-wq: N workers whatever the devices; one of them has a file's writes, all of them the rest", () => {
  onMachines('io-wq', (opened) => {
    const { n, topology } = opened;
    assert.equal(opened.workers.length, n);
    const writes = byDevice(opened, ({ kind }) => kind === WRITE);
    for (const operations of writes) {
      assert.equal(queuesOf(operations), 1);
      assert.equal(serversOf(operations), 1);
    }
    assert.equal(serversOf(writes.flat()), Math.min(n, topology.devices));
    const rest = opened.placed.filter(({ kind }) => kind !== WRITE);
    assert.equal(queuesOf(rest), 1);
    assert.equal(serversOf(rest), n);
  });
});

test('affinity: a pod has the CPUs of its scope, and a worker for each of them', () => {
  const { choices } = STRATEGIES.find(({ name }) => name === 'affinity')!.parameter!;
  const look = (opened: Opened): void => {
    const { topology, placed, workers, n } = opened;
    const { cpus, socketOf } = topology;
    const [scope, strict] = choices![n]!.split('-');
    const podOf = Array.from({ length: cpus }, (_, cpu) => placed.find((it) => it.cpu === cpu)!.queue);
    assert.ok(
      placed.every(({ cpu, queue }) => queue === podOf[cpu]),
      'only the CPU decides',
    );
    for (let cpu = 0; cpu < cpus; cpu++) {
      const { serves } = workers[cpu]!;
      assert.equal(serves[0], podOf[cpu], 'a worker begins with its own pod');
      assert.equal(serves.length, strict ? 1 : distinct(podOf), 'strict or not');
      if (scope !== 'system') {
        assert.ok(podOf.every((pod, other) => pod !== podOf[cpu] || socketOf[other] === socketOf[cpu]));
      }
    }
    const sizes = sharesOf(podOf);
    const perSocket = cpus / topology.sockets;
    const expected = {
      cpu: cpus,
      cache: topology.sockets * Math.ceil(perSocket / 8),
      numa: topology.sockets,
      system: 1,
    }[scope!];
    assert.equal(sizes.length, expected, scope);
    assert.ok(Math.max(...sizes) - Math.min(...sizes) <= 1, `${scope}: pods of ${sizes}`);
  };
  onMachines('affinity', look, machines(20));
});

test('affinity: CPUs of a socket need not be neighbours', () => {
  const strategy = STRATEGIES.find(({ name }) => name === 'affinity')!;
  const socketOf = Uint16Array.from([1, 0, 1, 0, 1]);
  const topology = { cpus: 5, sockets: 2, devices: 1, cgroups: 1, socketOf };
  const pods = (scope: string): number[] => {
    const { layout, route } = strategy.open(strategy.parameter!.choices!.indexOf(scope), topology);
    const operations = everyOperation(topology).filter(isRead);
    const rt = runtimeOf(operations, layout);
    return operations.map((_, op) => route(op, rt));
  };
  assert.deepEqual(pods('numa'), [0, 1, 0, 1, 0]);
  assert.deepEqual(pods('cache-strict'), [0, 1, 0, 1, 0]);
});

test('round-robin: N operations that follow each other go to N queues, and each thread has turns of its own', () => {
  const strategy = STRATEGIES.find(({ name }) => name === 'round-robin')!;
  fc.assert(
    fc.property(parameters(strategy), topologies, (n, topology) => {
      // Not a whole number of turns: one turn for both would show.
      const operations = Array.from({ length: 3 * n + 1 }, (_, op) => ({
        kind: op % 3,
        cpu: op % topology.cpus,
        device: topology.devices - 1,
        cgroup: 0,
      }));
      const [mine, yours] = [strategy.open(n, topology), strategy.open(n, topology)];
      const rt = runtimeOf(operations, mine.layout);
      const queues = operations.map((_, op) => mine.route(op, rt));
      assert.equal(distinct(queues.slice(0, n)), n);
      assert.deepEqual(queues.slice(n), queues.slice(0, 2 * n + 1));
      assert.deepEqual(
        operations.map((_, op) => yours.route(op, rt)),
        queues,
      );
    }),
    { numRuns: 30 },
  );
});
