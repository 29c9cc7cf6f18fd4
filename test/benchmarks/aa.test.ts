import assert from 'node:assert/strict';
import { test } from 'node:test';
import { aaOf } from '../../benchmarks/aa.ts';
import { seededRandom } from '../../benchmarks/statistics/seeded-random.ts';
import { trial } from './trials.ts';

/** Blocks of 8 rounds; the second row of the disturbed one is 30 % slower, as if something else had run on its core. */
function records(blocks: number, disturbed: number | undefined, by = 0.7) {
  const random = seededRandom(1);
  return Array.from({ length: blocks * 8 }, (_, round) =>
    ['a', 'a@itself', 'raw'].map((design) => {
      const slow = design === 'a@itself' && Math.floor(round / 8) === disturbed ? by : 1;
      return trial({ design, round, metrics: { iops: 1000 * slow * (1 + 0.01 * random()) } });
    }),
  ).flat();
}

test('comparisons in which something was found are counted, in one run and across', () => {
  const hits = (disturbed: number | undefined, by?: number) =>
    aaOf(records(5, disturbed, by), ['a'], 8, 5).falsePositives.map((it) => [
      it.kind,
      it.threshold,
      it.hits,
      it.comparisons,
    ]);
  assert.deepEqual(hits(2).slice(0, 2), [
    ['in one run', 0.05, 1, 5],
    ['across runs', 0.05, 1, 4],
  ]);
  assert.deepEqual(hits(2, 1.4), hits(2), 'what is better is found as well');
  assert.deepEqual(
    [hits(0), hits(4)].map(([inOne, across]) => [inOne![2], across![2]]),
    [
      [1, 0],
      [1, 1],
    ],
    'across runs the first rows of one block meet the second rows of the next',
  );
  assert.deepEqual(hits(undefined).slice(0, 2), [
    ['in one run', 0.05, 0, 5],
    ['across runs', 0.05, 0, 4],
  ]);
});

test('cells have the values of both rows round by round, of all metrics', () => {
  const made = records(1, undefined).filter((r) => !(r.round === 3 && r.design === 'a'));
  const { cells, cellsEach } = aaOf(made, ['a'], 8, 1);
  assert.deepEqual(
    cells.map(({ design, metric, base, other }) => [design, metric, base.length, other.length]),
    [
      ['a', 'iops', 7, 7],
      ['a', 'cpuUs', 7, 7],
    ],
  );
  assert.equal(cellsEach, 1, 'a gate does not judge the CPU time');
  const at = made.find((r) => r.round === 4 && r.design === 'a@itself')!;
  assert.equal(cells[0]!.other[3], Number(at.metrics.iops.toPrecision(6)));
});
