import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isOwnFile, parseJobFile } from '../../datasets/fio.ts';

const parse = (...lines: string[]) => parseJobFile(lines.join('\n'), 'some/where/a.fio');

test('fio defaults fill what a job does not say', () => {
  assert.deepEqual(parse('[a]', 'size=1m'), {
    name: 'a',
    path: 'some/where/a.fio',
    summary: '',
    direct: undefined,
    files: [{ name: 'a.0.0', bytes: 1048576 }],
    unitBytes: 4096,
    jobs: [
      {
        name: 'a',
        pattern: 'read',
        readPercent: 100,
        bs: 4096,
        size: 1048576,
        files: [0],
        iodepth: 1,
        fsync: 0,
        dataSync: false,
        runtime: 0,
        count: 256,
        randseed: 1,
      },
    ],
  });
});

test('every key lands in its field', () => {
  const { jobs, direct, files } = parse(
    '[a]',
    'readwrite=randrw',
    'rwmixread=30',
    'blocksize=8k',
    'size=1m',
    'filename=d',
    'iodepth=16',
    'direct=1',
    'fdatasync=8',
    'runtime=2m',
    'number_ios=100',
    'randseed=7',
  );
  assert.equal(direct, true);
  assert.deepEqual(files, [{ name: 'd', bytes: 1048576 }]);
  assert.deepEqual(jobs, [
    {
      name: 'a',
      pattern: 'randrw',
      readPercent: 30,
      bs: 8192,
      size: 1048576,
      files: [0],
      iodepth: 16,
      fsync: 8,
      dataSync: true,
      runtime: 120,
      count: 100,
      randseed: 7,
    },
  ]);
});

test('keys that only label or choose an engine are ignored, with any value or none', () => {
  const plain = parse('[a]', 'size=1m');
  const lines = [
    'ioengine=libaio',
    'group_reporting',
    'group_reporting=1',
    'name=x',
    'thread',
    'description="a=b; #',
  ];
  assert.deepEqual(parse('[a]', ...lines, 'size=1m'), plain);
});

test('pure patterns override rwmixread; rwmixwrite is its complement, and the later of the two wins', () => {
  const percent = (...lines: string[]) => parse('[a]', 'size=1m', ...lines).jobs[0]!.readPercent;
  assert.equal(percent('rw=randwrite', 'rwmixread=70'), 0);
  assert.equal(percent('rw=read', 'rwmixread=70'), 100);
  assert.equal(percent('rw=readwrite'), 50);
  assert.equal(percent('rw=rw', 'rwmixread=70', 'rwmixwrite=10'), 90);
  assert.equal(percent('rw=rw', 'rwmixwrite=10', 'rwmixread=70'), 70);
});

test('[global] holds for the sections behind it, may come again, and a section overrides it', () => {
  const { jobs } = parse(
    '[global]',
    'size=1m',
    '[a]',
    '[global]',
    'bs=8k',
    '[b]',
    '[c]',
    'bs=16k',
    '[global]',
    'size=2m',
    '[d]',
  );
  const seen = jobs.map(({ name, bs, size }) => [name, bs, size]);
  assert.deepEqual(seen, [
    ['a', 4096, 1048576],
    ['b', 8192, 1048576],
    ['c', 16384, 1048576],
    ['d', 8192, 2097152],
  ]);
});

test('sections of one name stay two jobs on one file, and dots, spaces and odd names are safe', () => {
  const { jobs, files } = parse(
    '[global]',
    'size=1m',
    '[a.b]',
    '[a.b]',
    '[__proto__]',
    '[two words]',
    '[c:d]',
  );
  assert.deepEqual(
    jobs.map((job) => [job.name, job.files]),
    [
      ['a.b', [0]],
      ['a.b', [0]],
      ['__proto__', [1]],
      ['two words', [2]],
      ['c:d', [3]],
    ],
  );
  assert.deepEqual(
    files.map((file) => file.name),
    ['a.b.0.0', '__proto__.0.0', 'two words.0.0', 'c:d.0.0'],
  );
});

test('a file is as large as its largest job, whichever comes first', () => {
  const bytes = (...sizes: string[]) =>
    parse('[global]', 'filename=d', ...sizes.flatMap((size) => ['[a]', `size=${size}`])).files;
  assert.deepEqual(bytes('1m', '3m', '2m'), [{ name: 'd', bytes: 3145728 }]);
});

test('size is divided by the files and rounded down to whole blocks, as fio does', () => {
  // fio 3.33 made files of 13653 bytes for this one, and issued 9 writes.
  const three = parse('[a]', 'size=40k', 'filename=x:y:z');
  assert.equal(three.jobs[0]!.size, 12288);
  assert.equal(three.jobs[0]!.count, 9);
  assert.deepEqual(three.jobs[0]!.files, [0, 1, 2]);
  assert.deepEqual(
    three.files.map((file) => file.bytes),
    [12288, 12288, 12288],
  );
  // And 2 writes for this one.
  assert.equal(parse('[a]', 'size=10000').jobs[0]!.count, 2);
});

