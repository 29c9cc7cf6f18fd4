/** `loopwq run`: designs over workloads to a table and a results folder. */
import { randomUUID } from 'node:crypto';
import { dirname, join, relative } from 'node:path';
import type { GateAnswer } from '../benchmarks/compare/gate.ts';
import type { RunPlan } from '../benchmarks/plan.ts';
import { catalogueWith } from '../benchmarks/plugins.ts';
import { recordingCost } from '../benchmarks/recording-cost.ts';
import { openRevision, type Revision } from '../benchmarks/revisions/revision.ts';
import { runPlan } from '../benchmarks/runner.ts';
import { CHARTS } from '../charts/index.ts';
import { saveBaseline } from '../datasets/baselines.ts';
import { readHost } from '../datasets/host.ts';
import { resultsFile } from '../datasets/results.ts';
import { RUN_SCHEMA, RUN_VERSION, type RunFile } from '../datasets/run-file.ts';
import type { Host, TrialRecord } from '../datasets/schema.ts';
import { MachineError } from '../engine/errors.ts';
import { EXIT } from './exit.ts';
import { openProgress } from './progress.ts';
import { writeReport } from './report-write.ts';
import { conclude, isWhole, type Run, trialsOf } from './run-conclude.ts';
import { type Again, gateCode, openGate } from './run-gate.ts';
import { type RunChoices, readRunOptions, userFiles } from './run-options.ts';
import { continueRunResults, openRunResults, type RunResults } from './run-results.ts';
import { type Resumed, requireSameRun, resumedBy, resumedLine } from './run-resume.ts';
import { scheduleLine } from './run-sampling.ts';
import { untilSignal } from './signals.ts';
import { plural } from './table-text.ts';

export { RUN_HELP } from './run-options.ts';

export async function runCommand(args: string[]): Promise<number> {
  const resumed = resumedBy(args);
  const words = resumed?.words ?? args;
  const catalogue = await catalogueWith(userFiles(words));
  // What is wrong with the words is told before another revision is built.
  const { gate, quiet } = readRunOptions(words, readHost(process.cwd()), catalogue);
  const stop = untilSignal();
  let revision: Revision | undefined;
  try {
    if (gate.against !== undefined) {
      if (!quiet) process.stderr.write(`building ${gate.against} in a worktree of its own\n`);
      revision = await openRevision(gate.against, stop.signal);
    }
    const choices = readRunOptions(words, readHost(process.cwd()), catalogue, revision);
    return await runChosen(choices, words, resumed, stop.signal);
  } catch (error) {
    if (!stop.signal.aborted || error !== stop.signal.reason) throw error;
    process.stderr.write('loopwq: interrupted before the first trial\n');
    return EXIT.interrupted;
  } finally {
    revision?.close();
    stop.forget();
  }
}

async function runChosen(
  choices: RunChoices,
  words: readonly string[],
  resumed: Resumed | undefined,
  signal: AbortSignal,
): Promise<number> {
  const { plan } = choices;
  const host = readHost(plan.dir);
  if (resumed !== undefined) {
    requireSameRun(resumed, plan, host);
    plan.before = resumed.before;
  }
  const gate = openGate(choices, host);
  const started = new Date();
  const folder =
    resumed?.folder ?? choices.out ?? join('results', started.toISOString().replace(/[:.]/g, '-'));
  const about = resumed?.about ?? aboutRun(words, plan);
  if (!choices.quiet) {
    if (resumed) process.stderr.write(`${resumedLine(resumed)}\n`);
    if (plan.until) process.stderr.write(`${scheduleLine(plan.until)}\n`);
  }
  const results = resumed ? continueRunResults(folder) : openRunResults(folder, about);
  try {
    const run = await runTrials(choices, about.run, host, results, signal);
    await drawFor(folder, run, about);
    const again: Again = (part) =>
      runAgain({ ...choices, plan: { ...plan, ...part, before: [] } }, folder, host, signal);
    const answer = gate && isWhole(run) ? await gate.decide(run.records, again) : undefined;
    const code = conclude(choices, host, run, signal, answer, () => {
      const seconds = Math.round((Date.now() - started.getTime()) / 1000);
      const trials = trialsOf(run).length - trialsOf({ records: plan.before ?? [] }).length;
      const many = trials === 1 ? ['trial', 'is'] : ['trials', 'are'];
      const added = resumed ? ', added to those of before,' : '';
      return `${trials} ${many[0]} in ${seconds} s${added} ${many[1]} in ${relative(process.cwd(), folder) || folder}`;
    });
    const { saveBaseline: name } = choices.gate;
    if (name !== undefined) keepAs(name, folder, run, answer);
    return code;
  } finally {
    results.close();
  }
}

