import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Comparison } from '../../../benchmarks/compare/compare.ts';
import { compareRevisions, decide } from '../../../benchmarks/compare/gate.ts';
import { judge } from '../../../benchmarks/compare/judge.ts';
import { leastP, roundsNeededAgainst } from '../../../benchmarks/compare/rounds-needed.ts';
import { gateCode, gateLines } from '../../../cli/run-gate.ts';
import type { TrialRecord } from '../../../datasets/schema.ts';
import { type Difference, trial, verdict } from '../trials.ts';

const rounds = (iops: number, more: Difference = {}, count = 8): TrialRecord[] =>
  Array.from({ length: count }, (_, round) =>
    trial({ round, metrics: { iops: iops * (1 + 0.001 * round) }, ...more }),
  );

const comparison = (base: TrialRecord[], other: TrialRecord[]): Comparison => ({
  base: 'BASE',
  new: 'NEW',
  judgement: judge(base, other, { metrics: ['iops'] }),
  control: [],
  broken: [],
  differences: [],
  notes: [],
});

const slower = comparison(rounds(1000), rounds(700));
const same = comparison(rounds(1000), rounds(1000));
const few = comparison(rounds(1000, {}, 3), rounds(500, {}, 3));

test('what is worse in both runs is a regression: exit 1, also beside cells without an answer', () => {
  const answer = decide(slower, slower);
  assert.equal(answer.regressions.length, 1);
  assert.deepEqual([gateCode(answer, false), gateCode(answer, true)], [1, 1]);
  assert.deepEqual(gateLines(answer), [
    'REGRESSION, in a second run too: randwrite-fsync, direct, uring, single-wq: IOPS -30.00%, beyond 5 %',
  ]);
});

test('what a second run does not confirm is none, and under --strict no pass either', () => {
  const answer = decide(slower, same);
  assert.deepEqual([answer.regressions.length, answer.unconfirmed.length], [0, 1]);
  assert.deepEqual([gateCode(answer, false), gateCode(answer, true)], [0, 3]);
  assert.match(gateLines(answer).join('\n'), /^worse, but not in a second run: .* IOPS -30/);
});

test('better and the same pass', () => {
  for (const it of [same, comparison(rounds(700), rounds(1000))]) {
    assert.deepEqual([gateCode(decide(it), false), gateCode(decide(it), true)], [0, 0]);
    assert.deepEqual(gateLines(decide(it)), ['no regression in 1 of 1 cell']);
  }
});

test('too few rounds never look like a pass', () => {
  const answer = decide(few);
  assert.equal(gateCode(answer, true), 3);
  assert.match(
    gateLines(answer).join('\n'),
    /^INCONCLUSIVE in 1 of 1 cell, 1 of them for TOO FEW ROUNDS .* this is no pass/,
  );
  assert.doesNotMatch(gateLines(answer).join('\n'), /no regression/);
});

test('a claim that fails now is a regression, whatever the figures say', () => {
  const broken = {
    workload: 'w',
    direct: true,
    design: 'a',
    what: 'submitted, which it claims, is lost (1)',
  };
  const answer = decide({ ...same, broken: [broken] });
  assert.equal(gateCode(answer, false), 1);
  assert.match(gateLines(answer)[0]!, /^REGRESSION: w, direct, a: submitted/);
});

test('cells that one side alone has are told, and fail under --strict', () => {
  const answer = decide(comparison([...rounds(1000), ...rounds(1, { workload: 'gone' })], rounds(1000)));
  assert.equal(gateCode(answer, true), 3);
  assert.match(gateLines(answer).join('\n'), /^NOT COMPARED: 1 cell that one side alone has$/m);
});

test('revisions: each design against its own, paired by round, broken claims too', () => {
  // The machine halves its speed every second round: only pairs can tell 10 %.
  const both = (design: string, by: number, more: Difference = {}): TrialRecord[] =>
    Array.from({ length: 12 }, (_, round) => {
      const mood = round % 2 === 0 ? 1 : 0.5;
      const jitter = 1 + 0.001 * ((round * 7) % 5);
      return trial({ round, design, metrics: { iops: 1000 * by * mood * jitter }, ...more });
    });
  const lost = { claims: ['submitted' as const], verdicts: { submitted: verdict(1, 0, 1) } };
  const records = [
    ...both('a@v1', 1),
    ...both('a', 0.9),
    ...both('b@v1', 1, { claims: ['submitted'], verdicts: { submitted: verdict(2, 0, 0) } }),
    ...both('b', 1, lost),
    ...both('new', 1),
    ...both('raw', 1, { reference: true }),
  ];
  const { judgement, broken, notes } = compareRevisions(records, 'v1', {});
  assert.deepEqual(
    judgement.verdicts.map(({ design, metric, answer }) => [design, metric, answer]),
    [
      ['a', 'iops', 'worse'],
      ['b', 'iops', 'same'],
    ],
  );
  assert.equal(judgement.paired, true);
  assert.deepEqual(judgement.missing, []);
  assert.deepEqual(
    broken.map(({ design }) => design),
    ['b'],
  );
  assert.ok(notes.includes('not in v1: new'));
});

test('rounds that a baseline of so many needs beside it', () => {
  for (const [base, cells] of [
    [10, 20],
    [6, 6],
    [5, 100],
    [40, 3],
  ] as const) {
    const n = roundsNeededAgainst(base, cells, 0.05)!;
    assert.ok(leastP(base, n) * cells <= 0.05);
    assert.ok(n === 5 || leastP(base, n - 1) * cells > 0.05, `${base} ${cells}: ${n}`);
  }
  assert.equal(roundsNeededAgainst(4, 1, 0.05), undefined);
});
