import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { latencyRecord } from '../../benchmarks/latency.ts';
import { claimFailures, exercised, notExercisedClaims, summarize } from '../../benchmarks/summary.ts';
import { type Difference, latencies, thread, trial, verdict } from './trials.ts';

/** Trials of one design, one per value of iops, in rounds 0, 1, ... */
const rounds = (design: string, iops: number[], more: Difference = {}) =>
  iops.map((value, round) => trial({ ...more, design, round, metrics: { ...more.metrics, iops: value } }));

const near = (actual: number | undefined, expected: number): void =>
  assert.ok(actual !== undefined && Math.abs(actual - expected) < 1e-9, `${actual} is not ${expected}`);

test('a group is one workload, direct or buffered, and backend, in order of first appearance', () => {
  const groups = summarize([
    trial({ workload: 'b' }),
    trial({ workload: 'a' }),
    trial({ workload: 'b', direct: false }),
    trial({ workload: 'b', direct: false, backend: 'sync' }),
    trial({ workload: 'b', backend: 'null' }),
    trial({ workload: 'b', round: 1 }),
  ]);
  assert.deepEqual(
    groups.map((group) => [group.workload, group.direct, group.backend, group.rounds]),
    [
      ['b', true, 'uring', 2],
      ['a', true, 'uring', 1],
      ['b', false, 'uring', 1],
      ['b', false, 'sync', 1],
      ['b', true, 'null', 1],
    ],
  );
});

test('rows follow the order given, then first appearance; the base is the first design, else the first reference', () => {
  const records = ['c', 'raw', 'a', 'b'].map((design) => trial({ design, reference: design === 'raw' }));
  const [plain] = summarize(records);
  assert.deepEqual(
    plain!.rows.map((row) => row.design),
    ['c', 'raw', 'a', 'b'],
  );
  const [ordered] = summarize(records, ['raw', 'b', 'absent', 'a']);
  assert.deepEqual(
    ordered!.rows.map((row) => row.design),
    ['raw', 'b', 'a', 'c'],
  );
  assert.equal(ordered!.base, 'b');
  // Kernel against kernel: with references alone the first of them is the base.
  assert.equal(summarize([trial({ design: 'kernel-loop', reference: true })])[0]!.base, 'kernel-loop');
});

test('IOPS are the median over rounds, the ratio is paired by round and absent on the base', () => {
  const [group] = summarize([
    ...rounds('a', [100, 200, 400, 800, 1600]),
    ...rounds('b', [300, 400, 600, 2000, 1600]),
    ...rounds('raw', [200, 400, 800, 1600, 3200], { reference: true }),
  ]);
  const [a, b, raw] = group!.rows;
  assert.deepEqual(a!.iops, { value: 400, interval: { low: 100, high: 1600, confidence: 0.9375 } });
  assert.equal(a!.ratio, undefined);
  // Quotients 3, 2, 1.5, 2.5, 1; the quotient of the medians would be 1.5.
  near(b!.ratio?.value, 2);
  near(b!.ratio?.interval?.low, 1);
  near(b!.ratio?.interval?.high, 3);
  near(raw!.ratio?.value, 2);
});

test('a failed trial is no measurement, its round has no pair, its verdicts count', () => {
  const b = rounds('b', [200, 9, 600, 0]);
  b[1] = trial({
    design: 'b',
    round: 1,
    failure: 'stuck',
    metrics: { iops: 9, writes: 1, cpuSystemUs: 1e9 },
    verdicts: { progress: { lost: 1 } },
  });
  const row = summarize([...rounds('a', [100, 100, 200, 100]), ...b])[0]!.rows[1]!;
  assert.deepEqual(row.failures, [{ round: 1, reason: 'stuck' }]);
  assert.equal(row.rounds, 3);
  // The round in which nothing was done counts as measured, but zero has no ratio.
  assert.equal(row.iops!.value, 400);
  assert.equal(row.ratio!.rounds, 2);
  near(row.ratio!.value, Math.sqrt(2 * 3));
  near(row.cpuUs!.system, 20);
  assert.equal(row.verdicts.progress.lost, 1);
});

test('a design whose trials all failed has a row without numbers', () => {
  const row = summarize([trial(), trial({ design: 'b', failure: 'x' })])[0]!.rows[1]!;
  const { iops, ratio, cpuUs, switches, ioWqThreads, flushP50 } = row;
  assert.deepEqual([iops, ratio, cpuUs, switches, flushP50], new Array(5).fill(undefined));
  assert.equal(ioWqThreads, 0);
});

test('costs are sums over rounds by sums of operations, not means of quotients', () => {
  const [group] = summarize([
    trial({
      metrics: { reads: 50, writes: 30, flushes: 20, cpuSystemUs: 1000, cpuTasksUs: 500 },
    }),
    trial({
      round: 1,
      metrics: { reads: 0, writes: 300, flushes: 0, cpuSystemUs: 600, cpuTasksUs: 300 },
    }),
  ]);
  const row = group!.rows[0]!;
  assert.deepEqual(row.cpuUs, { system: 1600 / 400, tasks: 800 / 400 });
  assert.deepEqual(row.switches, { system: 6000 / 400, tasks: 2000 / 400 });
});

