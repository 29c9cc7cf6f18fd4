/**
 * A long run at full load: `npm run soak -- --minutes 10`. Trials follow each other on one crew, each checked before the next one
 * begins, so that no history grows beyond one trial (docs/decisions/0020-trials-in-a-row-instead-of-windows.md). Prints what was acknowledged and what was checked, which
 * have to be the same number, and the memory over time, which has to stay where it was.
 */
import { randomUUID } from 'node:crypto';
import { parseArgs } from 'node:util';
import { readHost } from '../../datasets/host.ts';
import type { TrialRecord } from '../../datasets/schema.ts';
import type { Workload } from '../../datasets/workload.ts';
import { loadWorkload } from '../../datasets/workloads.ts';
import { exitNow } from '../../engine/libc.ts';
import { FSYNC, type History } from '../../ordering/history.ts';
import { parseDesign } from '../designs.ts';
import { leaveOnSignal } from '../leave-on-signal.ts';
import { runPlan } from '../runner.ts';
import { defaultTopology } from '../topology.ts';

/** Seconds of a trial: a job's segment of the history has room for a million operations a second of it. */
const TRIAL = 2;
/** Lines of the report over the whole time. */
const LINES = 10;
const DESIGN = 'n-wq:4+quiesce';
const WORKLOAD = 'flush-heavy';

const { values } = parseArgs({
  options: { minutes: { type: 'string', default: '10' }, dir: { type: 'string' } },
});
const minutes = Number(values.minutes);
if (!(minutes > 0)) throw new Error(`--minutes '${values.minutes}' is no time`);

interface Sum {
  trials: number;
  acknowledged: number;
  checked: number;
  cut: number;
  /** MiB at the end of each trial. */
  memory: number[];
}

function lasting(workload: Workload): Workload {
  return { ...workload, jobs: workload.jobs.map((job) => ({ ...job, runtime: TRIAL })) };
}

/** What the checker counted, without the reads of the harness itself, which are the submitter behind the jobs'. */
function checkedIn(record: TrialRecord, history: History, jobs: number): number {
  const { proved, lost, notExercised } = record.verdicts.progress;
  const first = jobs * history.rowsEach;
  let own = 0;
  for (let row = first; row < first + history.count[jobs]!; row++) if (history.kind[row] !== FSYNC) own++;
  return proved + lost + notExercised - own;
}

async function soak(): Promise<boolean> {
  const workload = lasting(loadWorkload(WORKLOAD));
  const host = readHost(values.dir ?? process.cwd());
  const sum: Sum = { trials: 0, acknowledged: 0, checked: 0, cut: 0, memory: [] };
  const start = performance.now();
  const time = new AbortController();
  const timer = setTimeout(() => time.abort(), minutes * 60_000);
  const broken = new Set<string>();
  let said = 0;
  const say = (): void => {
    const passed = (performance.now() - start) / 60_000;
    if (passed < (said * minutes) / LINES) return;
    said++;
    const { trials, acknowledged, checked, memory } = sum;
    process.stdout.write(
      `${passed.toFixed(1).padStart(5)} min  ${trials} trials  acknowledged ${acknowledged}  checked ${checked}  ${memory.at(-1)} MiB\n`,
    );
  };
  const { failed } = await runPlan(
    {
      cells: [{ workload, direct: false, backend: 'sync' }],
      designs: [parseDesign(DESIGN)],
      rounds: Number.MAX_SAFE_INTEGER,
      seed: 1,
      topology: defaultTopology(host.sockets, host.cores, workload.jobs.length),
      dir: values.dir ?? process.cwd(),
      overwrite: [],
      deadlineSeconds: 30,
      recording: true,
    },
    randomUUID(),
    host,
    {
      progress: () => {},
      trial: (record) => {
        for (const claim of record.claims) {
          const { lost, unproved } = record.verdicts[claim];
          if (lost + unproved > 0) broken.add(claim);
        }
      },
      history: (record, history) => {
        sum.trials++;
        sum.acknowledged += record.metrics.operations;
        sum.checked += checkedIn(record, history, workload.jobs.length);
        if (record.metrics.cut) sum.cut++;
        sum.memory.push(Math.round(process.memoryUsage.rss() / 2 ** 20));
        say();
      },
    },
    time.signal,
  );
  clearTimeout(timer);
  const half = Math.floor(sum.memory.length / 2);
  const most = (memory: readonly number[]): number => Math.max(...memory);
  process.stdout.write(
    `${DESIGN} on ${WORKLOAD}: ${sum.trials} trials of ${TRIAL} s, ${sum.cut} cut short by a full history; acknowledged ` +
      `${sum.acknowledged}, checked ${sum.checked}; at most ${most(sum.memory.slice(0, half))} MiB in the first half and ` +
      `${most(sum.memory.slice(half))} in the second; claims broken: ${[...broken].join(', ') || 'none'}\n`,
  );
  if (failed !== undefined) process.stdout.write(`${failed}\n`);
  return failed === undefined && broken.size === 0 && sum.cut === 0 && sum.acknowledged === sum.checked;
}

leaveOnSignal();
exitNow((await soak()) ? 0 : 1);
