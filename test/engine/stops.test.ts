/** Designs whose code throws or stalls: the run says why, and its files, threads and descriptors are gone. */
import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, readlinkSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { CATALOGUE, type Catalogue, parseDesign } from '../../benchmarks/designs.ts';
import type { Cell, RunPlan } from '../../benchmarks/plan.ts';
import { type RunEnd, runPlan } from '../../benchmarks/runner.ts';
import { parseJobFile } from '../../datasets/fio.ts';
import { readHost } from '../../datasets/host.ts';
import type { BackendName, TrialRecord } from '../../datasets/schema.ts';
import type { Workload } from '../../datasets/workload.ts';
import { FLUSH_POLICIES, STRATEGIES } from '../broken/stops.ts';

const dir = mkdtempSync(join(process.cwd(), 'loopwq-test-stops-'));
after(() => rmSync(dir, { recursive: true, force: true }));

const BROKEN: Catalogue = {
  ...CATALOGUE,
  module: new URL('../broken/stops.js', import.meta.url).href,
  strategies: STRATEGIES,
  flushPolicies: FLUSH_POLICIES,
};

const JOBS = '[w]\nrw=randwrite\nbs=4k\nsize=1m\niodepth=8\nfsync=2\nnumjobs=2\nfilename=disk\ntime_based\n';
const SHORT = parseJobFile(`${JOBS}runtime=30ms\n`, 'short.fio');
/** So many operations that every worker is asked for a new table. */
const MANY = parseJobFile(`${JOBS}runtime=1m\nnumber_ios=3000\n`, 'many.fio');

interface Ran {
  end: RunEnd | undefined;
  thrown: unknown;
  records: TrialRecord[];
}

const cellOf = (workload: Workload, backend: BackendName): Cell => ({
  workload,
  direct: backend === 'uring',
  backend,
});

/** Runs designs of the broken catalogue and checks that all that the run took is given back. */
async function run(backend: BackendName, designs: string[], change: Partial<RunPlan> = {}): Promise<Ran> {
  const plan: RunPlan = {
    cells: [cellOf(SHORT, backend)],
    designs: designs.map((name) => parseDesign(name, BROKEN)),
    rounds: 1,
    seed: 1,
    topology: { sockets: 1, cpusPerSocket: 2, virtual: true },
    dir,
    overwrite: [],
    deadlineSeconds: 0.2,
    recording: true,
    ...change,
  };
  const records: TrialRecord[] = [];
  const ran: Ran = { end: undefined, thrown: undefined, records };
  const events = { progress: () => {}, trial: (record: TrialRecord) => records.push(record) };
  const signal = new AbortController().signal;
  const before = holdings();
  try {
    ran.end = await runPlan(plan, 'run', readHost(dir), events, signal);
  } catch (error) {
    ran.thrown = error;
  }
  assert.deepEqual(readdirSync(dir), [], 'the folder is left');
  await given(before);
  return ran;
}

/** What a run takes of the process: threads, descriptors, and what keeps its event loop alive. */
function holdings(): Record<'threads' | 'descriptors' | 'resources', string[]> {
  const names = (of: string) => readdirSync(`/proc/self/${of}`);
  return {
    threads: names('task'),
    descriptors: names('fd').map(behind),
    resources: process.getActiveResourcesInfo().filter((name) => !/^(Timeout|Immediate|FS)/.test(name)),
  };
}

/** What a descriptor stands for; its number alone says nothing, as that of a closed one is used again. */
function behind(fd: string): string {
  try {
    return readlinkSync(`/proc/self/fd/${fd}`);
  } catch {
    return 'the look into /proc itself';
  }
}

/** Waits until no more is held than before: threads end a moment after they are told to. */
async function given(before: ReturnType<typeof holdings>): Promise<void> {
  const more = () => {
    const now = holdings();
    return (['threads', 'descriptors', 'resources'] as const).flatMap((what) =>
      now[what].length > before[what].length
        ? [`${now[what].length} ${what}, before ${before[what].length}`]
        : [],
    );
  };
  for (let waited = 0; more().length > 0 && waited < 3_000; waited += 10) await sleep(10);
  assert.deepEqual(more(), []);
}

test('a good run gives back everything', async () => {
  // The first one has Node start its own helper threads.
  await run('null', ['good']).catch(() => {});
  for (const backend of ['null', 'sync', 'uring'] as const) {
    const { end, thrown, records } = await run(backend, ['good', 'raw']);
    assert.equal(thrown, undefined);
    assert.deepEqual(end, { interrupted: false, failed: undefined });
    assert.equal(records.length, 2);
    // A reference row is I/O, and the null backend does none: its row stands with that reason.
    assert.equal(records.filter((record) => record.skipped !== undefined).length, backend === 'null' ? 1 : 0);
  }
});

for (const [design, backend, message] of [
  ['throws-in-open', 'null', /planted in open/],
  ['throws-in-submitter', 'null', /planted in route/],
  ['throws-in-submitter', 'uring', /planted in route/],
  ['routes-nowhere', 'sync', /route returned queue 7, the layout has 1/],
  ['inline-unsaid', 'null', /route returned queue -2, the layout has 1/],
  ['good+throws-at-settle', 'uring', /planted in settle/],
] as const) {
  test(`${design} on ${backend}: the run ends with that error`, async () => {
    const { end, thrown, records } = await run(backend, ['good', design]);
    assert.equal(end, undefined);
    assertThrown(thrown, message);
    assert.deepEqual(records, [], 'it fails in its warm-up, before the first trial');
  });
}

test('a worker that throws', async () => {
  const { end, thrown } = await run('null', ['throws-in-worker'], { cells: [cellOf(MANY, 'null')] });
  assert.equal(end, undefined);
  assertThrown(thrown, /planted in retune/);
});

/** The message of what a design threw; the stack is for whoever wrote it. */
function assertThrown(thrown: unknown, message: RegExp): void {
  assert.ok(thrown instanceof Error);
  assert.match(thrown.message, message);
  assert.match(thrown.message, /\n +at /);
}

for (const [parks, backend] of [
  ['good+parks-flushes', 'null'],
  ['good+parks-flushes', 'sync'],
  ['good+parks-flushes', 'uring'],
  // Its submitters sleep on their words, or in rings of their own.
  ['good-inline+parks-flushes', 'sync'],
  ['good-inline+parks-flushes', 'uring'],
] as const) {
  test(`${parks}, for ever, on ${backend}: the watchdog ends the trial and the others go on`, async () => {
    const { end, thrown, records } = await run(backend, [parks, 'good'], { rounds: 2 });
    assert.equal(thrown, undefined);
    assert.deepEqual(end, { interrupted: false, failed: undefined });
    const stalled = records.filter((record) => record.design === parks);
    assert.equal(stalled.length, 1, 'a design that has stalled is not tried again');
    const { progress } = stalled[0]!.verdicts;
    assert.ok(progress.lost > 0);
    assert.match(
      stalled[0]!.failure ?? '',
      /^stalled: .*\n(.*\n)*gate of device 0: free, 0 in its inbox, parked: FLUSH tag \d+/,
    );
    assert.equal(records.filter((record) => record.design === 'good').length, 2);
  });
}

test('a module that can not be loaded', async () => {
  const lost = { ...BROKEN, module: new URL('../broken/none.js', import.meta.url).href };
  const { thrown } = await run('null', [], { designs: [parseDesign('good', lost)] });
  assert.match((thrown as Error).message, /ERR_MODULE_NOT_FOUND/);
});
