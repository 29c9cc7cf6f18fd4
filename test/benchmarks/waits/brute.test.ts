/** The sweeps against their definitions, by quantifiers over all pairs of a random small history. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { seededRandom } from '../../../benchmarks/statistics/seeded-random.ts';
import { besideFlushes } from '../../../benchmarks/waits/beside-flushes.ts';
import { flushIssue } from '../../../benchmarks/waits/flush-issue.ts';
import { headOfLine } from '../../../benchmarks/waits/head-of-line.ts';
import {
  DSYNC,
  FLUSH,
  type History,
  historyBytes,
  openHistory,
  PENDING,
  READ,
  WRITE,
} from '../../../ordering/history.ts';
import { newTrial, ROWS_EACH, UNIT_BYTES } from '../../ordering/build.ts';
import { callsIn, measuredIn } from './sides.ts';

const JOBS = 3;
const WORKERS = 2;

interface Choice {
  job: number;
  kind: number;
  device: number;
  worker: number;
  units: number;
  end: number;
  held: boolean;
  through: boolean;
  steps: number[];
}

const choice: fc.Arbitrary<Choice> = fc.record({
  job: fc.nat(JOBS - 1),
  kind: fc.constantFrom(READ, WRITE, WRITE, FLUSH),
  device: fc.nat(1),
  worker: fc.nat(WORKERS - 1),
  units: fc.integer({ min: 1, max: 3 }),
  end: fc.nat(9),
  held: fc.boolean(),
  through: fc.boolean(),
  steps: fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 6, maxLength: 6 }),
});

/**
 * Operations whose times are all different, so that no definition hangs on what is simultaneous. Each worker makes one call after
 * the other.
 */
function historyOf(choices: readonly Choice[]): History {
  const trial = newTrial();
  const free = new Array<number>(WORKERS).fill(0);
  let submitted = 0;
  for (const [i, { job, kind, device, worker, units, end, held, through, steps }] of choices.entries()) {
    // Odd multiples of a number of its own: a moment belongs to one operation.
    const at = (time: number): number => Math.round(time) + (i + 1) / 1000;
    const [d0, d1, d2, d3, d4, d5] = steps as [number, number, number, number, number, number];
    submitted += d0;
    const go = submitted + d1;
    const st = Math.max(free[worker]!, go) + d2;
    const co = st + d3 + d4;
    free[worker] = co + 1;
    const operation = {
      job,
      device,
      worker,
      units,
      flags: through && kind === WRITE ? DSYNC : 0,
      at: [at(submitted), at(submitted + d4), at(st), at(co), at(co + d5)] as const,
      ...(held ? { go: at(go) } : {}),
      ...(end === 0 ? { end: 'pending' as const } : end === 1 ? { end: 'failed' as const } : {}),
    };
    if (kind === READ) trial.read(operation);
    else if (kind === WRITE) trial.write(operation);
    else trial.flush(operation);
  }
  return trial.history;
}

interface Op {
  kind: number;
  job: number;
  device: number;
  worker: number;
  result: number;
  through: boolean;
  sb: number;
  go: number;
  /** When it has certainly passed the gate. */
  gone: number;
  st: number;
  co: number;
  ak: number;
}

function opsOf(history: History): Op[] {
  return Array.from({ length: JOBS }, (_, job) =>
    Array.from({ length: history.count[job]! }, (_, i): Op => {
      const row = job * ROWS_EACH + i;
      const pending = history.result[row] === PENDING;
      return {
        kind: history.kind[row]!,
        job,
        device: history.device[row]!,
        worker: history.worker[row]!,
        result: history.result[row]!,
        through: (history.flags[row]! & DSYNC) !== 0,
        sb: history.sb[row]!,
        go: history.go[row]! || history.sb[row]!,
        gone: history.go[row]! || Math.min(history.se[row]!, history.st[row]!),
        st: history.st[row]!,
        co: pending ? Number.POSITIVE_INFINITY : history.co[row]!,
        ak: pending ? Number.POSITIVE_INFINITY : history.ak[row]!,
      };
    }),
  ).flat();
}

const sorted = (values: readonly number[]): number[] => [...values].sort((a, b) => a - b);
const choices = fc.array(choice, { maxLength: 40 });

