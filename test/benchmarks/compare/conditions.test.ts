import assert from 'node:assert/strict';
import { test } from 'node:test';
import { differences } from '../../../benchmarks/compare/conditions.ts';
import { trial } from '../trials.ts';

const fields = (base: ReturnType<typeof trial>[], other: ReturnType<typeof trial>[]): string[] =>
  differences(base, other).map(({ field }) => field);

test('the kernel alone may differ', () => {
  assert.deepEqual(fields([trial()], [trial({ host: { kernel: '6.18.2' } })]), []);
  const host = trial().host;
  for (const name of Object.keys(host) as (keyof typeof host)[]) {
    const value = typeof host[name] === 'number' ? host[name] + 1 : `${host[name]}x`;
    assert.deepEqual(
      fields([trial()], [trial({ host: { [name]: value } })]),
      name === 'kernel' ? [] : [`host.${name}`],
    );
  }
});

test('settings, topology and the load of a workload count, values are told', () => {
  assert.deepEqual(fields([trial()], [trial({ settings: { spin: 0 }, topology: { cpus: 9 } })]), [
    'topology.cpus',
    'settings.spin',
  ]);
  const load = (depth: number, workload = 'w') => trial({ workload, load: { submitters: 1, depth } });
  assert.deepEqual(differences([load(1)], [load(2)]), [{ field: 'load of w.depth', base: '1', new: '2' }]);
});

test('what one side does not tell is no difference, nor is a workload that it lacks', () => {
  assert.deepEqual(
    fields([trial({ workload: 'w', load: { submitters: 1, depth: 1 } })], [trial({ workload: 'w' })]),
    [],
  );
  assert.deepEqual(fields([trial()], []), []);
});

test('a side that is mixed in itself differs from one that is not', () => {
  const [mixed] = differences([trial(), trial({ host: { node: 'v1' } })], [trial()]);
  assert.deepEqual(mixed, {
    field: 'host.node',
    base: `v1 and ${trial().host.node}`,
    new: trial().host.node,
  });
});
