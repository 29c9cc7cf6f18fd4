import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseDesign } from '../../benchmarks/designs.ts';
import { type LivePlan, openLive } from '../../cli/live.ts';
import { type Output, openProgress } from '../../cli/progress.ts';
import type { Job, Workload } from '../../datasets/workload.ts';
import { trial } from '../benchmarks/trials.ts';

const DESIGNS = ['raw', 'single-wq', 'n-wq:4'];

function workload(name: string, runtime: number): Workload {
  return { name, jobs: [{ runtime }, { runtime: runtime / 2, ramp: 0.01 }] as Job[] } as Workload;
}

/** Three designs, four rounds, a cell of 0.1 s and one of 0.3 s. */
function planOf(difference: Partial<LivePlan> = {}): LivePlan {
  return {
    cells: [
      { workload: workload('short', 0.1), direct: true, backend: 'uring' },
      { workload: workload('long', 0.3), direct: false, backend: 'sync' },
    ],
    designs: DESIGNS.map((name) => parseDesign(name)),
    rounds: 4,
    ...difference,
  };
}

const SHORT = { workload: 'short', direct: true, backend: 'uring' } as const;
const LONG = { workload: 'long', direct: false, backend: 'sync' } as const;
const of = (cell: typeof SHORT | typeof LONG, design: string, round: number, iops: number) =>
  trial({ ...cell, design, round, reference: design === 'raw', metrics: { iops } });

test('ratios of the cell at hand to the first design that is no reference, with intervals from two rounds on', () => {
  const live = openLive(planOf());
  assert.deepEqual([live.round(), live.ratios()], [undefined, []]);
  live.trial(of(SHORT, 'n-wq:4', 0, 150));
  live.trial(of(SHORT, 'single-wq', 0, 100));
  live.trial(trial({ ...SHORT, design: 'raw', reference: true, failure: 'EIO', metrics: { iops: 1 } }));
  assert.equal(live.round(), 'short, direct: round 1 of 4');
  assert.deepEqual(live.ratios(), [
    { design: 'single-wq', text: '100 IOPS' },
    { design: 'n-wq:4', text: '1.50' },
  ]);
  live.trial(of(SHORT, 'single-wq', 1, 1000));
  live.trial(of(SHORT, 'n-wq:4', 1, 2000));
  assert.equal(live.round(), 'short, direct: round 2 of 4');
  // sqrt(1.5 * 2) between the two quotients of a round.
  assert.deepEqual(live.ratios()[1], { design: 'n-wq:4', text: '1.73 [1.50, 2.00]' });
  live.trial(of(LONG, 'n-wq:4', 0, 7));
  assert.deepEqual(live.ratios(), [{ design: 'n-wq:4', text: '7 IOPS' }], 'another cell begins anew');
});

test('time left: what trials took here, and elsewhere what their jobs ask for and the same beside it', () => {
  let clock = 0;
  const live = openLive(planOf(), () => clock);
  const after = (milliseconds: number, ...record: Parameters<typeof of>) => {
    clock += milliseconds;
    live.trial(of(...record));
  };
  assert.equal(live.left(), '0 of 24 trials');
  // The first trial comes after warm-ups, which say nothing about the others.
  after(60_000, SHORT, 'raw', 0, 1);
  assert.equal(live.left(), '1 of 24 trials');
  after(1100, SHORT, 'single-wq', 0, 1);
  // 10 of 1.1 s here, 12 of 0.3 s and 1 s beside it there.
  assert.equal(live.left(), '2 of 24 trials, about 27 s left');
  for (let n = 2; n < 12; n++) after(1100, SHORT, DESIGNS[n % 3]!, Math.floor(n / 3), 1);
  assert.equal(live.left(), '12 of 24 trials, about 16 s left');
  after(5000, LONG, 'raw', 0, 1);
  after(20_000, LONG, 'n-wq:4', 0, 1);
  assert.equal(live.left(), '14 of 24 trials, about 3 min left');
});

test('rows that are skipped are no trials to come, and rounds that may end early are at most so many', () => {
  const live = openLive(planOf({ until: { halfWidth: 0.05, looks: [4] } }));
  live.trial(trial({ ...SHORT, design: 'raw', reference: true, skipped: 'no', metrics: { iops: 0 } }));
  assert.equal(live.round(), undefined);
  assert.equal(live.left(), '0 of at most 20 trials');
  live.trial(of(SHORT, 'single-wq', 0, 1));
  assert.equal(live.round(), 'short, direct: round 1 of at most 4');
  // The second cell began: what the first one did without is not made up for.
  live.trial(of(LONG, 'single-wq', 0, 1));
  assert.equal(live.left().replace(/,.*/, ''), '2 of at most 13 trials');
});