test('writes in flight and bytes not covered when an fsync begins', () => {
  fc.assert(
    fc.property(choices, (chosen) => {
      const history = historyOf(chosen);
      const ops = opsOf(history);
      const writes = ops.filter((op) => op.kind === WRITE);
      const flushes = ops.filter((op) => op.kind === FLUSH && op.result !== PENDING);
      const expected = flushes.map(({ device, st }) => {
        const mine = writes.filter((w) => w.device === device);
        const inFlight = mine.filter((w) => w.gone <= st && st < w.co).length;
        const dirty = mine.filter(
          (w) =>
            !w.through &&
            w.co < st &&
            !flushes.some((y) => y.device === device && y.result >= 0 && w.co < y.st && y.co <= st),
        );
        return `${inFlight} ${dirty.reduce((sum, w) => sum + Math.max(0, w.result), 0)}`;
      });
      const { inFlight, dirtyBytes } = flushIssue(history, JOBS, callsIn(history, JOBS));
      assert.deepEqual(inFlight.map((n, i) => `${n} ${dirtyBytes[i]}`).sort(), expected.sort());
      assert.ok(dirtyBytes.every((bytes) => bytes % UNIT_BYTES === 0));
    }),
    { numRuns: 500 },
  );
});

test('reads beside the flushes of others', () => {
  fc.assert(
    fc.property(choices, (chosen) => {
      const history = historyOf(chosen);
      const ops = opsOf(history);
      const reads = ops.filter((op) => op.kind === READ && op.result >= 0);
      const found = (read: Op): boolean =>
        ops.some((f) => f.kind === FLUSH && f.job !== read.job && f.sb < read.sb && read.sb < f.ak);
      const { beside, alone } = besideFlushes(history, JOBS, measuredIn(history, JOBS));
      const latency = (read: Op): number => read.ak - read.sb;
      assert.deepEqual(sorted(beside), sorted(reads.filter(found).map(latency)));
      assert.deepEqual(sorted(alone), sorted(reads.filter((read) => !found(read)).map(latency)));
    }),
    { numRuns: 500 },
  );
});

test('head-of-line blocking is the sum of what the waits and the calls of others share', () => {
  const cgroupOf = (job: number): number => job >> 1;
  fc.assert(
    fc.property(choices, fc.boolean(), (chosen, rings) => {
      const history = historyOf(chosen);
      const ops = opsOf(history);
      const blocking = ops.filter((op) => op.result !== PENDING && (op.kind === FLUSH || !rings));
      const counted = ops.filter((op) => op.result !== PENDING && (op.kind === FLUSH || op.result >= 0));
      const shared = (foreign: (a: Op, b: Op) => boolean): number =>
        counted.reduce(
          (sum, op) =>
            blocking
              .filter((other) => other.worker === op.worker && foreign(op, other))
              .reduce((n, b) => n + Math.max(0, Math.min(op.st, b.co) - Math.max(op.go, b.st)), sum),
          0,
        );
      const line = headOfLine(history, measuredIn(history, JOBS), callsIn(history, JOBS), {
        jobs: JOBS,
        cgroupOf,
        rings,
      });
      const near = (is: number, should: number): void =>
        assert.ok(Math.abs(is - should) < 1e-3, `${is} should be ${should}`);
      near(
        line.queued,
        counted.reduce((sum, op) => sum + op.st - op.go, 0),
      );
      near(
        line.behindDevice,
        shared((a, b) => a.device !== b.device),
      );
      near(
        line.behindCgroup,
        shared((a, b) => cgroupOf(a.job) !== cgroupOf(b.job)),
      );
    }),
    { numRuns: 500 },
  );
});

test('where flushes do nothing, reads beside them are no slower; those that overlap one are', () => {
  const rows = 20_000;
  const history = openHistory(new ArrayBuffer(historyBytes(3, rows, 1)), 3, rows, 1);
  const random = seededRandom(7);
  const add = (job: number, kind: number, from: number, to: number): void => {
    const row = job * rows + history.count[job]!++;
    history.kind[row] = kind;
    [history.sb[row], history.ak[row]] = [from, to];
  };
  // Every 1,000 us a flush of 300; every 50 us a read, of 1 us to far more than a flush's period.
  for (let i = 0; i < 1000; i++) add(1, FLUSH, i * 1000, i * 1000 + 300);
  const latencies: number[] = [];
  for (let i = 0; i < rows; i++) {
    latencies.push(1 / (1 - random()));
    add(0, READ, i * 50 + random(), i * 50 + 1 + latencies[i]!);
  }
  const mean = (values: readonly number[]): number =>
    values.reduce((sum, value) => sum + Math.min(value, 1000), 0) / values.length;
  const { beside, alone } = besideFlushes(history, 2, measuredIn(history, 2));
  const ratio = mean(beside) / mean(alone);
  assert.ok(ratio > 0.9 && ratio < 1.1, `beside over alone ${ratio}`);

  const overlaps = (from: number, to: number): boolean =>
    from % 1000 < 300 || (from % 1000) + to - from > 1000;
  const spans = latencies.map((latency, i) => ({ from: history.sb[i]!, to: history.ak[i]!, latency }));
  const [touched, untouched] = [true, false].map((which) =>
    mean(spans.filter(({ from, to }) => overlaps(from, to) === which).map(({ latency }) => latency)),
  );
  assert.ok(touched! / untouched! > 1.2, `overlapping over not ${touched! / untouched!}`);
});
