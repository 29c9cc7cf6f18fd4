import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { test } from 'node:test';
import { runPlan } from '../../benchmarks/runner.ts';
import { readHost } from '../../datasets/host.ts';
import type { TrialRecord } from '../../datasets/schema.ts';
import { nullCell, smallPlan } from './small-plan.ts';

const TEXT = '[a]\nfilename=disk\nsize=1m\nrw=randwrite\niodepth=2\nnumber_ios=20\n';
const ROUNDS = 5;

interface Seen {
  records: TrialRecord[];
  /** Threads that there were at the end of each trial and not before the run, by round. */
  threads: Map<number, Set<string>>;
}

const threadsNow = (): string[] => readdirSync('/proc/self/task');

async function run(renewAfter?: number): Promise<Seen> {
  const before = new Set(threadsNow());
  const seen: Seen = { records: [], threads: new Map() };
  const end = await runPlan(
    smallPlan([nullCell(TEXT, 'a')], ['single-wq', 'n-wq:2'], {
      rounds: ROUNDS,
      ...(renewAfter === undefined ? {} : { renewAfter }),
    }),
    'run',
    readHost('.'),
    {
      progress: () => {},
      trial(record) {
        seen.records.push(record);
        const own = threadsNow().filter((tid) => !before.has(tid));
        seen.threads.set(record.round, new Set(own));
      },
    },
    new AbortController().signal,
  );
  assert.deepEqual(end, { interrupted: false, failed: undefined });
  return seen;
}

test('crews are renewed after so many rounds, within a run whose rounds are all there', async () => {
  const { records, threads } = await run(2);
  assert.deepEqual(
    records.map(({ round, design }) => `${round} ${design}`).sort(),
    Array.from({ length: ROUNDS }, (_, round) => [`${round} n-wq:2`, `${round} single-wq`]).flat(),
  );
  const common = (a: number, b: number) => [...threads.get(a)!].filter((tid) => threads.get(b)!.has(tid));
  // A submitter each, one worker and two of them.
  assert.ok(common(0, 1).length >= 5, 'the same threads in both rounds of a crew');
  assert.ok(common(2, 3).length >= 5);
  assert.deepEqual(common(1, 2), []);
  assert.deepEqual(common(3, 4), []);
  assert.equal(threads.get(4)!.size, threads.get(0)!.size, 'the old ones are gone');
});

test('without it they last for the run', async () => {
  const { threads } = await run();
  for (let round = 1; round < ROUNDS; round++) assert.deepEqual(threads.get(round), threads.get(0));
});