test('a run that goes on counts what there was, and its ratios stand on it', () => {
  const before = [of(SHORT, 'single-wq', 0, 100), of(SHORT, 'n-wq:4', 0, 300)];
  const live = openLive(planOf({ before }));
  assert.equal(live.round(), undefined);
  assert.match(live.left(), /^2 of 24 trials/);
  live.trial(of(SHORT, 'single-wq', 1, 100));
  assert.equal(live.ratios()[1]?.text, '3.00');
});

// biome-ignore lint/suspicious/noControlCharactersInRegex: what moves the cursor begins with one
const MOVES = /\x1b\[[\d;?]*[A-Za-z]/g;

interface Captured extends Output {
  text: string;
}

function capture(isTTY: boolean): Captured {
  return {
    isTTY,
    columns: 60,
    rows: 40,
    text: '',
    write(text) {
      this.text += text;
      return true;
    },
  };
}

test('without a terminal: one plain line when a round is over, and the last one at the end', () => {
  const stream = capture(false);
  const progress = openProgress(false, planOf(), stream);
  for (let round = 0; round < 2; round++)
    for (const design of ['single-wq', 'n-wq:4']) {
      progress.say(`${design} begins`);
      progress.trial(of(SHORT, design, round, design === 'n-wq:4' ? 200 : 100));
      assert.equal(stream.text.split('\n').length - 1, round);
    }
  progress.clear();
  progress.clear();
  const lines = stream.text.split('\n');
  assert.equal(lines.length, 3);
  assert.match(lines[0]!, /^short, direct: round 1 of 4; single-wq 100 IOPS; n-wq:4 2\.00; 2 of 24 trials/);
  assert.match(lines[1]!, /round 2 of 4; single-wq 100 IOPS; n-wq:4 2\.00 \[2\.00, 2\.00\]; 4 of 24/);
  assert.ok(!stream.text.includes('\x1b'));
});

test('on a terminal: the state of things, twice a second at most, in lines that fit, and nothing at the end', () => {
  let clock = 1e6;
  let pictures = 0;
  const stream = capture(true);
  const write = stream.write;
  stream.write = (text) => {
    if (text.includes('begins')) pictures++;
    return write.call(stream, text);
  };
  const progress = openProgress(false, planOf(), stream, () => clock);
  for (let n = 0; n < 100; n++) {
    progress.say(`design ${n} begins ${'x'.repeat(80)}`);
    progress.trial(of(SHORT, 'single-wq', 0, 100));
    progress.trial(of(SHORT, 'n-wq:4', 0, 150));
    clock += 49;
  }
  // 4.9 s: at the beginning, and after each half second.
  assert.ok(pictures >= 5 && pictures <= 10, `${pictures}`);
  const lines = stream.text.replaceAll(MOVES, '').split('\n');
  assert.ok(lines.some((line) => /^ {2}n-wq:4 {5}1\.50$/.test(line)));
  assert.deepEqual(
    lines.filter((line) => line.length > 59),
    [],
  );
  progress.say('stopping', true);
  assert.match(stream.text, /stopping[^\n]*\n[\s\S]*$/);
  const all = stream.text.length;
  progress.clear();
  assert.equal(stream.text.slice(all).replaceAll(MOVES, '').trim(), '');
});

test('a small terminal shows what fits and says how many designs it does not', () => {
  const designs = Array.from({ length: 30 }, (_, n) => parseDesign(`n-wq:${n + 1}`));
  const stream = { ...capture(true), rows: 12 };
  const progress = openProgress(false, planOf({ designs }), stream, () => 0);
  for (const { name } of designs) progress.trial(of(SHORT, name, 0, 100));
  progress.say('now');
  assert.match(stream.text, /n-wq:8 .*\n {2}and 22 more/);
  assert.ok(stream.text.split('\n').length <= 12);
});

test('quiet says nothing at all, and without a plan and a terminal there is nothing to say', () => {
  for (const [quiet, plan, isTTY] of [
    [true, planOf(), true],
    [true, planOf(), false],
    [false, undefined, false],
  ] as const) {
    const stream = capture(isTTY);
    const progress = openProgress(quiet, plan, stream);
    progress.say('x', true);
    progress.trial(of(SHORT, 'single-wq', 0, 1));
    progress.clear();
    assert.equal(stream.text, '');
  }
});
