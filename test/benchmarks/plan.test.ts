import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { type Design, parseDesign, STANDARD_DESIGNS } from '../../benchmarks/designs.ts';
import {
  bufferBytes,
  crewSizes,
  historySize,
  MAX_THREADS,
  READ_BACK,
  type RunPlan,
  settingsFor,
  tagsOf,
  workersOf,
} from '../../benchmarks/plan.ts';
import { defaultTopology } from '../../benchmarks/topology.ts';
import type { Job, Workload } from '../../datasets/workload.ts';
import { MachineError } from '../../engine/errors.ts';
import { historyBytes } from '../../ordering/history.ts';
import type { Layout } from '../../strategies/types.ts';

function workloadOf(jobs: Partial<Job>[], devices = 1): Workload {
  const complete = jobs.map(
    (job, k): Job => ({
      name: `job${k}`,
      pattern: 'randwrite',
      readPercent: 0,
      bs: 4096,
      size: 2 ** 20,
      files: [0],
      iodepth: 8,
      fsync: 0,
      dataSync: false,
      runtime: 0,
      count: 100,
      randseed: 1,
      ...job,
    }),
  );
  return {
    name: `${jobs.length}x${devices}`,
    path: 'plan.fio',
    summary: '',
    direct: undefined,
    files: Array.from({ length: devices }, (_, i) => ({ name: `disk${i}`, bytes: 2 ** 20 })),
    unitBytes: Math.min(...complete.map((job) => job.bs)),
    jobs: complete,
  };
}

function planOf(
  designs: readonly (string | Design)[],
  workloads: Workload[],
  change: Partial<RunPlan> = {},
): RunPlan {
  return {
    cells: workloads.map((workload) => ({ workload, direct: false, backend: 'sync' })),
    designs: designs.map((design) => (typeof design === 'string' ? parseDesign(design) : design)),
    rounds: 1,
    seed: 1,
    topology: { sockets: 2, cpusPerSocket: 4, virtual: true },
    dir: '/nowhere',
    overwrite: [],
    deadlineSeconds: 1,
    recording: true,
    ...change,
  };
}

/** A design whose layout is given. */
function designOf(layout: Layout): Design {
  const design = parseDesign('single-wq');
  const strategy = { ...design.crew!.strategy, open: () => ({ layout, route: () => 0 }) };
  return { ...design, name: 'planted', crew: { ...design.crew!, strategy, label: 'planted' } };
}

const four = workloadOf([{}, {}, {}, {}], 3);

test("workers are counted for the workload's devices and the run's topology; a reference row has none", () => {
  const plan = planOf([], [four]);
  const workers = (name: string): number => workersOf(plan, parseDesign(name), four);
  assert.equal(workers('single-wq'), 3);
  assert.equal(workers('per-socket+quiesce'), 6);
  assert.equal(workers('n-wq:5'), 15);
  assert.equal(workers('shared-pool:7'), 7);
  assert.equal(workers('raw'), 0);
});

test("a layout that can't lie on it is refused with the queue and the numbers", () => {
  const refused = (layout: Layout, message: RegExp): void => {
    const plan = planOf([designOf(layout)], [four]);
    assert.throws(
      () => workersOf(plan, plan.designs[0], four),
      (error) => error instanceof MachineError && message.test(error.message),
    );
  };
  refused(
    { queues: [{}, {}], workers: [{ serves: [0] }] },
    /planted: queue 1 has 0 workers, maxActive unset/,
  );
  refused(
    { queues: [{ maxActive: 1 }], workers: [{ serves: [0] }, { serves: [0] }] },
    /planted: queue 0 has 2 workers, maxActive 1/,
  );
  const several = planOf(
    [designOf({ queues: [{ maxActive: 2 }], workers: [{ serves: [0] }, { serves: [0] }] })],
    [four],
  );
  assert.equal(workersOf(several, several.designs[0], four), 2);
});

test('a crew is as large as its largest cell asks for', () => {
  const one = workloadOf([{}], 5);
  const sizes = crewSizes(planOf(['single-wq', 'n-wq:2', 'raw'], [four, one]));
  assert.deepEqual(sizes, [
    { submitters: 4, workers: 5 },
    { submitters: 4, workers: 10 },
    { submitters: 4, workers: 0 },
  ]);
});

