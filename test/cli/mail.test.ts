import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { compare, type Source } from '../../benchmarks/compare/compare.ts';
import { seededRandom } from '../../benchmarks/statistics/seeded-random.ts';
import { renderMail } from '../../cli/mail.ts';
import { mailTable } from '../../cli/mail-table.ts';
import type { TrialRecord } from '../../datasets/schema.ts';
import { type Difference, thread, trial, verdict } from '../benchmarks/trials.ts';

const ORDER = ['raw', 'single-wq', 'blk-flush>n-wq:4+quiesce+range-lock', 'steal:4'];

/** Ten rounds of kernel-loop, buffered and direct, whose direct half does `iops`. */
function kernel(run: string, iops: number, more: Difference = {}): TrialRecord[] {
  const random = seededRandom(run.length);
  return Array.from({ length: 10 }, (_, round) =>
    [true, false].map((direct) =>
      trial({
        run,
        round,
        direct,
        backend: direct ? 'uring' : 'sync',
        design: 'kernel-loop',
        reference: true,
        ...more,
        metrics: { iops: (direct ? iops : 9000) * (1 + 0.01 * random()), ...more.metrics },
      }),
    ),
  ).flat();
}
const source = (path: string, records: TrialRecord[]): Source => ({ path, records, runs: [] });
/** The mail as one line, for sentences that may be wrapped anywhere. */
const unwrapped = (mail: string): string => mail.replace(/\s+/g, ' ');

function patchMail(iops: number, more: Difference = {}): string {
  const records = kernel('b', iops, { ...more, host: { kernel: '6.19.0', ...more.host } });
  const comparison = compare(source('a', kernel('a', 20_000)), source('b', records), { crossHost: true });
  return renderMail(records, { comparison, rerun: ['run', '--designs', 'kernel-loop', '--out', 'a b'] });
}

test('a patched kernel against an unpatched one', () => {
  const mail = patchMail(15_000);
  assert.match(unwrapped(mail), new RegExp(`- Linux ${trial().host.kernel} against 6\\.19\\.0; ext4;`));
  assert.match(mail, /^\/dev\/loopN IOPS +\| +base \| +patch \| +delta \| +cpu us\/io$/m);
  assert.match(
    mail,
    /^direct randwrite-fsync +\| 20\.\dk \| 15\.\dk \| -25\.\d% \+-0\.\d% \* \| 20\.0->20\.0$/m,
  );
  assert.match(mail, /^buffered randwrite-fsync +\| 9\.\d\dk \| 9\.\d\dk \| +~ \| 20\.0->20\.0$/m);
  assert.match(unwrapped(mail), /Worse: kernel-loop direct randwrite-fsync IOPS -25\.\d\d%\./);
  assert.match(unwrapped(mail), /No gain: kernel-loop buffered randwrite-fsync IOPS/);
  assert.match(mail, /^Rerun: npx loopwq run --designs kernel-loop --out 'a b'$/m);
  // Nothing was recorded of the driver, nothing of the model was run, and no flush was timed.
  assert.doesNotMatch(mail, /Ordering|\(model\)|Fidelity|flush p/);
});

test('what an A/A run can tell stands among the conditions, else the threshold alone', () => {
  assert.match(unwrapped(patchMail(15_000)), / - threshold 5\.0% of IOPS /);
  const records = kernel('b', 15_000);
  const threshold = ({ direct }: { direct: boolean }) => (direct ? 0.0312 : 0.118);
  const notes = ['threshold from the aa of 2026-01-02, 5 % where it has nothing alike'];
  const comparison = compare(source('a', kernel('a', 20_000)), source('b', records), { threshold, notes });
  const mail = renderMail(records, { comparison });
  assert.match(unwrapped(mail), / - A\/A of 2026-01-02 detects 3\.1% to 11\.8% of IOPS, the threshold here /);
});

test('what is better is no downside; other conditions and broken claims are', () => {
  assert.doesNotMatch(patchMail(30_000), /Worse|Broken|different conditions/);
  const broken = {
    claims: ['completed' as const],
    verdicts: { completed: verdict(1, 0, 2) },
    host: { node: 'v99' },
  };
  const mail = patchMail(30_000, broken);
  assert.match(unwrapped(mail), /Measured under different conditions: host\.node\./);
  assert.match(unwrapped(mail), /Broken: kernel-loop, completed, which it claims, is lost/);
});

