import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import fs, {
  appendFileSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { openResults, readResults } from '../../datasets/results.ts';
import type { TrialRecord } from '../../datasets/schema.ts';
import { exampleRecord } from './example-record.ts';

function folder(t: TestContext): string {
  const dir = mkdtempSync(join(tmpdir(), 'loopwq-'));
  t.after(() => rmSync(dir, { recursive: true }));
  return dir;
}

function rounds(count: number): TrialRecord[] {
  return Array.from({ length: count }, (_, round) => ({ ...exampleRecord(), round }));
}

function write(path: string, records: TrialRecord[]): string {
  const writer = openResults(path);
  for (const record of records) writer.append(record);
  writer.close();
  return writer.path;
}

test('records come back as they were written, from the folder and from the file', (t) => {
  const dir = join(folder(t), 'new', 'run');
  const records = rounds(3);
  const path = write(dir, records);
  assert.equal(path, join(dir, 'results.jsonl'));
  assert.deepEqual(readResults(dir), { path, records, truncated: false });
  assert.deepEqual(readResults(path), { path, records, truncated: false });
  assert.equal(readFileSync(path, 'utf8').split('\n').length, 4, 'one line a record');
});

test('a name that ends in .jsonl is the file itself', (t) => {
  const path = join(folder(t), 'base.jsonl');
  assert.equal(write(path, rounds(1)), path);
  assert.equal(readResults(path).records.length, 1);
});

test('every record is on disk before append returns', (t) => {
  const dir = folder(t);
  const writer = openResults(dir);
  const synced: number[] = [];
  t.mock.method(fs, 'fsyncSync', (fd: number) => synced.push(fs.fstatSync(fd).size));
  for (const record of rounds(2)) writer.append(record);
  writer.close();
  const size = fs.statSync(writer.path).size;
  assert.deepEqual(synced, [size / 2, size]);
});

test('an existing results file is never overwritten, also not by a second writer at the same time', (t) => {
  const dir = folder(t);
  const writer = openResults(dir);
  const message = /results\.jsonl: exists, and results are never overwritten$/;
  assert.throws(() => openResults(dir), { name: 'InputError', message });
  writer.append(exampleRecord());
  writer.close();
  assert.throws(() => openResults(dir), { name: 'InputError', message });
  assert.equal(readResults(dir).records.length, 1);
});

test('a folder that cannot be made is an InputError', (t) => {
  const file = join(folder(t), 'file');
  writeFileSync(file, '');
  assert.throws(() => openResults(join(file, 'run')), {
    name: 'InputError',
    message: /can't be made: ENOTDIR/,
  });
});

test('a record that breaks the schema is not written', (t) => {
  const writer = openResults(folder(t));
  const record = exampleRecord();
  record.metrics.iops = Number.NaN;
  assert.throws(() => writer.append(record), /not written: metrics\.iops is no finite number$/);
  writer.append(exampleRecord());
  writer.close();
  assert.equal(readResults(writer.path).records.length, 1);
});

test('short writes are carried on', (t) => {
  const writer = openResults(folder(t));
  const whole = fs.writeSync as (fd: number, bytes: Buffer, offset: number, length: number) => number;
  const mock = t.mock.method(fs, 'writeSync', (fd: number, bytes: Buffer, offset: number) =>
    whole(fd, bytes, offset, Math.min(1000, bytes.length - offset)),
  );
  for (const record of rounds(2)) writer.append(record);
  writer.close();
  assert.ok(mock.mock.callCount() > 2);
  assert.deepEqual(readResults(writer.path).records, rounds(2));
});

test('a full disk in the middle of a line leaves the lines before it, and none of that one', (t) => {
  const writer = openResults(folder(t));
  writer.append(exampleRecord());
  const whole = fs.writeSync as (fd: number, bytes: Buffer, offset: number, length: number) => number;
  const mock = t.mock.method(fs, 'writeSync', (fd: number, bytes: Buffer, offset: number) => {
    if (offset > 0) throw Object.assign(new Error('ENOSPC: no space'), { code: 'ENOSPC' });
    return whole(fd, bytes, offset, 100);
  });
  assert.throws(
    () => writer.append(exampleRecord()),
    /results\.jsonl: can't write a result, earlier ones are kept: no space left on the device$/,
  );
  assert.equal(readResults(writer.path).truncated, false);
  mock.mock.restore();
  writer.append({ ...exampleRecord(), round: 7 });
  writer.close();
  assert.deepEqual(
    readResults(writer.path).records.map((record) => record.round),
    [0, 7],
  );
});

test('the same with a limit that the kernel enforces', (t) => {
  const dir = folder(t);
  const module = new URL('../../datasets/results.js', import.meta.url).href;
  const line = Buffer.byteLength(JSON.stringify(exampleRecord())) + 1;
  // ulimit -f counts blocks of 1024 bytes: the limit falls into the last of the lines.
  const blocks = Math.ceil((2 * line) / 1024);
  const code = `
    import { openResults } from ${JSON.stringify(module)};
    const record = ${JSON.stringify(exampleRecord())};
    const writer = openResults(${JSON.stringify(dir)});
    for (;;) writer.append(record);`;
  const run = spawnSync(
    'bash',
    ['-c', `ulimit -f ${blocks}; exec "$0" --input-type=module -e "$1"`, process.execPath, code],
    {
      encoding: 'utf8',
    },
  );
  assert.match(run.stderr, /can't write a result, earlier ones are kept: EFBIG/);
  const { records, truncated } = readResults(dir);
  assert.equal(records.length, Math.floor((blocks * 1024) / line));
  assert.ok(records.length >= 2);
  assert.equal(truncated, false);
});

test('a last line that was cut off anywhere is left out and reported', (t) => {
  const path = write(folder(t), rounds(2));
  const size = fs.statSync(path).size;
  for (const length of [size - 1, size - 100, size / 2 + 1]) {
    truncateSync(path, length);
    const { records, truncated } = readResults(path);
    assert.equal(truncated, true);
    assert.deepEqual(records, rounds(1));
  }
  truncateSync(path, size / 2);
  assert.deepEqual(readResults(path), { path, records: rounds(1), truncated: false });
  truncateSync(path, 0);
  assert.deepEqual(readResults(path), { path, records: [], truncated: false });
});

test('a broken, foreign or newer line is an InputError with its line, also as the last', (t) => {
  const path = write(folder(t), rounds(2));
  const good = readFileSync(path, 'utf8');
  const line2 = (text: string) => {
    const [first, second] = good.split('\n');
    for (const content of [`${first}\n${text}\n${second}\n`, `${first}\n${text}\n`]) {
      writeFileSync(path, content);
      assert.throws(
        () => readResults(path),
        (error: Error) => {
          assert.equal(error.name, 'InputError');
          assert.ok(error.message.startsWith(`${path}:2: `), error.message);
          return true;
        },
      );
    }
    try {
      return readResults(path);
    } catch (error) {
      return (error as Error).message.slice(path.length + 4);
    }
  };
  assert.match(String(line2('{"schema":')), /^broken line: /);
  assert.match(String(line2('')), /^broken line: /);
  assert.equal(line2('{"schema":"other"}'), 'no loopwq.trial record');
  assert.match(
    String(line2(JSON.stringify({ ...exampleRecord(), version: 2 }))),
    /^written by a newer loopwq/,
  );
  assert.equal(line2(JSON.stringify({ ...exampleRecord(), seed: 'x' })), 'seed is no finite number');
});

test('what is not there is an InputError that names the file', (t) => {
  const dir = folder(t);
  const message = /results\.jsonl: can't read results: ENOENT/;
  assert.throws(() => readResults(dir), { name: 'InputError', message });
  assert.throws(() => readResults(join(dir, 'x')), {
    name: 'InputError',
    message: /\/x: can't read results: ENOENT/,
  });
  mkdirSync(join(dir, 'results.jsonl'));
  assert.throws(() => readResults(dir), { name: 'InputError', message: /EISDIR/ });
});

test('a second process that appends to the file does not destroy lines', (t) => {
  const writer = openResults(folder(t));
  writer.append(exampleRecord());
  appendFileSync(writer.path, `${JSON.stringify({ ...exampleRecord(), round: 1 })}\n`);
  writer.append({ ...exampleRecord(), round: 2 });
  writer.close();
  assert.deepEqual(
    readResults(writer.path).records.map((record) => record.round),
    [0, 1, 2],
  );
});

test('packed results are read like the others, and an archive that was cut off is refused', (t) => {
  const dir = folder(t);
  const records = rounds(2);
  const plain = write(dir, records);
  const packed = `${plain}.gz`;
  writeFileSync(packed, gzipSync(readFileSync(plain)));
  // Both are there: what was written to is what counts.
  assert.equal(readResults(dir).path, plain);
  rmSync(plain);
  assert.deepEqual(readResults(dir), { path: packed, records, truncated: false });
  assert.deepEqual(readResults(packed).records, records);
  truncateSync(packed, fs.statSync(packed).size - 9);
  assert.throws(() => readResults(dir), {
    name: 'InputError',
    message: /results\.jsonl\.gz: can't read results: unexpected end of file/,
  });
});
