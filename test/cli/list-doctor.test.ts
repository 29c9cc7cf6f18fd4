import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { test } from 'node:test';
import { CATALOGUE } from '../../benchmarks/designs.ts';
import { PRESETS } from '../../benchmarks/presets.ts';
import { listWorkloads } from '../../datasets/workloads.ts';
import { folderFor, JOB, run, SMALL } from './program.ts';

const KINDS = ['designs', 'policies', 'charts', 'workloads'];

test('list names everything that exists, as text and as JSON', async (t) => {
  const folder = folderFor(t);
  const text = await run(t, { cwd: folder }, 'list');
  assert.equal(text.code, 0, text.stderr);
  const { stdout } = await run(t, { cwd: folder }, 'list', '--json');
  const lists = JSON.parse(stdout) as Record<string, { name: string; summary: string }[]>;
  assert.deepEqual(Object.keys(lists), KINDS);
  const names = KINDS.flatMap((kind) => lists[kind]!.map(({ name }) => name));
  for (const { name } of [...CATALOGUE.strategies, ...CATALOGUE.flushPolicies, ...CATALOGUE.orderPolicies]) {
    assert.ok(
      names.some((listed) => listed.split(':')[0] === name),
      name,
    );
    assert.match(text.stdout, new RegExp(`^ {2}${name}[:[]`, 'm'));
  }
  for (const { name } of [...PRESETS, ...CATALOGUE.fronts, ...listWorkloads()])
    assert.ok(names.includes(name), name);
});

test('list of what is no list is refused by name', async (t) => {
  const folder = folderFor(t);
  for (const [word, message] of [
    ['design', /unknown list 'design'\. Did you mean 'designs'\?/],
    ['toString', /unknown list 'toString'/],
  ] as const) {
    const { code, stderr } = await run(t, { cwd: folder }, 'list', word);
    assert.equal(code, 2);
    assert.match(stderr, message);
  }
});

test('doctor tells each thing with its state, and leaves nothing behind', async (t) => {
  const folder = folderFor(t);
  const { code, stdout, stderr } = await run(t, { cwd: folder }, 'doctor', '--json');
  const findings = JSON.parse(stdout) as { thing: string; state: string; why: string; remedy: string }[];
  const of = (thing: string) => findings.find((finding) => finding.thing === thing) ?? assert.fail(thing);
  for (const { thing, state, why } of findings) {
    assert.match(state, /^(yes|note|no)$/, thing);
    assert.ok(why.length > 0, thing);
  }
  assert.equal(code, of('io_uring').state === 'no' || of('O_DIRECT').state === 'no' ? 4 : 0, stderr);
  assert.equal(of('root').state, process.getuid?.() === 0 ? 'yes' : 'no');
  assert.deepEqual(readdirSync(folder), ['t.fio']);
});

test('--strict leaves with 3 when a claim was put to no test, and without it with 0', async (t) => {
  const reads = JOB.replace('rw=randrw', 'rw=randread').replace('fsync=8\n', '');
  const folder = folderFor(t, reads);
  const lax = await run(t, { cwd: folder }, 'run', 't.fio', ...SMALL, '--out', 'a');
  assert.equal(lax.code, 0, lax.stderr);
  assert.match(lax.stdout, /untested +completed: claimed by single-wq/);
  const strict = await run(t, { cwd: folder }, 'run', 't.fio', ...SMALL, '--out', 'b', '--strict');
  assert.equal(strict.code, 3, strict.stderr);
  assert.ok(readdirSync(`${folder}/b/charts`).includes('ratio.svg'));
});