test('threads of io-wq are the most of any round, rounds that were cut are counted', () => {
  const metrics = [
    { ioWqThreads: 1, cut: false },
    { ioWqThreads: 3, cut: true },
    { ioWqThreads: 2, cut: true },
  ];
  const row = summarize(metrics.map((it, round) => trial({ round, metrics: it })))[0]!.rows[0]!;
  assert.deepEqual([row.ioWqThreads, row.cut], [3, 2]);
});

test('percentiles come from all rounds together, are refused below their n and absent without operations', () => {
  const flush = (seed: number, n: number, ns: number) => latencyRecord(latencies(seed, n, ns, 0))!;
  const [group] = summarize([
    trial({ latency: { flush: flush(1, 300, 1000), write: flush(2, 100, 5000) } }),
    trial({ round: 1, latency: { flush: flush(3, 100, 2000) } }),
  ]);
  const row = group!.rows[0]!;
  assert.deepEqual(row.flushP50, { value: 1000 });
  // The mean of the rounds' p99 would be 1500.
  assert.deepEqual(row.flushP99, { value: 2000 });
  assert.deepEqual(row.writeP99, { refused: 100, needs: 368 });
  assert.equal(row.readP99, undefined);
});

test('verdicts add up over rounds, whatever the rounds', () => {
  const counts = fc.record({
    proved: fc.nat(100),
    unproved: fc.nat(100),
    lost: fc.nat(100),
    notExercised: fc.nat(100),
  });
  fc.assert(
    fc.property(fc.array(counts, { minLength: 1, maxLength: 6 }), (verdicts) => {
      const records = verdicts.map((submitted, round) => trial({ round, verdicts: { submitted } }));
      const sum = summarize(records)[0]!.rows[0]!.verdicts.submitted;
      for (const field of ['proved', 'unproved', 'lost', 'notExercised'] as const)
        assert.equal(
          sum[field],
          verdicts.reduce((total, it) => total + it[field], 0),
        );
    }),
  );
});

test('the best witness crosses queues, then is short; one of a loss beats one of an open window', () => {
  const witness = (sentence: string, crossesQueues: boolean) => ({ sentence, rows: [], crossesQueues });
  const best = (...verdicts: NonNullable<Difference['verdicts']>['submitted'][]) =>
    summarize(verdicts.map((submitted, round) => trial({ round, verdicts: { submitted: submitted! } })))[0]!
      .rows[0]!.verdicts.submitted.witness?.sentence;
  const long = { lost: 1, witness: witness('a long one', true) };
  const short = { lost: 1, witness: witness('short', true) };
  const inside = { lost: 1, witness: witness('in', false) };
  const open = { unproved: 1, witness: witness('o', true) };
  assert.equal(best(inside, long, short), 'short');
  assert.equal(best(open, inside), 'in');
  assert.equal(best(open, { proved: 5 }), 'o');
  assert.equal(best({ proved: 5 }), undefined);
});

test('a claim fails when it is lost or unproved; what is not claimed does not', () => {
  const [group] = summarize([
    trial({
      claims: ['submitted', 'completed', 'integrity'],
      verdicts: {
        integrity: verdict(9, 0, 0),
        completed: verdict(5, 2, 0),
        submitted: verdict(5, 2, 1),
        barrier: verdict(0, 0, 8),
      },
    }),
  ]);
  assert.deepEqual(
    claimFailures(group!).map(({ design, contract, kind }) => [design, contract, kind]),
    [
      ['single-wq', 'completed', 'unproved'],
      ['single-wq', 'submitted', 'lost'],
    ],
  );
  assert.equal(exercised(group!.rows[0]!.verdicts.submitted), 8);
});

test('a claim is untested only when no workload put it to the test', () => {
  const claims: Difference['claims'] = ['submitted', 'dependent'];
  const groups = summarize([
    trial({ workload: 'x', claims, verdicts: { submitted: { notExercised: 4 } } }),
    trial({ workload: 'y', claims, verdicts: { submitted: { unproved: 1 } } }),
    trial({ workload: 'y', design: 'b', claims }),
  ]);
  assert.deepEqual(notExercisedClaims(groups), [
    { design: 'single-wq', contract: 'dependent' },
    { design: 'b', contract: 'submitted' },
    { design: 'b', contract: 'dependent' },
  ]);
});

test('records that were not made under the same conditions are said to be mixed', () => {
  const [group] = summarize([trial(), trial({ round: 1, settings: { spin: 0 }, host: { kernel: '6.19' } })]);
  assert.deepEqual(group!.mixed, ['settings', 'host']);
  assert.deepEqual(summarize(thread())[0]!.mixed, []);
});

test('rounds of two runs are told apart', () => {
  const [group] = summarize([
    ...rounds('a', [100], { run: 'x' }),
    ...rounds('a', [200], { run: 'y' }),
    ...rounds('b', [400], { run: 'y' }),
  ]);
  assert.equal(group!.rounds, 2);
  assert.deepEqual(group!.rows[1]!.ratio, { value: 2, rounds: 1 });
});