test('a run may have so many threads and not one more; the message has the numbers and what to do', () => {
  const jobs = (n: number): Workload => workloadOf(Array.from({ length: n }, () => ({})));
  const total = (n: number): number =>
    crewSizes(planOf(['raw'], [jobs(n)])).reduce((sum, s) => sum + s.submitters + s.workers, 0);
  assert.equal(total(MAX_THREADS), MAX_THREADS);
  const plan = planOf(['raw', 'n-wq:64', 'single-wq'], [jobs(MAX_THREADS / 3)]);
  const expected = 3 * Math.floor(MAX_THREADS / 3) + 64 + 1;
  assert.throws(
    () => crewSizes(plan),
    (error) =>
      error instanceof MachineError &&
      error.message.includes(
        `${expected} threads, the limit is ${MAX_THREADS}; n-wq:64 alone has ${Math.floor(MAX_THREADS / 3) + 64}`,
      ) &&
      error.message.includes('--designs'),
  );
});

test('the standard comparison fits on a machine of any size', () => {
  for (const cores of [1, 2, 8, 64, 128, 256]) {
    crewSizes(planOf([...STANDARD_DESIGNS, 'raw'], [four], { topology: defaultTopology(1, cores, 4) }));
  }
});

test('all designs spin and are pinned, or none is: only where each runnable thread has a core', () => {
  const plan = planOf(['single-wq', 'n-wq:2'], [workloadOf([{}, {}])]);
  assert.deepEqual(settingsFor(plan, 4), { spin: 2000, pinned: true, replaceMs: 0, stacked: false });
  assert.deepEqual(settingsFor(plan, 3), { spin: 0, pinned: false, replaceMs: 0, stacked: false });
  assert.deepEqual(settingsFor(planOf(['raw'], [workloadOf([{}, {}])]), 2), {
    spin: 2000,
    pinned: true,
    replaceMs: 0,
    stacked: false,
  });
});

const jobs = fc.array(
  fc.record({
    bs: fc.constantFrom(512, 4096, 65536),
    iodepth: fc.integer({ min: 1, max: 4096 }),
    fsync: fc.nat(40),
    runtime: fc.constantFrom(0, 0.05, 3, 3600),
    count: fc.constantFrom(0, 1, 1000, 10_000_000),
  }),
  { minLength: 1, maxLength: 5 },
);

test('a history holds what a job can issue, its flushes included, as far as memory allows', () => {
  fc.assert(
    fc.property(jobs, (all) => {
      const workload = workloadOf(all);
      const { submitters, rowsEach, seenEach } = historySize(workload);
      // One more than the jobs: the read-back notes its reads as a submitter of its own.
      assert.equal(submitters, all.length + 1);
      const share = Math.floor(2 ** 24 / submitters);
      for (const job of workload.jobs) {
        const data = Math.min(job.count || Infinity, job.runtime > 0 ? job.runtime * 1e6 : Infinity);
        const flushes = job.fsync > 0 ? Math.floor(data / job.fsync) : 0;
        assert.ok(rowsEach >= Math.min(data + flushes, share), `${data} + ${flushes} in ${rowsEach}`);
        assert.ok(rowsEach >= job.iodepth, 'a row for each tag');
        assert.ok(
          seenEach >= Math.min(rowsEach, share) * (job.bs / workload.unitBytes) || seenEach >= 4 * share - 4,
        );
      }
      assert.ok(rowsEach >= READ_BACK && seenEach >= READ_BACK);
      assert.ok(historyBytes(submitters, rowsEach, seenEach) < 1.5 * 2 ** 30);
    }),
  );
});

test('a history of a thousand jobs stays within memory too', () => {
  const { submitters, rowsEach, seenEach } = historySize(
    workloadOf(Array.from({ length: 1024 }, () => ({ iodepth: 4096 }))),
  );
  assert.ok(rowsEach >= 4096);
  assert.ok(historyBytes(submitters, rowsEach, seenEach) < 1.5 * 2 ** 30);
});

test('buffers hold the largest block in whole pages, tags are those of all jobs', () => {
  const workload = workloadOf([
    { bs: 512, iodepth: 3 },
    { bs: 6144, iodepth: 4 },
  ]);
  assert.equal(bufferBytes(workload), 8192);
  assert.equal(bufferBytes(workloadOf([{ bs: 512 }])), 4096);
  assert.equal(tagsOf(workload), 7);
});
