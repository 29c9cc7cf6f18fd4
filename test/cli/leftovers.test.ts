/** What a killed run leaves, and who may take it away. */
import assert from 'node:assert/strict';
import { chmodSync, existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { makeFolder, removeFolder } from '../../engine/backing.ts';
import {
  assertDetached,
  command,
  ENDLESS,
  finallyDo,
  folderFor,
  lacking,
  leftIn,
  made,
  run,
  SMALL,
  start,
  trialsIn,
} from './program.ts';

describe('what a run leaves', { concurrency: 2 }, () => {
  test('the next run removes what a killed one left, and nothing else', async (t) => {
    const folder = folderFor(t);
    const words = ['run', 't.fio', ...SMALL];
    // As root it leaves a loop device, too.
    const killed = start(
      t,
      { cwd: folder },
      ...words,
      ...ENDLESS,
      '--out',
      'killed',
      '--designs',
      'kernel-loop',
    );
    await trialsIn(join(folder, 'killed'), killed);
    const [left] = leftIn(folder);
    killed.child.kill('SIGKILL');
    await killed.ended;
    assert.deepEqual(leftIn(folder), [left]);

    const live = start(t, { cwd: folder }, ...words, ...ENDLESS, '--out', 'live', '--dir', '.');
    await trialsIn(join(folder, 'live'), live);
    const alive = leftIn(folder).filter((name) => name !== left);
    assert.equal(alive.length, 1, 'the folder of the killed run should be gone by now');

    await assertDetached(join(folder, left!));

    const { code } = await run(t, { cwd: folder }, ...words, '--out', 'next');
    assert.equal(code, 0);
    assert.deepEqual(leftIn(folder), alive);
    assert.equal(live.child.exitCode, null);
    live.child.kill('SIGINT');
    assert.equal((await live.ended).code, 130);
    assert.deepEqual(leftIn(folder), []);
  });

  test('a folder goes only when it has the record of a process that is gone', (t) => {
    const dir = folderFor(t);
    const ours = readFileSync('/proc/self/stat', 'utf8').split(' ')[21];
    const keeps = {
      'without a record': undefined,
      'of something else': '{"name": "loopwq-of-bob"}',
      'with a record cut short': '{"pid": 17, "sta',
      'with a record that is no object': 'null',
      'of a process without a start': '{"pid": 4194304, "started": ""}',
      'of this process': JSON.stringify({ pid: process.pid, started: ours }),
    };
    const goes = {
      'of a process that is gone': '{"pid": 4194304, "started": "17"}',
      'of a process whose number was given again': JSON.stringify({ pid: process.pid, started: '1' }),
    };
    for (const [name, record] of Object.entries({ ...keeps, ...goes })) {
      const folder = made(dir, `loopwq-${name}`);
      writeFileSync(join(folder, 'data'), 'data');
      if (record !== undefined) writeFileSync(join(folder, 'owner.json'), record);
    }
    writeFileSync(join(dir, 'loopwq-file'), '');
    const folder = makeFolder(dir);
    removeFolder(folder);
    assert.deepEqual(
      new Set(leftIn(dir)),
      new Set(['loopwq-file', ...Object.keys(keeps).map((name) => `loopwq-${name}`)]),
    );
  });

  test('a folder that can not be listed can still be used', (t) => {
    const dir = made(folderFor(t), 'write-only');
    chmodSync(dir, 0o300);
    const folder = makeFolder(dir);
    assert.ok(existsSync(join(folder, 'owner.json')));
    removeFolder(folder);
    assert.deepEqual(readdirSync(join(dir, '..')), ['t.fio', 'write-only']);
  });

  test('a folder that can not be removed is told, and the run ends as it would have', {
    skip: lacking('chattr'),
  }, async (t) => {
    const folder = folderFor(t);
    const running = start(t, { cwd: folder }, 'run', 't.fio', ...SMALL, ...ENDLESS, '--out', 'out');
    await trialsIn(join(folder, 'out'), running);
    const [name] = leftIn(folder);
    command('chattr', '+i', join(folder, name!));
    finallyDo(t, () => command('chattr', '-i', join(folder, name!)));
    running.child.kill('SIGINT');
    const { code, stderr, stdout } = await running.ended;
    assert.equal(code, 130);
    assert.match(stdout, /^interrupted: \d+ trials?/m);
    assert.match(stderr, new RegExp(`^loopwq: .*/${name} is not cleaned up: E.*\\. Do it by hand\n$`, 'm'));
    assert.deepEqual(leftIn(folder), [name]);
  });
});
