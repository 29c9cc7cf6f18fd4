import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseJobFile } from '../../datasets/fio.ts';
import { type Cases, refuses } from './refusals.ts';

const JOB = ['[a]', 'size=1m'];

const cases: Cases = {
  'an empty file': [[''], 'a.fio: no job: the file has no section besides [global].'],
  'only [global]': [['[global]', 'size=1m'], 'a.fio: no job: the file has no section besides [global].'],
  'a key outside of a section': [['# x', '', 'bs=4k'], "a.fio:3: 'bs' stands before the first [section]."],
  'a section that fio takes for [global]': [
    ['[globals]'],
    "a.fio:1: '[globals]' is a [global] to fio. Did you mean '[global]'?",
  ],
  'a header without an end': [['[a'], "a.fio:1: '[a' is no section header: write [name]."],
  'an empty header': [['[]'], "a.fio:1: '[]' is no section header: write [name]."],
  'text behind a header': [['[a]b'], "a.fio:1: '[a]b' is no section header: write [name]."],
  'a value without a key': [[...JOB, '=4k'], "a.fio:3: '=4k' is neither a section header nor key=value."],
  'a poisonous key': [[...JOB, '__proto__=1'], /^a\.fio:3: '__proto__=1' is neither/],
  'an unknown key': [
    [...JOB, 'iodpth=4'],
    "a.fio:3: unknown key 'iodpth'. Did you mean 'iodepth'? Valid: rw, rwmixread, bs, bssplit, size, offset, " +
      'filename, nrfiles, numjobs, iodepth, direct, sync, fsync, fdatasync, end_fsync, ' +
      'random_distribution, norandommap, runtime, ramp_time, time_based, number_ios, loops, rate_iops, ' +
      'thinktime, stonewall, cpus_allowed, client, cgroup, randseed, readwrite, blocksize, rwmixwrite, ' +
      'wait_for_previous, ioengine, group_reporting, name, thread, description, percentile_list, ' +
      'lat_percentiles, clat_percentiles.',
  ],
  'a key in the wrong case': [[...JOB, 'RW=read'], /^a\.fio:3: unknown key 'RW'\. Did you mean 'rw'\?/],
  'a list of ini': [[...JOB, 'bs[]=4k'], /^a\.fio:3: unknown key 'bs\[\]'\. Did you mean 'bs'\?/],
  'a key of Object.prototype': [[...JOB, 'constructor=1'], /^a\.fio:3: unknown key 'constructor'\. Valid/],
  'a key without its value': [
    ['[a]', 'size'],
    /^a\.fio:2: size needs a value\. Allowed: a whole number of bytes with an optional k, m, g, t or p/,
  ],
  'direct alone, as fio refuses it': [[...JOB, 'direct'], 'a.fio:3: direct needs a value. Allowed: 0 or 1.'],
  'an empty value': [
    [...JOB, 'rwmixread='],
    "a.fio:3: rwmixread can't be ''. Allowed: a whole number from 0 to 100.",
  ],
  'an unknown pattern': [
    [...JOB, 'rw=randwrit'],
    "a.fio:3: rw can't be 'randwrit'. Did you mean 'randwrite'? " +
      'Allowed: read, write, rw, randread, randwrite, randrw, trim, randtrim, trimwrite, randtrimwrite.',
  ],
  'a pattern with an offset': [[...JOB, 'rw=write:4k'], /^a\.fio:3: rw can't be 'write:4k'/],
  'a share above 100': [[...JOB, 'rwmixwrite=101'], /^a\.fio:3: rwmixwrite can't be '101'.*from 0 to 100\.$/],
  'an ambiguous size': [
    ['[a]', 'size=64MiB'],
    /^a\.fio:2: size can't be '64MiB'.*not KiB or MiB, which fio reads/,
  ],
  'a size in percent': [['[a]', 'size=10%'], /^a\.fio:2: size can't be '10%'/],
  'a quoted size': [['[a]', 'size="1m"'], /^a\.fio:2: size can't be '"1m"'/],
  'a block size off 512': [
    [...JOB, 'bs=1000'],
    /^a\.fio:3: bs can't be '1000'\. Allowed: a multiple of 512 up to 1g;/,
  ],
  'a block size of 0': [[...JOB, 'bs=0'], /^a\.fio:3: bs can't be '0'/],
  'a block size above 1g': [['[a]', 'size=4g', 'blocksize=2g'], /^a\.fio:3: blocksize can't be '2g'/],
  'block sizes by direction': [[...JOB, 'bs=4k,8k'], /^a\.fio:3: bs can't be '4k,8k'/],
  'no size': [['[a]', 'rw=read', '[b]', 'size=1m'], "a.fio:1: job 'a' has no size."],
  'no size but a runtime': [['', '[a]', 'time_based', 'runtime=1'], "a.fio:2: job 'a' has no size."],
  'a size below a block': [
    ['[global]', 'size=4k', '[a]', 'bs=8k'],
    'a.fio:2: size 4096 is less than one block of 8192 bytes.',
  ],
  'a size below a block for each file': [
    ['[a]', 'filename=x:y:z', 'size=8k'],
    'a.fio:3: size 8192 divided by 3 files is less than one block of 4096 bytes.',
  ],
  'a size of 0': [['[a]', 'size=0'], 'a.fio:2: size 0 is less than one block of 4096 bytes.'],
  'iodepth 0': [
    [...JOB, 'iodepth=0'],
    "a.fio:3: iodepth can't be '0'. Allowed: a whole number from 1 to 4096.",
  ],
  'iodepth 4097': [[...JOB, 'iodepth=4097'], /^a\.fio:3: iodepth can't be '4097'/],
  'numjobs 0': [
    [...JOB, 'numjobs=0'],
    "a.fio:3: numjobs can't be '0'. Allowed: a whole number from 1 to 1024.",
  ],
  'numjobs 1025': [[...JOB, 'numjobs=1025'], /^a\.fio:3: numjobs can't be '1025'/],
  'too many submitters': [
    [...JOB, 'numjobs=1000', '[b]', 'size=1m', 'numjobs=25'],
    'a.fio:6: 1025 jobs up to here; 1024 at most in one file.',
  ],
  'too many files': [
    [...JOB, `filename=${Array.from({ length: 1025 }, (_, i) => `f${i}`).join(':')}`, 'bs=512'],
    'a.fio:3: more than 1024 files up to here.',
  ],
  'direct of two kinds': [
    [...JOB, 'direct=1', '[b]', 'size=1m', 'direct=0'],
    'a.fio:6: direct is not the same in every section. Set it once, in [global].',
  ],
  'direct said by one section only': [
    [...JOB, '[b]', 'size=1m', 'direct=0'],
    'a.fio:5: direct is not the same in every section. Set it once, in [global].',
  ],
  'direct not said by one section': [
    [...JOB, 'direct=1', '[b]', 'size=1m'],
    'a.fio:4: direct is not the same in every section. Set it once, in [global].',
  ],
  'a flag that is none': [[...JOB, 'direct=yes'], "a.fio:3: direct can't be 'yes'. Allowed: 0 or 1."],
  'both kinds of sync': [
    [...JOB, 'fdatasync=2', 'fsync=4'],
    "a.fio:3: job 'a' has both fsync and fdatasync: choose one.",
  ],
  'a negative fsync': [[...JOB, 'fsync=-1'], /^a\.fio:3: fsync can't be '-1'/],
  'a negative fdatasync': [[...JOB, 'fdatasync=-1'], /^a\.fio:3: fdatasync can't be '-1'/],
  'a runtime with a bad unit': [
    [...JOB, 'runtime=2weeks'],
    /^a\.fio:3: runtime can't be '2weeks'.*such as 200ms\.$/,
  ],
  'time_based without an end': [[...JOB, 'time_based'], "a.fio:3: job 'a' is time_based and has no runtime."],
  'time_based with runtime 0': [[...JOB, 'runtime=0', 'time_based'], /^a\.fio:4: job 'a' is time_based/],
  'time_based with a word': [[...JOB, 'time_based=yes'], /^a\.fio:3: time_based can't be 'yes'/],
  'number_ios 0': [[...JOB, 'number_ios=0'], /^a\.fio:3: number_ios can't be '0'/],
  'a seed above 32 bits': [[...JOB, 'randseed=4294967296'], /^a\.fio:3: randseed can't be '4294967296'/],
  'a file outside': [
    [...JOB, 'filename=ok:../x'],
    /^a\.fio:3: filename can't be 'ok:\.\.\/x'\. Allowed: names of files in/,
  ],
  'a file outside and in again': [[...JOB, 'filename=a/../b'], /^a\.fio:3: filename can't be/],
  'a file outside, absolute': [[...JOB, 'filename=/dev/../x'], /^a\.fio:3: filename can't be/],
  'a folder as a file': [[...JOB, 'filename=a/'], /^a\.fio:3: filename can't be 'a\/'/],
  'the run folder as a file': [[...JOB, 'filename=.'], /^a\.fio:3: filename can't be '\.'/],
  'no file name': [[...JOB, 'filename=:'], /^a\.fio:3: filename can't be ':'/],
  'a file named twice': [[...JOB, 'filename=x:./x'], /^a\.fio:3: filename can't be 'x:\.\/x'.*each once/],
  'a keyword of fio in a file name': [
    [...JOB, 'filename=$jobname'],
    /^a\.fio:3: filename can't be '\$jobname'/,
  ],
  'a NUL in a file name': [[...JOB, 'filename=a\0b'], /^a\.fio:3: filename can't be/],
  'a section that can name no file': [
    ['', '[../x]', 'size=1m'],
    "a.fio:2: '../x.0.0' can't be a file's name: set filename.",
  ],
};

refuses(cases);

test('the limits themselves are allowed', () => {
  const at = (...lines: string[]) => parseJobFile([...JOB, ...lines].join('\n'), 'a.fio');
  assert.equal(at('iodepth=4096').jobs[0]!.iodepth, 4096);
  assert.equal(at('numjobs=1024').jobs.length, 1024);
  assert.equal(at('numjobs=1000', '[b]', 'size=1m', 'numjobs=24').jobs.length, 1024);
  assert.equal(at('size=4k').jobs[0]!.count, 1);
  assert.equal(at('bs=512').unitBytes, 512);
  assert.equal(at('size=1g', 'bs=1g').unitBytes, 2 ** 30);
  assert.equal(at('rw=rw', 'rwmixread=0').jobs[0]!.readPercent, 0);
  assert.equal(at('rw=rw', 'rwmixread=100').jobs[0]!.readPercent, 100);
  assert.equal(at('fsync=0', 'fdatasync=1').jobs[0]!.fsync, 1);
});