test('one run: the model, what was proved and lost, what is slower', () => {
  const mail = renderMail(thread(), { order: ORDER });
  assert.match(mail, /^direct randwrite-fsync \(model\)$/m);
  assert.match(mail, /^raw \(ref\) +\|/m);
  assert.match(mail, /^single-wq +\| +1\.00 \|/m);
  assert.match(mail, /\d\.\d\d \[\d\.\d\d, \d\.\d\d\] \| +\d+\/\d+ \| +4$/m);
  assert.match(mail, /^steal:4 +\| .*P \d+U \d+L/m);
  assert.doesNotMatch(mail, /^raw +\|/m);
  assert.match(unwrapped(mail), /Few rounds: the intervals cover 87\.5%, not 95%/);
  assert.match(unwrapped(mail), /Some trials failed/);
  assert.match(unwrapped(mail), /says nothing about sockets/);
  assert.doesNotMatch(mail, /base against patch|Rerun|Fidelity|Buffered/);
  const slow = [0, 1, 2, 3, 4, 5].flatMap((round) => [
    trial({ round, metrics: { iops: 900 } }),
    trial({ round, design: 'slow', metrics: { iops: 450 + round } }),
  ]);
  assert.match(
    renderMail(slow, { order: ['single-wq', 'slow'] }),
    /^Worse: slow direct randwrite-fsync 0\.50\.$/m,
  );
});

test("the step from 1 to 4 cgroups: the kernel's ratio beside the model's", () => {
  const speeds = {
    'kernel-loop:cgroups=1': 10,
    'kernel-loop:cgroups=4': 20,
    'blk-flush>blkcg:1': 10,
    'blk-flush>blkcg:4': 15,
  };
  const records = Object.entries(speeds).map(([design, iops]) => trial({ design, metrics: { iops } }));
  assert.match(
    renderMail(records),
    /^Fidelity, randwrite-fsync, direct: 1->4 cgroups, kernel 2\.00x, model\n? *1\.50x$/m,
  );
  assert.doesNotMatch(renderMail(records.slice(1)), /Fidelity/);
});

test('72 columns of ASCII at most, whatever the names are', () => {
  const name = fc.string({
    minLength: 1,
    maxLength: 60,
    unit: fc.constantFrom('a', 'b', ':', '+', '>', '-', '4'),
  });
  fc.assert(
    fc.property(
      name,
      name,
      fc.string({ maxLength: 90 }),
      fc.boolean(),
      (design, workload, cpuModel, direct) => {
        const more = { design, workload, direct, host: { cpuModel } };
        const records = [0, 1, 2, 3, 4, 5].flatMap((round) => [
          trial({ ...more, round, metrics: { iops: 1e6 } }),
          trial({ ...more, design: `${design}x`, round, metrics: { iops: 5 + round } }),
        ]);
        const comparison = compare(source('a', records), source('b', records), {});
        for (const line of renderMail(records, { comparison, rerun: ['run', workload] }).split('\n')) {
          assert.match(line, /^[\x20-\x7e]*$/);
          // A word that is longer than the line can't be broken: a name, or an argument of the command.
          assert.ok(
            line.length <= 72 ||
              !line.trim().includes(' ') ||
              line
                .trim()
                .split(' ')
                .some((it) => it.length > 50),
            line,
          );
        }
      },
    ),
    { numRuns: 30 },
  );
});

test('a table puts a long name above its figures, and leaves an empty column out', () => {
  assert.deepEqual(
    mailTable(
      [
        ['name', 'a', 'b'],
        ['x', '1', ''],
        ['y', '22', ''],
      ],
      72,
    ),
    ['name |  a', 'x    |  1', 'y    | 22'],
  );
  const long = 'n'.repeat(30);
  assert.deepEqual(
    mailTable(
      [
        ['name', 'a'],
        [long, '1'],
      ],
      20,
    ),
    ['name             | a', long, '                 | 1'],
  );
});
