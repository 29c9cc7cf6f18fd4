/** The public interface inside one process: what `run` returns, what it refuses, and that nothing of it stays. */
import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, readlinkSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import * as loopwq from '../../api/index.ts';
import { JOB } from '../cli/program.ts';

const EXAMPLE = new URL('../../../examples/journal-apart.js', import.meta.url);
const dir = mkdtempSync(join(process.cwd(), 'loopwq-test-api-'));
after(() => rmSync(dir, { recursive: true, force: true }));
/** A comma in the path: designs are listed by commas, job files are not. */
const job = join(dir, 'a,b.fio');
writeFileSync(job, JOB);
const SMALL = { workloads: [job], backend: 'sync', rounds: 2, dir } as const;

/** Threads of this process, and what its descriptors are of. */
function held(): { threads: number; descriptors: string[] } {
  const descriptors = readdirSync('/proc/self/fd').flatMap((fd) => {
    try {
      return [readlinkSync(`/proc/self/fd/${fd}`)];
    } catch {
      return [];
    }
  });
  return {
    threads: readdirSync('/proc/self/task').length,
    descriptors: descriptors.filter((of) => of.startsWith(dir) || /event|uring/.test(of)),
  };
}

test('run gives records and their summary, and nothing of it stays', async () => {
  const seen: loopwq.TrialRecord[] = [];
  const said: string[] = [];
  const options = { ...SMALL, designs: ['single-wq', 'journal-apart:2+quiesce'], design: [EXAMPLE] };
  const events = {
    trial: (record: loopwq.TrialRecord) => seen.push(record),
    progress: (text: string) => said.push(text),
  };
  // Once before, as the first run loads what stays for good.
  await loopwq.run({ ...SMALL, designs: ['single-wq'], rounds: 1 });
  const before = held();
  const { records, summary, violated, interrupted, failed } = await loopwq.run({ ...options, ...events });
  assert.deepEqual(seen, records);
  assert.deepEqual(
    summary.map(({ workload, rows }) => [workload, rows.map(({ design, rounds }) => [design, rounds])]),
    [
      [
        'a,b',
        [
          ['single-wq', 2],
          ['journal-apart:2+quiesce', 2],
          ['raw', 2],
        ],
      ],
    ],
  );
  assert.ok(summary[0]!.rows.every(({ iops, skipped }) => skipped !== undefined || iops!.value > 0));
  assert.deepEqual([violated, interrupted, failed], [[], false, undefined]);
  assert.ok(said.some((text) => text.includes('journal-apart:2+quiesce')));
  assert.deepEqual(readdirSync(dir), ['a,b.fio']);
  assert.deepEqual(held(), before);
});

test('compare judges what run gave: against itself nothing is better or worse', async () => {
  const { records } = await loopwq.run({ ...SMALL, designs: ['single-wq'] });
  const { verdicts } = await loopwq.compare(records, records);
  assert.ok(verdicts.some(({ design, metric }) => design === 'single-wq' && metric === 'iops'));
  assert.ok(verdicts.every(({ ratio, answer }) => ratio === 1 && answer !== 'better' && answer !== 'worse'));
  const halved = records.map((record) => ({
    ...record,
    metrics: { ...record.metrics, iops: record.metrics.iops / 2 },
  }));
  const found = (await loopwq.compare(records, halved)).verdicts.filter(({ metric }) => metric === 'iops');
  assert.ok(found.length > 0 && found.every(({ ratio }) => ratio === 0.5));
});

test('a signal ends a run: what was finished is the outcome, and nothing stays', async () => {
  const controller = new AbortController();
  const trial = () => controller.abort();
  const outcome = await loopwq.run({
    ...SMALL,
    designs: ['n-wq:2'],
    rounds: 1000,
    signal: controller.signal,
    trial,
  });
  assert.equal(outcome.interrupted, true);
  assert.ok(outcome.records.length >= 1 && outcome.records.length < 10, `${outcome.records.length}`);
  assert.deepEqual(readdirSync(dir), ['a,b.fio']);
});

test('a signal that came before takes no trial, and is no error', async () => {
  const { records, interrupted } = await loopwq.run({
    ...SMALL,
    designs: ['n-wq:2'],
    signal: AbortSignal.abort(),
  });
  assert.deepEqual([records, interrupted], [[], true]);
  assert.deepEqual(readdirSync(dir), ['a,b.fio']);
});

test('options that can’t be meant are refused by name', async () => {
  const refused = (options: object, says: RegExp) =>
    assert.rejects(
      loopwq.run(options),
      (error: Error) => error.name === 'InputError' && says.test(error.message),
    );
  await refused({ round: 3 }, /unknown option 'round'\. Did you mean 'rounds'/);
  await refused({ rounds: 2.5 }, /--rounds is a whole number from 1 to 1000, not '2\.5'/);
  await refused({ designs: ['n-wk'] }, /unknown design 'n-wk'\. Did you mean 'n-wq'/);
  await refused({ designs: [] }, /--designs/);
  await refused({ workloads: [] }, /--workloads/);
  await refused({ backend: 'urign' }, /unknown backend 'urign'/);
  await refused({ design: [new URL('./none.js', import.meta.url)] }, /none\.js: there is no such file/);
  assert.ok(fileURLToPath(EXAMPLE).length > 0);
});
