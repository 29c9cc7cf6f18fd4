/**
 * `npm run bench:reference [SET]`: makes the result sets of datasets/results/ anew, each from one real run, trimmed and packed so that it can
 * be committed. Takes two minutes; `LOOPWQ_REFERENCE_ROUNDS` makes it shorter for a try, and `LOOPWQ_REFERENCE_OUT` writes elsewhere.
 */
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { RESULTS_PACKED, readResults } from '../../datasets/results.ts';
import { readRunFile, runFileBeside } from '../../datasets/run-file.ts';
import { trimmed } from './trim.ts';

const ROOT = fileURLToPath(new URL('../../../', import.meta.url));
const MAIN = fileURLToPath(new URL('../../cli/main.js', import.meta.url));
const OUT = process.env.LOOPWQ_REFERENCE_OUT ?? join(ROOT, 'datasets', 'results');
/** From 6 on an interval over rounds reaches 95 %. */
const ROUNDS = process.env.LOOPWQ_REFERENCE_ROUNDS ?? '6';

/** Job files are named from the root of the tree, so that the command that a set tells runs there. */
const writers = (n: number): string => `datasets/results/writers/writers-${n}.fio`;

/** What the words are for stands in datasets/results/README.md. */
const SETS: Record<string, string[]> = {
  thread: [
    '--designs',
    'single-wq,per-socket,n-wq:4,n-wq:4+epoch,n-wq:4+quiesce,shared-pool:4,kernel-loop',
    '--workloads',
    'flush-heavy,mixed',
  ],
  writers: ['--designs', 'single-wq,n-wq:4,n-wq:4+epoch,n-wq:4+quiesce', ...[1, 2, 4, 8].map(writers)],
};

function make(name: string, words: readonly string[]): void {
  const folder = mkdtempSync(join(ROOT, 'loopwq-reference-'));
  const remove = (): void => rmSync(folder, { recursive: true, force: true });
  process.once('exit', remove);
  try {
    const run = ['run', ...words, '--rounds', ROUNDS];
    const raw = join(folder, 'raw');
    const { status, signal } = spawnSync(process.execPath, [MAIN, ...run, '--out', raw, '--dir', folder], {
      cwd: ROOT,
      stdio: ['ignore', 'ignore', 'inherit'],
    });
    // A claim that was lost is a result as well.
    if (status !== 0 && status !== 1) throw new Error(`${name}: the run ended with ${status ?? signal}`);
    const { records, path } = readResults(raw);
    const lines = trimmed(records).map((record) => `${JSON.stringify(record)}\n`);
    const packed = gzipSync(lines.join(''), { level: 9 });
    const to = join(OUT, name);
    mkdirSync(to, { recursive: true });
    writeFileSync(join(to, RESULTS_PACKED), packed);
    const about = { ...readRunFile(runFileBeside(path))!, argv: run };
    writeFileSync(join(to, 'run.json'), `${JSON.stringify(about, undefined, 2)}\n`);
    console.log(
      `${name}: ${records.length} records, ${(packed.length / 1000).toFixed(0)} kB in ${relative(process.cwd(), to)}`,
    );
  } finally {
    remove();
    process.off('exit', remove);
  }
}

const [only] = process.argv.slice(2);
if (only !== undefined && !(only in SETS)) {
  console.error(`no set '${only}'. Valid: ${Object.keys(SETS).join(', ')}`);
  process.exit(2);
}
for (const [name, words] of Object.entries(SETS)) if (only === undefined || only === name) make(name, words);
