/** Failures that the simulated disk is told to answer with, under many schedules of the engine's own gate, front and policies. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { parseDesign } from '../../../benchmarks/designs.ts';
import { judge } from '../../../benchmarks/search/search.ts';
import { seededRandom } from '../../../benchmarks/statistics/seeded-random.ts';
import type { Operation, Program } from '../../../engine/simulator/program.ts';
import { randomly } from '../../../engine/simulator/schedulers/random.ts';
import { type Outcome, simulate } from '../../../engine/simulator/simulation.ts';
import { FLUSH, WRITE } from '../../../ordering/history.ts';

const EIO = 5;
const BACKENDS = ['sync', 'uring'] as const;

type Made = Partial<Operation> & Pick<Operation, 'kind'>;

function program(
  backend: Program['backend'],
  operations: readonly Made[],
  faults: Partial<Program>,
): Program {
  const made = operations.map((operation) => ({
    submitter: 0,
    device: 0,
    unit: 0,
    units: operation.kind === FLUSH ? 0 : 2,
    after: [],
    ...operation,
  }));
  const submitters = 1 + Math.max(...made.map(({ submitter }) => submitter));
  return { operations: made, submitters, devices: 1, depth: made.length, backend, ...faults };
}

function run(name: string, of: Program, seed: number): Outcome {
  const { crew } = parseDesign(name);
  const outcome = simulate({ ...crew!, parameter: crew!.ref.parameter }, of, randomly(seededRandom(seed)));
  assert.equal(outcome.stalled, undefined);
  return outcome;
}

describe('the rest of a write that was cut short', () => {
  const operations: Made[] = [
    { kind: WRITE },
    { kind: FLUSH, submitter: 1 },
    { kind: WRITE, unit: 2 },
    { kind: FLUSH },
  ];
  for (const backend of BACKENDS) {
    test(`is covered by the flush that covers the write: ${backend}`, () => {
      let exercised = 0;
      for (const name of ['n-wq:2+quiesce', 'n-wq:2+epoch', 'blk-flush>single-wq+quiesce']) {
        for (let seed = 0; seed < 60; seed++) {
          const of = program(backend, operations, { shortTransfer: seed % 2 });
          const { completed, submitted, integrity } = judge(of, run(name, of, seed));
          for (const verdict of [completed, submitted, integrity])
            assert.deepEqual([verdict.lost, verdict.unproved], [0, 0], `${name}, seed ${seed}`);
          exercised += submitted.proved;
        }
      }
      assert.ok(exercised > 50, `${exercised} situations`);
    });
  }
});

describe('a failed fsync', () => {
  const flushers = 4;
  const operations: Made[] = Array.from({ length: 3 * flushers }, (_, i) => {
    const submitter = i % flushers;
    return i < flushers
      ? { kind: WRITE, submitter, unit: 2 * submitter }
      : { kind: FLUSH, submitter, after: [i - flushers] };
  });

  for (const name of ['blk-flush>n-wq:2', 'n-wq:4+generation']) {
    test(`is the result of every FLUSH that shared it: ${name}`, () => {
      let shared = 0;
      for (let seed = 0; seed < 100; seed++) {
        const of = program('sync', operations, { failedFsync: 1 });
        const { history } = run(name, of, seed);
        const flushes = [...history.kind.keys()].filter(
          (row) => history.kind[row] === FLUSH && history.se[row]! > 0,
        );
        const failed = flushes.filter((row) => history.result[row] !== 0);
        // One fsync may have been enough for all of them.
        if (failed.length === 0) continue;
        assert.ok(failed.every((row) => history.result[row] === -EIO));
        const called = failed.filter((row) => history.st[row]! > 0);
        const begun = Math.min(...called.map((row) => history.st[row]!));
        const returned = Math.min(...called.map((row) => history.co[row]!));
        for (const row of flushes) {
          if (history.st[row] === begun)
            assert.equal(history.result[row], -EIO, 'its own, or one of its list');
          const waited = history.se[row]! < begun && history.ak[row]! > returned;
          if (name.startsWith('n-wq') && waited) assert.equal(history.result[row], -EIO, `seed ${seed}`);
        }
        shared += failed.length - 1;
      }
      assert.ok(shared > 0, 'no FLUSH ever shared it');
    });
  }
});
