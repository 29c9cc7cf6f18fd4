import assert from 'node:assert/strict';
import { test } from 'node:test';
import { detectableApart, detectablePaired } from '../../../benchmarks/compare/detectable.ts';
import type { Side } from '../../../benchmarks/compare/judge.ts';
import { thresholdFrom } from '../../../benchmarks/compare/threshold.ts';
import { bootstrapRatio } from '../../../benchmarks/statistics/bootstrap-ratio.ts';
import { ratioInterval } from '../../../benchmarks/statistics/ratio-interval.ts';
import { seededRandom } from '../../../benchmarks/statistics/seeded-random.ts';
import { AA_SCHEMA, AA_VERSION, type AaCell, type AaFile } from '../../../datasets/aa-file.ts';
import { trial } from '../trials.ts';

/** Log-normal values, with a heavy tail now and then as a busy machine has. */
function noisy(seed: number, n: number, spread = 0.05): number[] {
  const random = seededRandom(seed);
  return Array.from({ length: n }, () => {
    const normal = Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
    return 1000 * Math.exp(spread * normal * (random() < 0.1 ? 4 : 1));
  });
}

/** The share of fresh comparisons in which a change of a size is found. */
function foundShare(size: number, find: (base: number[], other: number[]) => boolean, n: number): number {
  let found = 0;
  for (let i = 0; i < 400; i++) {
    const by = i % 2 === 0 ? 1 + size : 1 / (1 + size);
    if (
      find(
        noisy(5000 + i, n),
        noisy(9000 + i, n).map((value) => value * by),
      )
    )
      found++;
  }
  return found / 400;
}

test('a change of the size that is told is found in four of five fresh comparisons, paired and apart', () => {
  const [base, other] = [noisy(1, 400), noisy(2, 400)];
  const excludes = ({ low, high }: { low: number; high: number }): boolean => low > 1 || high < 1;
  for (const n of [8, 12, 20]) {
    const paired = detectablePaired(base, other, n);
    const share = foundShare(paired, (a, b) => excludes(ratioInterval(a, b)!.interval!), n);
    // Four standard deviations of 400 draws, and what 400 rounds know of the noise.
    assert.ok(share > 0.7 && share < 0.9, `paired, ${n} rounds: ${paired} found in ${share}`);
  }
  const apart = detectableApart(base, other, 12);
  const share = foundShare(apart, (a, b) => excludes(bootstrapRatio(a, b, 1, 0.95, 500).interval!), 12);
  assert.ok(share > 0.7 && share < 0.93, `apart: ${apart} found in ${share}`);
});

test('more rounds tell more; no noise, everything', () => {
  const sizes = [6, 10, 20, 40].map((n) => detectablePaired(noisy(1, 100), noisy(2, 100), n));
  assert.deepEqual(
    sizes,
    [...sizes].sort((a, b) => b - a),
  );
  assert.equal(detectablePaired([5, 6, 7], [5, 6, 7], 6), 0);
  assert.equal(detectableApart([5, 5, 5], [5, 5, 5], 6), 0);
});

const cell = (more: Partial<AaCell> = {}): AaCell => ({
  workload: 'randwrite-fsync',
  direct: true,
  backend: 'uring',
  design: 'single-wq',
  metric: 'iops',
  base: noisy(1, 50),
  other: noisy(2, 50),
  ...more,
});
const fileOf = (...cells: AaCell[]): AaFile => ({
  schema: AA_SCHEMA,
  version: AA_VERSION,
  made: '2026-01-02T03:04:05.000Z',
  host: trial().host,
  cells,
});
const side = (rounds: number): Side => ({ median: 1, rounds });

test('the threshold is that of the noisiest design with as many rounds, and 5 % where nothing is alike', () => {
  const loud = cell({ design: 'n-wq:4', other: noisy(3, 50, 0.2) });
  const { threshold, note } = thresholdFrom(
    fileOf(cell(), loud, cell({ metric: 'flushP50', seconds: 1 })),
    [trial()],
    true,
  );
  assert.match(note, /^threshold from the aa of 2026-01-02/);
  assert.ok(typeof threshold === 'function');
  const { base: _, other: __, ...name } = cell();
  const at = (more: object, rounds: number) =>
    threshold({ ...name, ...more, base: side(rounds), new: side(40) });
  assert.equal(at({ design: 'other' }, 10), detectablePaired(loud.base, loud.other, 10));
  assert.ok(at({}, 10) > at({}, 40));
  for (const more of [{ workload: 'x' }, { direct: false }, { metric: 'flushP50' }])
    assert.equal(at(more, 10), 0.05);
  const apart = thresholdFrom(fileOf(loud), [trial()], false).threshold;
  assert.ok(typeof apart === 'function');
  const measured = { ...name, base: side(10), new: side(10) };
  assert.equal(apart(measured), detectableApart(loud.base, loud.other, 10), 'at different times');
});

test('an A/A run under other conditions says nothing, but for the kernel’s release', () => {
  const of = (more: Parameters<typeof trial>[0]) => thresholdFrom(fileOf(cell()), [trial(more)], false);
  assert.equal(typeof of({ host: { kernel: '7.0' } }).threshold, 'function');
  assert.deepEqual(of({ host: { cores: 64 } }), {
    threshold: 0.05,
    note: 'threshold 5 % by default: the aa of 2026-01-02 was made under other conditions (host.cores)',
  });
  assert.match(thresholdFrom(undefined, [trial()], true).note, /by default: loopwq aa finds out/);
});
