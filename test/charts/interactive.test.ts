import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { TopLevelSpec } from '../../charts/chart.ts';
import { HIDDEN, interactive } from '../../charts/interactive.ts';

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
