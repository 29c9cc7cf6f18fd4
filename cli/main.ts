#!/usr/bin/env node
/** The command line: finds the command, turns errors into messages and exit codes, and leaves. */
import { InputError, unknownName } from '../datasets/errors.ts';
import { MachineError } from '../engine/errors.ts';
import { exitNow } from '../engine/libc.ts';
import { EXIT } from './exit.ts';
import { RUN_HELP, runCommand } from './run.ts';

const HELP = `loopwq: queue designs for loop devices, measured and held to their ordering promises

  loopwq run [JOB.fio ...]   run designs over workloads

'loopwq run --help' lists its options. Exit codes: 0 fine; 1 a violated claim; 2 wrong usage or unreadable
input; 3 a claim not exercised, under --strict; 4 the machine cannot do what was asked; 130 interrupted.
`;

const COMMANDS: Record<string, { help: string; run: (args: string[]) => Promise<number> }> = {
  run: { help: RUN_HELP, run: runCommand },
};

async function main(args: readonly string[]): Promise<number> {
  const [name, ...rest] = args;
  if (name === undefined || name === '--help' || name === '-h' || name === 'help') {
    process.stdout.write(HELP);
    return name === undefined ? EXIT.usage : EXIT.fine;
  }
  const command = COMMANDS[name];
  if (!command) throw unknownName('command', name, Object.keys(COMMANDS));
  if (rest.includes('--help') || rest.includes('-h')) {
    process.stdout.write(command.help);
    return EXIT.fine;
  }
  return command.run(rest);
}

function explain(error: unknown): number {
  if (error instanceof InputError || error instanceof MachineError) {
    process.stderr.write(`loopwq: ${error.message}\n`);
    return error instanceof InputError ? EXIT.usage : EXIT.machine;
  }
  process.stderr.write(`loopwq: ${(error as Error)?.stack ?? String(error)}\n`);
  return EXIT.violated;
}

const code = await main(process.argv.slice(2)).catch(explain);
// Pipes are written asynchronously, and exitNow waits for nothing.
await Promise.all(
  [process.stdout, process.stderr].map((stream) => new Promise((done) => stream.write('', done))),
);
exitNow(code);
