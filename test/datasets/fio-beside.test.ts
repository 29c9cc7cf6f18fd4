import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { parseJobFile } from '../../datasets/fio.ts';

/** Sections that fio's null engine runs to their end at once: how long each was is what the reader says. */
const SECTIONS: Record<string, string[]> = {
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
  'an offset and norandommap': ['size=40k', 'offset=512', 'rw=randread', 'norandommap'],
  'a distribution': ['size=1m', 'rw=randrw', 'random_distribution=zipf:0.9'],
  clones: ['size=40k', 'numjobs=3', 'rw=write'],
  'several block sizes': ['size=1m', 'bssplit=4k/50:64k/50', 'rw=randread'],
  'loops of several block sizes': ['size=1m', 'bssplit=4k/50:64k/50', 'rw=randread', 'loops=3'],
  'several block sizes in a size of its own': ['size=70000', 'bssplit=4k/50:64k/50', 'rw=randwrite'],
};

interface FioJob {
  jobname: string;
  read: { total_ios: number; io_bytes: number };
  write: { total_ios: number; io_bytes: number };
}

test('a job is as long as fio makes it', (t) => {
  if (spawnSync('fio', ['--version']).error) return t.skip('fio is not installed');
  const folder = mkdtempSync(join(tmpdir(), 'loopwq-'));
  t.after(() => rmSync(folder, { recursive: true }));
  const sections = Object.entries(SECTIONS).flatMap(([name, lines]) => [`[${name}]`, ...lines]);
  const text = ['[global]', 'ioengine=null', ...sections].join('\n');
  const output = execFileSync('fio', ['--output-format=json', '-'], {
    input: text,
    encoding: 'utf8',
    cwd: folder,
    stdio: ['pipe', 'pipe', 'ignore'],
  });
  const { jobs: theirs } = JSON.parse(output.slice(output.indexOf('{'))) as { jobs: FioJob[] };
  const { jobs: ours } = parseJobFile(text, 'a.fio');
  assert.equal(ours.length, theirs.length);
  for (const [i, { name, count, bytes }] of ours.entries()) {
    const { jobname, read, write } = theirs[i]!;
    assert.ok(name.startsWith(jobname), `${name} beside ${jobname}`);
    if (bytes === undefined) assert.equal(count, read.total_ios + write.total_ios, name);
    else assert.equal(bytes, read.io_bytes + write.io_bytes, name);
  }
});
