import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseJobFile } from '../../datasets/fio.ts';
import { type Cases, refuses } from './refusals.ts';

/** What loopwq can't do as fio does it, and what fio itself refuses. */
const JOB = ['[a]', 'size=1m'];

const values: Cases = {
  'a key of fio that nobody has heard of here': [
    [...JOB, 'idle_prof=1'],
    /^a\.fio:3: unknown key 'idle_prof'\. Valid/,
  ],
  'a key of fio that loopwq can not do': [
    [...JOB, 'verify=crc32c'],
    "a.fio:3: loopwq does not take fio's verify: every read is checked anyway, by the contract `integrity`.",
  ],
  'arithmetic, which fio of Debian refuses as well': [
    ['[a]', 'size=(4*1024)k'],
    /^a\.fio:2: size can't be '\(4\*1024\)k'.*and no arithmetic\.$/,
  ],
  'arithmetic of which fio reads the beginning': [
    ['[a]', 'size=4*1024'],
    /^a\.fio:2: size can't be '4\*1024'/,
  ],
  'a rest that looks like a stall': [
    [...JOB, 'thinktime=11s'],
    "a.fio:3: thinktime can't be '11s'. Allowed: a whole number with an optional us, ms or s (microseconds if " +
      'unsaid), at most 10 s, such as 500us.',
  ],
  'loops 0': [[...JOB, 'loops=0'], /^a\.fio:3: loops can't be '0'. Allowed: a whole number from 1/],
  'end_fsync alone, as fio refuses it': [
    [...JOB, 'end_fsync'],
    'a.fio:3: end_fsync needs a value. Allowed: 0 or 1.',
  ],
  'a sync that fio does not know': [
    [...JOB, 'sync=osync'],
    "a.fio:3: sync can't be 'osync'. Did you mean 'sync'? Allowed: 0, none, 1, sync, dsync.",
  ],
  'trims of several sizes': [[...JOB, 'rw=randtrim', 'bssplit=4k/50:8k/50'], /bssplit and trims: give bs\.$/],
  'trims at a rate': [[...JOB, 'rw=trim', 'rate_iops=100'], /rate_iops and trims/],
  'an offset off 512': [
    [...JOB, 'offset=1000'],
    /^a\.fio:3: offset can't be '1000'. Allowed: a multiple of 512;/,
  ],
  'an offset in percent, which fio takes for 0 of a new file': [
    [...JOB, 'offset=50%'],
    /^a\.fio:3: offset can't be '50%'/,
  ],
  'shares that are too small': [
    [...JOB, 'bssplit=4k/30:64k/30'],
    /^a\.fio:3: bssplit can't be '4k\/30:64k\/30'.*percentages add up to 100/,
  ],
  'shares that are too large': [[...JOB, 'bssplit=4k/80:64k/40'], /^a\.fio:3: bssplit can't be/],
  'shares with nothing left for the rest': [[...JOB, 'bssplit=4k/100:64k'], /^a\.fio:3: bssplit can't be/],
  'a share of nothing': [[...JOB, 'bssplit=4k/0:64k/100'], /^a\.fio:3: bssplit can't be/],
  'a block size twice': [[...JOB, 'bssplit=4k/50:4096/50'], /^a\.fio:3: bssplit can't be/],
  'sizes that are no multiples of the smallest': [
    [...JOB, 'bssplit=3k/50:5k/50'],
    /^a\.fio:3: bssplit can't be/,
  ],
  'a third half': [[...JOB, 'bssplit=4k/100,4k/100,4k/100'], /^a\.fio:3: bssplit can't be/],
  'a half of nothing': [[...JOB, 'bssplit=,4k/100'], /^a\.fio:3: bssplit can't be/],
  'an empty split': [[...JOB, 'bssplit='], /^a\.fio:3: bssplit can't be ''/],
  'zipf with theta 1, as fio': [
    [...JOB, 'random_distribution=zipf:1.0'],
    /^a\.fio:3: random_distribution can't be/,
  ],
  'pareto with 1, as fio': [
    [...JOB, 'random_distribution=pareto:1'],
    /^a\.fio:3: random_distribution can't be/,
  ],
  'pareto with nothing, as fio': [
    [...JOB, 'random_distribution=pareto:'],
    /^a\.fio:3: random_distribution can't be/,
  ],
  'a distribution with a centre': [
    [...JOB, 'random_distribution=zipf:1.2:0.5'],
    /^a\.fio:3: random_distribution can't be .*without fio's centre\.$/,
  ],
  'a distribution that loopwq lacks': [
    [...JOB, 'random_distribution=normal:20'],
    /^a\.fio:3: random_distribution can't be/,
  ],
  'a rate for writes alone': [[...JOB, 'rate_iops=,200'], /^a\.fio:3: rate_iops can't be ',200'/],
  'a rate above the limit': [[...JOB, 'rate_iops=10000001'], /^a\.fio:3: rate_iops can't be/],
  'CPUs in falling order': [[...JOB, 'cpus_allowed=1-0'], /^a\.fio:3: cpus_allowed can't be '1-0'/],
  'no CPU': [[...JOB, 'cpus_allowed='], /^a\.fio:3: cpus_allowed can't be ''/],
  'a CPU by name': [[...JOB, 'cpus_allowed=a'], /^a\.fio:3: cpus_allowed can't be 'a'/],
  'a CPU that no Linux has': [[...JOB, 'cpus_allowed=0-8192'], /^a\.fio:3: cpus_allowed can't be/],
  'a cgroup without a name': [[...JOB, 'cgroup='], "a.fio:3: cgroup can't be ''. Allowed: a name."],
  'nrfiles 0': [[...JOB, 'nrfiles=0'], /^a\.fio:3: nrfiles can't be '0'/],
};

const combinations: Cases = {
  'a ramp on a job that may be over before': [
    [...JOB, 'runtime=1', 'ramp_time=1'],
    "a.fio:4: job 'a' has a ramp_time and is not time_based: it could be over before the ramp is.",
  ],
  'a flush after each loop': [
    [...JOB, 'loops=2', 'end_fsync=1'],
    "a.fio:4: job 'a' has end_fsync and loops: fio flushes after each loop, loopwq only at the very end.",
  ],
  'other sizes for reads than for writes in one map': [
    [...JOB, 'rw=randrw', 'bssplit=4k/60:64k/40,8k/100'],
    "a.fio:4: job 'a' has other sizes for reads than for writes: fio needs norandommap for that, or it ends early.",
  ],
  'other smallest sizes for reads than for writes under one distribution': [
    [...JOB, 'rw=randrw', 'bssplit=4k/60:64k/40,8k/100', 'random_distribution=zipf'],
    /^a\.fio:4: job 'a' has another smallest block for reads than for writes/,
  ],
  'more blocks than a map has bits': [
    ['[a]', 'size=2t', 'rw=randread', 'bssplit=4k/60:64k/40'],
    "a.fio:4: job 'a' has more than 268435456 blocks of 4096 bytes to remember: set norandommap.",
  ],
  'more units than there are numbers for': [
    ['[a]', 'filename=x', 'size=2t', 'offset=512', 'bs=4k'],
    'a.fio: x is to have 2199023256064 bytes, with blocks or offsets at multiples of 512 at most 2199023255552.',
  ],
  'a size below the largest block': [
    ['[a]', 'size=32k', 'bssplit=4k/60:64k/40'],
    'a.fio:2: size 32768 is less than one block of 65536 bytes.',
  ],
  'blocks of too different sizes': [
    ['[a]', 'size=1g', 'bs=64m', '[b]', 'size=1g', 'bs=512'],
    'a.fio: blocks of 67108864 bytes beside blocks or offsets at multiples of 512: at most 65535 times as large.',
  ],
  'a rate of 0 for one half of a mix': [
    [...JOB, 'rw=randrw', 'rate_iops=0,200'],
    "a.fio:4: job 'a' reads and writes: a rate for one of them alone would leave the other one unbounded.",
  ],
  'a rate and rests': [
    [...JOB, 'rate_iops=100', 'thinktime=1'],
    "a.fio:3: job 'a' has both rate_iops and thinktime: choose one.",
  ],
  'a rate and several sizes': [
    [...JOB, 'rate_iops=100', 'bssplit=4k/60:64k/40'],
    "a.fio:3: job 'a' has both rate_iops and bssplit: fio does not reach the rate then.",
  ],
};

refuses(values);
refuses(combinations);

test('next to what is refused stands what is allowed', () => {
  for (const line of [
    'bssplit=4k/1:64k/99',
    'random_distribution=zipf:1.0001',
    'random_distribution=pareto:.999',
    'thinktime=10s',
    'rate_iops=10000000',
    'cpus_allowed=8191',
    'sync=none',
    'offset=512',
    'end_fsync=0',
  ]) {
    assert.equal(parseJobFile([...JOB, line].join('\n'), 'a.fio').jobs.length, 1, line);
  }
  const map = ['[a]', 'size=1t', 'rw=randread', 'bssplit=4k/60:64k/40'];
  assert.equal(parseJobFile(map.join('\n'), 'a.fio').jobs.length, 1);
});
