import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseJobFile } from '../../datasets/fio.ts';
import type { Job } from '../../datasets/workload.ts';

const parse = (...lines: string[]) => parseJobFile(lines.join('\n'), 'a.fio');
const jobOf = (...lines: string[]): Job => parse('[a]', 'size=1m', ...lines).jobs[0]!;

test('what a job does not say is absent, also when it says the default', () => {
  const plain = jobOf();
  const optional = [
    'split',
    'offset',
    'choice',
    'endFlush',
    'rate',
    'think',
    'ramp',
    'bytes',
    'after',
    'cpus',
  ];
  for (const field of [...optional, 'cgroup']) assert.ok(!(field in plain), field);
  const said = jobOf(
    'offset=0',
    'random_distribution=random',
    'norandommap=0',
    'end_fsync=0',
    'rate_iops=0',
    'thinktime=0',
    'ramp_time=0',
    'loops=1',
    'nrfiles=1',
    'sync=0',
    'stonewall=0',
  );
  assert.deepEqual(said, plain);
});

test('bssplit: shares as written, and what is left for those without', () => {
  const split = (text: string, rw = 'randrw') => {
    const { bs, split } = jobOf(`rw=${rw}`, `bssplit=${text}`, 'norandommap');
    const show = (half: { bytes: number; percent: number }[]) =>
      half.map((share) => `${share.bytes / 1024}k/${share.percent}`).join(':');
    return [bs / 1024, split && `${show(split.read)},${show(split.write)}`];
  };
  assert.deepEqual(split('4k/60:64k/40'), [64, '4k/60:64k/40,4k/60:64k/40']);
  assert.deepEqual(split('64k/40:4k/60'), [64, '64k/40:4k/60,64k/40:4k/60']);
  assert.deepEqual(split('4k/60:64k'), [64, '4k/60:64k/40,4k/60:64k/40']);
  assert.deepEqual(split('4k/60:64k/'), [64, '4k/60:64k/40,4k/60:64k/40']);
  assert.deepEqual(split('4k/:64k/:8k/50'), [64, '4k/25:64k/25:8k/50,4k/25:64k/25:8k/50']);
  assert.deepEqual(split('4k/60:64k/40,8k/100'), [64, '4k/60:64k/40,8k/100']);
  // A job that only reads has no use for the second half, and the other way round.
  assert.deepEqual(split('4k/60:8k/40,64k/100', 'randread'), [8, '4k/60:8k/40,4k/60:8k/40']);
  assert.deepEqual(split('4k/60:8k/40,64k', 'randwrite'), [64, undefined]);
  assert.deepEqual(split('16k'), [16, undefined]);
});

test('a unit divides every size of every split, and every offset', () => {
  assert.equal(parse('[a]', 'size=1m', 'bssplit=4k/50:64k/50').unitBytes, 4096);
  assert.equal(parse('[a]', 'size=1m', 'bssplit=6k/50:12k/50', '[b]', 'size=1m', 'bs=4k').unitBytes, 2048);
  assert.equal(parse('[a]', 'size=1m', 'offset=1536').unitBytes, 512);
  assert.equal(parse('[a]', 'size=1m', 'offset=8k').unitBytes, 4096);
});

test('with several sizes a job ends by bytes, as fio does', () => {
  const ends = (...lines: string[]) => {
    const { count, bytes, size } = jobOf('bssplit=4k/50:64k/50', ...lines);
    return [count, bytes, size];
  };
  assert.deepEqual(ends(), [0, 1048576, 1048576]);
  assert.deepEqual(ends('loops=3'), [0, 3145728, 1048576]);
  assert.deepEqual(ends('size=70000', 'filename=x'), [0, 69632, 69632]);
  assert.deepEqual(ends('filename=x:y:z'), [0, 3 * 348160, 348160]);
  assert.deepEqual(ends('number_ios=5', 'loops=2'), [10, 2097152, 1048576]);
  assert.deepEqual(ends('time_based', 'runtime=1'), [0, undefined, 1048576]);
});

test('loops repeat size and number_ios', () => {
  assert.equal(jobOf('loops=3').count, 768);
  // fio 3.33: 3 reads and 2 loops make 6.
  assert.equal(jobOf('loops=2', 'number_ios=3').count, 6);
  assert.equal(jobOf('loops=2', 'number_ios=1000').count, 512);
});

