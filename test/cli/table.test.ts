import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { summarize } from '../../benchmarks/summary.ts';
import { renderTable } from '../../cli/table.ts';
import { breakName, count, decimal, duration, wrap } from '../../cli/table-text.ts';
import { CONTRACTS, type Contract } from '../../ordering/contracts.ts';
import { thread, trial, verdict } from '../benchmarks/trials.ts';

const ORDER = ['raw', 'single-wq', 'blk-flush>n-wq:4+quiesce+range-lock', 'steal:4'];
const plain = (records: Parameters<typeof summarize>[0], width = 160): string =>
  renderTable(summarize(records, ORDER), { color: false, width });
// biome-ignore lint/suspicious/noControlCharactersInRegex: colours are control characters
const CODES = /\x1b\[\d+m/g;

test('the golden table', () => {
  assert.equal(plain(thread()), GOLDEN);
});

test('colour changes nothing but the colour', () => {
  const colored = renderTable(summarize(thread(), ORDER), { color: true, width: 160 });
  assert.ok(CODES.test(colored));
  assert.equal(colored.replaceAll(CODES, ''), GOLDEN);
});

test('no line is longer than the width, and no column is lost when tables are split', () => {
  for (const width of [80, 100, 160]) {
    const lines = plain(thread(), width).split('\n');
    for (const line of lines) assert.ok(line.length <= width, `${width}: ${line}`);
    for (const head of [...CONTRACTS, 'IOPS', 'interval', 'cs/IO', 'workers', 'io-wq'])
      assert.equal(lines.filter((line) => /^ {2}design /.test(line) && line.includes(head)).length, 1, head);
  }
});

test('what a table cannot say is said above it', () => {
  const virtual = { sockets: 4, cpus: 112, virtual: true };
  assert.match(
    plain([trial({ topology: virtual })]),
    /one socket, virtual topology 4x28: says nothing about sockets/,
  );
  assert.match(plain([trial()]), /topology 1x2.*\n {2}one socket: says nothing about sockets/);
  assert.doesNotMatch(plain([trial({ host: { sockets: 2 } })]), /says nothing/);
  assert.match(plain([trial({ host: { fileSystem: 'tmpfs rw' } })]), /flush makes nothing durable/);
  assert.match(
    plain([trial(), trial({ round: 1, settings: { spin: 0 } })]),
    /MIXED: the records differ in settings/,
  );
  assert.match(plain([trial()]), /one round: no intervals/);
  assert.doesNotMatch(plain([0, 1, 2, 3, 4, 5].map((round) => trial({ round }))), /few rounds|one round/);
});

test('the null backend is called a floor and has neither direct nor file system', () => {
  const text = plain([trial({ backend: 'null', host: { fileSystem: 'tmpfs rw' } })]);
  assert.match(text, /null backend/);
  assert.match(text, /the floor of the harness, not I\/O/);
  assert.doesNotMatch(text, /direct|buffered|durable|p99|LOST/);
  assert.match(text, /contracts: nothing here put one to the test/);
});

test('a trial without numbers prints none', () => {
  const metrics = { iops: 0, reads: 0, writes: 0, flushes: 0 };
  const text = plain([trial({ metrics }), trial({ design: 'b', metrics, failure: 'no io_uring' })]);
  assert.doesNotMatch(text, /NaN|Infinity|undefined/);
  assert.match(text, /FAILED {5}b: 1 of 1 trial, first in round 0: no io_uring/);
  assert.match(
    plain([trial({ metrics: { cut: true } })]),
    /cut {8}single-wq: 1 of 1 trial ended early, the history was full/,
  );
  assert.equal(renderTable([], { color: false }), '');
});

test('a claim that breaks is a violation, an open one is unproved, one that nobody made is a finding', () => {
  const witness = { sentence: 'WRITE #1 escaped.', rows: [1], crossesQueues: true };
  const broken = { ...verdict(7, 0, 3), witness };
  const text = plain([
    trial({ design: 'a', claims: ['submitted'], verdicts: { submitted: broken } }),
    trial({ design: 'b', claims: ['submitted'], verdicts: { submitted: { ...verdict(8, 2, 0), witness } } }),
    trial({ design: 'c', verdicts: { submitted: broken } }),
    trial({ design: 'd', verdicts: { submitted: verdict(8, 2, 0) } }),
  ]);
  assert.match(text, /VIOLATION {2}a, submitted: 3\/10 lost\. WRITE #1 escaped\./);
  assert.match(text, /UNPROVED {3}b, submitted: 2\/10 unproved\. WRITE #1 escaped\./);
  assert.match(text, /finding {4}submitted: lost by c 3\/10\. c: WRITE #1 escaped\./);
  assert.doesNotMatch(text, /(VIOLATION|UNPROVED|finding) +d/);
});

test('claims that no workload tested are told once, unless nothing was recorded', () => {
  const trials = (recording: boolean) =>
    ['x', 'y'].map((workload) =>
      trial({ workload, claims: ['submitted', 'dependent'], settings: { recording } }),
    );
  const untested = plain(trials(true)).match(/untested .*/g);
  assert.deepEqual(
    untested?.map((line) => line.replace(/ +/g, ' ')),
    [
      'untested submitted: claimed by single-wq; every write had ended when a FLUSH after it was submitted',
      'untested dependent: claimed by single-wq; no two operations that overlap were under way at one time',
    ],
  );
  assert.doesNotMatch(plain(trials(false)), /untested/);
  // Each reason that there is, and the designs that share one together.
  const claims: Contract[] = ['integrity', 'completed'];
  const metrics = { flushes: 0, fsyncs: 0 };
  const others = plain([
    trial({ design: 'a', claims, metrics, backend: 'null' }),
    trial({ design: 'b', claims, metrics, backend: 'null' }),
    trial({ design: 'c', claims, backend: 'null', skipped: 'it can not' }),
    trial({ design: 'd', claims: ['progress'], backend: 'null', failure: 'EIO' }),
  ]).replace(/\s+/g, ' ');
  for (const told of [
    'integrity: claimed by a, b; on the null backend a read brings no data',
    'completed: claimed by a, b; no workload has a FLUSH',
    'integrity: claimed by c; skipped: it can not',
    'progress: claimed by d; none of its trials is a measurement',
  ])
    assert.ok(others.includes(`untested ${told}`), `${told}: ${others}`);
  assert.match(plain(trials(false)), /not checked, the histories were not recorded/);
});

test('numbers have three digits and the unit that fits, after rounding too', () => {
  assert.deepEqual([0, 850, 999.4, 999.5, 1234, 12_345, 123_456, 999_999, 4e6].map(count), [
    '0',
    '850',
    '999',
    '1.00k',
    '1.23k',
    '12.3k',
    '123k',
    '1.00M',
    '4.00M',
  ]);
  assert.deepEqual([850, 850_000, 4_200_000, 999_999, 1.5e9, 3.6e12].map(duration), [
    '850 ns',
    '850 us',
    '4.20 ms',
    '1.00 ms',
    '1.50 s',
    '3600 s',
  ]);
  assert.deepEqual([0, 0.0001, 0.0123, 0.93, 9.996, 12.34, 123.4].map(decimal), [
    '0.00',
    '<0.001',
    '0.012',
    '0.93',
    '10.0',
    '12.3',
    '123',
  ]);
  fc.assert(
    fc.property(fc.double({ min: 1, max: 1e14, noNaN: true }), (value) => {
      const [, digits, unit] = /^([\d.]+)([kMGT]?)$/.exec(count(value))!;
      const back = Number(digits) * 1000 ** ' kMGT'.indexOf(unit || ' ');
      assert.ok(Math.abs(back / value - 1) < 0.0051 || Math.abs(back - value) <= 0.5, `${value}: ${back}`);
    }),
  );
});

test('wrapping keeps every word and the width', () => {
  assert.deepEqual(wrap('  one two three', 9, 4), ['  one two', '    three']);
  fc.assert(
    fc.property(fc.array(fc.stringMatching(/^[a-z]{1,9}$/), { minLength: 1 }), (words) => {
      const lines = wrap(words.join(' '), 20, 4);
      assert.deepEqual(
        lines.flatMap((line) => line.trim().split(' ')),
        words,
      );
      assert.ok(lines.every((line) => line.length <= 20));
    }),
  );
  assert.equal(
    breakName('blk-flush>shared-pool:16+generation+range-lock'),
    'blk-flush>shared-pool:16+generation\n  +range-lock',
  );
});

const GOLDEN = `randwrite-fsync: direct, uring backend, 5 rounds, 8 submitters, topology 1x2, spin 200, pinned
  one socket: says nothing about sockets
  few rounds: intervals are the range, which covers 93.75 or 87.5 %; 6 rounds reach 95 %

  design                                IOPS     ±  ratio      interval    flush    flush    write    CPU us/IO        cs/IO  workers  io-wq
                                                                             p50      p99      p99      (tasks)      (tasks)
  raw (reference)                      16.2k  3.8%   1.35  [1.23, 1.35]  2.25 ms    n<368  1.48 ms  21.9 (13.9)  2.09 (0.90)        -      -
  single-wq                            12.5k  3.8%   base             -  2.97 ms  9.11 ms  1.93 ms  18.4 (11.6)  1.75 (0.87)        1      -
  blk-flush>n-wq:4+quiesce+range-lock  22.7k  3.8%   1.75  [1.75, 1.93]  1.64 ms  5.09 ms  1.04 ms  15.5 (9.70)  1.45 (0.87)        4      3
  steal:4 (4 of 5)                     26.0k  4.9%   2.14  [1.94, 2.14]  1.43 ms  4.41 ms   905 us  12.6 (7.76)  1.16 (0.87)        4      -

  design                               integrity      completed      submitted       barrier     dependent  progress
  raw (reference)                      -              -              -               -           -          -
  single-wq                            proved 62.4k*  proved 1.95k*  -               -           -          proved 64.4k*
  blk-flush>n-wq:4+quiesce+range-lock  proved 114k*   proved 3.55k   LOST 6/3.54k*   -           -          proved 117k*
  steal:4 (4 of 5)                     proved 131k*   proved 4.10k   LOST 10/4.10k*  LOST 60/75  -          proved 135k*

  VIOLATION  blk-flush>n-wq:4+quiesce+range-lock, submitted: 6/3.54k lost, 35/3.54k unproved. FLUSH #43 (queue 0) was acknowledged at 5,114.2 us while WRITE #39
             (queue 2), submitted at 1,020.7 us, began at 5,120.9 us: no fsync after it.
  VIOLATION  steal:4, submitted: 10/4.10k lost, 35/4.10k unproved. FLUSH #41 (queue 0) was acknowledged at 5,114.2 us while WRITE #37 (queue 0), submitted at
             1,020.7 us, began at 5,120.9 us: no fsync after it.
  FAILED     steal:4: 1 of 5 trials, first in round 2: nothing completed for 5 s
  finding    barrier: lost by steal:4 60/75. steal:4: WRITE #9 passed FLUSH #8.

IOPS: reads and writes a second, median over rounds; ±: the farther end of its interval. ratio: to the base, median over rounds of the quotient within a round,
  with its interval.
CPU us/IO, cs/IO: CPU time and context switches per read, write or flush, of the whole machine (of submitters and workers alone).
p50, p99: from submission to acknowledgement, over the latencies of all rounds together.
n<N: not printed, because N latencies is the least from which that percentile has a 95 % bound.
io-wq: threads of the kernel that io_uring left work to, at most in a round; no design controls them.
contracts: proved n, all that was at stake held; unproved n/m, the window was open and harm unseen; LOST n/m, the rule was broken; -, nothing was at stake; *,
  the design claims it.
`;

test('findings of one contract stand together, and a barrier that only includes submitted says so', () => {
  const lost = (sentence: string, crossesQueues: boolean) => ({
    lost: 2,
    witness: { sentence, rows: [], crossesQueues },
  });
  const text = renderTable(
    summarize([
      trial({
        design: 'a',
        verdicts: { submitted: lost('same queue.', false), barrier: lost('same queue.', false) },
      }),
      trial({
        design: 'b',
        verdicts: { submitted: lost('two queues.', true), barrier: lost('two queues.', true) },
      }),
    ]),
    { color: false },
  );
  assert.match(text, /finding {4}submitted: lost by a 2\/2, b 2\/2\. b: two queues\./);
  assert.match(text, /finding {4}barrier: lost by a 2\/2, b 2\/2\. It includes `submitted`\./);
});
