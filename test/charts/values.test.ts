/** What each chart shows of its records, by numbers known beforehand. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { latencyRecord, mergeLatencies } from '../../benchmarks/latency.ts';
import { chartData } from '../../charts/chart.ts';
import { CHARTS } from '../../charts/index.ts';
import { alignedAtStart } from '../../charts/steady-state.ts';
import { sweepsOver } from '../../charts/sweeps.ts';
import type { TrialRecord } from '../../datasets/schema.ts';
import { latencies, trial } from '../benchmarks/trials.ts';
import { commits, depth, grids, overTime, rate, rounds, scale, speed, step, violations } from './sample.ts';
import { rowsWith } from './spec.ts';

function drawn(name: string, records: TrialRecord[]) {
  const spec = CHARTS.find((chart) => chart.name === name)!.draw(chartData(records));
  assert.ok(typeof spec !== 'string', `${spec}`);
  return spec;
}

/** Distinct rows, as several layers of one plot repeat them. */
function rowsOf(name: string, records: TrialRecord[], ...fields: string[]): Record<string, unknown>[] {
  const rows = rowsWith(drawn(name, records), ...fields);
  return [...new Map(rows.map((row) => [JSON.stringify(row), row])).values()];
}

const near = (actual: unknown, expected: number): void =>
  assert.ok(Math.abs(Number(actual) - expected) <= 1e-9 * Math.abs(expected), `${actual}, not ${expected}`);

test('scaling: the median over rounds with its interval, at each number of submitters', () => {
  const rows = rowsOf('scaling', scale(), 'submitters', 'iops');
  assert.equal(rows.length, 9);
  const row = rows.find(({ design, submitters }) => design === 'n-wq:4' && submitters === 8)!;
  near(row.iops, speed(1, 1) * Math.sqrt(8));
  near(row.low, speed(0, 1) * Math.sqrt(8));
  near(row.high, speed(2, 1) * Math.sqrt(8));
  assert.match(CHARTS.find(({ name }) => name === 'scaling')!.draw(chartData(rate())) as string, /no series/);
});

test('a series: names that differ in their last number, loads that differ in what is asked, all else alike', () => {
  const names = (records: TrialRecord[]) =>
    sweepsOver(
      chartData(records),
      ({ depth, submitters }) => depth / submitters,
      ({ submitters }) => submitters,
    ).map(({ name, steps }) => `${name}: ${steps.map(({ at }) => at)}`);
  assert.deepEqual(names(depth()), ['depth-1 to depth-16, direct: 1,16']);
  // Both directions of the axis that is not asked for, and a single workload, are no series.
  assert.deepEqual(names(scale()), []);
  assert.deepEqual(names(depth().filter(({ workload }) => workload === 'depth-16')), []);
  const renamed = depth().map((it) => ({ ...it, workload: it.workload.replace(/depth-1$/, 'other-1') }));
  assert.deepEqual(names(renamed), []);
  // Buffered and direct are two.
  const both = depth().flatMap((it): TrialRecord[] => [it, { ...it, direct: false, backend: 'sync' }]);
  assert.equal(names(both).length, 2);
  assert.deepEqual(
    names(depth().map(({ load, ...it }) => it)),
    [],
    'records of an earlier loopwq have no load',
  );
});

test('offered load and trade-off: the p99 of reads and writes of all rounds together', () => {
  const merged = mergeLatencies([0, 1, 2].map((round) => latencyRecord(latencies(10 * round, 400, 1e6))!));
  const [point] = rowsOf('offered-load', rate(), 'offered', 'p99_ns');
  assert.deepEqual(point, { design: 'single-wq', offered: 1000, p99_ns: merged.percentile(0.99) });
  const rows = rowsOf('trade-off', depth(), 'depth', 'p99_ns');
  assert.deepEqual(
    rows.map(({ design, depth }) => `${design} ${depth}`),
    ['single-wq 1', 'n-wq:4 1', 'steal:4 1', 'single-wq 16', 'n-wq:4 16', 'steal:4 16'],
  );
  assert.equal(rows[0]!.p99_ns, merged.percentile(0.99));
  near(rows[3]!.iops, speed(1, 0) * 4);
  // Too few to bound a p99: no point, rather than a guess.
  const few = rate().map((it) => ({ ...it, latency: { write: latencyRecord([1e6, 2e6])! } }));
  assert.equal(typeof CHARTS.find(({ name }) => name === 'offered-load')!.draw(chartData(few)), 'string');
});

