/** The two sentences follow from the numbers, whichever way these come out. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Found, sentencesOf } from '../../../benchmarks/clients/verdict.ts';
import { emptyRecovery } from '../../../ordering/clients/recovery.ts';

function found(client: string, design: string, unrecoverable: number, explored: number): Found {
  const report = { ...emptyRecovery(), explored, possible: explored, unrecoverable };
  return { client, design, barrier: design.includes('quiesce'), waits: client !== 'fire-and-forget', report };
}

const waiting = (n: number): Found[] => [
  found('jbd2', 'n-wq:4', n, 1000),
  found('xfs-log', 'n-wq:4', 0, 500),
];
const diagram = (without: number, within: number): Found[] => [
  found('fire-and-forget', 'n-wq:4', without, 300),
  found('fire-and-forget', 'n-wq:4+quiesce', within, 200),
];
const PRICE = [{ mode: 'direct', ratio: 0.5, low: 0.41, high: 0.62 }];

test('as expected: both were right, about different things', () => {
  const [ming, eric] = sentencesOf([...waiting(0), ...diagram(30, 0)], PRICE);
  assert.match(ming, /^Ming Lei was right .*jbd2 and xfs-log, which wait .* each of the 1\.50k crash states/);
  assert.match(
    eric,
    /^Eric Wheeler was right .*not recover from 30 of 300 .*and recovers from each of 200 where the queues quiesce/,
  );
  assert.match(
    eric,
    /leaves jbd2, .*, 0\.50 \[0\.41, 0\.62\] direct times the transactions of pass-through\.$/,
  );
});

test('a client that waits and is lost all the same says so of Ming Lei, by name', () => {
  const [ming] = sentencesOf([...waiting(7), ...diagram(30, 0)], PRICE);
  assert.match(ming, /^Ming Lei was not right .*: jbd2, which wait .* from 7 of 1\.50k .* lost on n-wq:4\.$/);
});

test('a diagram that loses nothing, or is not helped by quiesce, says so of Eric Wheeler', () => {
  assert.match(sentencesOf(diagram(0, 0), PRICE)[1], /^Eric Wheeler was not right that his diagram loses/);
  assert.match(
    sentencesOf(diagram(30, 2), PRICE)[1],
    /not right about the remedy: .* still not from 2 of 200/,
  );
});

test('what was not explored is not judged', () => {
  assert.match(sentencesOf(diagram(30, 0), [])[0], /^Of Ming Lei nothing can be said/);
  assert.match(sentencesOf(waiting(0), [])[1], /^Of Eric Wheeler nothing can be said/);
});
