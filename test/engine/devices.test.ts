import assert from 'node:assert/strict';
import { closeSync, mkdtempSync, openSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { type BackingFile, closeBacking, openBacking } from '../../engine/backing.ts';
import { attach as attachDevice, detach } from '../../engine/devices.ts';
import { exchangeBackings } from '../../engine/exchange.ts';
import { ENODEV } from '../../engine/libc.ts';
import { enter, leave } from '../../engine/rcu.ts';
import type { SubmitterReport } from '../../engine/recorder.ts';
import { allocate, attach, reset, type Shared, type SharedMemory } from '../../engine/shared.ts';
import { check } from '../../ordering/check.ts';
import { submitterOf } from '../../ordering/history.ts';
import { BASE, crewTrial, rowsOf } from './crew-trial.ts';

const folder = mkdtempSync(join(process.cwd(), 'loopwq-test-devices-'));
after(() => rmSync(folder, { recursive: true, force: true }));

const JOBS = `[global]
rw=randrw
bs=4k
size=1m
iodepth=8
time_based
runtime=1
[a]
filename=disk0
[b]
filename=disk1
[c]
filename=disk2
`;
// The readers of the file table: workers, or submitters that do the I/O themselves.
for (const name of ['shared-pool:2', 'inline'])
  test(`attach and detach under load of ${name}: no operation reaches a wrong or closed file`, () =>
    churnUnder(name));

async function churnUnder(name: string): Promise<void> {
  const files: BackingFile[] = [0, 1, 2].map((device) =>
    openBacking(join(folder, `${name}.${device}`), 2 ** 20, device, BASE, true),
  );
  // What a stray write would land in: opened under the number that a detached file has just given up.
  const decoy = join(folder, `${name}.decoy`);
  writeFileSync(decoy, Buffer.alloc(2 ** 20, 0x55));
  let reused = 0;
  let cycles = 0;
  const churn = async (shared: Shared, isOver: () => boolean): Promise<void> => {
    while (!isOver()) {
      const device = cycles++ % files.length;
      const fd = await detach(shared, device);
      closeSync(fd);
      const trap = openSync(decoy, 'r+');
      if (trap === fd) reused++;
      // Operations go on meanwhile and must answer ENODEV; a few event-loop turns let thousands pass.
      for (let turn = 0; turn < 50; turn++) await new Promise(setImmediate);
      closeSync(trap);
      attachDevice(shared, device, openSync(files[device]!.path, 'r+'));
    }
  };
  const plan = { detaches: true };
  const trial = await crewTrial(
    name,
    JOBS,
    files.map((file) => file.buffered),
    plan,
    churn,
  );
  const { outcome, history, workload } = trial;

  assert.ok(cycles > 10, `only ${cycles} detaches`);
  assert.ok(reused > 0, 'no descriptor number was ever reused, so the trap was never set');
  assert.equal(
    readFileSync(decoy).every((byte) => byte === 0x55),
    true,
    'an operation landed in a file that no device has',
  );
  const results = { ok: 0, detached: 0 };
  for (const row of rowsOf(trial)) {
    const result = history.result[row]!;
    if (result === 4096) results.ok++;
    else if (result === -ENODEV) results.detached++;
    else assert.fail(`row ${row} of submitter ${submitterOf(history, row)} ended with ${result}`);
  }
  assert.ok(results.ok > 0 && results.detached > 0, JSON.stringify(results));
  const sum = (of: (report: SubmitterReport) => number): number =>
    outcome.reports.reduce((total, report) => total + of(report), 0);
  assert.deepEqual(
    [
      sum(({ reads, writes }) => reads + writes),
      sum(({ detached }) => detached),
      sum(({ failed }) => failed),
    ],
    [results.ok, results.detached, 0],
    'what found no device is no I/O, and no failure',
  );
  const verdicts = check(history, {
    inodeOf: (device) => device,
    dataHeld: true,
    start: 0,
    unitBytes: workload.unitBytes,
    deviceNames: workload.files.map((file) => file.name),
  });
  assert.equal(verdicts.integrity.lost, 0, verdicts.integrity.witness?.sentence);
  assert.ok(verdicts.integrity.proved > 0);
  // Each file holds its own device's stamps and nothing else.
  for (const [device, file] of files.entries()) {
    const bytes = readFileSync(file.path);
    const words = new Uint32Array(bytes.buffer, bytes.byteOffset, bytes.length / 4);
    for (let sector = 0; sector < words.length / 128; sector++) {
      assert.equal(words[sector * 128 + 1], device, `sector ${sector} of ${file.path}`);
      assert.equal(words[sector * 128 + 2], sector);
    }
  }
}

/** Of one device, for `workers` readers and a submitter. */
function memoryFor(workers: number): SharedMemory {
  const sizes = { submitters: 1, workers, queues: 1, devices: 1, tags: 2, flushRequests: 0, stages: 0 };
  return allocate({ ...sizes, policyWords: 0, slots: 0, inline: 0, words: 0 });
}

test('detach waits for a read section that was open, and not for one that began later', async () => {
  const shared = attach(memoryFor(2));
  reset(shared, [7], undefined);
  const old = enter(shared.filesRcu, 0);
  let gone = false;
  const detached = detach(shared, 0).then((fd) => {
    gone = true;
    return fd;
  });
  const late = enter(shared.filesRcu, 1);
  assert.equal(shared.files[0], -1);
  for (let turn = 0; turn < 20; turn++) await new Promise(setImmediate);
  assert.equal(gone, false, 'the file was given up while a reader could still reach it');
  leave(shared.filesRcu, 0, old);
  leave(shared.filesRcu, 1, late);
  assert.equal(await detached, 7);
});

test('a device that is attached is not attached again', () => {
  const shared = attach(memoryFor(1));
  reset(shared, [7], undefined);
  assert.throws(() => attachDevice(shared, 0, 8), /attached already/);
});

test('a device replaced over and over keeps its data, and no descriptor is left', async () => {
  const files = [0, 1].map((device) =>
    openBacking(join(folder, `again.${device}`), 2 ** 18, device, BASE, true),
  );
  const open = (): number => readdirSync('/proc/self/fd').length;
  const numbers = (): number[] => files.flatMap(({ buffered, direct }) => [buffered, direct]);
  const before = { open: open(), numbers: numbers() };
  const contents = files.map(({ path }) => readFileSync(path));
  await exchangeBackings(files);
  assert.deepEqual(numbers().sort(), [...before.numbers].sort(), 'the same numbers');
  assert.notDeepEqual(numbers(), before.numbers, 'of which each file has the other one’s');
  for (let turn = 0; turn < 20; turn++) await exchangeBackings(turn % 2 === 0 ? files : [files[0]!]);
  assert.equal(open(), before.open);
  assert.deepEqual(
    files.map(({ path }) => readFileSync(path)),
    contents,
  );
  assert.equal(readdirSync(folder).filter((name) => name.startsWith('again')).length, 2);
  files.forEach(closeBacking);
});

test('a grace period that will not end is given up, and the device has its file again', async () => {
  const shared = attach(memoryFor(2));
  reset(shared, [7], undefined);
  enter(shared.filesRcu, 0);
  let abandoned = false;
  const detached = detach(shared, 0, () => abandoned);
  await new Promise(setImmediate);
  assert.equal(shared.files[0], -1);
  abandoned = true;
  assert.deepEqual([await detached, shared.files[0]], [-1, 7]);
});
