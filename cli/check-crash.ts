/** `loopwq check` on its own: a small run of every design, whose histories and crash states are then held to the rules. */
import { randomUUID } from 'node:crypto';
import { playersOf } from '../benchmarks/clients/players.ts';
import { brokenBy, type CrashStates, crashStatesOf, PRESETS, summed } from '../benchmarks/crash-states.ts';
import { type RunEnd, type RunEvents, runPlan } from '../benchmarks/runner.ts';
import { readHost } from '../datasets/host.ts';
import type { TrialRecord } from '../datasets/schema.ts';
import { MachineError } from '../engine/errors.ts';
import { CONTRACTS } from '../ordering/contracts.ts';
import type { CheckMode } from './check.ts';
import { presetNamed } from './check-volatile.ts';
import { renderCrashStates } from './crash-text.ts';
import { EXIT } from './exit.ts';
import { hasOption, readOptions, takeOptions } from './options.ts';
import { openProgress } from './progress.ts';
import { readRunOptions } from './run-options.ts';
import { untilSignal } from './signals.ts';
import { item, type Page, painter } from './table-text.ts';

const OPTIONS = { preset: { type: 'string' } } as const;
const WIDTH = 160;

export const CHECK_CRASH: CheckMode = {
  help: `  [JOB.fio ...]      runs the designs for a moment, and judges what they did and every state in which a crash could have left it
    --preset NAME    the odds of torn images: ${PRESETS.join(', ')} (the last two in turn)
    --designs, --workloads, --backend, --topology, --seed, --dir, --json, --quiet: as 'loopwq run'
`,
  takes: () => true,
  run: checkCrash,
};

async function checkCrash(args: string[]): Promise<number> {
  const { own, rest } = takeOptions(args, OPTIONS);
  const preset = presetNamed(readOptions(own, OPTIONS, false).values.preset);
  const choices = readRunOptions(['--quick', '--rounds', '1', ...rest], readHost(process.cwd()));
  const { plan } = choices;
  const asked = hasOption(rest, 'designs');
  plan.designs = plan.designs.filter((design) => asked || design.crew !== undefined);
  const stop = untilSignal();
  const progress = openProgress(choices.quiet);
  const records: TrialRecord[] = [];
  const states: CrashStates[] = [];
  let end: RunEnd;
  try {
    const events: RunEvents = {
      progress: (text) => progress.say(text),
      trial: (record) => {
        records.push(record);
      },
      history: (record, history, world) => {
        if (record.reference || record.backend === 'null' || record.failure !== undefined) return;
        const { design, claims, workload, backend, seed } = record;
        const players = playersOf(plan.cells.find((cell) => cell.workload.name === workload)!.workload);
        progress.say(`${workload}: crash states of ${design}`);
        states.push(
          crashStatesOf({ design, claims, workload, backend }, history, world, players, seed >>> 0, preset),
        );
      },
    };
    end = await runPlan(plan, randomUUID(), readHost(plan.dir), events, stop.signal);
  } finally {
    progress.clear();
    stop.forget();
  }
  const all = summed(states);
  const page = { width: WIDTH, paint: painter(choices.color) };
  const { lines, violated } = tellVerdicts(records, page);
  if (choices.json) {
    const verdicts = records.map((r) => ({ design: r.design, workload: r.workload, verdicts: r.verdicts }));
    process.stdout.write(`${JSON.stringify({ trials: verdicts, crashes: all })}\n`);
  } else {
    if (lines.length > 0) process.stdout.write(`${lines.join('\n')}\n\n`);
    if (all.length > 0) process.stdout.write(renderCrashStates(all, page));
  }
  if (end.interrupted) return EXIT.interrupted;
  if (end.failed !== undefined) throw new MachineError(`the run ended early. ${end.failed}`);
  return violated || all.some((one) => brokenBy(one).length > 0) ? EXIT.violated : EXIT.fine;
}

/** By the stamps alone: each broken claim; of what nobody claimed the first of each contract. */
function tellVerdicts(records: readonly TrialRecord[], page: Page): { lines: string[]; violated: boolean } {
  const lines: string[] = [];
  const told = new Set<string>();
  let violated = false;
  for (const { design, workload, reference, claims, verdicts } of records) {
    for (const contract of CONTRACTS) {
      const { lost, unproved, witness } = verdicts[contract];
      const isClaim = claims.includes(contract);
      if (lost + unproved === 0 || reference || (!isClaim && told.has(contract))) continue;
      violated ||= isClaim;
      if (!isClaim) told.add(contract);
      const text = `${design}, ${workload}, ${contract}: lost ${lost}, unproved ${unproved}. ${witness?.sentence ?? ''}`;
      lines.push(...item(isClaim ? 'VIOLATION' : 'finding', text, page, isClaim ? 'red' : 'yellow'));
    }
  }
  return { lines, violated };
}
