/** `loopwq doctor`: what this machine can do, and for each thing it cannot, why and what to do about it. */
import Table from 'cli-table3';
import { examine, type Finding } from '../benchmarks/machine.ts';
import { EXIT } from './exit.ts';
import { readOptions } from './options.ts';
import { painter } from './table-text.ts';

export const DOCTOR_HELP = `loopwq doctor [--dir FOLDER] [--json] [--no-color]

What this machine can do, and for each thing it cannot, why and what to do about it. Exit code 4 when designs can't
run under FOLDER (the current one): no io_uring or no O_DIRECT.
`;

const OPTIONS = {
  dir: { type: 'string' },
  json: { type: 'boolean' },
  'no-color': { type: 'boolean' },
} as const;
/** Without these the standard comparison can't run. */
const NEEDED = ['io_uring', 'O_DIRECT'];

export async function doctorCommand(args: string[]): Promise<number> {
  const { values } = readOptions(args, OPTIONS, false);
  const findings = examine(values.dir ?? process.cwd());
  if (values.json) process.stdout.write(`${JSON.stringify(findings)}\n`);
  else process.stdout.write(render(findings, values['no-color'] !== true && process.stdout.isTTY === true));
  return findings.some(({ thing, state }) => state === 'no' && NEEDED.includes(thing))
    ? EXIT.machine
    : EXIT.fine;
}

export function render(findings: readonly Finding[], color: boolean): string {
  const paint = painter(color);
  const style = { yes: 'green', note: 'yellow', no: 'red' } as const;
  const table = new Table({
    chars: Object.fromEntries(
      [
        'top',
        'bottom',
        'left',
        'right',
        'mid',
        'top-mid',
        'top-left',
        'top-right',
        'bottom-mid',
        'bottom-left',
      ]
        .concat(['bottom-right', 'left-mid', 'mid-mid', 'right-mid', 'middle'])
        .map((name) => [name, '']),
    ),
    style: { head: [], border: [], 'padding-left': 0, 'padding-right': 2 },
  });
  for (const { thing, state, why, remedy } of findings) {
    table.push([thing, paint(state, style[state]), remedy === '' ? why : `${why}. Remedy: ${remedy}`]);
  }
  return `${table
    .toString()
    .split('\n')
    .map((line) => line.trimEnd())
    .join('\n')}\n`;
}
