import assert from 'node:assert/strict';
import fs, { existsSync, readFileSync } from 'node:fs';
import os from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileSystemOf, readHost } from '../../datasets/host.ts';

const MOUNTS = [
  '22 27 0:21 / /proc rw,relatime - proc proc rw',
  '36 1 98:0 / / rw,noatime shared:1 - overlay overlay rw,lowerdir=/x:/y,upperdir=/u,workdir=/w,index=off',
  '37 36 98:1 / /data rw,relatime master:1 shared:2 - ext4 /dev/sda1 rw,data=ordered',
  '38 37 98:2 / /data/my\\040disk rw - xfs /dev/sdb rw,inode64',
  '39 36 98:3 / /data rw,nodev - btrfs /dev/sdc rw',
  'nonsense',
  '',
];

test('the mount with the longest matching folder counts, by whole names', () => {
  const mounts = MOUNTS.slice(0, 4).join('\n');
  assert.equal(fileSystemOf('/data', mounts), 'ext4 rw,relatime,data=ordered');
  assert.equal(fileSystemOf('/data/a/b', mounts), 'ext4 rw,relatime,data=ordered');
  assert.equal(fileSystemOf('/data/my disk/x', mounts), 'xfs rw,inode64');
  assert.equal(fileSystemOf('/database', mounts), 'overlay rw,noatime,index=off');
  assert.equal(fileSystemOf('/', mounts), 'overlay rw,noatime,index=off');
});

test('a mount over another one covers it, and nonsense is skipped', () => {
  assert.equal(fileSystemOf('/data/a', MOUNTS.join('\n')), 'btrfs rw,nodev');
  assert.equal(fileSystemOf('/data/a', 'nonsense - \n - - -\n'), 'unknown');
  assert.equal(fileSystemOf('/data/a', ''), 'unknown');
});

test('this machine is described as it is', () => {
  const host = readHost('.');
  const version = ['../../package.json', '../../../package.json']
    .map((up) => new URL(up, import.meta.url))
    .find(existsSync);
  assert.equal(host.loopwq, JSON.parse(readFileSync(version!, 'utf8')).version);
  assert.equal(host.hostname, os.hostname());
  assert.equal(host.kernel, os.release());
  assert.equal(host.node, process.version);
  assert.ok(host.cores >= 1 && host.memoryBytes > 2 ** 20);
  const model = /^model name\s*: (.*)$/m.exec(readFileSync('/proc/cpuinfo', 'utf8'))?.[1];
  if (model !== undefined) assert.equal(host.cpuModel, model.trim());
  const cpu0 = '/sys/devices/system/cpu/cpu0/topology/physical_package_id';
  if (existsSync(cpu0)) assert.ok(host.sockets >= 1 && host.sockets <= os.cpus().length);
  assert.match(host.fileSystem, /^\w[\w.]* \S*\b(rw|ro)\b/);
});

test('a folder that is not there yet has the file system of where it will be, behind links too', (t) => {
  if (!existsSync('/dev/shm')) return t.skip('/dev/shm does not exist');
  const dir = fs.mkdtempSync(join(os.tmpdir(), 'loopwq-'));
  t.after(() => fs.rmSync(dir, { recursive: true }));
  fs.symlinkSync('/dev/shm', join(dir, 'link'));
  const { fileSystem } = readHost('/dev/shm');
  assert.equal(readHost('/dev/shm/not/there').fileSystem, fileSystem);
  assert.equal(readHost(join(dir, 'link/not/there')).fileSystem, fileSystem);
});

test('a machine without /proc and /sys is unknown, and no error', (t) => {
  const refuse = () => {
    throw new Error('ENOENT');
  };
  t.mock.method(fs, 'readFileSync', refuse);
  t.mock.method(fs, 'readdirSync', refuse);
  t.mock.method(os, 'cpus', () => []);
  const host = readHost('.');
  const { cpuModel, sockets, loopwq, fileSystem, clockSource } = host;
  assert.deepEqual(
    { cpuModel, sockets, loopwq, fileSystem, clockSource },
    { cpuModel: 'unknown', sockets: 0, loopwq: 'unknown', fileSystem: 'unknown', clockSource: 'unknown' },
  );
});

test('sockets are counted by their ids, and a CPU that is off does not count', (t) => {
  const ids: Record<string, string> = { cpu0: '0', cpu1: '1', cpu2: '0' };
  t.mock.method(fs, 'readdirSync', () => ['cpu0', 'cpu1', 'cpu2', 'cpu3', 'cpufreq', 'possible']);
  t.mock.method(fs, 'readFileSync', (path: string) => {
    const id = ids[/(cpu\d+)\/topology\/physical_package_id$/.exec(String(path))?.[1] ?? ''];
    if (id === undefined) throw new Error('ENOENT');
    return `${id}\n`;
  });
  assert.equal(readHost('.').sockets, 2);
});
