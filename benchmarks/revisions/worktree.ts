/**
 * Another revision of loopwq, built in a git worktree of its own under `.loopwq/against`. The user's checkout is only read: its files, its index and
 * its branches stay as they are. The worktree goes when it is closed, also at a signal; what a killed process left goes with the next one.
 */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import fs from 'node:fs';
import { join } from 'node:path';
import { InputError, unknownName } from '../../datasets/errors.ts';
import { MachineError } from '../../engine/errors.ts';
import { lockFile } from '../../engine/libc.ts';

const FOLDER = join('.loopwq', 'against');
/** `npm ci` and the compiler together; the compiler alone takes 6 s here. */
const MOST_MS = 10 * 60_000;
/** Characters of what a failed command said. */
const MOST_SAID = 1500;

export interface Worktree {
  folder: string;
  commit: string;
  /** Takes it away again. */
  close(): void;
}

/**
 * The full name of the commit that a revision stands for.
 *
 * @throws InputError when the root is no checkout, or there is no such revision
 */
export function commitOf(root: string, revision: string): string {
  if (!fs.existsSync(join(root, '.git')))
    throw new InputError(`--against needs a git checkout of loopwq, and ${root} is none`);
  // A word with a dash in front would be an option to git.
  const found = revision.startsWith('-')
    ? undefined
    : git(root, ['rev-parse', '--verify', '--quiet', `${revision}^{commit}`]);
  if (found?.status === 0) return found.stdout.trim();
  const refs = git(root, [
    'for-each-ref',
    '--format=%(refname:short)',
    'refs/heads',
    'refs/tags',
    'refs/remotes',
  ]);
  throw unknownName(
    'revision',
    revision,
    [...refs.stdout.split('\n').filter((it) => it !== ''), 'HEAD~1'],
    '--against',
  );
}

/**
 * Checks a commit out and builds it with its own dependencies: those that are installed where its lock file asks for the same.
 *
 * @throws InputError when it does not build, MachineError when git or the disk refuses, the signal's reason when it came first
 */
export async function buildWorktree(root: string, commit: string, signal: AbortSignal): Promise<Worktree> {
  const parent = join(root, FOLDER);
  fs.mkdirSync(parent, { recursive: true });
  removeStale(root, parent);
  const folder = fs.mkdtempSync(join(parent, `${commit.slice(0, 12)}-`));
  const lock = fs.openSync(`${folder}.lock`, 'wx');
  lockFile(lock);
  let building: ChildProcess | undefined;
  const close = (): void => {
    process.off('exit', close);
    if (building?.pid !== undefined) killGroup(building.pid);
    removeWorktree(root, folder);
    fs.closeSync(lock);
  };
  process.on('exit', close);
  try {
    const added = git(root, ['worktree', 'add', '--detach', '--force', '--quiet', folder, commit]);
    if (added.status !== 0) throw new MachineError(`--against: git worktree add: ${added.stderr.trim()}`);
    const run = async (...words: string[]): Promise<void> => {
      building = spawn(words[0]!, words.slice(1), {
        cwd: folder,
        detached: true,
        stdio: ['ignore', 'pipe', 'pipe'],
      });
      await ended(building, words.join(' '), commit, signal);
      building = undefined;
    };
    const text = (at: string): string | undefined => readText(join(at, 'package-lock.json'));
    if (text(folder) === text(root)) fs.symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'));
    else await run('npm', 'ci', '--no-audit', '--no-fund');
    await run('npm', 'run', '--silent', 'build');
    return { folder, commit, close };
  } catch (error) {
    close();
    throw error;
  }
}

async function ended(child: ChildProcess, what: string, commit: string, signal: AbortSignal): Promise<void> {
  let said = '';
  const listen = (text: Buffer): void => {
    said = (said + text).slice(-MOST_SAID);
  };
  child.stdout!.on('data', listen);
  child.stderr!.on('data', listen);
  const stop = (): void => killGroup(child.pid);
  signal.addEventListener('abort', stop);
  const limit = setTimeout(stop, MOST_MS);
  try {
    const code = await new Promise<number | null>((resolve, reject) => {
      child.on('error', reject);
      child.on('close', resolve);
      if (signal.aborted) stop();
    });
    signal.throwIfAborted();
    if (code !== 0)
      throw new InputError(
        `--against: ${commit.slice(0, 12)} can't be built: ${what}: ${said.trim() || `ended with ${code}`}`,
      );
  } finally {
    clearTimeout(limit);
    signal.removeEventListener('abort', stop);
  }
}

/** npm has children of its own, hence the group. */
function killGroup(pid: number | undefined): void {
  try {
    if (pid !== undefined) process.kill(-pid, 'SIGKILL');
  } catch {
    // It has ended.
  }
}

/** Whoever made a worktree holds its lock for as long as it lives. */
function removeStale(root: string, parent: string): void {
  for (const name of fs.readdirSync(parent).filter((it) => it.endsWith('.lock'))) {
    const fd = fs.openSync(join(parent, name), 'r');
    if (lockFile(fd) === 0) removeWorktree(root, join(parent, name.slice(0, -'.lock'.length)));
    fs.closeSync(fd);
  }
}

function removeWorktree(root: string, folder: string): void {
  // A link, whose target must stay.
  fs.rmSync(join(folder, 'node_modules'), { recursive: true, force: true });
  fs.rmSync(folder, { recursive: true, force: true });
  // What git wrote down of worktrees whose folder is gone.
  git(root, ['worktree', 'prune']);
  fs.rmSync(`${folder}.lock`, { force: true });
}

/** No hook of the user's runs for a worktree that is none of theirs. */
function git(
  root: string,
  words: readonly string[],
): { status: number | null; stdout: string; stderr: string } {
  const { status, stdout, stderr, error } = spawnSync(
    'git',
    ['-C', root, '-c', 'core.hooksPath=/dev/null', ...words],
    {
      encoding: 'utf8',
    },
  );
  if (error) throw new MachineError(`--against: git can't be started: ${error.message}`);
  return { status, stdout, stderr };
}

function readText(path: string): string | undefined {
  return fs.existsSync(path) ? fs.readFileSync(path, 'utf8') : undefined;
}
