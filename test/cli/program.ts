/**
 * The built program as its user has it: a child process with files, signals, pipes and an exit code. Everything is made
 * in a folder of the test's own and goes with it.
 */
import assert from 'node:assert/strict';
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { setTimeout as after } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

const MAIN = fileURLToPath(new URL('../../cli/main.js', import.meta.url));
/** Far longer than anything takes here, also on a busy machine: only a hang gets there. */
const PATIENCE_MS = 60_000;

/** Two jobs on one disk, trials of 20 ms: the least that reads, writes and flushes. */
export const JOB = `[global]
rw=randrw
bs=4k
size=1m
iodepth=4
fsync=8
runtime=20ms
time_based
filename=disk
[w]
numjobs=2
`;

/** Rounds that no test waits for. */
export const ENDLESS = ['--rounds', '1000'];
/** One design, buffered, and nothing but what a test looks at. */
export const SMALL = ['--designs', 'single-wq', '--backend', 'sync', '--rounds', '1'];

export interface Ended {
  code: number | null;
  stdout: string;
  stderr: string;
}

export interface Running {
  child: ChildProcess;
  pid: number;
  /** What it has said so far. */
  said: { stdout: string; stderr: string };
  ended: Promise<Ended>;
}

export interface Where {
  cwd: string;
  env?: NodeJS.ProcessEnv;
  /** Words before `main.js`: options of Node. */
  node?: string[];
  /** Words before Node: a program that sets limits, say. */
  under?: string[];
  /** A descriptor in place of the pipe. */
  stdout?: number;
}

/** Starts `loopwq ARGS`. The test ends it if it is still there. */
export function start(t: TestContext, where: Where, ...args: string[]): Running {
  return started(t, where, [process.execPath, ...(where.node ?? []), MAIN, ...args]);
}

/** Starts `loopwq ARGS` in a terminal; what is written to the child's stdin is typed there. */
export function startInTerminal(t: TestContext, where: Where, columns: number, ...args: string[]): Running {
  const words = [process.execPath, MAIN, ...args].map((word) => `'${word}'`).join(' ');
  return started(t, where, ['script', '-qfec', `stty cols ${columns} rows 40 && exec ${words}`, '/dev/null']);
}

/** Starts any program as these are. */
export function started(
  t: TestContext,
  { cwd, env = {}, under = [], stdout }: Where,
  command: string[],
): Running {
  const [program, ...rest] = [...under, ...command];
  // NO_COLOR and the like of whoever runs the tests must not matter.
  const { NO_COLOR: _, FORCE_COLOR: __, NODE_OPTIONS: ___, ...inherited } = process.env;
  const child = spawn(program!, rest, {
    cwd,
    env: { ...inherited, ...env },
    stdio: ['pipe', stdout ?? 'pipe', 'pipe'],
  });
  const said = { stdout: '', stderr: '' };
  for (const name of ['stdout', 'stderr'] as const) {
    child[name]?.setEncoding('utf8').on('data', (text: string) => {
      said[name] += text;
    });
  }
  const ended = new Promise<Ended>((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code) => resolve({ code, ...said }));
  });
  const limit = setTimeout(() => child.kill('SIGKILL'), PATIENCE_MS).unref();
  finallyDo(t, async () => {
    clearTimeout(limit);
    child.kill('SIGKILL');
    await ended;
  });
  return { child, pid: child.pid!, said, ended };
}

/** Runs `loopwq ARGS` to its end. */
export function run(t: TestContext, where: Where, ...args: string[]): Promise<Ended> {
  return start(t, where, ...args).ended;
}

/** A folder of the test's own, with a job file `t.fio` in it. It lies on a disk, as that of the program does. */
export function folderFor(t: TestContext, job = JOB): string {
  const folder = mkdtempSync(join(process.cwd(), 'loopwq-test-cli-'));
  finallyDo(t, () => rmSync(folder, { recursive: true, force: true }));
  writeFileSync(join(folder, 't.fio'), job);
  return folder;
}

/** Waits, while the program runs, until `condition` returns something; fails when it never does. */
export async function until<T>(
  what: string,
  { child, said }: Running,
  condition: () => T | false | undefined,
): Promise<T> {
  for (const end = performance.now() + PATIENCE_MS; performance.now() < end; await after(5)) {
    const found = condition();
    if (found !== undefined && found !== false) return found;
    const { exitCode, signalCode } = child;
    if (exitCode ?? signalCode)
      assert.fail(`ended with ${exitCode ?? signalCode} before ${what}: ${said.stderr}`);
  }
  return assert.fail(`waited ${PATIENCE_MS / 1000} s for ${what}`);
}

