/** The command line: finds the command, turns errors into messages and exit codes, and leaves. */
import { unknownName } from '../datasets/errors.ts';
import { exitNow } from '../engine/libc.ts';
import { AA_HELP, aaCommand } from './aa.ts';
import { CHECK_HELP, checkCommand } from './check.ts';
import { COMPARE_HELP, compareCommand } from './compare.ts';
import { DOCTOR_HELP, doctorCommand } from './doctor.ts';
import { EXIT, explain, leaveNow } from './exit.ts';
import { EXPORT_HELP, exportCommand } from './export.ts';
import { LIST_HELP, listCommand } from './list.ts';
import { REPORT_HELP, reportCommand } from './report.ts';
import { RUN_HELP, runCommand } from './run.ts';

const HELP = `loopwq: queue designs for loop devices, measured and held to their ordering promises

  loopwq run [JOB.fio ...]   run designs over workloads
  loopwq check [JOB.fio ...] search for violations: crash states of what designs did
  loopwq compare BASE NEW    better, worse, same or inconclusive, cell by cell
  loopwq aa                  what this machine can tell: a design against itself, and the threshold that follows
  loopwq export RESULTS      results in the formats of other tools
  loopwq report RESULTS...   charts and a page of one run or several
  loopwq list                designs, policies, workloads and charts, each with its source
  loopwq doctor              what this machine can do, and for what it cannot, why and what to do about it

'loopwq COMMAND --help' lists its options. Exit codes: 0 fine; 1 a violated claim or a regression; 2 wrong usage or unreadable
input; 3 a claim not exercised, under --strict; 4 the machine cannot do what was asked; 130 interrupted.
`;

const COMMANDS = new Map<string, { help: string; run: (args: string[]) => Promise<number> }>([
  ['run', { help: RUN_HELP, run: runCommand }],
  ['check', { help: CHECK_HELP, run: checkCommand }],
  ['compare', { help: COMPARE_HELP, run: compareCommand }],
  ['aa', { help: AA_HELP, run: aaCommand }],
  ['export', { help: EXPORT_HELP, run: exportCommand }],
  ['report', { help: REPORT_HELP, run: reportCommand }],
  ['list', { help: LIST_HELP, run: listCommand }],
  ['doctor', { help: DOCTOR_HELP, run: doctorCommand }],
]);

async function command(args: readonly string[]): Promise<number> {
  const [name, ...rest] = args;
  if (name === undefined) {
    process.stderr.write(HELP);
    return EXIT.usage;
  }
  if (name === '--help' || name === '-h' || name === 'help') {
    process.stdout.write(HELP);
    return EXIT.fine;
  }
  const known = COMMANDS.get(name);
  if (!known) throw unknownName('command', name, [...COMMANDS.keys()]);
  if (rest.includes('--help') || rest.includes('-h')) {
    process.stdout.write(known.help);
    return EXIT.fine;
  }
  return known.run(rest);
}

function report(error: unknown): number {
  const { code, text } = explain(error);
  process.stderr.write(`loopwq: ${text}\n`);
  return code;
}

/** Runs a command and leaves with its exit code. */
export async function loopwq(args: readonly string[]): Promise<never> {
  // Why stdout did not take everything. A reader that has read enough (`| head`) is no failure.
  let unwritten: Error | undefined;
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') unwritten ??= error;
  });
  process.stderr.on('error', () => {});
  // What could not be given back is told as a warning.
  process.removeAllListeners('warning');
  process.on('warning', ({ message }) => process.stderr.write(`loopwq: ${message}\n`));
  // Node would wait for threads that sit in the kernel.
  process.on('uncaughtException', (error) => leaveNow(report(error)));

  let code = await command(args).catch(report);
  // Nothing may be on its way any more, as exitNow waits for nothing.
  await Promise.all(
    [process.stdout, process.stderr].map((stream) => new Promise((done) => stream.write('', done))),
  );
  if (unwritten !== undefined) {
    process.stderr.write(`loopwq: not everything was written to stdout: ${unwritten.message}\n`);
    code = EXIT.machine;
  }
  return exitNow(code);
}
