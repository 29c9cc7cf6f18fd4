/** Logs of writes, read by a reader of the test's own after xfstests' log-writes.h, and replayed beside the backing file. */
import assert from 'node:assert/strict';
import { existsSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { logWrites } from '../../benchmarks/log-writes.ts';
import { runPlan } from '../../benchmarks/runner.ts';
import { readRunOptions } from '../../cli/run-options.ts';
import { createLog, LOG_DISCARD, LOG_FUA } from '../../datasets/formats/dm-log-writes.ts';
import { readHost } from '../../datasets/host.ts';
import { folderFor, JOB, leftIn, run } from '../cli/program.ts';

interface Entry {
  at: number;
  bytes: number;
  flags: number;
  mark: string;
  data: Buffer;
}

/** Every byte of the file has to belong to an entry. */
function readLog(log: Buffer): Entry[] {
  assert.equal(log.readBigUInt64LE(0), 0x6a736677736872n);
  assert.equal(log.readBigUInt64LE(8), 1n);
  const count = Number(log.readBigUInt64LE(16));
  const sector = log.readUInt32LE(24);
  assert.equal(sector, 512);
  const entries: Entry[] = [];
  let from = sector;
  for (let i = 0; i < count; i++) {
    const [at, sectors, flags, length] = [0, 8, 16, 24].map((o) => Number(log.readBigUInt64LE(from + o)));
    assert.ok(flags! + sectors! > 0, 'replay-log calls such an entry malformed');
    const mark = log.toString('latin1', from + 32, from + 32 + length!);
    from += sector;
    const bytes = sectors! * sector;
    const held = (flags! & 4) !== 0 ? 0 : bytes;
    entries.push({ at: at! * sector, bytes, flags: flags!, mark, data: log.subarray(from, from + held) });
    from += held;
  }
  assert.equal(from, log.length);
  return entries;
}

function replayed(entries: readonly Entry[], bytes: number): Buffer {
  const disk = Buffer.alloc(bytes, 0xee);
  for (const { at, bytes: length, flags, data } of entries) {
    if ((flags & 4) !== 0) disk.fill(0, at, at + length);
    else data.copy(disk, at);
  }
  return disk;
}

test('the whole log onto another disk gives what is in the backing file after a real run', async (t) => {
  const folder = folderFor(t, JOB.replace('rw=randrw', 'rw=randwrite').replace('numjobs=2', 'numjobs=1'));
  const words = ['--designs', 'single-wq', '--backend', 'sync', '--rounds', '1', '--dir', folder, '--quick'];
  const host = readHost(folder);
  const { plan } = readRunOptions([join(folder, 't.fio'), ...words], host);
  const path = join(folder, 'log');
  const log = createLog(path, 2 ** 30);
  let file = '';
  let end: Buffer | undefined;
  const logging = logWrites(log, 0, (logged) => assert.equal(logged.logged, logged.of));
  const quiet = { progress: () => {}, trial: () => {} };
  const beside: typeof logging = {
    accompany(trial, over) {
      file = trial.files[0]!.path;
      return logging.accompany(trial, over);
    },
    judge(...about) {
      end = readFileSync(file);
      logging.judge(...about);
    },
  };
  await runPlan(plan, 'test', host, { ...quiet, beside }, new AbortController().signal);
  log.close();
  const entries = readLog(readFileSync(path));
  const start = entries.findIndex(({ mark }) => mark === 'start');
  assert.ok(entries.length > start + 10, `${entries.length} entries`);
  assert.ok(entries.slice(start).some(({ flags }) => flags === 1));
  assert.ok(replayed(entries, end!.length).equals(end!));
  assert.ok(!replayed(entries.slice(0, start), end!.length).equals(end!));
});

test('a discard carries no data, and a full log ends with a whole entry and stays so', (t) => {
  const path = join(folderFor(t), 'log');
  const log = createLog(path, 512 * 5);
  assert.ok(log.put(LOG_DISCARD, 4096, 8192));
  assert.ok(log.put(LOG_FUA, 512, 512, Buffer.alloc(512, 7)));
  assert.ok(!log.put(0, 0, 1024, Buffer.alloc(1024)));
  assert.ok(!log.mark('small, but after what is missing'));
  log.close();
  const entries = readLog(readFileSync(path));
  assert.deepEqual(
    entries.map(({ at, bytes, flags, data }) => [at, bytes, flags, data.length]),
    [
      [4096, 8192, 4, 0],
      [512, 512, 2, 512],
    ],
  );
  assert.equal(statSync(path).size, 512 * 4);
});

test('the command: a new file, and none where nothing could be logged', async (t) => {
  const folder = folderFor(t);
  const asked = (...words: string[]) =>
    run(
      t,
      { cwd: folder },
      'check',
      '--log-writes',
      'log',
      't.fio',
      '--backend',
      'sync',
      '--quiet',
      ...words,
    );
  const crypt = await asked('--designs', 'dm-crypt');
  assert.equal(crypt.code, 2, crypt.stderr);
  assert.match(crypt.stderr, /encrypts/);
  const device = await asked('--device', '3');
  assert.equal(device.code, 2, device.stderr);
  assert.match(device.stderr, /no device 3/);
  assert.ok(!existsSync(join(folder, 'log')));
  const good = await asked();
  assert.equal(good.code, 0, good.stderr);
  assert.match(good.stdout, /replay-log --log log --replay DEVICE/);
  readLog(readFileSync(join(folder, 'log')));
  const again = await asked();
  assert.equal(again.code, 2);
  assert.match(again.stderr, /log exists/);
  assert.deepEqual(leftIn(folder), []);
});
