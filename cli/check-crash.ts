/** `loopwq check` on its own: a small run of every design, whose histories are then held to the rules. */
import { randomUUID } from 'node:crypto';
import { runPlan } from '../benchmarks/runner.ts';
import { readHost } from '../datasets/host.ts';
import type { TrialRecord } from '../datasets/schema.ts';
import { CONTRACTS } from '../ordering/contracts.ts';
import type { CheckMode } from './check.ts';
import { EXIT } from './exit.ts';
import { openProgress } from './progress.ts';
import { readRunOptions } from './run-options.ts';
import { untilSignal } from './signals.ts';

export const CHECK_CRASH: CheckMode = {
  help: `  [JOB.fio ...]      runs the designs for a moment, and judges what they did
    --designs, --workloads, --backend, --topology, --seed, --dir, --json, --quiet: as 'loopwq run'
`,
  takes: () => true,
  run: checkCrash,
};

async function checkCrash(args: string[]): Promise<number> {
  const choices = readRunOptions(['--quick', '--rounds', '1', ...args], readHost(process.cwd()));
  const { plan } = choices;
  const asked = args.some((word) => word.startsWith('--designs'));
  plan.designs = plan.designs.filter((design) => asked || design.crew !== undefined);
  const stop = untilSignal();
  const progress = openProgress(choices.quiet);
  const records: TrialRecord[] = [];
  try {
    const events = {
      progress: (text: string) => progress.say(text),
      trial: (record: TrialRecord) => {
        records.push(record);
      },
    };
    await runPlan(plan, randomUUID(), readHost(plan.dir), events, stop.signal);
  } finally {
    progress.clear();
    stop.forget();
  }
  let broken = false;
  for (const { design, workload, claims, verdicts } of records) {
    for (const contract of CONTRACTS) {
      const { lost, unproved, witness } = verdicts[contract];
      if (lost + unproved === 0) continue;
      broken ||= claims.includes(contract);
      process.stdout.write(
        `${design}, ${workload}, ${contract}: lost ${lost}, unproved ${unproved}. ${witness?.sentence ?? ''}\n`,
      );
    }
  }
  return broken ? EXIT.violated : EXIT.fine;
}
