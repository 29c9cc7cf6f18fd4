/**
 * Many short trials on the null backend, where threads fall asleep and are woken all the time: a wake-up that is lost leaves
 * somebody asleep, and the watchdog tells. Designs whose waking is their own: thieves, and submitters with work to do.
 */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { parseDesign } from '../../benchmarks/designs.ts';
import type { RunPlan } from '../../benchmarks/plan.ts';
import { runPlan } from '../../benchmarks/runner.ts';
import { parseJobFile } from '../../datasets/fio.ts';
import { readHost } from '../../datasets/host.ts';
import type { TrialRecord } from '../../datasets/schema.ts';

const ROUNDS = 25;
/** Operations of a job: 16 blocks, 12 times over. */
const EACH = 192;
const DESIGNS = ['work-stealing:3', 'work-stealing:3+quiesce', 'inline+quiesce', 'nowait:2+epoch+range-lock'];
const JOBS = `[w]
rw=randrw
bs=4k
size=64k
norandommap
loops=12
iodepth=2
fsync=8
numjobs=3
filename=disk
`;

test('no wake-up is lost', async () => {
  const dir = mkdtempSync(join(tmpdir(), 'loopwq-soak-'));
  const plan: RunPlan = {
    cells: [{ workload: parseJobFile(JOBS, 'soak.fio'), direct: false, backend: 'null' }],
    designs: DESIGNS.map((name) => parseDesign(name)),
    rounds: ROUNDS,
    seed: 1,
    topology: { sockets: 1, cpusPerSocket: 3, virtual: true },
    dir,
    overwrite: [],
    deadlineSeconds: 5,
    recording: true,
  };
  const records: TrialRecord[] = [];
  const events = { progress: () => {}, trial: (record: TrialRecord) => records.push(record) };
  try {
    await runPlan(plan, 'run', readHost(dir), events, new AbortController().signal);
  } finally {
    rmSync(dir, { recursive: true });
  }
  assert.deepEqual(
    records.flatMap(({ design, failure }) => (failure === undefined ? [] : [`${design}: ${failure}`])),
    [],
  );
  assert.equal(records.length, ROUNDS * DESIGNS.length);
  for (const { metrics, design } of records) {
    assert.equal(metrics.reads + metrics.writes, 3 * EACH, design);
  }
});
