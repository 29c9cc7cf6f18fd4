/** `loopwq run`: designs over workloads to a table and a results folder. */
import { randomUUID } from 'node:crypto';
import { dirname, join, relative } from 'node:path';
import type { GateAnswer } from '../benchmarks/compare/gate.ts';
import type { RunPlan } from '../benchmarks/plan.ts';
import { catalogueWith } from '../benchmarks/plugins.ts';
import { type RecordingCost, recordingCost } from '../benchmarks/recording-cost.ts';
import { type RunEnd, runPlan } from '../benchmarks/runner.ts';
import { claimFailures, type Group, notExercisedClaims, summarize } from '../benchmarks/summary.ts';
import { CHARTS } from '../charts/index.ts';
import { saveBaseline } from '../datasets/baselines.ts';
import { readHost } from '../datasets/host.ts';
import { resultsFile } from '../datasets/results.ts';
import { RUN_SCHEMA, RUN_VERSION, type RunFile } from '../datasets/run-file.ts';
import type { Host, TrialRecord } from '../datasets/schema.ts';
import { MachineError } from '../engine/errors.ts';
import { EXIT, explain } from './exit.ts';
import { openProgress } from './progress.ts';
import { replacedLines } from './replaced.ts';
import { writeReport } from './report-write.ts';
import { type Again, gateCode, gateText, openGate } from './run-gate.ts';
import { type RunChoices, readRunOptions, userFiles } from './run-options.ts';
import { continueRunResults, openRunResults, type RunResults } from './run-results.ts';
import { requireSameRun, resumedBy, resumedLine } from './run-resume.ts';
import { reached, reachedLines, scheduleLine } from './run-sampling.ts';
import { untilSignal } from './signals.ts';
import { renderTable } from './table.ts';
import { plural } from './table-text.ts';

export { RUN_HELP } from './run-options.ts';

export async function runCommand(args: string[]): Promise<number> {
  const resumed = resumedBy(args);
  const words = resumed?.words ?? args;
  const choices = readRunOptions(words, readHost(process.cwd()), await catalogueWith(userFiles(words)));
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
  const stop = untilSignal();
  if (!choices.quiet) {
    if (resumed) process.stderr.write(`${resumedLine(resumed)}\n`);
    if (plan.until) process.stderr.write(`${scheduleLine(plan.until)}\n`);
  }
  try {
    const results = resumed ? continueRunResults(folder) : openRunResults(folder, about);
    try {
      const run = await runTrials(choices, about.run, host, results, stop.signal);
      await drawFor(folder, run, about);
      const again: Again = (part) =>
        runAgain({ ...choices, plan: { ...plan, ...part, before: [] } }, folder, host, stop.signal);
      const answer = gate && isWhole(run) ? await gate.decide(run.records, again) : undefined;
      const code = conclude(choices, host, run, stop.signal, answer, () => {
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
  } finally {
    stop.forget();
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

function isWhole({ end }: Run): boolean {
  return end !== undefined && !end.interrupted && end.failed === undefined;
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

interface Run {
  records: TrialRecord[];
  cost: RecordingCost | undefined;
  /** Undefined when the run threw. */
  end: RunEnd | undefined;
  thrown: unknown;
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

/** Records of trials: a row that was skipped has one as well. */
function trialsOf({ records }: { records: readonly TrialRecord[] }): TrialRecord[] {
  return records.filter((record) => record.skipped === undefined);
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

/** Prints what there is and says with which code to leave; an error goes on when there is nothing left to print. */
function conclude(
  choices: RunChoices,
  host: Host,
  run: Run,
  signal: AbortSignal,
  answer: GateAnswer | undefined,
  tally: () => string,
): number {
  const { records, cost, end, thrown } = run;
  const trials = trialsOf(run).length;
  const names = choices.plan.designs.map((design) => design.name);
  const groups = summarize(records, names);
  const { until } = choices.plan;
  const widths = end?.interrupted === false ? reached(choices.plan, records) : [];
  // Rows that were skipped are an answer only when the run came to its end.
  if (trials > 0 || (end !== undefined && !signal.aborted)) {
    if (choices.json)
      process.stdout.write(
        `${JSON.stringify({ groups, recordingCost: cost, ...(until ? { until: widths } : {}), ...(answer ? { gate: answer } : {}) })}\n`,
      );
    else {
      printTables(groups, cost, host, choices.color);
      for (const line of replacedLines(records, names)) process.stdout.write(`${line}\n`);
    }
    if (until && !choices.json)
      for (const line of reachedLines(widths, until)) process.stdout.write(`${line}\n`);
  }
  if (answer !== undefined && !choices.json)
    process.stdout.write(
      `\n${gateText(answer, { color: choices.color, width: process.stdout.columns || 160 })}`,
    );
  if (trials > 0) {
    const note = signal.aborted ? 'interrupted: ' : '';
    (choices.json ? process.stderr : process.stdout).write(
      `${note}${tally()}. Next: ${nextCommand(names, choices.userFiles)}\n`,
    );
  }
  if (signal.aborted) {
    if (trials === 0) process.stderr.write('loopwq: interrupted before the end of the first trial\n');
    // Stopping is no error, but one that came with it is told.
    if (thrown !== undefined && thrown !== signal.reason)
      process.stderr.write(`loopwq: ${explain(thrown).text}\n`);
    return EXIT.interrupted;
  }
  if (end === undefined) throw thrown;
  if (end.failed !== undefined) {
    process.stderr.write(`loopwq: the run ended early. ${end.failed}\n`);
    return EXIT.machine;
  }
  if (groups.some((group) => claimFailures(group).length > 0)) return EXIT.violated;
  const gated = answer === undefined ? EXIT.fine : gateCode(answer, choices.strict);
  if (gated === EXIT.violated) return gated;
  const unclear =
    gated !== EXIT.fine || notExercisedClaims(groups).length > 0 || widths.some(({ enough }) => !enough);
  return choices.strict && unclear ? EXIT.inconclusive : EXIT.fine;
}

function printTables(
  groups: readonly Group[],
  cost: RecordingCost | undefined,
  host: Host,
  color: boolean,
): void {
  process.stdout.write(renderTable(groups, { color, width: process.stdout.columns || 160 }));
  if (cost) process.stdout.write(`${costLine(cost)}\n`);
  if (/^tmpfs/.test(host.fileSystem))
    process.stdout.write('The backing files lay on tmpfs: a flush means nothing there.\n');
}

function costLine(cost: RecordingCost): string {
  return (
    `Recording and stamping cost ${cost.nanoseconds.toFixed(0)} ns an operation ` +
    `[${cost.low.toFixed(0)}, ${cost.high.toFixed(0)}]: null backend, one submitter and one worker, ` +
    `${cost.off.toFixed(0)} ns without, ${cost.on.toFixed(0)} ns with, ${cost.pairs} pairs, spin ${cost.spin}.`
  );
}

/** The sweep of N is what one asks after the standard comparison; after one's own choice, more rounds. */
function nextCommand(designs: readonly string[], files: readonly string[]): string {
  if (designs.includes('per-socket+quiesce')) {
    return 'npx loopwq run --designs single-wq,n-wq:1,n-wq:2,n-wq:4,n-wq:8 --workloads flush-heavy';
  }
  const list = designs.filter((name) => name !== 'raw').join(',');
  const own = files.map((file) => `--design ${file} `).join('');
  return `npx loopwq run --rounds 20 ${own}--designs ${list.includes('>') ? `'${list}'` : list}`;
}
