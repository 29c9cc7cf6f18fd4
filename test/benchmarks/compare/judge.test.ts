import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { judge, judgeSamples } from '../../../benchmarks/compare/judge.ts';
import { leastP, roundsNeeded } from '../../../benchmarks/compare/rounds-needed.ts';
import { seededRandom } from '../../../benchmarks/statistics/seeded-random.ts';
import type { MetricName, Sample } from '../../../datasets/sample.ts';
import { trial } from '../trials.ts';

const ROUNDS = 12;

/** Rounds of one metric around a centre; the rounds of one seed share the machine's mood of each round. */
function samples(
  seed: number,
  centre: number,
  { spread = 0.01, mood = 0, rounds = ROUNDS, metric = 'iops' as MetricName, ...rest }: Partial<Spec> = {},
): Sample[] {
  const random = seededRandom(seed);
  return Array.from({ length: rounds }, (_, round) => ({
    round: `r\n${round}`,
    workload: 'w',
    direct: true,
    backend: 'uring' as const,
    design: 'single-wq',
    values: { [metric]: centre * (1 + mood * (round % 5)) * (1 + spread * (random() - 0.5)) },
    ...rest,
  }));
}
type Spec = Sample & { spread: number; mood: number; rounds: number; metric: MetricName };

const answerOf = (base: Sample[], other: Sample[], options = {}) =>
  judgeSamples(base, other, options).verdicts[0]!;

describe('answers', () => {
  const base = samples(1, 1000);
  test('beyond the threshold and significant: better or worse, by what the metric wants', () => {
    assert.equal(answerOf(base, samples(2, 1200)).answer, 'better');
    assert.equal(answerOf(base, samples(2, 800)).answer, 'worse');
    const p99 = (seed: number, ns: number) => samples(seed, ns, { metric: 'flushP99' });
    assert.equal(answerOf(p99(1, 1000), p99(2, 1200)).answer, 'worse');
    assert.equal(answerOf(p99(1, 1000), p99(2, 800)).answer, 'better');
  });
  test('within the threshold: the same, though significant', () => {
    const it = answerOf(base, samples(2, 1020));
    assert.equal(it.answer, 'same');
    assert.ok(it.adjusted < 0.001 && it.ratio > 1.01);
    assert.equal(answerOf(base, samples(2, 1020), { threshold: 0.001 }).answer, 'better');
  });
  test('across the threshold: inconclusive', () => {
    const it = answerOf(base, samples(2, 1050, { spread: 0.1 }));
    assert.deepEqual([it.answer, it.why], ['inconclusive', 'the interval straddles the threshold']);
  });
  test('beyond it without significance: inconclusive', () => {
    // One of seven new ones lies below all of the base: p is 0.026, and the medians lie far apart all the same.
    const at = (values: number[]): Sample[] =>
      values.map((iops, i) => ({ ...base[0]!, round: `${i}`, values: { iops } }));
    const it = answerOf(at([10, 10.1, 10.2, 10.3, 10.4, 10.5, 10.6]), at([9, 20, 21, 22, 23, 24, 25]), {
      alpha: 0.01,
    });
    assert.deepEqual([it.answer, it.why], ['inconclusive', 'not significant']);
  });
  test('A/A: 60 pairs of equal sides with much noise, hardly a find', () => {
    let finds = 0;
    for (let seed = 0; seed < 60; seed++) {
      const options = { threshold: 0, seed };
      const it = answerOf(samples(seed, 1, { spread: 1 }), samples(seed + 1000, 1, { spread: 1 }), options);
      if (it.answer !== 'inconclusive') finds++;
    }
    // 5 % of 60, and five standard deviations.
    assert.ok(finds <= 11, `${finds} finds`);
  });
  test('each cell may have its own threshold', () => {
    const threshold = (cell: { design: string }) => (cell.design === 'single-wq' ? 0.5 : 0.05);
    assert.equal(answerOf(base, samples(2, 1200), { threshold }).answer, 'same');
    assert.throws(() => judgeSamples(base, base, { threshold: -1 }), /threshold -1/);
    assert.throws(() => judgeSamples(base, base, { alpha: 1 }), /alpha 1/);
  });
});

test('pairing by round takes out what the machine does to both', () => {
  const base = samples(1, 1000, { mood: 0.5, design: 'a' });
  const other = samples(2, 1200, { mood: 0.5, design: 'b' });
  assert.equal(answerOf(base, other, { paired: true }).answer, 'better');
  const alone = other.map((sample) => ({ ...sample, design: 'a' }));
  assert.equal(answerOf(base, alone).answer, 'inconclusive');
});

