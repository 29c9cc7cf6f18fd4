/** Input that can't be meant: what is wrong, where, what was probably meant; exit code 2, and nothing is left behind. */
import assert from 'node:assert/strict';
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, type TestContext, test } from 'node:test';
import { readRunOptions } from '../../cli/run-options.ts';
import { InputError } from '../../datasets/errors.ts';
import { readHost } from '../../datasets/host.ts';
import { folderFor, JOB, run } from './program.ts';

/** What is said has every one of these in it. `{}` is the test's folder, with `job` in t.fio. */
interface Case {
  words: string[];
  job?: string;
  says: (string | RegExp)[];
}

const line = (text: string) => JOB.replace('iodepth=4', text);

const CASES: Record<string, Case> = {
  'no command': { words: [], says: ['loopwq run [JOB.fio ...]'] },
  'an unknown command': { words: ['rnu'], says: ["unknown command 'rnu'", "Did you mean 'run'?", 'Valid: '] },
  'a command that every object has': { words: ['toString'], says: ["unknown command 'toString'"] },
  'an unknown option': {
    words: ['run', '--ronds', '3'],
    says: ["unknown option '--ronds'", "Did you mean '--rounds'?", 'Valid: --designs, --workloads'],
  },
  'an unknown short option': { words: ['run', '-x'], says: ["unknown option '-x'", 'Valid: '] },
  'an option without its value': { words: ['run', '--rounds'], says: ['--rounds'] },
  'an empty value': { words: ['run', '--out='], says: ['--out needs a value'] },
  'a list that is empty': { words: ['run', '--workloads', ','], says: ["--workloads ',' names nothing"] },
  'no round': {
    words: ['run', '--rounds', '0'],
    says: ["--rounds is a whole number from 1 to 1000, not '0'"],
  },
  'a seed that is no number': {
    words: ['run', '--seed', '1e3'],
    says: ['--seed is a whole number', "'1e3'"],
  },
  'an unknown design': {
    words: ['run', '--designs', 'single-wq,n-wk:4'],
    says: ["unknown design 'n-wk'", "Did you mean 'n-wq'?", 'Valid: single-wq'],
  },
  'a parameter out of range': {
    words: ['run', '--designs', 'n-wq:0'],
    says: ["design 'n-wq:0'", 'from 1 to', "not '0'"],
  },
  'an unknown policy': {
    words: ['run', '--designs', 'n-wq:2+quisce'],
    says: ["design 'n-wq:2+quisce'", "unknown policy 'quisce'", "Did you mean 'quiesce'?", 'pass-through'],
  },
  'a design twice': { words: ['run', '--designs', 'n-wq:4,n-wq'], says: ["'n-wq:4' is named twice"] },
  'an unknown backend': {
    words: ['run', '--backend', 'urign'],
    says: ["unknown backend 'urign'", "Did you mean 'uring'?", 'uring, sync, null'],
  },
  'an unknown workload': {
    words: ['run', 'flush-havy'],
    says: ["unknown workload 'flush-havy'", "Did you mean 'flush-heavy'?", 'mixed'],
  },
  'a job file that is not there': { words: ['run', '{}/none.fio'], says: ['/none.fio', 'ENOENT'] },
  'a folder for a job file': { words: ['run', '{}/old'], says: ['/old: ', 'EISDIR'] },
  'an unknown key': {
    words: ['run', '{}/t.fio'],
    job: line('iodpeth=4'),
    says: ["t.fio:5: unknown key 'iodpeth'", "Did you mean 'iodepth'?", 'numjobs'],
  },
  'a value that is not allowed': {
    words: ['run', '{}/t.fio'],
    job: line('rw=randwrit'),
    says: ["t.fio:5: rw can't be 'randwrit'", "Did you mean 'randwrite'?"],
  },
  'no job at all': { words: ['run', '{}/t.fio'], job: '[global]\nbs=4k\n', says: ['t.fio: no job'] },
  'a job file of bytes': { words: ['run', '{}/t.fio'], job: '\x7fELF\x00\x01', says: ['t.fio:1: '] },
  'direct=1 with the buffered backend': {
    words: ['run', '{}/t.fio', '--backend', 'sync'],
    job: line('direct=1'),
    says: ['t.fio: direct=1 does not go with --backend sync'],
  },
  'a topology that is none': { words: ['run', '--topology', '2by4'], says: ["--topology '2by4'", '2x4'] },
  'a topology beyond all machines': {
    words: ['run', '--topology', '65536x1'],
    says: ["--topology '65536x1': 4096 CPUs at most"],
  },
  'more sockets than threads': {
    words: ['run', '--topology', '2048x1'],
    says: ["--topology '2048x1': 1024 sockets at most"],
  },
  'too many threads': {
    words: ['run', '{}/t.fio', '--designs', 'n-wq:64'],
    job: line(`filename=${Array.from({ length: 20 }, (_, i) => i).join(':')}`).replace('filename=disk', ''),
    says: [/would have \d+ threads, the limit is 1024; n-wq:64 alone has \d+/, '--designs'],
  },
  'a folder for files that is not there': {
    words: ['run', '--dir', '{}/nowhere'],
    says: ['/nowhere: there is no such folder'],
  },
  'a folder for files that is none': { words: ['run', '--dir', '{}/t.fio'], says: ['/t.fio is no folder'] },
  'results that exist': {
    words: ['run', '{}/t.fio', '--out', '{}/old'],
    says: ['/old/results.jsonl: exists, and results are never overwritten'],
  },
  'a results folder below a file': {
    words: ['run', '{}/t.fio', '--out', '{}/t.fio/x'],
    says: ['/t.fio/x/results.jsonl'],
  },
};

/** These are run as a user runs them; of the others the options are read in this process, which is all that they reach. */
const WHOLE = [
  'no command',
  'an unknown command',
  'a command that every object has',
  'an unknown option',
  'an unknown design',
  'an unknown key',
  'too many threads',
  'results that exist',
  'a results folder below a file',
];

describe('bad input', { concurrency: 3 }, () => {
  for (const [name, { words, job = JOB, says }] of Object.entries(CASES)) {
    test(name, async (t) => {
      const folder = folderFor(t, job);
      mkdirSync(join(folder, 'old'));
      writeFileSync(join(folder, 'old/results.jsonl'), 'old\n');
      const given = words.map((word) => word.replace('{}', folder));
      const said = WHOLE.includes(name) ? await refusal(t, folder, given) : inputError(given.slice(1));
      for (const part of says) {
        assert.ok(
          typeof part === 'string' ? said.includes(part) : part.test(said),
          `${part} is not in: ${said}`,
        );
      }
      assert.deepEqual(readdirSync(folder).sort(), ['old', 't.fio']);
      assert.equal(readFileSync(join(folder, 'old/results.jsonl'), 'utf8'), 'old\n');
    });
  }
});

/** What the program says when it refuses. */
async function refusal(t: TestContext, folder: string, words: string[]): Promise<string> {
  const { code, stdout, stderr } = await run(t, { cwd: folder }, ...words);
  assert.equal(code, 2, stderr);
  assert.equal(stdout, '');
  assert.doesNotMatch(stderr, /^\s+at /m, 'a stack is no message');
  return stderr;
}

function inputError(options: string[]): string {
  try {
    readRunOptions(options, readHost('.'));
  } catch (error) {
    assert.ok(error instanceof InputError, `${(error as Error).stack}`);
    return error.message;
  }
  return assert.fail('nothing was refused');
}
