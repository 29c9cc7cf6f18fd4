import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { test } from 'node:test';
import { litmusOf, runLitmus, surprises } from '../../../benchmarks/search/litmus.ts';
import { formatLitmus, LITMUS_ENDING } from '../../../datasets/litmus.ts';
import { parseLitmus, readLitmus } from '../../../datasets/litmus-read.ts';

const FOLDER = new URL('../../../../datasets/litmus/', import.meta.url);
const FILES = readdirSync(FOLDER).filter((name) => name.endsWith(LITMUS_ENDING));
const TIMES = 100;

for (const name of FILES) {
  test(`${name} comes out as it says, ${TIMES} times of ${TIMES}, and is written as it stands`, () => {
    const path = new URL(name, FOLDER).pathname;
    const litmus = readLitmus(path);
    const run = runLitmus(litmus, path);
    assert.deepEqual(surprises(litmus, run), []);
    for (let i = 1; i < TIMES; i++)
      assert.deepEqual(runLitmus(litmus, path).outcome.history, run.outcome.history);
    assert.equal(formatLitmus(litmus), readFileSync(path, 'utf8'));
    assert.ok(litmus.operations.length <= 6 && litmus.about.length > 0);
  });
}

test("the thread's two examples are among them", () => {
  for (const example of ['write-write-flush', 'unlink']) {
    const verdictOf = (policy: string): string | undefined =>
      readLitmus(new URL(`${example}.${policy}${LITMUS_ENDING}`, FOLDER).pathname).expected.submitted;
    assert.equal(verdictOf('pass-through'), 'lost');
    assert.equal(verdictOf('quiesce'), 'proved');
  }
});

const TEXT = `design n-wq:2
backend sync
op w1 submitter 0 WRITE disk0 block 1
op r1 submitter 1 READ disk0 block 1 after w1
schedule s0*4
`;

test('a run made into a litmus is the same run, with what came out as what is expected', () => {
  const { subject, program, outcome } = runLitmus(parseLitmus(TEXT, 'x'), 'x');
  const litmus = litmusOf('about it', subject, program, outcome.choices);
  assert.equal(litmus.expected.integrity, 'proved');
  assert.equal(litmus.expectedCrash.submitted, 'legal');
  const again = runLitmus(parseLitmus(formatLitmus(litmus), 'x'), 'x');
  assert.deepEqual(again.outcome.history, outcome.history);
  assert.deepEqual(surprises(litmus, again), []);
});

test('another verdict than the expected one is told', () => {
  const litmus = parseLitmus(`${TEXT}expect integrity lost\nexpect crash submitted illegal\n`, 'x');
  assert.deepEqual(surprises(litmus, runLitmus(litmus, 'x')), [
    '`integrity` is proved, expected lost',
    'a crash under `submitted` is legal, expected illegal',
  ]);
});

test('a design, a thread or a CPU that there is none of is refused', () => {
  const cases: [from: string, to: string, message: RegExp][] = [
    ['n-wq:2', 'n-wg:2', /unknown design 'n-wg'/],
    ['n-wq:2', 'raw', /x: 'raw' is a reference row/],
    ['s0*4', 'w7', /x: the schedule names w7; there are s0, s1, w0, w1, io0, io1/],
    ['block 1\nop r1', 'block 1 cpu 2\nop r1', /x: operation w1 is on CPU 2 of 2/],
  ];
  for (const [from, to, message] of cases)
    assert.throws(() => runLitmus(parseLitmus(TEXT.replace(from, to), 'x'), 'x'), message);
});