/** What was found worse, once more, in a folder inside that of the run; undefined when a signal ended it. */
async function runAgain(
  choices: RunChoices,
  folder: string,
  host: Host,
  signal: AbortSignal,
): Promise<readonly TrialRecord[] | undefined> {
  const { designs, cells } = choices.plan;
  if (!choices.quiet)
    process.stderr.write(
      `worse: ${plural(designs.length, 'row')} of ${plural(cells.length, 'cell')} run again\n`,
    );
  const about = { ...aboutRun([], choices.plan), argv: [] };
  const results = openRunResults(join(dirname(resultsFile(folder)), 'rerun'), about);
  try {
    const run = await runTrials(choices, about.run, host, results, signal, false);
    if (signal.aborted) return undefined;
    if (run.end === undefined) throw run.thrown;
    if (run.end.failed !== undefined) throw new MachineError(`the second run ended early. ${run.end.failed}`);
    return run.records;
  } finally {
    results.close();
  }
}

/** A baseline is made of a run that came to its end, and not of one that a gate has just refused. */
function keepAs(name: string, folder: string, run: Run, answer: GateAnswer | undefined): void {
  const refused = answer !== undefined && gateCode(answer, false) !== EXIT.fine;
  const say = (text: string): boolean => process.stderr.write(`${text}\n`);
  if (!isWhole(run) || trialsOf(run).length === 0)
    say(`no baseline ${name} is kept: the run did not come to its end`);
  else if (refused) say(`no baseline ${name} is kept: it would be worse than the one it was held against`);
  else say(`kept as baseline ${name}, in ${saveBaseline(name, resultsFile(folder))}`);
}

function aboutRun(words: readonly string[], { designs, seed }: RunPlan): RunFile {
  return {
    schema: RUN_SCHEMA,
    version: RUN_VERSION,
    run: randomUUID(),
    argv: ['run', ...words],
    designs: designs.map((design) => design.name),
    base: (designs.find((design) => design.reference === undefined) ?? designs[0]!).name,
    seed,
  };
}

async function runTrials(
  { plan, quiet }: RunChoices,
  id: string,
  host: Host,
  results: RunResults,
  signal: AbortSignal,
  withCost = true,
): Promise<Run> {
  const progress = openProgress(quiet, plan);
  signal.addEventListener('abort', () => progress.say('stopping; a second signal leaves at once', true));
  const run: Run = { records: [...(plan.before ?? [])], cost: undefined, end: undefined, thrown: undefined };
  try {
    const events = {
      progress(text: string) {
        // What is started is not asked again before the first trial; the runner looks at the signal itself from then on.
        signal.throwIfAborted();
        progress.say(text);
      },
      trial(record: TrialRecord) {
        results.append(record);
        progress.trial(record);
        run.records.push(record);
      },
    };
    run.end = await runPlan(plan, id, host, events, signal);
    if (withCost && isWhole(run)) {
      progress.say('measuring what recording costs', true);
      run.cost = await recordingCost(plan, host, signal).catch((error: Error) => {
        process.stderr.write(`loopwq: what recording costs could not be measured: ${error.message}\n`);
        return undefined;
      });
    }
  } catch (error) {
    run.thrown = error;
  }
  progress.clear();
  return run;
}

/** The report is an extra: a folder that takes none is said, and the numbers stand all the same. PNGs take longer: `loopwq report`. */
async function drawFor(folder: string, run: Run, file: RunFile): Promise<void> {
  const { records } = run;
  if (trialsOf(run).length === 0) return;
  const path = resultsFile(folder);
  const data = { records, runs: [{ path, file, truncated: false }], order: file.designs };
  try {
    await writeReport(dirname(path), data, ['html', 'svg'], CHARTS);
  } catch (error) {
    process.stderr.write(`loopwq: no report: ${(error as Error).message}\n`);
  }
}
