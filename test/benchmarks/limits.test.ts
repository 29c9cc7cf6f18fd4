import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { descriptorLimit, threadLimits, tightest } from '../../benchmarks/limits.ts';

/** A machine's /proc and /sys as far as limits of threads are in them. */
const MACHINE: Record<string, string> = {
  'proc/loadavg': '0.52 0.58 0.59 3/412 77777\n',
  'proc/sys/kernel/pid_max': '32768\n',
  'proc/sys/kernel/threads-max': '192730\n',
  'proc/self/status': 'Name:\tnode\nUid:\t1000\t1000\t1000\t1000\nThreads:\t11\nCapEff:\t0000000000000000\n',
  'proc/self/limits':
    'Limit                     Soft Limit           Hard Limit           Units     \n' +
    'Max processes             96365                96365                processes \n' +
    'Max open files            20000                20000                files     \n',
  'proc/self/cgroup': '0::/user.slice/session\n',
  'proc/self/fd/0': '',
  'proc/self/fd/1': '',
  'proc/17/status': 'Name:\tnode\nUid:\t1000\t1000\t1000\t1000\nThreads:\t11\n',
  'proc/18/status': 'Name:\tbash\nUid:\t1000\t1000\t1000\t1000\nThreads:\t1\n',
  'proc/19/status': 'Name:\tinit\nUid:\t0\t0\t0\t0\nThreads:\t40\n',
};

function machine(t: TestContext, change: Record<string, string | undefined> = {}): string {
  const root = mkdtempSync(join(tmpdir(), 'loopwq-test-limits-'));
  t.after(() => rmSync(root, { recursive: true, force: true }));
  for (const [path, text] of Object.entries({ ...MACHINE, ...change })) {
    if (text === undefined) continue;
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), text);
  }
  return root;
}

const short = (root: string) => threadLimits(root).map(({ name, most, used }) => [name, most, used]);

test('threads count towards the machine, the user and the control group, each with those of others', (t) => {
  const root = machine(t, {
    'sys/fs/cgroup/user.slice/pids.max': '500\n',
    'sys/fs/cgroup/user.slice/pids.current': '123\n',
    'sys/fs/cgroup/user.slice/session/pids.max': 'max\n',
    'sys/fs/cgroup/user.slice/session/pids.current': '99\n',
  });
  assert.deepEqual(short(root), [
    ['kernel.pid_max', 32768, 412],
    ['kernel.threads-max', 192730, 412],
    ["the user's limit of processes", 96365, 12],
    ['the limit of the control group', 500, 123],
  ]);
  assert.equal(tightest(threadLimits(root))!.most, 500);
  for (const { remedy } of threadLimits(root)) assert.match(remedy, /^raise /);
});

test('the tightest limit is the one that leaves the fewest, not the lowest', (t) => {
  const root = machine(t, { 'proc/sys/kernel/pid_max': '1000\n', 'proc/loadavg': '0 0 0 1/10 7\n' });
  assert.equal(tightest(threadLimits(root))!.name, 'kernel.pid_max');
  const crowded = [
    { name: 'low', most: 100, used: 1, remedy: '' },
    { name: 'full', most: 1000, used: 950, remedy: '' },
  ];
  assert.equal(tightest(crowded)!.name, 'full');
  assert.equal(tightest([]), undefined);
});

test('root is above the limit of processes, and an unlimited one is none', (t) => {
  const status = 'Uid:\t0\t0\t0\t0\nThreads:\t11\nCapEff:\t000001ffffffffff\n';
  const names = (root: string) => threadLimits(root).map(({ name }) => name);
  assert.deepEqual(names(machine(t, { 'proc/self/status': status })), [
    'kernel.pid_max',
    'kernel.threads-max',
  ]);
  const limits = MACHINE['proc/self/limits']!.replaceAll('96365', 'unlimited');
  assert.deepEqual(names(machine(t, { 'proc/self/limits': limits })), [
    'kernel.pid_max',
    'kernel.threads-max',
  ]);
});

test('the pids controller of cgroup v1 counts as well', (t) => {
  const root = machine(t, {
    'proc/self/cgroup': '9:name=systemd:/\n8:pids:/docker/abc\n0::/\n',
    'sys/fs/cgroup/pids/docker/abc/pids.max': '64\n',
    'sys/fs/cgroup/pids/docker/abc/pids.current': '20\n',
  });
  assert.deepEqual(short(root).at(-1), ['the limit of the control group', 64, 20]);
});

test('a system that tells nothing has no limit', (t) => {
  const root = machine(t, Object.fromEntries(Object.keys(MACHINE).map((path) => [path, undefined])));
  assert.deepEqual([threadLimits(root), descriptorLimit(root)], [[], undefined]);
});

test('descriptors: the soft limit, and those that are open', (t) => {
  const { most, used } = descriptorLimit(machine(t))!;
  assert.deepEqual([most, used], [20000, 2]);
  assert.ok(Math.abs(descriptorLimit()!.used - readdirSync('/proc/self/fd').length) <= 1);
});