test('percentiles: reads and writes together, up to the last quantile that their number bounds', () => {
  const values = Array.from({ length: 1000 }, (_, i) => (i + 1) * 1000);
  const record = trial({
    latency: { read: latencyRecord(values.slice(0, 500))!, write: latencyRecord(values.slice(500))! },
  });
  const rows = rowsOf('percentiles', [record], 'nines', 'latency');
  // 0.025^(1/1000) = 0.99632, so the axis ends at p99.632.
  const last = -Math.log10(1 - 0.025 ** (1 / 1000));
  near(Math.max(...rows.map((row) => Number(row.nines))), last);
  near(Math.min(...rows.map((row) => Number(row.nines))), Math.log10(2));
  const marks = rows.filter(({ percentile }) =>
    [90, 99].some((p) => Math.abs(Number(percentile) - p) < 1e-9),
  );
  for (const mark of marks)
    assert.ok(
      Math.abs(Number(mark.latency) / (Number(mark.percentile) * 10_000) - 1) < 2e-3,
      JSON.stringify(mark),
    );
  assert.ok(marks.length >= 2);
  for (const row of rows) {
    const exact = values[Math.min(999, Math.floor((1 - 10 ** -Number(row.nines)) * 1000))]!;
    assert.ok(Math.abs(Number(row.latency) / exact - 1) < 0.02, `${JSON.stringify(row)} for ${exact}`);
  }
});

test('heat map: every operation of every trial counts once, also where columns differ or are joined', () => {
  const total = (rows: Record<string, unknown>[]) => rows.reduce((n, row) => n + Number(row.count), 0);
  assert.equal(total(rowsOf('heat-map', grids(), 'ms', 'count')), 9 * 40);
  const [first, ...others] = grids().filter(({ design }) => design === 'single-wq');
  const finer = {
    ...first!,
    grid: { kind: 'flush', columnMs: 2, low: 40, counts: [[1], [2], [], [4]] },
  } as TrialRecord;
  const rows = rowsOf('heat-map', [finer, ...others], 'ms', 'count');
  assert.equal(total(rows), 7 + 80);
  // The others' columns are 4 ms wide: 0-1 and 2-3 of the finer grid are two of them, in the half octave from 2^20 ns on.
  const sum = rows.filter(({ latency }) => latency === 2 ** 20).map(({ ms, count }) => [ms, count]);
  assert.deepEqual(
    sum.filter(([ms]) => Number(ms) < 8),
    [
      [0, 3],
      [4, 4],
    ],
  );
  // Far more than can be looked at.
  const many = Array.from(
    { length: 60 },
    (_, at): TrialRecord => ({
      ...first!,
      design: `n-wq:${at + 1}`,
      grid: {
        kind: 'flush',
        columnMs: 4,
        low: 20,
        counts: Array.from({ length: 64 }, () => Array(10).fill(1)),
      },
    }),
  );
  const joined = rowsOf('heat-map', many, 'ms', 'count');
  assert.ok(joined.length <= 12_000 && joined.length > 3000, `${joined.length}`);
  assert.equal(total(joined), 60 * 640);
});

test('steady state: windows begin where the measurement does, and the warm-up is what lies before', () => {
  const aligned = (operations: number[], seconds: number, warmUp: number, window: number) => [
    ...alignedAtStart({ operations, seconds, warmUp }, window),
  ];
  assert.deepEqual(aligned([10, 20, 30, 40], 1, 2, 1), [
    [-2, 10],
    [-1, 20],
    [0, 30],
    [1, 40],
  ]);
  // Wider windows, and a warm-up that ends within one: only what is covered whole.
  assert.deepEqual(aligned([10, 20, 30, 40], 1, 2, 2), [
    [-1, 15],
    [0, 35],
  ]);
  assert.deepEqual(aligned([10, 20, 30, 40], 1, 0.5, 1), [
    [0, 15],
    [1, 25],
    [2, 35],
  ]);
  assert.deepEqual(aligned([1, 1, 1], 0.1, 0.3, 0.1).length, 3);
  const rows = rowsOf('steady-state', overTime(), 'second', 'iops');
  const warm = rows.filter(({ design, second }) => design === 'single-wq' && Number(second) < 0);
  assert.equal(warm.length, 5);
  near(warm[0]!.iops, Math.round(speed(1, 0) / 20) * 10);
  const shade = rowsWith(drawn('steady-state', overTime()), 'x', 'x2')[0]!;
  assert.ok(Number(shade.x) < 0 && shade.x2 === 0);
  assert.match(JSON.stringify(drawn('steady-state', overTime())), /1 design not steady after the warm-up/);
  // One trial of three that lasted longer says nothing about the others.
  const longer = overTime().map((it, at) =>
    at === 0 ? { ...it, series: { ...it.series!, operations: [...it.series!.operations, 1, 1, 1] } } : it,
  );
  assert.equal(rowsOf('steady-state', longer, 'second', 'iops').length, rows.length);
});

