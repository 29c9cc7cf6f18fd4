import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/**
 * The commit that a folder stands at, in twelve digits, with `-dirty` behind it where a file that git knows had changed.
 *
 * @param root a checkout itself: a folder somewhere inside of one belongs to another project
 * @returns undefined where it is none, or git is not there or refuses
 */
export function readRevision(root: string = ownRoot()): string | undefined {
  if (!existsSync(join(root, '.git'))) return undefined;
  // No tag can match an empty pattern, so it is the commit alone.
  const args = ['-C', root, 'describe', '--always', '--dirty', '--abbrev=12', '--exclude=*'];
  const { status, stdout } = spawnSync('git', args, { encoding: 'utf8', timeout: 5000 });
  const revision = stdout?.trim();
  return status === 0 && revision ? revision : undefined;
}

/** Where package.json lies: one folder up from the source and two up from dist/datasets/. */
export function ownRoot(): string {
  const here = dirname(fileURLToPath(import.meta.url));
  const above = join(here, '..');
  return existsSync(join(above, 'package.json')) ? above : join(above, '..');
}
