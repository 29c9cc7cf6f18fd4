/** The script as a user runs it, as short as it can be. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { folderFor } from '../../cli/program.ts';

const SCRIPT = fileURLToPath(new URL('../../../benchmarks/clients/settle.js', import.meta.url));
const TINY = { LOOPWQ_SETTLE_SEEDS: '1', LOOPWQ_SETTLE_ROUNDS: '1', LOOPWQ_SETTLE_RUNTIME: '0.02' };

function settle(
  cwd: string,
  ...clients: string[]
): { status: number | null; stdout: string; stderr: string } {
  return spawnSync(process.execPath, [SCRIPT, ...clients], {
    cwd,
    encoding: 'utf8',
    env: { ...process.env, ...TINY },
  });
}

test('the matrix, the costs and the two sentences', (t) => {
  const { status, stdout, stderr } = settle(folderFor(t), 'fire-and-forget');
  assert.equal(status, 0, stderr);
  assert.match(stdout, /^\| fire-and-forget \| quiesce \| 0 \/ \S+ of /m);
  assert.match(stdout, /^- pass-through: fire-and-forget: after a crash .* the journal ends with /m);
  for (const mode of ['buffered', 'direct']) {
    assert.match(stdout, new RegExp(`^\\| fire-and-forget \\| ${mode} \\| n-wq:4\\+quiesce \\| \\d`, 'm'));
  }
  const sentences = stdout.trimEnd().split('\n\n').slice(-2);
  assert.match(sentences[0]!, /^Of Ming Lei nothing can be said/);
  assert.match(sentences[1]!, /^Eric Wheeler was right that his diagram loses/);
});

test('a client that nobody knows', (t) => {
  const { status, stderr } = settle(folderFor(t), 'xfs');
  assert.equal(status, 2);
  assert.match(stderr, /unknown client 'xfs'\./);
});