test('trials: a point a trial; of very many rounds every so many is drawn, and the medians are over all', () => {
  const records = rounds((round, at) => ({ metrics: { iops: speed(round, at) } }));
  assert.equal(rowsOf('trials', records, 'round', 'iops').length, 9);
  const medians = rowsOf('trials', records, 'median');
  near(medians[0]!.median, speed(1, 0));
  const many = Array.from({ length: 9000 }, (_, i) =>
    trial({ design: i % 2 ? 'n-wq:4' : 'single-wq', round: i >> 1, metrics: { iops: 1000 + (i >> 1) } }),
  );
  const points = rowsOf('trials', many, 'round', 'iops');
  assert.ok(points.length <= 4000 && points.length > 1000, `${points.length}`);
  assert.equal(rowsOf('trials', many, 'median')[0]!.median, 1000 + 4499 / 2);
  assert.match(JSON.stringify(drawn('trials', many)).replaceAll('","', ' '), /One round of every 3 is drawn/);
});

test('history: commits in the order of time, whatever that of the records is, and kernels where they differ', () => {
  const rows = rowsOf('history', commits(), 'commit', 'iops');
  const base = rows.filter(({ design }) => design === 'single-wq');
  assert.deepEqual(
    base.map(({ commit }) => commit),
    ['8b2e1f90aa-dirty', '4a6f0c1d2e'],
  );
  near(base[1]!.iops, speed(1, 0));
  near(base[0]!.iops, 2 * speed(1, 0));
  const kernels = commits().map((it) => ({
    ...it,
    revision: 'v1',
    host: { ...it.host, kernel: it.run === 'run 0' ? '6.18' : '6.19-patched' },
  }));
  const names = rowsOf('history', kernels, 'commit', 'iops').map(({ commit }) => commit);
  assert.deepEqual([...new Set(names)], ['v1, 6.19-patched', 'v1, 6.18']);
  // A name is data: it ends no expression.
  const odd = commits().map((it) => ({ ...it, revision: `${it.run}"']+x` }));
  assert.equal(rowsOf('history', odd, 'commit', 'iops').length, 6);
});

test('cost: medians over rounds of what one operation took, the own part and the interval', () => {
  const records = rounds((round, at) => ({
    metrics: {
      operations: 1000,
      cpuSystemUs: 1000 * (10 + at + round),
      cpuTasksUs: 4000,
      workers: at + 1,
      ioWqThreads: 2,
    },
  }));
  const rows = rowsWith(drawn('cost', records), 'design', 'own');
  const of = (design: string) => rows.filter((row) => row.design === design);
  assert.deepEqual(of('n-wq:4')[0], {
    design: 'n-wq:4',
    label: 'n-wq:4',
    value: 12,
    own: 4,
    low: 11,
    high: 13,
  });
  const threads = of('n-wq:4')[2]!;
  assert.deepEqual([threads.value, threads.own], [4, 2]);
});

test('fidelity: both ratios of the step with their intervals, a point a workload', () => {
  const rows = rowsOf('fidelity', step(), 'kernel', 'model', 'cell');
  assert.deepEqual(
    rows.map(({ cell }) => cell),
    ['flush-heavy, direct', 'mixed, buffered'],
  );
  for (const row of rows) {
    near(row.kernel, 1.2);
    near(row.model, 1.5);
    near(row.modelHigh, 1.5);
  }
  const without = step().filter(({ design }) => design !== 'kernel-loop:cgroups=4');
  assert.match(String(CHARTS.find(({ name }) => name === 'fidelity')!.draw(chartData(without))), /^no round/);
});

test('witness: lanes of the operations, the acknowledgement across them, and one plot for two rules with one witness', () => {
  const rows = rowsOf('witness', violations(), 'plot', 'from');
  const plots = [...new Set(rows.map(({ plot }) => String(plot)))];
  assert.equal(plots.length, 2);
  // A broken claim comes first.
  assert.match(plots[0]!, /^steal:4, dependent \(claimed\): unproved 6 of 9; randwrite-fsync, direct\n/);
  assert.match(
    plots[1]!,
    /^n-wq:4, submitted: lost 9 of 30, barrier: lost 12 of 30; .*\nWRITE of block 7 began/s,
  );
  const escaped = rows.filter(({ design }) => design === 'n-wq:4');
  assert.deepEqual(
    escaped.map(({ lane, what, from, to }) => `${lane}: ${what} ${from}-${to}`),
    [
      '1 queue 0: FLUSH, job 1: submitted to acknowledged 3-16',
      '1 queue 0: FLUSH, job 1: in the backend 5-15',
      '1 queue 0: FLUSH, job 1: the flush is acknowledged 16-16',
      '2 queue 1: WRITE of block 7, job 2: submitted to acknowledged 1-23',
      '2 queue 1: WRITE of block 7, job 2: in the backend 21-22',
      '2 queue 1: WRITE of block 7, job 2: the flush is acknowledged 16-16',
      '3 queue 2: FSYNC, job 0: in the backend 0.5-11',
      '3 queue 2: FSYNC, job 0: the flush is acknowledged 16-16',
    ],
  );
  // What never came back lasts to the end, and has no call.
  const pending = rows.filter(({ lane }) => String(lane).startsWith('1 no queue: WRITE of blocks 9-10'));
  assert.equal(pending.length, 1);
  assert.ok(Number(pending[0]!.to) > 12);
});
