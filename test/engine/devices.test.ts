import assert from 'node:assert/strict';
import { closeSync, mkdtempSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { parseDesign } from '../../benchmarks/designs.ts';
import { bufferBytes, historySize, tagsOf } from '../../benchmarks/plan.ts';
import { topologyFor } from '../../benchmarks/topology.ts';
import { parseJobFile } from '../../datasets/fio.ts';
import { type BackingFile, openBacking } from '../../engine/backing.ts';
import { closeCrew, openWorkload, startCrew } from '../../engine/crew.ts';
import { attach as attachDevice, detach } from '../../engine/devices.ts';
import { ENODEV, mapMemory } from '../../engine/libc.ts';
import { enter, leave } from '../../engine/rcu.ts';
import { allocate, attach, reset } from '../../engine/shared.ts';
import { runTrial } from '../../engine/trial.ts';
import { check } from '../../ordering/check.ts';
import { historyBytes, openHistory, submitterOf } from '../../ordering/history.ts';

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
const BASE = 1000;
const TRIAL = BASE + 1;

// The readers of the file table: workers, or submitters that do the I/O themselves.
for (const [name, workers] of [
  ['shared-pool:2', 2],
  ['inline', 0],
] as const) {
  test(`attach and detach under load of ${name}: no operation reaches a wrong or closed file`, () =>
    churnUnder(name, workers));
}

async function churnUnder(name: string, workers: number): Promise<void> {
  const workload = parseJobFile(JOBS, 'devices.fio');
  const design = parseDesign(name);
  const data = mapMemory(tagsOf(workload) * bufferBytes(workload));
  const crew = await startCrew(design.crew, workload.jobs.length, workers, data, mapMemory(4096));
  const files: BackingFile[] = workload.files.map((file, device) =>
    openBacking(join(folder, `${name}.${file.name}`), file.bytes, device, BASE, true),
  );
  // What a stray write would land in: opened under the number that a detached file has just given up.
  const decoy = join(folder, `${name}.decoy`);
  writeFileSync(decoy, Buffer.alloc(2 ** 20, 0x55));
  const size = historySize(workload);
  const history = new SharedArrayBuffer(historyBytes(size.submitters, size.rowsEach, size.seenEach));
  await openWorkload(
    crew,
    workload.name,
    workload,
    topologyFor({ sockets: 1, cpusPerSocket: 3, virtual: true }, 3, 3),
    false,
  );
  const { shared } = crew.opened.get(workload.name)!;

  let over = false;
  let reused = 0;
  let cycles = 0;
  const churn = async (): Promise<void> => {
    while (!over) {
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
  const trial = runTrial(crew, workload.name, {
    backend: 'sync',
    direct: false,
    seed: 1,
    base: BASE,
    trial: TRIAL,
    spin: 0,
    bufferBytes: bufferBytes(workload),
    history: { buffer: history, ...size },
    files: files.map((file) => file.buffered),
    runtimeLimit: 0,
    deadlineSeconds: 30,
  }).finally(() => {
    over = true;
  });
  const [outcome] = await Promise.all([trial, churn()]);
  await closeCrew(crew);

  assert.ok(cycles > 10, `only ${cycles} detaches`);
  assert.ok(reused > 0, 'no descriptor number was ever reused, so the trap was never set');
  assert.deepEqual(
    outcome.reports.map((report) => report.failure),
    workload.jobs.map(() => undefined),
  );
  assert.equal(
    readFileSync(decoy).every((byte) => byte === 0x55),
    true,
    'an operation landed in a file that no device has',
  );

  const columns = openHistory(history, size.submitters, size.rowsEach, size.seenEach);
  const results = { ok: 0, detached: 0 };
  for (let s = 0; s < workload.jobs.length; s++) {
    for (let row = s * size.rowsEach; row < s * size.rowsEach + columns.count[s]!; row++) {
      const result = columns.result[row]!;
      if (result === 4096) results.ok++;
      else if (result === -ENODEV) results.detached++;
      else assert.fail(`row ${row} of submitter ${submitterOf(columns, row)} ended with ${result}`);
    }
  }
  assert.ok(results.ok > 0 && results.detached > 0, JSON.stringify(results));
  const verdicts = check(columns, {
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

test('detach waits for a read section that was open, and not for one that began later', async () => {
  const memory = allocate({
    submitters: 1,
    workers: 2,
    queues: 1,
    devices: 1,
    tags: 2,
    flushRequests: 0,
    stages: 0,
    policyWords: 0,
    slots: 0,
    inline: 0,
    words: 0,
  });
  const shared = attach(memory);
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
  const memory = allocate({
    submitters: 1,
    workers: 1,
    queues: 1,
    devices: 1,
    tags: 2,
    flushRequests: 0,
    stages: 0,
    policyWords: 0,
    slots: 0,
    inline: 0,
    words: 0,
  });
  const shared = attach(memory);
  reset(shared, [7], undefined);
  assert.throws(() => attachDevice(shared, 0, 8), /attached already/);
});
