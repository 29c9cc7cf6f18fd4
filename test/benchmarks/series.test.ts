import assert from 'node:assert/strict';
import { test } from 'node:test';
import { seriesOf } from '../../benchmarks/series.ts';
import type { SubmitterReport } from '../../engine/recorder.ts';
import { FLUSH, type History, historyBytes, openHistory, READ, WRITE } from '../../ordering/history.ts';

const MS = 1e6;
const ROWS = 400;

/** Two submitters whose operations were acknowledged at these milliseconds; job 1 begins 3 ms after job 0. */
function historyOf(...jobs: [kind: number, ak: number, result?: number][][]): History {
  const history = openHistory(new ArrayBuffer(historyBytes(3, ROWS, 1)), 3, ROWS, 1);
  for (const [job, rows] of jobs.entries()) {
    for (const [kind, ak, result = 4096] of rows) {
      const row = job * ROWS + history.count[job]++;
      history.kind[row] = kind;
      history.ak[row] = ak * MS;
      history.result[row] = result;
    }
  }
  return history;
}

function report(origin: number, start: number, end: number, closing = 0): SubmitterReport {
  const counts = { inWindow: 0, reads: 0, writes: 0, flushes: 0, bytes: 0, blocked: 0 };
  return {
    origin: origin * MS,
    start: start * MS,
    end: end * MS,
    ...counts,
    closing,
    oddities: [],
    failed: 0,
    detached: 0,
    cut: false,
  };
}

test('reads and writes are counted in the window of their acknowledgement, from the first job on', () => {
  const history = historyOf(
    [
      [WRITE, 100],
      [READ, 101.999],
      [WRITE, 102],
      [FLUSH, 102.5, 0],
      [WRITE, 103, -5],
      [WRITE, 139.9],
      [WRITE, 140],
    ],
    [
      [WRITE, 104],
      [WRITE, 104.5],
      [WRITE, 139],
    ],
  );
  const series = seriesOf(history, [report(100, 110, 141), report(103, 110, 141, 1)], false)!;
  // 41 ms: 20 windows of 2 ms, and one that the end cuts.
  assert.equal(series.seconds, 0.002);
  assert.deepEqual(series.operations, [2, 1, 2, ...new Array(16).fill(0), 1]);
  assert.equal(series.warmUp, 0.01);
  assert.equal(series.steady, false);
});

test('the window is 1, 2 or 5 times a power of ten, and gives twenty or more', () => {
  const windows = (length: number) => {
    const series = seriesOf(historyOf([]), [report(0, 0, length)], undefined);
    return series && [series.seconds, series.operations.length];
  };
  assert.deepEqual(windows(200), [0.01, 20]);
  assert.deepEqual(windows(199.9), [0.005, 39]);
  assert.deepEqual(windows(60), [0.002, 30]);
  assert.deepEqual(windows(1000), [0.05, 20]);
  assert.deepEqual(windows(20_000), [1, 20]);
  assert.deepEqual(windows(3), [0.001, 3]);
  assert.equal(windows(1.5), undefined);
  assert.equal(seriesOf(historyOf([]), [], undefined), undefined);
});

test('a ramp of fixed length is judged by its fifths', () => {
  const spread = (counts: number[]) =>
    counts.flatMap((n, fifth) =>
      Array.from({ length: n }, (_, i): [number, number] => [WRITE, 100 + fifth * 20 + (20 * i) / n]),
    );
  const steady = (counts: number[]) =>
    seriesOf(historyOf(spread(counts)), [report(100, 200, 300)], undefined)!.steady;
  assert.equal(steady([20, 21, 19, 20, 20]), true);
  assert.equal(steady([10, 20, 20, 20, 20]), false);
});

test('a trial without a warm-up says nothing about a steady state', () => {
  assert.ok(!('steady' in seriesOf(historyOf([]), [report(0, 0, 100)], undefined)!));
});
