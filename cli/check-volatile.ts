/** `loopwq check --backend volatile`: schedules on the simulator's disk, and what a loss of power could have left of each. */

import { CLIENTS } from '../benchmarks/clients/players.ts';
import {
  brokenBy,
  type CrashStates,
  PRESETS,
  type Preset,
  simulatedStates,
  summed,
} from '../benchmarks/crash-states.ts';
import { allDesigns, parseDesign, STANDARD_DESIGNS } from '../benchmarks/designs.ts';
import { InputError, unknownName } from '../datasets/errors.ts';
import type { CheckMode } from './check.ts';
import { renderCrashStates } from './crash-text.ts';
import { EXIT } from './exit.ts';
import { readOptions, whole } from './options.ts';
import { list } from './run-options.ts';
import { painter } from './table-text.ts';

const OPTIONS = {
  backend: { type: 'string' },
  rounds: { type: 'string' },
  seed: { type: 'string' },
  designs: { type: 'string' },
  workloads: { type: 'string' },
  preset: { type: 'string' },
  json: { type: 'boolean' },
  'no-color': { type: 'boolean' },
} as const;

const MOST_ROUNDS = 1_000_000;
const WIDTH = 160;

export const CHECK_VOLATILE: CheckMode = {
  help: `  --backend volatile tries schedules on a simulated disk with a volatile cache, and judges every state in which a loss of power
                     could have left it. The same seed prints the same bytes
    --rounds N       schedules of each design and workload (20)
    --seed S         the first one (1)
    --designs LIST   as 'loopwq run'; all: every strategy and preset (the standard comparison)
    --workloads LIST clients: ${CLIENTS.map(({ name }) => name).join(', ')} (small programs by chance)
    --preset NAME    the odds of torn images: ${PRESETS.join(', ')} (the last two in turn)
    --json, --no-color
`,
  takes: (args) =>
    args.some(
      (word, i) => word === '--backend=volatile' || (word === 'volatile' && args[i - 1] === '--backend'),
    ),
  run: checkVolatile,
};

async function checkVolatile(args: string[]): Promise<number> {
  const { values } = readOptions(args, OPTIONS, false);
  const rounds = whole('rounds', values.rounds, 20, 1, MOST_ROUNDS);
  const first = whole('seed', values.seed, 1, 0, MOST_ROUNDS);
  const preset = presetNamed(values.preset);
  const all: CrashStates[] = [];
  for (const client of clientsNamed(values.workloads)) {
    for (const design of designsNamed(values.designs)) {
      // Summed up at once: what a state says of itself is not small.
      let sums: CrashStates[] = [];
      for (let seed = first; seed < first + rounds; seed++) {
        sums = summed([...sums, simulatedStates(design, client, seed, preset)]);
      }
      all.push(...sums);
    }
  }
  const color = values['no-color'] !== true && process.stdout.isTTY === true && !process.env.NO_COLOR;
  process.stdout.write(
    values.json
      ? `${JSON.stringify({ seed: first, rounds, preset, designs: all })}\n`
      : renderCrashStates(all, { width: WIDTH, paint: painter(color) }),
  );
  return all.some((one) => brokenBy(one).length > 0) ? EXIT.violated : EXIT.fine;
}

export function presetNamed(name: string | undefined): Preset | undefined {
  if (name === undefined) return undefined;
  const found = PRESETS.find((known) => known === name);
  if (found === undefined) throw unknownName('preset', name, PRESETS);
  return found;
}

/** Undefined stands for small programs by chance. */
function clientsNamed(names: string | undefined): readonly ((typeof CLIENTS)[number] | undefined)[] {
  const known = CLIENTS.map(({ name }) => name);
  return (
    list('workloads', names)?.map((name) => {
      const found = CLIENTS.find((client) => client.name === name);
      if (found === undefined) throw unknownName('client', name, known);
      return found;
    }) ?? [undefined]
  );
}

/** Throws InputError for a reference row: it has no design to run. */
function designsNamed(designs: string | undefined): string[] {
  const asked = list('designs', designs) ?? [...STANDARD_DESIGNS];
  const names = asked.flatMap((name) => (name === 'all' ? allDesigns() : [name]));
  for (const text of names) {
    if (parseDesign(text).crew) continue;
    throw new InputError(`design '${text}' is a reference row: there is nothing to simulate`);
  }
  return names;
}
