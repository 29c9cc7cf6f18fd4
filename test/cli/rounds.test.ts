/** `--until`, `--max-rounds` and `--steady` as their user has them. */
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { reachedLines, readRounds } from '../../cli/run-sampling.ts';
import { InputError } from '../../datasets/errors.ts';
import { readResults } from '../../datasets/results.ts';
import { folderFor, run } from './program.ts';

const NULL = ['--backend', 'null', '--designs', 'single-wq,n-wq:2'];

describe('rounds', { concurrency: 2 }, () => {
  test('at the cap the answer is inconclusive, and a failure under --strict', async (t) => {
    const folder = folderFor(t);
    const words = ['run', 't.fio', ...NULL, '--until', '0.001%', '--max-rounds', '7', '--strict'];
    const { code, stdout, stderr } = await run(t, { cwd: folder }, ...words, '--out', 'out');
    assert.match(
      stderr,
      /^rounds until every ratio is known within ±0 %: looks after 6, 7\n(t, null backend: round \d of at most 7; .*\n)+$/,
    );
    assert.match(stdout, /^t, null backend: INCONCLUSIVE: ±.* % \(n-wq:2\) after 7 rounds, the cap/m);
    assert.equal(code, 3);
    const { records } = readResults(join(folder, 'out'));
    assert.equal(Math.max(...records.map((record) => record.round)), 6);
  });

  test('what asks for rounds in two ways is refused', () => {
    const cases: [values: Parameters<typeof readRounds>[0], message: RegExp][] = [
      [{ until: '5%', rounds: '5' }, /^--until decides on the rounds/],
      [{ 'max-rounds': '5' }, /^--max-rounds is the cap of --until/],
      [{ until: '0%' }, /^--until is a share such as 5%/],
      [{ until: '-1' }, /^--until is a share/],
      [{ until: '101' }, /^--until is a share/],
      [{ until: 'x%' }, /^--until is a share/],
      [{ until: '5%', 'max-rounds': '1' }, /^--max-rounds is a whole number from 2 to 1000/],
    ];
    for (const [values, message] of cases)
      assert.throws(
        () => readRounds(values, 5),
        (error: Error) => error instanceof InputError && message.test(error.message),
      );
    assert.deepEqual(readRounds({}, 5), { rounds: 5 });
    assert.deepEqual(readRounds({ until: '2.5%', 'max-rounds': '9' }, 5), {
      rounds: 9,
      until: { halfWidth: 0.025, looks: [6, 8, 9] },
    });
  });

  test('the line of a cell says what was reached, and when nothing was', () => {
    const cell = { workload: 'w', direct: true, backend: 'uring', rounds: 8, enough: true };
    const until = { halfWidth: 0.05, looks: [6, 8, 9] };
    assert.deepEqual(
      reachedLines(
        [
          { ...cell, widest: { design: 'a', halfWidth: 0.0412, rounds: 8 } },
          { ...cell, widest: undefined, rounds: 0, enough: false },
        ],
        until,
      ),
      [
        'w, direct: ±4.1 % (a) after 8 rounds, --until asked for ±5 %',
        'w, direct: INCONCLUSIVE: no interval after 0 rounds, --until asked for ±5 %',
      ],
    );
  });
});
