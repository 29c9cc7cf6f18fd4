import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { parseJobFile } from '../../datasets/fio.ts';

/** Job files that fio's null engine runs to their end at once: what it did is what the reader says. */
const FILES: Record<string, string[]> = {
  'a size': ['size=1m'],
  'a size that is no whole number of blocks': ['size=10000'],
  hexadecimal: ['size=0x10000', 'bs=0x1000'],
  'several files': ['size=40k', 'filename=x:y:z'],
  'nrfiles beside filename': ['size=40k', 'nrfiles=4', 'filename=x:y'],
  'nrfiles alone': ['size=40k', 'nrfiles=3'],
  number_ios: ['size=1m', 'number_ios=7', 'rw=write'],
  'number_ios with a unit': ['size=8m', 'bs=512', 'number_ios=1k'],
  'number_ios beyond the size': ['size=40k', 'number_ios=100'],
  loops: ['size=40k', 'loops=3', 'rw=randwrite'],
  'loops of number_ios': ['size=40k', 'loops=2', 'number_ios=3'],
  'an offset': ['size=40k', 'offset=8k', 'rw=randread'],
  clones: ['size=40k', 'numjobs=3', 'rw=write'],
};

/** Reads and writes of each job that fio reports. */
function fioCounts(lines: readonly string[], folder: string): number[] {
  const path = join(folder, 'a.fio');
  writeFileSync(path, ['[a]', 'ioengine=null', 'rw=read', ...lines].join('\n'));
  const text = execFileSync('fio', ['--output-format=json', path], {
    encoding: 'utf8',
    cwd: folder,
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  const { jobs } = JSON.parse(text.slice(text.indexOf('{'))) as {
    jobs: { read: { total_ios: number }; write: { total_ios: number } }[];
  };
  return jobs.map(({ read, write }) => read.total_ios + write.total_ios);
}

test('a job is as long as fio makes it', (t) => {
  if (spawnSync('fio', ['--version']).error) return t.skip('fio is not installed');
  const folder = mkdtempSync(join(tmpdir(), 'loopwq-'));
  t.after(() => rmSync(folder, { recursive: true }));
  for (const [name, lines] of Object.entries(FILES)) {
    const { jobs } = parseJobFile(['[a]', ...lines].join('\n'), 'a.fio');
    assert.deepEqual(
      jobs.map((job) => job.count),
      fioCounts(lines, folder),
      name,
    );
  }
});

test('with several block sizes fio ends by bytes', (t) => {
  if (spawnSync('fio', ['--version']).error) return t.skip('fio is not installed');
  const folder = mkdtempSync(join(tmpdir(), 'loopwq-'));
  t.after(() => rmSync(folder, { recursive: true }));
  const path = join(folder, 'a.fio');
  for (const size of ['1m', '70000']) {
    for (const loops of [1, 3]) {
      const lines = ['[a]', `size=${size}`, 'bssplit=4k/50:64k/50', 'rw=randread', `loops=${loops}`];
      writeFileSync(path, [...lines, 'ioengine=null'].join('\n'));
      const text = execFileSync('fio', ['--output-format=json', path], {
        encoding: 'utf8',
        cwd: folder,
        stdio: ['ignore', 'pipe', 'ignore'],
      });
      const result = JSON.parse(text.slice(text.indexOf('{'))) as { jobs: { read: { io_bytes: number } }[] };
      assert.equal(parseJobFile(lines.join('\n'), 'a.fio').jobs[0]!.bytes, result.jobs[0]!.read.io_bytes);
    }
  }
});
