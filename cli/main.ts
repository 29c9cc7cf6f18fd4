#!/usr/bin/env node
/**
 * Loads the program and runs it. Node 20 opens the modules of a program all at once, so a low limit of open descriptors is
 * met here first, and Node then says that some package is missing, or nothing that helps.
 */
import { readFileSync } from 'node:fs';

/** Far more than there are modules: what fails below it may well have failed by it. */
const ENOUGH = 512;

const limits = readFileSync('/proc/self/limits', 'utf8');
const limit = Number(/^Max open files\s+(\d+)/m.exec(limits)?.[1] ?? Number.NaN);
const { loopwq } = await import('./commands.ts').catch((error: NodeJS.ErrnoException) => {
  if (error.code !== 'EMFILE' && !(limit < ENOUGH)) throw error;
  process.stderr.write(
    `loopwq: the program can't be loaded: ${error.message}. The limit of open descriptors is ${limit}: ` +
      'raise it with ulimit -n\n',
  );
  // EXIT.machine, whose module can't be loaded either.
  return process.exit(4);
});
await loopwq(process.argv.slice(2));
