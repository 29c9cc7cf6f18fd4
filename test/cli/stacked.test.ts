/** `run --stacked` and `check --stacked` as their user has them, with the kernel's own loop device over a loop device. */
import assert from 'node:assert/strict';
import { realpathSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { readResults } from '../../datasets/results.ts';
import { whyNoRing } from '../../engine/ring.ts';
import { assertDetached, folderFor, lacking, leftIn, run } from './program.ts';

const loop = lacking('losetup') || (whyNoRing() ?? false);

test('a loop device on a loop device makes progress, the model’s and the kernel’s', {
  skip: loop,
}, async (t) => {
  const folder = folderFor(t);
  const designs = ['single-wq', 'inline', 'kernel-loop'];
  const words = [
    'run',
    't.fio',
    '--stacked',
    '--designs',
    designs.join(','),
    '--rounds',
    '1',
    '--out',
    'out',
  ];
  const { code, stdout, stderr } = await run(t, { cwd: folder }, ...words);
  assert.equal(code, 0, stderr);
  const { records } = readResults(join(folder, 'out'));
  for (const { design, failure, verdicts, metrics, direct, settings, skipped } of records) {
    assert.equal(direct, false, 'a worker with a ring does not wait');
    assert.equal(settings.stacked, true);
    assert.equal(skipped !== undefined, design === 'inline');
    if (skipped !== undefined) continue;
    assert.deepEqual([failure, verdicts.progress.lost, verdicts.integrity.lost], [undefined, 0, 0], design);
    assert.ok(metrics.reads + metrics.writes > 0 && verdicts.integrity.proved > 0, design);
  }
  assert.match(stdout, /^t: buffered, sync backend, .* devices on devices/m);
  assert.match(stdout, /skipped +inline: its submitters do I\/O themselves/);
  await assertDetached(realpathSync(folder));
  assert.deepEqual(leftIn(folder), []);
});

test('a search over stacked devices tells who stalls, who is left out, and how to see it again', async (t) => {
  const folder = folderFor(t);
  const words = ['check', '--seeds', '20', '--stacked', '--designs', 'single-wq,shared-pool:2,inline'];
  const { code, stdout } = await run(t, { cwd: folder }, ...words);
  assert.equal(code, 1);
  assert.match(stdout, /^ {2}single-wq .* proved [\d.k]+\*$/m);
  assert.match(stdout, /^ {2}shared-pool:2 .* LOST \d+\/\d+\*$/m);
  assert.match(stdout, /VIOLATION +shared-pool:2, progress, .*worker \d\s+waits for device/s);
  assert.match(stdout, /skipped +inline: /);
  const again = /Again:\s+npx\s+loopwq\s+(check\s.*?shared-pool:2)\n/s.exec(stdout)![1]!.split(/\s+/);
  assert.ok(again.includes('--stacked'));
  assert.equal((await run(t, { cwd: folder }, ...again)).code, 1);
});

test('what does not go together is refused', async (t) => {
  const folder = folderFor(t);
  for (const [says, ...words] of [
    [/one with a ring does not/, '--backend', 'uring'],
    [/--stacked and --replace exclude each other/, '--replace', '5'],
  ] as const) {
    const { code, stderr } = await run(t, { cwd: folder }, 'run', 't.fio', '--stacked', ...words);
    assert.equal(code, 2, stderr);
    assert.match(stderr, says);
  }
});