test('random patterns choose as they are told, sequential ones do not', () => {
  const choice = (...lines: string[]) => jobOf('rw=randread', ...lines).choice;
  assert.equal(choice(), undefined);
  assert.deepEqual(choice('norandommap'), { kind: 'uniform' });
  assert.deepEqual(choice('norandommap=1'), { kind: 'uniform' });
  assert.deepEqual(choice('random_distribution=zipf:1.2'), { kind: 'zipf', theta: 1.2 });
  assert.deepEqual(choice('random_distribution=zipf'), { kind: 'zipf', theta: 1.1 });
  assert.deepEqual(choice('random_distribution=zipf:-1'), { kind: 'zipf', theta: -1 });
  assert.deepEqual(choice('random_distribution=zipf:.5'), { kind: 'zipf', theta: 0.5 });
  assert.deepEqual(choice('random_distribution=zipf:1e-1'), { kind: 'zipf', theta: 0.1 });
  assert.deepEqual(choice('random_distribution=pareto:0.3'), { kind: 'pareto', h: 0.3 });
  assert.deepEqual(choice('random_distribution=pareto'), { kind: 'pareto', h: 0.2 });
  assert.deepEqual(choice('random_distribution=zipf:2', 'norandommap'), { kind: 'zipf', theta: 2 });
  assert.equal(jobOf('rw=read', 'norandommap', 'random_distribution=zipf:2').choice, undefined);
});

test('rates hold for each direction, and only for those that the pattern has', () => {
  const rate = (rw: string, text: string) => jobOf(`rw=${rw}`, `rate_iops=${text}`).rate;
  assert.deepEqual(rate('randrw', '1000'), { read: 1000, write: 1000 });
  assert.deepEqual(rate('randrw', '1000,200'), { read: 1000, write: 200 });
  assert.deepEqual(rate('randread', '1k'), { read: 1024, write: 0 });
  assert.deepEqual(rate('write', '5,7'), { read: 0, write: 7 });
  assert.equal(rate('write', '5,0'), undefined);
});

test('times: thinktime counts microseconds, the others seconds', () => {
  assert.equal(jobOf('thinktime=500').think, 0.0005);
  assert.equal(jobOf('thinktime=2ms').think, 0.002);
  const { ramp, runtime } = jobOf('ramp_time=2', 'runtime=200ms', 'time_based');
  assert.deepEqual([ramp, runtime], [2, 0.2]);
});

test('a file begins where the offset says, and is as long as offset and size', () => {
  const { jobs, files } = parse(
    '[a]',
    'size=40k',
    'offset=8k',
    'filename=x:y',
    '[b]',
    'size=4k',
    'filename=x',
  );
  assert.deepEqual([jobs[0]!.offset, jobs[0]!.size], [8192, 20480]);
  // fio 3.33 made both files 28672 bytes long.
  assert.deepEqual(files, [
    { name: 'x', bytes: 28672 },
    { name: 'y', bytes: 28672 },
  ]);
});

test('nrfiles are files of each clone, and say nothing beside filename', () => {
  const { jobs, files } = parse('[a]', 'size=40k', 'nrfiles=3', 'numjobs=2');
  assert.deepEqual(
    files.map(({ name, bytes }) => [name, bytes]),
    ['a.0.0', 'a.0.1', 'a.0.2', 'a.1.0', 'a.1.1', 'a.1.2'].map((name) => [name, 12288]),
  );
  assert.deepEqual(
    jobs.map((job) => [job.files, job.count]),
    [
      [[0, 1, 2], 9],
      [[3, 4, 5], 9],
    ],
  );
  const named = parse('[a]', 'size=40k', 'nrfiles=4', 'filename=x:y');
  assert.deepEqual(
    named.files.map(({ name }) => name),
    ['x', 'y'],
  );
  assert.equal(named.jobs[0]!.count, 10);
});

test('a stonewall holds for its section and those behind it; clones begin together', () => {
  const after = (...lines: string[]) =>
    parse('[global]', 'size=1m', ...lines).jobs.map((job) => [job.name, job.after]);
  assert.deepEqual(after('[a]', 'numjobs=2', '[b]', 'stonewall', 'numjobs=2', '[c]', '[d]', 'stonewall=1'), [
    ['a.0', undefined],
    ['a.1', undefined],
    ['b.0', 2],
    ['b.1', 2],
    ['c', 2],
    ['d', 5],
  ]);
  assert.deepEqual(after('stonewall', '[a]', 'numjobs=2', '[b]', '[c]', 'wait_for_previous=0', '[d]'), [
    ['a.0', undefined],
    ['a.1', undefined],
    ['b', 2],
    ['c', 2],
    ['d', 4],
  ]);
});

test('CPUs and cgroups', () => {
  assert.deepEqual(jobOf('cpus_allowed=3,0-1,1').cpus, [0, 1, 3]);
  const { cgroups, jobs } = parse(
    '[global]',
    'size=1m',
    '[a]',
    'cgroup=x/y',
    '[b]',
    '[c]',
    'cgroup=z',
    '[d]',
    'cgroup=x/y',
  );
  assert.deepEqual(cgroups, ['x/y', '', 'z']);
  assert.deepEqual(
    jobs.map((job) => job.cgroup),
    [0, 1, 2, 0],
  );
  assert.equal(parse('[a]', 'size=1m').cgroups, undefined);
});

test('end_fsync is a flush at the end of a job', () => {
  assert.equal(jobOf('end_fsync=1').endFlush, true);
});
