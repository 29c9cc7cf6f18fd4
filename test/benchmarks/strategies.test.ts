import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { whyNoRing } from '../../engine/ring.ts';

const SCRIPT = fileURLToPath(new URL('../../benchmarks/strategies/strategies.js', import.meta.url));
const TINY = { LOOPWQ_STRATEGIES_ROUNDS: '1', LOOPWQ_STRATEGIES_SECONDS: '0.02' };

function bench(...figures: string[]): {
  status: number | null;
  stdout: string;
  stderr: string;
  left: string[];
} {
  const folder = mkdtempSync(join(process.cwd(), 'loopwq-test-strategies-'));
  try {
    const env = { ...process.env, ...TINY };
    const { status, stdout, stderr } = spawnSync(process.execPath, [SCRIPT, ...figures], {
      cwd: folder,
      env,
      encoding: 'utf8',
    });
    return { status, stdout, stderr, left: readdirSync(folder) };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

test('bench:strategies prints a row for each design of a figure, and leaves nothing behind', {
  skip: whyNoRing() ?? false,
}, () => {
  const { status, stdout, stderr, left } = bench('qd1', 'fua');
  assert.equal(status, 0, stderr);
  for (const file of ['O_DIRECT', 'page cache']) {
    for (const design of ['single-wq', 'nowait:1', 'inline'])
      for (const rw of ['read', 'write'])
        assert.match(stdout, new RegExp(`^\\| ${rw}, ${file} \\| ${design} \\| \\d+ \\|`, 'm'));
    for (const design of ['blk-flush>single-wq', 'blk-flush:fua>single-wq'])
      assert.match(
        stdout,
        new RegExp(`^\\| 1 journal, ${file} \\| ${design} \\| \\d\\.\\d\\d \\| [\\d.]+ \\|`, 'm'),
      );
  }
  assert.deepEqual(left, []);
});

test('a figure that there is not is refused, with the nearest', () => {
  const { status, stdout, stderr } = bench('qd2');
  assert.equal(status, 2);
  assert.equal(stdout, '');
  assert.match(stderr, /unknown figure 'qd2'\. Did you mean 'qd1'\?/);
});
