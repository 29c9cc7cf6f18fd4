/** What holds for every chart of the list. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { describe, test } from 'node:test';
import { Ajv } from 'ajv';
import { allDesigns, parseDesign } from '../../benchmarks/designs.ts';
import { chartData, type TopLevelSpec } from '../../charts/chart.ts';
import { CHARTS, drawFrom } from '../../charts/index.ts';
import { HIDDEN, interactive } from '../../charts/interactive.ts';
import { renderSvg } from '../../charts/render.ts';
import { readRunOptions } from '../../cli/run-options.ts';
import { readHost } from '../../datasets/host.ts';
import { trial } from '../benchmarks/trials.ts';
import { SAMPLES } from './sample.ts';
import { objects, texts } from './spec.ts';

const SCHEMA = createRequire(import.meta.url).resolve('vega-lite/vega-lite-schema.json');
const isVegaLite = new Ajv({ strict: false }).compile(JSON.parse(readFileSync(SCHEMA, 'utf8')));

const dataOf = (name: string) => chartData(SAMPLES[name]!());

function specOf(name: string): TopLevelSpec {
  const spec = CHARTS.find((chart) => chart.name === name)!.draw(dataOf(name));
  assert.ok(typeof spec !== 'string', `${name}: ${spec}`);
  return spec;
}

test('every chart has a sample that draws it', () => {
  assert.deepEqual(Object.keys(SAMPLES).sort(), CHARTS.map(({ name }) => name).sort());
});

for (const { name, summary, needs, draw } of CHARTS) {
  describe(name, () => {
    test('is vega-lite by its schema, JSON, described, and without a zero on a logarithmic axis', () => {
      const spec = specOf(name);
      assert.match(name, /^[a-z0-9-]+$/);
      assert.match(summary, /^[A-Z].*\.$/);
      assert.deepEqual(JSON.parse(JSON.stringify(spec)), spec);
      assert.ok(isVegaLite(spec), new Ajv().errorsText(isVegaLite.errors?.slice(-3)));
      assert.ok(
        String(spec.description).startsWith(summary) && String(spec.description).length > summary.length + 10,
      );
      for (const fields of logFields(spec)) {
        const rows = [...objects(spec)].flatMap((it) => (Array.isArray(it.values) ? it.values : []));
        const values = rows.map((row) => row[fields]).filter((value) => typeof value === 'number');
        assert.ok(values.length > 0 && values.every((value) => value > 0), `${name}: ${fields}`);
      }
    });

    test('is a picture with whole texts that fits a page; what is switched off leaves it, and nothing else', async () => {
      const spec = specOf(name);
      const svg = await renderSvg(spec);
      const words = texts(svg);
      assert.ok(words.length > 10 && !words.some((word) => word.includes('…')));
      const width = Number(svg.match(/ width="(\d+)"/)?.[1]);
      assert.ok(width > 600 && width <= 1000, `${width} pixels`);
      assert.doesNotMatch(svg, /NaN|undefined|Infinity/);
      const without = async (...hidden: string[]): Promise<string> =>
        renderSvg({ ...interactive(spec), params: [{ name: HIDDEN, value: hidden }] } as TopLevelSpec);
      assert.equal(await without(), svg);
      if (![...objects(spec)].some((it) => it.design === 'steal:4')) return;
      const left = await without('steal:4');
      assert.notEqual(left, svg);
      const shown = texts(left);
      assert.ok(!shown.some((text) => text.includes('steal')), shown.join(' | '));
      if (texts(svg).includes('single-wq')) assert.ok(shown.includes('single-wq'));
    });

    test('says in one sentence what to run where its data is missing, and that can be run', () => {
      const reason = draw(chartData([]));
      assert.ok(typeof reason === 'string' && reason.endsWith(`; run ${needs}`), `${reason}`);
      const words = /^npx loopwq run([^()]*?)(?: \(as root\)| at one commit or kernel .*)?$/.exec(needs)?.[1];
      assert.ok(words !== undefined, needs);
      const args = words.split(' ').filter((word) => word !== '');
      const { plan } = readRunOptions(
        args.map((word) => word.replaceAll("'", '')),
        readHost(process.cwd()),
      );
      assert.ok(plan.designs.length > 0);
    });
  });
}

/** Fields that stand on a logarithmic position. */
function logFields(spec: TopLevelSpec): Set<string> {
  const channels = [...objects(spec)].filter(
    (it) => typeof it.field === 'string' && (it.scale as { type?: string } | undefined)?.type === 'log',
  );
  return new Set(channels.map((it) => String(it.field)));
}

test('a failed, a skipped and a single trial break no chart', async () => {
  const lots = [
    [trial({ failure: 'EIO' })],
    [trial({ skipped: 'no', metrics: { iops: 0, writes: 0, flushes: 0, operations: 0 } })],
    [trial()],
    [trial({ metrics: { iops: 0, operations: 0 } }), trial({ design: 'n-wq:4' })],
  ];
  for (const records of lots) await drawFrom(chartData(records), CHARTS);
});

test('every design that there is, at once: no two look alike, and every chart fits its page', async () => {
  const designs = allDesigns().map((name) => parseDesign(name).name);
  assert.ok(designs.length > 20);
  for (const name of Object.keys(SAMPLES)) {
    // Its designs are given.
    if (name === 'fidelity') continue;
    const sample = SAMPLES[name]!().filter(
      ({ design }) => design === (name === 'witness' ? 'n-wq:4' : 'steal:4'),
    );
    const records = designs.flatMap((design) => sample.map((record) => ({ ...record, design })));
    const data = chartData(records);
    const looks = data.styles.map(({ color, dash, shape, filled }) => `${color} ${dash} ${shape} ${filled}`);
    assert.equal(new Set(looks).size, designs.length);
    const [drawing] = await drawFrom(
      data,
      CHARTS.filter((chart) => chart.name === name),
    );
    assert.ok(drawing && 'svg' in drawing, `${name}: ${JSON.stringify(drawing)}`);
    const words = texts(drawing.svg).join(' ');
    for (const design of designs) assert.ok(words.includes(design), `${name} without ${design}`);
    const width = Number(drawing.svg.match(/ width="(\d+)"/)?.[1]);
    assert.ok(width <= 1000, `${name}: ${width} pixels`);
  }
});
