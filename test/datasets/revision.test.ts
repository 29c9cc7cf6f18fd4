import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { readRevision } from '../../datasets/revision.ts';

test('the commit of a checkout, and whether a file had changed; nothing elsewhere', (t) => {
  const dir = mkdtempSync(join(tmpdir(), 'loopwq-'));
  t.after(() => rmSync(dir, { recursive: true }));
  const git = (...args: string[]) =>
    spawnSync('git', ['-C', dir, '-c', 'user.name=a', '-c', 'user.email=a@b', ...args], { encoding: 'utf8' });
  assert.equal(readRevision(dir), undefined);
  if (git('init', '-q').error) return t.skip('git is not installed');
  assert.equal(readRevision(dir), undefined, 'no commit yet');
  writeFileSync(join(dir, 'file'), 'one');
  git('add', 'file');
  git('commit', '-q', '-m', 'one');
  git('tag', '-a', '-m', 'a tag is no commit', 'v1');
  const commit = git('rev-parse', 'HEAD').stdout.trim();
  assert.match(commit, /^[0-9a-f]{40}$/);
  assert.equal(readRevision(dir), commit.slice(0, 12));
  writeFileSync(join(dir, 'new'), 'a file that git does not know, such as results, changes nothing');
  assert.equal(readRevision(dir), commit.slice(0, 12));
  writeFileSync(join(dir, 'file'), 'two');
  assert.equal(readRevision(dir), `${commit.slice(0, 12)}-dirty`);
  mkdirSync(join(dir, 'inside'));
  assert.equal(
    readRevision(join(dir, 'inside')),
    undefined,
    'a folder inside of a checkout is another project',
  );
});
