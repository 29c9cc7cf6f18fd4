import assert from 'node:assert/strict';
import { closeSync, fstatSync, openSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { closeBacking, openBacking } from '../../engine/backing.ts';
import { finallyDo, folderFor } from '../cli/program.ts';
import { BASE } from './crew-trial.ts';

test('a backing file that is closed again closes nobody else’s', (t) => {
  const folder = folderFor(t);
  const file = openBacking(join(folder, 'd0'), 4096, 0, BASE, true);
  closeBacking(file);
  // They get the numbers that have just come free.
  const others = [1, 2].map(() => openSync(join(folder, 't.fio'), 'r'));
  finallyDo(t, () => {
    for (const fd of others) closeSync(fd);
  });
  closeBacking(file);
  for (const fd of others) assert.equal(fstatSync(fd).isFile(), true);
});
