/** What the machine can't do: what failed, the likely cause, the remedy; exit code 4, and nothing is left behind. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import os from 'node:os';
import { describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { EXIT, explain } from '../../cli/exit.ts';
import { InputError } from '../../datasets/errors.ts';
import { MachineError } from '../../engine/errors.ts';
import { folderFor, JOB, lacking, leftIn, mounted, run, SMALL, type Where } from './program.ts';

const IO_URING_SETUP = 425;
const DENY = fileURLToPath(new URL('./deny.js', import.meta.url));
const { EPERM, ENOSYS, EINVAL, ENOMEM, EMFILE } = os.constants.errno;

function denying(cwd: string, errno: number): Where {
  return { cwd, node: ['--import', DENY], env: { DENY: `${IO_URING_SETUP}:${errno}` } };
}

describe('the machine refuses', { concurrency: 2 }, () => {
  test('io_uring', async (t) => {
    const folder = folderFor(t);
    const words = ['run', 't.fio', '--designs', 'single-wq', '--rounds', '1'];
    const { code, stdout, stderr } = await run(t, denying(folder, EPERM), ...words, '--backend', 'uring');
    assert.equal(code, 4);
    assert.equal(stdout, '');
    assert.match(
      stderr,
      /^loopwq: io_uring_setup: EPERM\..*kernel\.io_uring_disabled.*seccomp.*--backend sync/,
    );
    assert.deepEqual(readdirSync(folder), ['t.fio']);
  });

  test('io_uring, which --backend sync does not need', async (t) => {
    const folder = folderFor(t);
    const { code, stdout, stderr } = await run(t, denying(folder, ENOSYS), 'run', 't.fio', ...SMALL);
    assert.equal(code, 0, stderr);
    assert.match(stdout, /raw.*io_uring_setup: ENOSYS/);
  });

  for (const [errno, why] of [
    [ENOSYS, /ENOSYS.*built without io_uring/],
    [EINVAL, /EINVAL.*older than 6\.1/],
    [ENOMEM, /ENOMEM.*ulimit -l/],
    [EMFILE, /EMFILE.*ulimit -n/],
  ] as const) {
    test(`io_uring with errno ${errno}`, () => {
      const ring = new URL('../../engine/ring.js', import.meta.url).href;
      const code = `import { Ring } from '${ring}'; try { new Ring(4); } catch (error) { console.log(String(error)); }`;
      const env = { ...process.env, DENY: `${IO_URING_SETUP}:${errno}` };
      const words = ['--import', DENY, '--input-type=module', '--eval', code];
      const said = execFileSync(process.execPath, words, { env, encoding: 'utf8' });
      assert.match(said, /^MachineError: io_uring_setup: /);
      assert.match(said, why);
    });
  }

  test('O_DIRECT', { skip: lacking('mount') }, async (t) => {
    const folder = folderFor(t);
    const ramfs = mounted(t, folder, '-t', 'ramfs', 'ramfs');
    const words = ['run', 't.fio', '--dir', ramfs, '--designs', 'single-wq', '--rounds', '1', '--out', 'out'];
    const direct = await run(t, { cwd: folder }, ...words);
    assert.equal(direct.code, 4);
    assert.match(
      direct.stderr,
      new RegExp(`^loopwq: O_DIRECT: the file system of ${ramfs}/.*EINVAL.*ext4.*--dir.*--backend sync`),
    );
    assert.deepEqual(readdirSync(ramfs), []);
  });

  test('descriptors', async (t) => {
    const folder = folderFor(t);
    const under = ['sh', '-c', 'ulimit -n 200 && exec "$@"', 'sh'];
    const { code, stdout, stderr } = await run(
      t,
      { cwd: folder, under },
      'run',
      't.fio',
      '--designs',
      'n-wq:64',
    );
    assert.equal(code, 4, stderr);
    assert.equal(stdout, '');
    assert.match(
      stderr,
      /^loopwq: too few descriptors: \d+ threads .* limit of open descriptors is 200 with \d+ taken: raise it with ulimit -n\. /,
    );
    assert.deepEqual(readdirSync(folder), ['t.fio']);
  });

  test('descriptors for the program itself', async (t) => {
    const folder = folderFor(t);
    const under = ['sh', '-c', 'ulimit -n 40 && exec "$@"', 'sh'];
    const { code, stdout, stderr } = await run(t, { cwd: folder, under }, 'run', 't.fio', ...SMALL);
    assert.equal(code, 4, stderr);
    assert.equal(stdout, '');
    assert.match(stderr, /^loopwq: [^\n]*\bulimit -n[^\n]*\n$/);
    assert.deepEqual(readdirSync(folder), ['t.fio']);
  });

  test('files of that size', async (t) => {
    const folder = folderFor(t, JOB.replace('1m', '8m'));
    // In units of 512 bytes or of 1024, as the shell likes it: at most 4 MiB.
    const under = ['sh', '-c', 'ulimit -f 4096 && exec "$@"', 'sh'];
    const { code, stderr } = await run(t, { cwd: folder, under }, 'run', 't.fio', ...SMALL);
    assert.equal(code, 4, stderr);
    assert.match(stderr, /write of .*0\.0\.disk: EFBIG\. .*ulimit -f/);
    assert.deepEqual(readdirSync(folder), ['t.fio']);
  });

  test('memory', async (t) => {
    const folder = folderFor(
      t,
      JOB.replace('bs=4k', 'bs=1g').replace('1m', '1g').replace('iodepth=4', 'iodepth=4096'),
    );
    const { code, stderr } = await run(t, { cwd: folder }, 'run', 't.fio', ...SMALL);
    assert.equal(code, 4, stderr);
    assert.match(
      stderr,
      /^loopwq: no memory for the data of all requests, 8388608 MiB: .*ENOMEM\. Make iodepth=/,
    );
    assert.deepEqual(readdirSync(folder), ['t.fio']);
  });

  // Nobody makes folders in /sys: root gets EPERM or EROFS, others EACCES.
  test('a folder for the files', async (t) => {
    const folder = folderFor(t);
    const { code, stderr } = await run(t, { cwd: folder }, 'run', 't.fio', ...SMALL, '--dir', '/sys');
    assert.equal(code, 4, stderr);
    assert.match(
      stderr,
      /^loopwq: no folder for the backing files under \/sys: E.*name another folder with --dir/,
    );
    assert.deepEqual(readdirSync(folder), ['t.fio']);
  });

  test('a folder for the results', async (t) => {
    const folder = folderFor(t);
    const { code, stderr } = await run(t, { cwd: folder }, 'run', 't.fio', ...SMALL, '--out', '/sys/results');
    assert.equal(code, 4, stderr);
    assert.match(
      stderr,
      /^loopwq: \/sys\/results\/results\.jsonl: can't be made: E.*name another folder with --out/,
    );
    assert.deepEqual(leftIn(folder), []);
  });
});

test('an error is explained by what it stands for', () => {
  const failed = (fields: object, message = 'it') => Object.assign(new Error(message), fields);
  assert.deepEqual(explain(new InputError('in')), { code: EXIT.usage, text: 'in' });
  assert.deepEqual(explain(new MachineError('machine')), { code: EXIT.machine, text: 'machine' });
  for (const code of ['ERR_WORKER_INIT_FAILED', 'ERR_WORKER_OUT_OF_MEMORY']) {
    const { code: exit, text } = explain(failed({ code }, 'EAGAIN'));
    assert.equal(exit, EXIT.machine);
    assert.match(text, /^a thread can't be started: EAGAIN\. Raise ulimit -n and ulimit -u/);
  }
  const opening = explain(new Error("Error: EMFILE: too many open files, open 'x.js'"));
  assert.equal(opening.code, EXIT.machine);
  assert.match(opening.text, /^too many open files\. .*ulimit -n/);
  const system = failed({ code: 'EIO', syscall: 'write' }, 'EIO: i/o error, write');
  assert.deepEqual(explain(system), { code: EXIT.machine, text: 'EIO: i/o error, write' });
  assert.equal(explain(new TypeError('a bug')).code, EXIT.violated);
  assert.match(explain(new TypeError('a bug')).text, /^TypeError: a bug\n +at /);
  assert.deepEqual(explain('thrown'), { code: EXIT.violated, text: 'thrown' });
  assert.deepEqual(explain(undefined), { code: EXIT.violated, text: 'undefined' });
});
