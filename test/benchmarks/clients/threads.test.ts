/** Clients on real threads: what their operations waited for, and that the crash states of a real run are judged as well. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { playersOf } from '../../../benchmarks/clients/players.ts';
import { parseDesign } from '../../../benchmarks/designs.ts';
import { runPlan } from '../../../benchmarks/runner.ts';
import { readHost } from '../../../datasets/host.ts';
import { loadWorkload } from '../../../datasets/workloads.ts';
import { stepAt } from '../../../ordering/clients/client.ts';
import { CLIENTS } from '../../../ordering/clients/index.ts';
import { addRecoveries, emptyRecovery, recoveryOf } from '../../../ordering/clients/recovery.ts';
import { FLUSH, type History, KIND_NAMES } from '../../../ordering/history.ts';

/** Looks at the history of one short trial of each design and client. */
async function run(
  designs: string[],
  backend: 'sync' | 'null',
  look: (name: string, design: string, history: History, world: Parameters<typeof recoveryOf>[1]) => void,
): Promise<void> {
  const workloads = CLIENTS.map(({ name }) => {
    const workload = loadWorkload(name);
    return { ...workload, jobs: workload.jobs.map((job) => ({ ...job, runtime: 0.03 })) };
  });
  const end = await runPlan(
    {
      cells: workloads.map((workload) => ({ workload, direct: false, backend })),
      designs: designs.map((name) => parseDesign(name)),
      rounds: 1,
      seed: 1,
      topology: { sockets: 2, cpusPerSocket: 2, virtual: true },
      dir: process.cwd(),
      overwrite: [],
      deadlineSeconds: 30,
      recording: true,
    },
    'run',
    readHost(process.cwd()),
    {
      progress: () => {},
      trial: (record) => assert.equal(record.failure, undefined),
      history: ({ workload, design }, history, world) => look(workload, design, history, world),
    },
    new AbortController().signal,
  );
  assert.equal(end.failed, undefined);
}

test('every operation is the one of the script, and what it waits for was acknowledged before', async () => {
  let waits = 0;
  await run(['n-wq:4'], 'null', (name, _design, history) => {
    for (const { client, submitter, unit } of playersOf(loadWorkload(name))) {
      const first = submitter * history.rowsEach;
      for (let i = 0; i < history.count[submitter]!; i++) {
        const step = stepAt(client, i);
        const row = first + i;
        assert.equal(history.kind[row], step.kind, KIND_NAMES[step.kind]);
        assert.equal(history.flags[row], step.flags);
        assert.equal(history.unit[row], step.kind === FLUSH ? 0 : unit + step.unit);
        for (const back of step.after) {
          if (back > i) continue;
          waits++;
          assert.ok(
            history.ak[row - back]! <= history.sb[row]!,
            `${name}: operation ${i} waits for ${i - back}`,
          );
        }
      }
    }
  });
  assert.ok(waits > 100, `${waits} waits`);
});

test('threads of a client go to queues of their own, and its crash states are judged', async () => {
  const reports = new Map(CLIENTS.map(({ name }) => [name, emptyRecovery()]));
  await run(['n-wq:4', 'n-wq:4+quiesce'], 'sync', (name, design, history, world) => {
    const report = recoveryOf(history, world, playersOf(loadWorkload(name)), { budget: 50_000, seed: 1 });
    const queues = new Set(history.queue.subarray(0, history.count[0]));
    assert.ok(queues.size >= 2, `${name}, ${design}: ${queues.size} queues`);
    if (name !== 'fire-and-forget' || design.endsWith('quiesce')) {
      assert.equal(
        report.unrecoverable + report.unrecoverableTorn,
        0,
        `${design}: ${report.witness?.sentence}`,
      );
    }
    reports.set(name, addRecoveries(reports.get(name)!, report));
  });
  for (const [name, { explored, promised }] of reports) {
    assert.ok(explored > 20 && promised > 0, `${name}: ${explored} crash states, ${promised} promises`);
  }
});
