import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { latencyRecord } from '../../benchmarks/latency.ts';
import { summarize } from '../../benchmarks/summary.ts';
import { chartData } from '../../charts/chart.ts';
import { flushTail } from '../../charts/flush-tail.ts';
import { drawCharts, drawFrom } from '../../charts/index.ts';
import { designKey } from '../../charts/key.ts';
import { designStyles } from '../../charts/palette.ts';
import { ratio } from '../../charts/ratio.ts';
import { renderSvg } from '../../charts/render.ts';
import type { TrialRecord } from '../../datasets/schema.ts';
import { latencies, thread, trial } from '../benchmarks/trials.ts';
import { objects, rowsWith, texts } from './spec.ts';

const THREAD = thread();
const ORDER = ['single-wq', 'blk-flush>n-wq:4+quiesce+range-lock', 'steal:4', 'raw'];

/** Two cells: the thread's designs buffered too, without flushes there. */
function twoCells(): TrialRecord[] {
  const buffered = THREAD.map((it): TrialRecord => {
    const { flush, ...latency } = it.latency;
    return { ...it, direct: false, backend: 'sync', latency };
  });
  return [...THREAD, ...buffered];
}

function drawn(chart: typeof ratio, records: TrialRecord[], order?: string[]) {
  const spec = chart.draw(chartData(records, order));
  assert.ok(typeof spec !== 'string', `${spec}`);
  return spec;
}

test('ratio: every design of every cell, with the numbers of the summary and the base at 1', () => {
  const groups = summarize(twoCells(), ORDER);
  const rows = rowsWith(drawn(ratio, twoCells(), ORDER), 'design', 'ratio');
  const expected = groups.flatMap((group) =>
    group.rows.map((row) => {
      const base = row.design === 'single-wq';
      const { value, interval } = row.ratio ?? { value: 1 };
      return [row.design, base ? 1 : value, interval?.low ?? null, interval?.high ?? null];
    }),
  );
  assert.equal(expected.length, 8);
  assert.deepEqual(
    rows.map(({ design, ratio, low, high }) => [design, ratio, low, high]),
    expected,
  );
  assert.deepEqual(
    rows.slice(0, 4).map((row) => row.label),
    ['single-wq', 'blk-flush>n-wq:4+quiesce+range-lock', 'steal:4', 'raw (reference)'],
  );
});

test('ratio: one round has points without intervals, a failed design has its row and says so', () => {
  const records = [
    trial({ design: 'single-wq', metrics: { iops: 100 } }),
    trial({ design: 'n-wq:4', metrics: { iops: 150 } }),
    trial({ design: 'per-socket', failure: 'stuck' }),
    trial({ design: 'n-wq:2', round: 1 }),
    trial({ design: 'kernel-loop', reference: true, skipped: 'needs root', metrics: { iops: 0 } }),
  ];
  const rows = rowsWith(drawn(ratio, records), 'design', 'text').map((row) => [
    row.design,
    row.low,
    row.text,
  ]);
  assert.deepEqual(rows, [
    ['single-wq', null, 'base'],
    ['per-socket', null, 'failed'],
    ['n-wq:2', null, 'no round with the base'],
    ['n-wq:4', null, '1.50'],
    ['kernel-loop', null, 'skipped'],
  ]);
  const notes = JSON.stringify(drawn(ratio, records.slice(0, 2)));
  assert.match(notes, /no intervals/);
  assert.match(JSON.stringify(drawn(ratio, THREAD, ORDER)), /covers 93.75 or 87.5 %/);
});

test('cells with different designs are one chart', async () => {
  const records = [
    ...THREAD,
    ...THREAD.filter(({ design }) => design !== 'steal:4').map((it) => ({ ...it, workload: 'other' })),
  ];
  for (const drawing of await drawCharts(records))
    assert.ok('svg' in drawing || /; run npx/.test(drawing.reason));
});

test('ratio: without an order the base is the first of the fixed order, not of the shuffled round', () => {
  const designs = ['raw', 'shared-pool:4', 'per-socket', 'single-wq'];
  const records = designs.map((design) => trial({ design, reference: design === 'raw' }));
  const rows = rowsWith(drawn(ratio, records), 'design', 'text');
  assert.deepEqual([rows[0]?.design, rows[0]?.text], ['single-wq', 'base']);
});

test('ratio: cells without I/O have an axis of their own, the others share theirs', () => {
  const cell = (workload: string, backend: TrialRecord['backend'], iops: number) => [
    trial({ workload, backend }),
    trial({ workload, backend, design: 'n-wq:4', metrics: { iops } }),
  ];
  const records = [...cell('a', 'uring', 1000), ...cell('b', 'uring', 1800), ...cell('a', 'null', 90_000)];
  const domains = [...objects(drawn(ratio, records))].flatMap((it) =>
    it.type === 'log' ? [`${it.domain}`] : [],
  );
  assert.equal(new Set(domains).size, 2);
  assert.ok(Number(domains[0]!.split(',')[1]) < 3);
});

test('flush tail: a line per design that flushed, in cells that have flushes alone', () => {
  const spec = drawn(flushTail, twoCells(), ORDER);
  const lines = [...objects(spec)].filter((it) => JSON.stringify(it.mark)?.includes('step-before'));
  const points = rowsWith(lines, 'latency', 'share');
  assert.deepEqual(new Set(points.map((point) => point.design)), new Set(ORDER));
  assert.ok(points.every((point) => Number(point.latency) > 0 && Number(point.share) > 0));
  assert.equal(lines.length, 1);
  // The line of a design ends at the slowest flush of its measured trials, with a share of one of them.
  const flushes = THREAD.flatMap((it) => (it.design === 'steal:4' && !it.failure ? [it.latency.flush!] : []));
  const last = points
    .filter((point) => point.design === 'steal:4')
    .sort((a, b) => Number(a.share) - Number(b.share))[0];
  const n = flushes.reduce((sum, it) => sum + it.n, 0);
  assert.deepEqual(last, {
    design: 'steal:4',
    latency: Math.max(...flushes.map((it) => it.max)),
    share: 1 / n,
  });
});