test('paired rounds that one side lacks are left out, and sides of several designs refused', () => {
  const base = samples(1, 1000, { design: 'a' });
  const it = answerOf(base, samples(2, 1200, { design: 'b' }).slice(3), { paired: true });
  assert.deepEqual([it.base.rounds, it.new.rounds, it.design], [9, 9, 'b']);
  assert.throws(
    () => judgeSamples([...base, ...samples(2, 1, { design: 'c' })], base, { paired: true }),
    /2 designs/,
  );
});

test('few rounds are never the same: what would be needed is said', () => {
  const few = judgeSamples(samples(1, 1000, { rounds: 3 }), samples(1, 1000, { rounds: 3 }));
  assert.deepEqual([few.verdicts[0]!.answer, few.verdicts[0]!.why], ['inconclusive', 'fewer than 5 rounds']);
  assert.equal(few.roundsNeeded, 5);
  const paired = judgeSamples(samples(1, 1, { rounds: 5 }), samples(1, 1, { rounds: 5 }), { paired: true });
  assert.deepEqual([paired.verdicts[0]!.why, paired.roundsNeeded], ['too few rounds', 6]);
  assert.equal(judgeSamples(samples(1, 1), samples(2, 1)).roundsNeeded, undefined);
});

test('Holm counts every cell: what is significant alone is not among many', () => {
  const cells = (seed: number, by: number): Sample[] =>
    Array.from({ length: 20 }, (_, i) =>
      samples(seed + i, i === 0 ? by : 1000, { rounds: 5, workload: `w${i}` }),
    ).flat();
  assert.equal(
    judgeSamples(cells(1, 1000).slice(0, 5), cells(50, 2000).slice(0, 5)).verdicts[0]!.answer,
    'better',
  );
  const all = judgeSamples(cells(1, 1000), cells(50, 2000));
  assert.equal(all.verdicts[0]!.answer, 'inconclusive');
  assert.equal(all.verdicts[0]!.p.toFixed(5), '0.00794');
  assert.equal(all.roundsNeeded, 6);
});

test('the geometric mean over cells, and cells that one side alone has', () => {
  const at = (workload: string, seed: number, centre: number) =>
    samples(seed, centre, { workload, spread: 0 });
  const it = judgeSamples(
    [...at('a', 1, 100), ...at('b', 2, 100), ...at('gone', 3, 1)],
    [...at('a', 4, 200), ...at('b', 5, 800), ...at('come', 6, 1)],
  );
  assert.equal(it.geomeans.length, 1);
  assert.ok(Math.abs(it.geomeans[0]!.ratio - 4) < 1e-9 && Math.abs(it.geomeans[0]!.new - 400) < 1e-9);
  assert.deepEqual(
    it.missing.map(({ workload, from }) => [workload, from]),
    [
      ['gone', 'base'],
      ['come', 'new'],
    ],
  );
});

test('results: trials that failed or were skipped are no samples', () => {
  const results = (iops: number, more = {}) =>
    Array.from({ length: 8 }, (_, round) => trial({ round, metrics: { iops: iops + round }, ...more }));
  const { verdicts } = judge(results(1000), [...results(1500), ...results(1, { failure: 'x' })]);
  assert.deepEqual(
    verdicts.map(({ metric, answer }) => [metric, answer]),
    [
      ['iops', 'better'],
      ['cpuUs', 'same'],
    ],
  );
  assert.equal(judge(results(1000), results(1, { skipped: 'no' })).verdicts.length, 0);
});

test('the smallest p and the rounds that it takes', () => {
  assert.ok(Math.abs(leastP(4, 4) - 0.029) < 5e-4);
  assert.ok(Math.abs(leastP(5, 5) - 0.008) < 1e-4);
  assert.ok(Math.abs(leastP(7, 7) - 0.0006) < 5e-5);
  assert.equal(leastP(6), 2 / 64);
  assert.equal(leastP(1), 1);
  assert.equal(roundsNeeded(1, 0.05, false), 5);
  assert.equal(roundsNeeded(20, 0.05, false), 6);
  assert.equal(roundsNeeded(20, 0.05, true), 10);
  assert.equal(roundsNeeded(100_000, 0.05, true), undefined);
});
