import assert from 'node:assert/strict';
import { test } from 'node:test';
import { chartData, type TopLevelSpec } from '../../charts/chart.ts';
import { CHARTS, drawFrom } from '../../charts/index.ts';
import { HIDDEN, interactive } from '../../charts/interactive.ts';
import { renderSvg } from '../../charts/render.ts';
import { thread } from '../benchmarks/trials.ts';
import { objects, texts } from './spec.ts';

const DATA = chartData(thread(), ['single-wq', 'blk-flush>n-wq:4+quiesce+range-lock', 'steal:4', 'raw']);

function without(spec: TopLevelSpec, ...hidden: string[]): TopLevelSpec {
  return { ...interactive(spec), params: [{ name: HIDDEN, value: hidden }] } as TopLevelSpec;
}

/** All that a chart shows: coordinates too, since some charts name no design beside its mark. */
const shapes = (svg: string): string => svg.replace(/<desc>.*<\/desc>/, '');

test('with nothing left out a chart is the same picture', async () => {
  for (const drawing of await drawFrom(DATA, CHARTS)) {
    if (!('svg' in drawing)) continue;
    assert.equal(await renderSvg(without(drawing.spec)), drawing.svg, drawing.name);
  }
});

test('a design that is left out leaves every chart that showed it, and the others stay', async () => {
  let shown = 0;
  for (const drawing of await drawFrom(DATA, CHARTS)) {
    if (!('svg' in drawing)) continue;
    const rows = [...objects(drawing.spec)].filter((it) => it.design === 'steal:4');
    const svg = await renderSvg(without(drawing.spec, 'steal:4'));
    if (rows.length === 0) continue;
    shown++;
    assert.notEqual(shapes(svg), shapes(drawing.svg), drawing.name);
    assert.ok(!texts(svg).some((text) => text.includes('steal')), drawing.name);
    if (texts(drawing.svg).includes('single-wq')) assert.ok(texts(svg).includes('single-wq'), drawing.name);
  }
  assert.ok(shown >= 2);
});

test('inline data in any place is filtered before its own transforms, rows and other data are left alone', () => {
  const filter = { filter: `indexof(${HIDDEN}, datum.design) < 0` };
  const values = [{ design: 'a', data: { values: [{ design: 'b' }] } }];
  const spec = {
    data: { name: 'd' },
    datasets: { d: values, e: [{ x: 1 }] },
    layer: [
      { mark: 'point', data: { values }, transform: [{ filter: 'datum.x > 1' }] },
      { mark: 'rule', data: { name: 'e' } },
      { mark: { type: 'line', color: 'red' }, data: { values: [{ one: 1 }] } },
    ],
  } as unknown as TopLevelSpec;
  const { config, params, ...rest } = interactive(spec) as unknown as Record<string, unknown>;
  assert.deepEqual(rest, {
    data: { name: 'd' },
    datasets: { d: values, e: [{ x: 1 }] },
    transform: [filter],
    layer: [
      { mark: 'point', data: { values }, transform: [filter, { filter: 'datum.x > 1' }] },
      { mark: 'rule', data: { name: 'e' } },
      {
        mark: { type: 'line', color: 'red', tooltip: { expr: 'datum.design' } },
        data: { values: [{ one: 1 }] },
      },
    ],
  });
  assert.deepEqual(config, { mark: { tooltip: { content: 'data' } } });
  assert.deepEqual(params, [{ name: HIDDEN, value: [] }]);
});