test('a design looks the same in every chart, also when others are missing', () => {
  const colorsOf = (spec: unknown): Map<unknown, unknown> => {
    const scales = [...objects(spec)].filter(
      (it) => Array.isArray(it.range) && /^#/.test(String(it.range[0])),
    );
    const pairs = scales.flatMap((it) =>
      (it.domain as string[]).map((name, at) => [name, (it.range as string[])[at]]),
    );
    return new Map(pairs.filter(([, color]) => color !== 'white') as [unknown, unknown][]);
  };
  const all = colorsOf(drawn(ratio, THREAD));
  assert.equal(all.size, 4);
  assert.deepEqual(colorsOf(drawn(flushTail, THREAD)), all);
  const few = colorsOf(
    drawn(
      flushTail,
      THREAD.filter((it) => it.design !== 'single-wq'),
    ),
  );
  assert.equal(few.size, 3);
  for (const [design, color] of few) assert.equal(color, all.get(design));
});

test('the key has a place for each design, beside and below each other, within its width', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 60 }), fc.integer({ min: 1, max: 60 }), (count, letters) => {
      const designs = Array.from({ length: count }, (_, at) => String(at).padStart(letters, 'x'));
      const key = designKey(designStyles(designs.map((design) => ({ design, reference: false }))), 890);
      const rows = rowsWith(key, 'design', 'x');
      assert.deepEqual(new Set(rows.map((row) => row.name)), new Set(designs));
      assert.equal(new Set(rows.map((row) => `${row.x} ${row.y}`)).size, count);
      for (const row of rows) {
        const end = Number(row.text) + 0.61 * 11 * String(row.name).length;
        assert.ok(end <= 890 && Number(row.y) * 18 < Number((key as { height: number }).height));
        for (const other of rows)
          assert.ok(other.y !== row.y || !(Number(other.x) > Number(row.x) && Number(other.x) <= end));
      }
    }),
    { numRuns: 30 },
  );
});

test('a chart without its data says why', async () => {
  const alone = chartData([0, 1].map((round) => trial({ round })));
  assert.deepEqual(await drawFrom(alone, [ratio, flushTail]), [
    {
      name: 'ratio',
      reason: 'no round measured the base and another design; run npx loopwq run --designs single-wq,n-wq:4',
    },
    { name: 'flush-tail', reason: 'no flush was measured; run npx loopwq run --workloads flush-heavy' },
  ]);
});

test('SVGs have every label as text, whole, and fit a page', async () => {
  for (const drawing of await drawFrom(chartData(twoCells(), ORDER), [ratio, flushTail])) {
    assert.ok('svg' in drawing);
    const { svg } = drawing;
    const words = texts(svg);
    for (const word of [...ORDER.slice(0, 3), 'raw (reference)', 'randwrite-fsync, direct'])
      assert.ok(words.includes(word), `${drawing.name} without ${word}: ${words.join(' | ')}`);
    assert.ok(!words.some((word) => word.includes('…')), 'nothing is cut');
    const width = Number(svg.match(/ width="(\d+)"/)?.[1]);
    assert.ok(width > 600 && width <= 1000, `${width} pixels`);
    assert.match(svg, /<desc>[^<]*single-wq/);
    assert.doesNotMatch(svg, /NaN|undefined|Infinity/);
  }
});

test('the same records give the same picture', async () => {
  assert.deepEqual(await drawCharts(twoCells(), ORDER), await drawCharts(twoCells(), ORDER));
});

test('one flush, and a flush of no time, are drawn', async () => {
  const flushes = [[7], [0, 0, 5], [...latencies(1, 400, 1e6)]];
  const records = flushes.map((values, round) =>
    trial({ round, workload: `w${round}`, latency: { flush: latencyRecord(values)! } }),
  );
  for (const record of [...records.map((it) => [it]), records]) {
    const [, tail] = await drawCharts(record);
    assert.ok(tail && 'svg' in tail);
    assert.doesNotMatch(tail.svg, /NaN|Infinity/);
  }
});

test('places are rounded to a hundredth of a pixel, texts and descriptions are not', async () => {
  const svg = await renderSvg({
    description: '1.23456',
    data: { values: [1, 2, 3].map((at) => ({ at, text: '0.12345' })) },
    mark: 'text',
    encoding: { x: { field: 'at', type: 'quantitative' }, text: { field: 'text', type: 'nominal' } },
  });
  assert.doesNotMatch(svg, /transform="[^"]*\.\d{3}/);
  assert.equal(texts(svg).filter((text) => text === '0.12345').length, 3);
  assert.match(svg, /<desc>1\.23456<\/desc>/);
});

test('a warning of vega-lite is an error, and so is a missing description', async () => {
  const spec = drawn(ratio, THREAD);
  await assert.rejects(renderSvg({ ...spec, description: '' }), /needs a description/);
  const { data, mark } = { data: { values: [{ a: 1 }] }, mark: 'point' as const };
  const warned = {
    description: 'x',
    data,
    mark,
    encoding: { strokeWidth: { field: 'a', type: 'nominal' as const } },
  };
  await assert.rejects(renderSvg(warned), /with warnings: .*strokeWidth/);
});
