/** Files that the run did not make: written to only where --overwrite names them, and names that must not meet. */
import assert from 'node:assert/strict';
import { linkSync, mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { describe, test } from 'node:test';
import { readRunOptions } from '../../cli/run-options.ts';
import { InputError } from '../../datasets/errors.ts';
import { readHost } from '../../datasets/host.ts';
import { command, folderFor, JOB, lacking, leftIn, loopOver, mounted, run, SMALL } from './program.ts';

const PRECIOUS = Buffer.alloc(2 ** 20, 'precious');
const onto = (name: string) => JOB.replace('filename=disk', `filename=${name}`);

describe('files of a run', { concurrency: 2 }, () => {
  test('without --overwrite they are refused and stay as they were', async (t) => {
    const folder = folderFor(t);
    const file = join(folder, 'disk.img');
    writeFileSync(file, PRECIOUS);
    writeFileSync(join(folder, 't.fio'), onto(file));
    // The first job file may write; nothing may be written before the second was looked at.
    const allowed = join(folder, 'allowed.img');
    writeFileSync(allowed, PRECIOUS);
    writeFileSync(join(folder, 'first.fio'), onto(allowed));
    const { code, stdout, stderr } = await run(
      t,
      { cwd: folder },
      ...['run', 'first.fio', 't.fio', ...SMALL, '--overwrite', allowed, '--overwrite', `${file}2`],
    );
    assert.equal(code, 2, stderr);
    assert.equal(stdout, '');
    assert.ok(stderr.includes(`t.fio: filename=${file} is outside the run's own folder`), stderr);
    assert.ok(stderr.includes(`say --overwrite ${file};`), stderr);
    assert.ok(readFileSync(file).equals(PRECIOUS));
    assert.ok(readFileSync(allowed).equals(PRECIOUS));
    assert.deepEqual(readdirSync(folder).sort(), ['allowed.img', 'disk.img', 'first.fio', 't.fio']);
  });

  test('with --overwrite they are written to, however the two names are spelled, and stay', async (t) => {
    const folder = folderFor(t);
    const file = join(folder, 'disk.img');
    writeFileSync(file, PRECIOUS);
    writeFileSync(join(folder, 't.fio'), onto(`${folder}//./disk.img`));
    const spelled = `./x/../${relative(folder, file)}`;
    const { code, stderr } = await run(t, { cwd: folder }, 'run', 't.fio', ...SMALL, '--overwrite', spelled);
    assert.equal(code, 0, stderr);
    const content = readFileSync(file);
    assert.equal(content.length, PRECIOUS.length);
    assert.equal(content.includes('precious'), false, 'the whole of it is filled before the first trial');
    assert.deepEqual(leftIn(folder), []);
  });

  test('what encrypts is skipped there: the file holds what the other designs wrote', async (t) => {
    const folder = folderFor(t);
    const file = join(folder, 'disk.img');
    writeFileSync(file, PRECIOUS);
    writeFileSync(join(folder, 't.fio'), onto(file));
    const options = ['--overwrite', file, '--designs', 'single-wq,dm-crypt'];
    const { code, stdout, stderr } = await run(t, { cwd: folder }, 'run', 't.fio', ...SMALL, ...options);
    assert.equal(code, 0, stderr);
    assert.match(stdout, /skipped +dm-crypt: it encrypts what it writes/);
    assert.deepEqual(leftIn(folder), []);
  });

  const refusals: Record<string, { prepare(folder: string): string[]; says: string }> = {
    'a file that is not there': { prepare: () => ['none'], says: 'there is no such file or device' },
    'a file that is too small': {
      prepare(folder) {
        writeFileSync(join(folder, 'small'), PRECIOUS.subarray(1));
        return ['small'];
      },
      says: 'has 1048575 bytes, the jobs need 1048576',
    },
    'a folder': {
      prepare(folder) {
        mkdirSync(join(folder, 'sub'));
        return ['sub'];
      },
      says: 'is neither a file nor a block device',
    },
    'one file by two names': {
      prepare(folder) {
        writeFileSync(join(folder, 'a'), Buffer.concat([PRECIOUS, PRECIOUS]));
        linkSync(join(folder, 'a'), join(folder, 'b'));
        return ['a', 'b'];
      },
      says: 'is the same file as',
    },
    'one file by a link': {
      prepare(folder) {
        writeFileSync(join(folder, 'a'), PRECIOUS);
        symlinkSync('a', join(folder, 'b'));
        return ['a', 'b'];
      },
      says: 'is the same file as',
    },
  };
  for (const [name, { prepare, says }] of Object.entries(refusals)) {
    test(`${name} is refused`, (t) => {
      const folder = folderFor(t);
      const paths = prepare(folder).map((file) => join(folder, file));
      writeFileSync(join(folder, 't.fio'), onto(paths.join(':')).replace('size=1m', `size=${paths.length}m`));
      const allowed = paths.flatMap((path) => ['--overwrite', path]);
      const words = [join(folder, 't.fio'), ...SMALL, ...allowed];
      assert.throws(
        () => readRunOptions(words, readHost('.')),
        (error) => error instanceof InputError && error.message.includes(says),
      );
    });
  }

  test('a device that is mounted is refused and stays as it was', {
    skip: lacking('losetup', 'mkfs.ext4'),
  }, async (t) => {
    const folder = folderFor(t);
    const image = join(folder, 'disk.img');
    command('truncate', '-s', '8M', image);
    command('mkfs.ext4', '-q', image);
    const device = loopOver(t, image);
    const point = mounted(t, folder, device);
    writeFileSync(join(point, 'file'), 'precious');
    command('sync', '-f', point);
    const before = readFileSync(image);
    writeFileSync(join(folder, 't.fio'), onto(device));
    const words = ['run', 't.fio', ...SMALL, '--overwrite', device];
    const { code, stderr } = await run(t, { cwd: folder }, ...words);
    assert.equal(code, 4, stderr);
    assert.match(stderr, new RegExp(`open of ${device}: EBUSY\\. The device is in use \\(mounted`));
    assert.ok(readFileSync(image).equals(before));
    // Small: a device has a size, which is not the file system's to extend.
    writeFileSync(join(folder, 't.fio'), onto(device).replace('size=1m', 'size=1g'));
    const small = await run(t, { cwd: folder }, ...words);
    assert.equal(small.code, 2);
    assert.match(small.stderr, /has 8388608 bytes, the jobs need 1073741824/);
  });

  test("the run's own files do not meet, whatever their names are", async (t) => {
    const folder = folderFor(t);
    const names = ['a/b', 'a_b', '0.a_b', 'b', 'owner.json', `${'x'.repeat(250)}`, 'a\\:b c'];
    writeFileSync(join(folder, 't.fio'), onto(names.join(':')).replace('size=1m', 'size=224k'));
    // One workload's file and another one's, put together, were one name.
    writeFileSync(join(folder, 't.b.fio'), onto('c').replace('size=1m', 'size=32k'));
    writeFileSync(join(folder, 'more.fio'), onto('b.c').replace('size=1m', 'size=32k'));
    const { code, stdout, stderr } = await run(
      t,
      { cwd: folder },
      'run',
      't.fio',
      't.b.fio',
      'more.fio',
      ...SMALL,
      '--quiet',
    );
    assert.equal(code, 0, stderr + stdout);
    assert.match(stdout, /^6 trials in \d+ s are in results\/\S+\. Next: npx loopwq run /m);
    // A pipe: no colour.
    assert.ok(!stdout.includes('\x1b['));
    assert.equal(stderr, '');
    assert.doesNotMatch(stdout, /LOST \d/);
    assert.deepEqual(leftIn(folder), []);
  });
});
