import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { test } from 'node:test';
import { CATALOGUE } from '../../benchmarks/designs.ts';
import { PRESETS } from '../../benchmarks/presets.ts';
import { listCommand } from '../../cli/list.ts';
import { InputError } from '../../datasets/errors.ts';
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
      names.some((listed) => listed.split(/[:[]/)[0] === name),
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

test('list --cost counts what a machine of another size would need, and starts nothing', async (t) => {
  const folder = folderFor(t);
  const words = ['list', '--cost', '--topology', '8x64', '--devices', '1000'];
  const { code, stdout, stderr } = await run(t, { cwd: folder }, ...words);
  assert.equal(code, 0, stderr);
  assert.match(stdout, /^1000 devices on 8x64 CPUs; one submitter, 32 requests in flight/);
  assert.match(stdout, /^ {2}per-cpu +512,000 +512,000 /m);
  assert.match(stdout, /^ {2}refused +per-cpu: 512001 threads, a run has 1024 at most$/m);
  assert.doesNotMatch(stdout, /refused +shared-pool/);
  assert.ok(CATALOGUE.strategies.every(({ name }) => stdout.includes(`\n  ${name}`)));
  const one = await run(t, { cwd: folder }, ...words, '--designs', 'n-wq:2+quiesce,raw', '--json');
  const costs = JSON.parse(one.stdout) as { design: string; workers: number; refused?: string }[];
  assert.deepEqual(
    costs.map(({ design, workers }) => [design, workers]),
    [['n-wq:2+quiesce', 2000]],
  );
  assert.deepEqual(readdirSync(folder), ['t.fio']);
});

test('list --cost refuses what can’t be meant', async () => {
  for (const [words, message] of [
    [['--cost', '--devices', '0'], /--devices is a whole number from 1 to 65536, not '0'/],
    [['--cost', '--topology', '8'], /--topology '8'/],
    [['--cost', '--designs', 'n-wk'], /unknown design 'n-wk'/],
    [['--cost', '--design', 'none.js'], /none\.js: there is no such file/],
    [['--cost', 'designs'], /--cost lists designs, and takes no word/],
    [['--devices', '3'], /--devices goes with --cost/],
  ] as const) {
    await assert.rejects(
      listCommand([...words]),
      (error) => error instanceof InputError && message.test(error.message),
    );
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
