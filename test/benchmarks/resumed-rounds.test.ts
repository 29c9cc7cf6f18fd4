import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { RunPlan } from '../../benchmarks/plan.ts';
import { runPlan } from '../../benchmarks/runner.ts';
import { readHost } from '../../datasets/host.ts';
import type { TrialRecord } from '../../datasets/schema.ts';
import { nullCell, smallPlan } from './small-plan.ts';

const TEXT = '[a]\nfilename=disk\nsize=1m\nrw=randwrite\niodepth=2\nnumber_ios=20\n';

function planOf(changes: Partial<RunPlan>): RunPlan {
  const cells = ['one', 'two'].map((name) => nullCell(TEXT, name));
  return smallPlan(cells, ['single-wq', 'n-wq:2', 'raw'], { rounds: 3, ...changes });
}

async function run(plan: RunPlan): Promise<TrialRecord[]> {
  const records: TrialRecord[] = [];
  const events = { progress: () => {}, trial: (record: TrialRecord) => records.push(record) };
  const end = await runPlan(plan, 'run', readHost('.'), events, new AbortController().signal);
  assert.equal(end.failed, undefined);
  return records;
}

const nameOf = (r: TrialRecord) => `${r.workload} ${r.skipped ? 'skipped' : r.round} ${r.design}`;

test('what was done before is not done again, and everything else is', async () => {
  const whole = await run(planOf({}));
  // Rows that are skipped have one record a cell.
  assert.equal(whole.length, 2 * (1 + 3 * 2));
  // In the middle of a round of either cell, and with the first cell done.
  for (const kept of [3, 10]) {
    const rest = await run(planOf({ before: whole.slice(0, kept) }));
    const all = [...whole.slice(0, kept), ...rest].map(nameOf).sort();
    assert.deepEqual(all, whole.map(nameOf).sort(), `${kept} kept`);
  }
});

test('a design that stalled before is left alone, and its cell has no second reason for it', async () => {
  const before = (await run(planOf({}))).slice(0, 2).concat();
  const stalled = before.find((record) => record.skipped === undefined)!;
  stalled.failure = 'stalled';
  stalled.verdicts.progress.lost = 1;
  const rest = await run(planOf({ before }));
  const own = rest.filter((record) => record.design === stalled.design);
  assert.deepEqual(
    own.map((record) => [record.workload, record.skipped]),
    [['two', 'stalled earlier in this run']],
  );
});

test('rounds end at a look once the ratios are known well enough', async () => {
  // Any interval is within a million per cent; none is within nothing.
  const rounds = (records: TrialRecord[]) => new Set(records.map((r) => `${r.workload} ${r.round}`)).size;
  assert.equal(rounds(await run(planOf({ rounds: 9, until: { halfWidth: 1e4, looks: [4, 9] } }))), 2 * 4);
  assert.equal(rounds(await run(planOf({ rounds: 5, until: { halfWidth: 0, looks: [4, 5] } }))), 2 * 5);
});