test('colons divide file names, escaped ones do not, and ./ is no other file', () => {
  const names = (value: string) =>
    parse('[a]', 'size=1m', `filename=${value}`).files.map((file) => file.name);
  assert.deepEqual(names('a:b'), ['a', 'b']);
  assert.deepEqual(names('a\\:b:c'), ['a:b', 'c']);
  assert.deepEqual(names(':a::b:'), ['a', 'b']);
  assert.deepEqual(names('./a:b//c'), ['a', 'b/c']);
  assert.deepEqual(names('/dev/\\:0'), ['/dev/:0']);
  assert.deepEqual(names('a\\b\\\\c'), ['a\\b\\\\c'], 'fio has no other escape');
  assert.deepEqual(names('true:1'), ['true', '1']);
  assert.deepEqual(names('true'), ['true']);
  assert.deepEqual(names('"q"'), ['"q"'], 'a quote is a character like any other');
});

test('numjobs makes clones with a file and a seed each; a named file is shared', () => {
  const own = parse('[a]', 'size=1m', 'numjobs=3', 'randseed=5', '[b]', 'size=1m', 'randseed=5');
  assert.deepEqual(
    own.jobs.map((job) => [job.name, job.files, job.randseed]),
    [
      ['a.0', [0], 5],
      ['a.1', [1], 6],
      ['a.2', [2], 7],
      ['b', [3], 8],
    ],
  );
  assert.deepEqual(
    own.files.map((file) => file.name),
    ['a.0.0', 'a.1.0', 'a.2.0', 'b.0.0'],
  );
  const shared = parse('[a]', 'size=1m', 'numjobs=3', 'filename=disk');
  assert.equal(shared.files.length, 1);
  assert.deepEqual(
    shared.jobs.map((job) => job.files),
    [[0], [0], [0]],
  );
  assert.equal(parse('[a]', 'size=1m', 'numjobs=2', 'randseed=4294967295').jobs[1]!.randseed, 0);
});

test('a job ends by time, by count, or by the first of the two', () => {
  const ends = (...lines: string[]) => {
    const { runtime, count } = parse('[a]', 'size=1m', ...lines).jobs[0]!;
    return [runtime, count];
  };
  assert.deepEqual(ends(), [0, 256]);
  assert.deepEqual(ends('runtime=3'), [3, 256]);
  assert.deepEqual(ends('time_based', 'runtime=3'), [3, 0]);
  assert.deepEqual(ends('time_based=1', 'runtime=3'), [3, 0]);
  assert.deepEqual(ends('time_based=0', 'runtime=3'), [3, 256]);
  // fio 3.33 ignores number_ios and loops here: 579,800 reads with number_ios=10.
  assert.deepEqual(ends('time_based', 'runtime=3', 'number_ios=10', 'loops=2'), [3, 0]);
  assert.deepEqual(ends('number_ios=10'), [0, 10]);
  // fio: number_ios never extends the work, it only ends it earlier.
  assert.deepEqual(ends('number_ios=1000'), [0, 256]);
});

test('the unit divides every block size', () => {
  const unit = (...sizes: string[]) =>
    parse('[global]', 'size=1m', ...sizes.flatMap((bs) => ['[a]', `bs=${bs}`])).unitBytes;
  assert.equal(unit('4k'), 4096);
  assert.equal(unit('16k', '4k', '64k'), 4096);
  assert.equal(unit('4k', '6k'), 2048);
  assert.equal(unit('1536', '4k'), 512);
});

test('direct is undefined until said, and may be said in [global] or alike everywhere', () => {
  assert.equal(parse('[global]', 'size=1m', 'direct=0', '[a]', '[b]').direct, false);
  assert.equal(parse('[global]', 'size=1m', '[a]', 'direct=1', '[b]', 'direct=1').direct, true);
});

test('the leading comment is the summary; later comments are none of it', () => {
  const { summary } = parse(
    '',
    '# Origin: a mail',
    ';  the question',
    '#',
    '# more',
    '',
    '# not this',
    '[a]',
    'size=1m',
  );
  assert.equal(summary, 'Origin: a mail\n the question\n\nmore');
  assert.equal(parse('[a]', '# no', 'size=1m').summary, '');
});

test('layout does not matter: CRLF, indentation, spaces around =, comments behind values', () => {
  const plain = parse('[a]', 'rw=write', 'size=1m', 'time_based', 'runtime=1');
  const text = '  [a]  ; x=y\r\n\trw = write # [b]\r\n size =1m;c\r\n\r\ntime_based # a=b\r\nruntime=1\r\n';
  assert.deepEqual(parseJobFile(text, 'some/where/a.fio'), plain);
});

test('own files are relative and stay inside', () => {
  for (const name of ['disk', 'a/b', '..disk', 'a..b']) assert.ok(isOwnFile(name), name);
  for (const name of ['/dev/loop0', '../a', 'a/../../b', '..']) assert.ok(!isOwnFile(name), name);
});
