import assert from 'node:assert/strict';
import { test } from 'node:test';
import { folderFor, run } from '../cli/program.ts';

const JOB = '[a]\nfilename=disk\nsize=1m\nrw=randwrite\nbs=4k\niodepth=4\ntime_based\nruntime=20ms\n';
/** V8 may change its mind about a detail; what throws away the code of a trial shows in each of these functions. */
const FEW = 3;

test('no trial throws away what V8 compiled of a submitter', async (t) => {
  const words = ['run', '--backend', 'null', '--designs', 'inline', '--rounds', '20', '--quiet', 't.fio'];
  const where = { cwd: folderFor(t, JOB), node: ['--trace-deopt'] };
  const { code, stdout, stderr } = await run(t, where, ...words);
  assert.equal(code, 0, stderr);
  const bailouts = stdout.split('\n').filter((line) => line.startsWith('[bailout'));
  assert.ok(bailouts.length > 0, 'V8 tells of those that have nothing to do with it');
  const own = /JSFunction (runSubmitter|issue|finish|waitForCompletion|advance) /;
  const wrong = bailouts.filter((line) => line.includes('wrong map') && own.test(line));
  assert.ok(wrong.length <= FEW, wrong.join('\n'));
});
