/** What a run comes to: its tables, what the gate says, and the exit code. */
import { type GateAnswer, namedAt } from '../benchmarks/compare/gate.ts';
import type { RecordingCost } from '../benchmarks/recording-cost.ts';
import type { RunEnd } from '../benchmarks/runner.ts';
import { claimFailures, type Group, notExercisedClaims, summarize } from '../benchmarks/summary.ts';
import type { Host, TrialRecord } from '../datasets/schema.ts';
import { EXIT, explain } from './exit.ts';
import { replacedLines } from './replaced.ts';
import { gateCode, gateText } from './run-gate.ts';
import type { RunChoices } from './run-options.ts';
import { reached, reachedLines } from './run-sampling.ts';
import { renderTable } from './table.ts';

export interface Run {
  records: TrialRecord[];
  cost: RecordingCost | undefined;
  /** Undefined when the run threw. */
  end: RunEnd | undefined;
  thrown: unknown;
}

/** Records of trials: a row that was skipped has one as well. */
export function trialsOf({ records }: { records: readonly TrialRecord[] }): TrialRecord[] {
  return records.filter((record) => record.skipped === undefined);
}

export function isWhole({ end }: Run): boolean {
  return end !== undefined && !end.interrupted && end.failed === undefined;
}

/** Prints what there is and says with which code to leave; an error goes on when there is nothing left to print. */
export function conclude(
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
      printTables(groups, cost, host, choices);
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
      `${note}${tally()}. Next: ${nextCommand(names, choices)}\n`,
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
  // What another revision claimed and broke is not this tree's fault.
  const failures = groups.flatMap(claimFailures);
  if (failures.some(({ design }) => !isOther(design, choices.gate))) return EXIT.violated;
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
  { color, waits }: Pick<RunChoices, 'color' | 'waits'>,
): void {
  process.stdout.write(renderTable(groups, { color, waits, width: process.stdout.columns || 160 }));
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
function nextCommand(designs: readonly string[], { userFiles, gate }: RunChoices): string {
  if (gate.against === undefined && designs.includes('per-socket+quiesce')) {
    return 'npx loopwq run --designs single-wq,n-wq:1,n-wq:2,n-wq:4,n-wq:8 --workloads flush-heavy';
  }
  const list = designs.filter((name) => name !== 'raw' && !isOther(name, gate)).join(',');
  const words = [
    ...userFiles.map((file) => `--design ${file} `),
    ...(gate.against === undefined ? [] : [`--against ${gate.against} `]),
  ];
  return `npx loopwq run --rounds 20 ${words.join('')}--designs ${list.includes('>') ? `'${list}'` : list}`;
}

/** True for the rows of another revision. */
function isOther(design: string, { against }: RunChoices['gate']): boolean {
  return against !== undefined && design.endsWith(namedAt('', against));
}