/** Waits for `lines` finished trials in the results folder `out`, while the run goes on. */
export function trialsIn(out: string, running: Running, lines = 1): Promise<number> {
  const path = join(out, 'results.jsonl');
  return until(`${lines} lines in ${path}`, running, () => {
    const found = existsSync(path) ? readFileSync(path, 'utf8').split('\n').length - 1 : 0;
    return found >= lines && found;
  });
}

/** Folders and files of runs under `dir`. */
export function leftIn(dir: string): string[] {
  return readdirSync(dir).filter((name) => name.startsWith('loopwq-'));
}

/** Loop devices whose backing file is `path`, or lies under it. */
function loopsOver(path: string): string[] {
  const devices = readdirSync('/sys/block').map((name) => join('/sys/block', name, 'loop'));
  return devices.filter((device) => `${readIfThere(join(device, 'backing_file'))}/`.startsWith(`${path}/`));
}

/**
 * No loop device lies over `path`, or under it. One that was detached while somebody else looked into it, as losetup and udev do with all that there
 * are, has `autoclear` and goes with the last who has it open: that is waited for.
 */
export async function assertDetached(path: string): Promise<void> {
  const end = performance.now() + PATIENCE_MS;
  for (let left = loopsOver(path); left.length > 0; left = loopsOver(path)) {
    const kept = left.filter((device) => readIfThere(join(device, 'autoclear')) === '0');
    assert.deepEqual(kept, [], 'loop devices of the run are left');
    assert.ok(performance.now() < end, `somebody has ${left} open`);
    await after(5);
  }
}

function readIfThere(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8').trim();
  } catch {
    return undefined;
  }
}

/** No thread and no child of a process is left once its entry in /proc is gone, which is when its last thread is. */
export function assertGone(pid: number): void {
  assert.equal(existsSync(`/proc/${pid}`), false, `process ${pid} is still there`);
}

/** Why a test that needs to be root, and these programs, can't run here; false when it can. */
export function lacking(...programs: string[]): string | false {
  if (process.getuid?.() !== 0) return 'needs root';
  const missing = programs.find((name) => spawnSync('which', [name]).status !== 0);
  return missing === undefined ? false : `needs ${missing}`;
}

/** Runs a command to its end and returns its output; the test fails where the command does. */
export function command(program: string, ...args: string[]): string {
  const { status, stdout, stderr, error } = spawnSync(program, args, { encoding: 'utf8' });
  assert.equal(status, 0, `${program} ${args.join(' ')}: ${error?.message ?? stderr}`);
  return stdout.trim();
}

/** Mounts something on a new folder under `folder`; unmounted when the test ends. */
export function mounted(t: TestContext, folder: string, ...args: string[]): string {
  const point = mkdtempSync(join(folder, 'mnt-'));
  command('mount', ...args, point);
  finallyDo(t, () => command('umount', '--lazy', point));
  return point;
}

/** An ext4 of `mebibytes` in an image, without a journal's and root's share of its space. */
export function smallDisk(t: TestContext, folder: string, mebibytes: number): string {
  const image = join(folder, 'disk.img');
  command('truncate', '-s', `${mebibytes}M`, image);
  command('mkfs.ext4', '-q', '-m', '0', image);
  return mounted(t, folder, '-o', 'loop', image);
}

/** A loop device over `image`, detached when the test ends. */
export function loopOver(t: TestContext, image: string): string {
  const device = command('losetup', '--find', '--show', '--direct-io=on', image);
  finallyDo(t, () => command('losetup', '--detach', device));
  return device;
}

const cleanups = new WeakMap<TestContext, (() => unknown)[]>();

/** Has `undo` run when the test is over, passed or not; what was taken last is given back first. */
export function finallyDo(t: TestContext, undo: () => unknown): void {
  const known = cleanups.get(t);
  if (known !== undefined) {
    known.push(undo);
    return;
  }
  const list = [undo];
  cleanups.set(t, list);
  t.after(async () => {
    const failed: unknown[] = [];
    for (const each of list.reverse()) {
      try {
        await each();
      } catch (error) {
        failed.push(error);
      }
    }
    if (failed.length > 0) throw failed[0];
  });
}

/** A folder in `folder`. */
export function made(folder: string, name: string): string {
  const path = join(folder, name);
  mkdirSync(path, { recursive: true });
  return path;
}
