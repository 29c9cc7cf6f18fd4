/** `loopwq run`: designs over workloads to a table and a results folder. */
import { randomUUID } from 'node:crypto';
import { join, relative } from 'node:path';
import { recordingCost } from '../benchmarks/recording-cost.ts';
import { runPlan } from '../benchmarks/runner.ts';
import { claimFailures, notExercisedClaims, summarize } from '../benchmarks/summary.ts';
import { readHost } from '../datasets/host.ts';
import { openResults } from '../datasets/results.ts';
import type { TrialRecord } from '../datasets/schema.ts';
import { EXIT } from './exit.ts';
import { openProgress } from './progress.ts';
import { readRunOptions } from './run-options.ts';
import { untilSignal } from './signals.ts';
import { renderTable } from './table.ts';

export { RUN_HELP } from './run-options.ts';

export async function runCommand(args: string[]): Promise<number> {
  const here = readHost(process.cwd());
  const { plan, out, strict, json, color, quiet } = readRunOptions(args, here);
  const host = readHost(plan.dir);
  const started = new Date();
  const folder = out ?? join('results', started.toISOString().replace(/[:.]/g, '-'));
  const results = openResults(folder);
  const progress = openProgress(quiet);
  const records: TrialRecord[] = [];
  const stop = untilSignal();
  try {
    progress.say('measuring what recording costs');
    const cost = await recordingCost(plan, host, stop.signal);
    const end = await runPlan(
      plan,
      randomUUID(),
      host,
      {
        progress: (text) => progress.say(text),
        trial(record) {
          results.append(record);
          records.push(record);
        },
      },
      stop.signal,
    );
    progress.clear();
    const groups = summarize(
      records,
      plan.designs.map((design) => design.name),
    );
    if (json) process.stdout.write(`${JSON.stringify({ groups, recordingCost: cost })}\n`);
    else {
      process.stdout.write(renderTable(groups, { color, width: process.stdout.columns ?? 160 }));
      if (cost) process.stdout.write(`${costLine(cost)}\n`);
      if (/^tmpfs/.test(host.fileSystem))
        process.stdout.write('The backing files lay on tmpfs: a flush means nothing there.\n');
    }
    const seconds = Math.round((Date.now() - started.getTime()) / 1000);
    const where = relative(process.cwd(), folder) || folder;
    const note = end.interrupted ? 'interrupted: ' : '';
    const line = `${note}${records.length} trials in ${seconds} s are in ${where}. Next: ${nextCommand(plan.designs.map((d) => d.name))}`;
    (json ? process.stderr : process.stdout).write(`${line}\n`);
    if (end.interrupted) return EXIT.interrupted;
    if (end.failed !== undefined) {
      process.stderr.write(`loopwq: the run ended early. ${end.failed}\n`);
      return EXIT.machine;
    }
    if (groups.some((group) => claimFailures(group).length > 0)) return EXIT.violated;
    return strict && notExercisedClaims(groups).length > 0 ? EXIT.inconclusive : EXIT.fine;
  } catch (error) {
    progress.clear();
    if (records.length > 0)
      process.stderr.write(`loopwq: ${records.length} finished trials are in ${folder}\n`);
    if (stop.signal.aborted) return EXIT.interrupted;
    throw error;
  } finally {
    stop.forget();
    results.close();
  }
}

function costLine(cost: NonNullable<Awaited<ReturnType<typeof recordingCost>>>): string {
  return (
    `Recording and stamping cost ${cost.nanoseconds.toFixed(0)} ns an operation ` +
    `[${cost.low.toFixed(0)}, ${cost.high.toFixed(0)}]: null backend, one submitter and one worker, ` +
    `${cost.off.toFixed(0)} ns without, ${cost.on.toFixed(0)} ns with, ${cost.pairs} pairs, spin ${cost.spin}.`
  );
}

/** The sweep of N is what one asks after the standard comparison; after one's own choice, more rounds. */
function nextCommand(designs: readonly string[]): string {
  if (designs.includes('per-socket+quiesce')) {
    return 'npx loopwq run --designs single-wq,n-wq:1,n-wq:2,n-wq:4,n-wq:8 --workloads flush-heavy';
  }
  return `npx loopwq run --rounds 20 --designs ${designs.filter((name) => name !== 'raw').join(',')}`;
}
