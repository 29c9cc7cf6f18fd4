/** One run of the real fio on a tiny file: what its output looks like is asked of fio itself. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const JOB = `[global]
ioengine=psync
rw=randrw
bs=4k
size=4m
fsync=8
filename=disk
[w]
numjobs=2
`;

/**
 * fio's json+ output of two jobs that read, write and sync; or why there is none.
 *
 * @param options more lines of the job file
 */
export function fioOutput(options: readonly string[] = []): { text?: string; skip?: string } {
  const folder = mkdtempSync(join(process.cwd(), 'loopwq-test-fio-'));
  try {
    writeFileSync(join(folder, 'job.fio'), `${[JOB.trimEnd(), ...options].join('\n')}\n`);
    const args = ['--output-format=json+', '--output=out.json', 'job.fio'];
    const { error, status, stderr } = spawnSync('fio', args, { cwd: folder, encoding: 'utf8' });
    if (error) return { skip: 'needs fio' };
    if (status !== 0) throw new Error(`fio: ${stderr}`);
    return { text: readFileSync(join(folder, 'out.json'), 'utf8') };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
