import assert from 'node:assert/strict';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { folderFor, run } from './program.ts';

const EXAMPLE = fileURLToPath(
  new URL('../../../datasets/litmus/write-write-flush.pass-through.litmus', import.meta.url),
);

test('a litmus file is replayed, and told with its operations, verdicts and the crash', async (t) => {
  const { code, stdout, stderr } = await run(t, { cwd: folderFor(t) }, 'check', EXAMPLE);
  assert.equal(code, 0, stderr);
  assert.match(stdout, /n-wq:2, uring, 3 operations under the recorded schedule: 100 of 100 replays alike\./);
  assert.match(stdout, /^ {2}b +WRITE disk0 block 1 +0 +1 /m);
  assert.match(stdout, /^ {2}submitted +lost +lost$/m);
  assert.match(stdout, /^ {2}crash submitted +illegal +illegal$/m);
  assert.match(stdout, /^ {2}crash +submitted: WRITE of block 1 .* after a crash/ms);
  assert.doesNotMatch(stdout, /OTHERWISE/);
});

test('a verdict that is not the expected one is exit code 1', async (t) => {
  const cwd = folderFor(t);
  const text = readFileSync(EXAMPLE, 'utf8').replace(
    'design         n-wq:2',
    'design         n-wq:2+quiesce',
  );
  writeFileSync(join(cwd, 'other.litmus'), text);
  const { code, stdout } = await run(t, { cwd }, 'check', 'other.litmus', '--times', '2');
  assert.equal(code, 1);
  assert.match(stdout, /2 of 2 replays alike/);
  assert.match(stdout, /OTHERWISE {2}`submitted` is proved, expected lost\./);
  const json = await run(t, { cwd }, 'check', 'other.litmus', EXAMPLE, '--times', '2', '--json');
  const [other, example] = JSON.parse(json.stdout) as { surprises: string[]; alike: number }[];
  assert.ok(other!.surprises.length > 0 && other!.alike === 2);
  assert.deepEqual(example!.surprises, []);
});

test('a file with a mistake is refused with its line', async (t) => {
  const cwd = folderFor(t);
  writeFileSync(join(cwd, 'bad.litmus'), 'design n-wq:2\nbackend urin\n');
  const { code, stderr } = await run(t, { cwd }, 'check', 'bad.litmus');
  assert.equal(code, 2);
  assert.match(stderr, /bad\.litmus:2: unknown backend 'urin'\. Did you mean 'uring'\?/);
  assert.equal((await run(t, { cwd }, 'check', 'none.litmus')).code, 2);
});

test('--seeds with --out writes what it tells as litmus files, which replay; never over what is there', async (t) => {
  const cwd = folderFor(t);
  const words = ['check', '--seeds', '40', '--designs', 'n-wq:2', '--out', 'found'];
  const { code, stdout } = await run(t, { cwd }, ...words);
  assert.equal(code, 0);
  const files = readdirSync(join(cwd, 'found')).map((name) => join('found', name));
  assert.ok(files.includes('found/n-wq_2-submitted.litmus'), files.join());
  for (const file of files) assert.ok(stdout.replace(/\s+/g, ' ').includes(`npx loopwq check ${file}`), file);
  const again = await run(t, { cwd }, 'check', ...files);
  assert.equal(again.code, 0, again.stdout);
  const third = await run(t, { cwd }, ...words);
  assert.equal(third.code, 2);
  assert.match(third.stderr, /--out found: the folder is not empty/);
});
