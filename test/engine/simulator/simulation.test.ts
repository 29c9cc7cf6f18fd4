import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseDesign } from '../../../benchmarks/designs.ts';
import { drawProgram } from '../../../benchmarks/search/programs.ts';
import { seededRandom } from '../../../benchmarks/statistics/seeded-random.ts';
import { type Program, UNIT_BYTES } from '../../../engine/simulator/program.ts';
import { randomly } from '../../../engine/simulator/schedulers/random.ts';
import { replay } from '../../../engine/simulator/schedulers/replay.ts';
import { type Outcome, type SimulatedDesign, simulate } from '../../../engine/simulator/simulation.ts';
import { DSYNC, FLUSH, FSYNC, FUA, PREFLUSH, READ, submitterOf, WRITE } from '../../../ordering/history.ts';

function designOf(name: string): SimulatedDesign {
  const { crew } = parseDesign(name);
  return { ...crew!, parameter: crew!.ref.parameter };
}

const ENODEV = 19;
const EIO = 5;

/** A run of which everything follows from the seed. */
function run(name: string, seed: number): { program: Program; outcome: Outcome } {
  const random = seededRandom(seed);
  const program = drawProgram(random);
  return { program, outcome: simulate(designOf(name), program, randomly(random)) };
}

const bytesOf = ({ history }: Outcome): Buffer => Buffer.from(history.sb.buffer);
const NAMES = [
  'n-wq:2',
  'blk-flush>shared-pool:2+epoch',
  'zloop:2+quiesce+range-lock',
  'affinity+generation',
  'nowait+epoch',
  'inline+range-lock',
  'work-stealing:2+quiesce',
];

test('the same seed gives the same bytes, another one does not', () => {
  for (const name of NAMES) {
    const different = new Set<string>();
    for (let seed = 0; seed < 40; seed++) {
      const { outcome } = run(name, seed);
      assert.ok(bytesOf(outcome).equals(bytesOf(run(name, seed).outcome)), `${name}, seed ${seed}`);
      different.add(bytesOf(outcome).toString('latin1'));
    }
    assert.ok(different.size > 35);
  }
});

test('the choices replay a run', () => {
  for (const name of NAMES) {
    for (let seed = 0; seed < 40; seed++) {
      const { program, outcome } = run(name, seed);
      const again = simulate(designOf(name), program, replay(outcome.choices));
      assert.ok(bytesOf(again).equals(bytesOf(outcome)), `${name}, seed ${seed}`);
      assert.deepEqual(again.choices, outcome.choices);
    }
  }
});

test('no two stamps are alike, and those of an operation ascend', () => {
  for (let seed = 0; seed < 100; seed++) {
    const { program, outcome } = run(NAMES[seed % NAMES.length]!, seed);
    assert.equal(outcome.stalled, undefined);
    const { history } = outcome;
    const all: number[] = [];
    for (let row = 0; row < history.sb.length; row++) {
      const s = submitterOf(history, row);
      if (s >= program.submitters || row - s * history.rowsEach >= history.count[s]!) continue;
      const { sb, se, st, co, ak } = history;
      all.push(sb[row]!, se[row]!, ak[row]!);
      assert.ok(sb[row]! < se[row]!);
      // A skipped FLUSH never begins; one behind the front has the times of the flush request, as others have.
      if (st[row] === 0) assert.ok(sb[row]! < ak[row]!);
      else assert.ok(sb[row]! < st[row]! && st[row]! < co[row]! && co[row]! < ak[row]!);
    }
    assert.equal(new Set(all).size, all.length);
  }
});

test('what is written is read back, and a device replaced is the other device', () => {
  let replaced = 0;
  let reads = 0;
  for (let seed = 0; seed < 400; seed++) {
    const { program, outcome } = run('n-wq:2+range-lock', seed);
    const { history } = outcome;
    if (program.replaced !== undefined) replaced++;
    reads += history.count[program.submitters]!;
    for (let s = 0; s <= program.submitters; s++) {
      for (let i = 0; i < history.count[s]!; i++) {
        const row = s * history.rowsEach + i;
        const { [row]: result } = history.result;
        const gone = program.replaced !== undefined && result === -ENODEV;
        const failed = program.failedFsync !== undefined && result === -EIO;
        const whole = result! >= history.units[row]! * UNIT_BYTES;
        assert.ok(gone || failed || whole, `seed ${seed}`);
      }
    }
  }
  assert.ok(replaced > 10 && reads > 500);
});

/** Rows of a run's operations and notes of one kind, in their order. */
function rowsOf({ history }: Outcome, kind: number): number[] {
  return [...history.count.keys()].flatMap((s) =>
    Array.from({ length: history.count[s]! }, (_, i) => s * history.rowsEach + i).filter(
      (row) => history.kind[row] === kind,
    ),
  );
}

test('PREFLUSH brings an fsync before its data and FUA one behind it, before the acknowledgement', () => {
  const commit = {
    submitter: 0,
    kind: WRITE,
    flags: FUA | PREFLUSH,
    device: 0,
    unit: 0,
    units: 1,
    after: [],
  };
  for (const backend of ['sync', 'uring'] as const) {
    for (const name of ['n-wq:2', 'inline', 'n-wq:2+quiesce']) {
      const program: Program = { operations: [commit], submitters: 1, devices: 1, depth: 1, backend };
      const outcome = simulate(designOf(name), program, randomly(seededRandom(1)));
      const { history } = outcome;
      const [before, behind, ...more] = rowsOf(outcome, FSYNC);
      const [data] = rowsOf(outcome, WRITE);
      assert.deepEqual(more, [], name);
      assert.ok(history.co[before!]! < history.st[data!]!, name);
      assert.ok(history.co[data!]! < history.st[behind!]! && history.co[behind!]! < history.ak[data!]!, name);
      assert.equal(history.flags[data!], FUA | PREFLUSH);
    }
  }
});

test('behind blk-flush the flush requests are noted, and with fua a write goes through', () => {
  const commit = {
    submitter: 0,
    kind: WRITE,
    flags: FUA | PREFLUSH,
    device: 0,
    unit: 0,
    units: 1,
    after: [],
  };
  const program: Program = {
    operations: [commit],
    submitters: 1,
    devices: 1,
    depth: 1,
    backend: 'sync',
  };
  const plain = simulate(designOf('blk-flush>n-wq:2'), program, randomly(seededRandom(1)));
  assert.equal(rowsOf(plain, FSYNC).length, 2);
  assert.equal(plain.history.flags[0], FUA | PREFLUSH);
  const native = simulate(designOf('blk-flush:fua>n-wq:2'), program, randomly(seededRandom(1)));
  assert.equal(rowsOf(native, FSYNC).length, 1);
  assert.equal(native.history.flags[0], FUA | PREFLUSH | DSYNC);
});

test('a short transfer goes on with the rest, and the fsync that is to fail is the only one that does', () => {
  const operation = { submitter: 0, device: 0, unit: 0, units: 2 };
  const flush = { ...operation, kind: FLUSH, units: 0 };
  const program: Program = {
    operations: [
      { ...operation, kind: WRITE, after: [] },
      { ...flush, after: [0] },
      { ...flush, after: [1] },
      { ...operation, kind: READ, after: [2] },
    ],
    submitters: 1,
    devices: 1,
    depth: 1,
    backend: 'sync',
    failedFsync: 1,
  };
  for (const backend of ['sync', 'uring'] as const) {
    for (const shortTransfer of [0, 1, 2]) {
      const { history } = simulate(
        designOf('single-wq'),
        { ...program, backend, shortTransfer },
        randomly(seededRandom(1)),
      );
      assert.deepEqual([...history.result.subarray(0, 4)], [2 * UNIT_BYTES, 0, -EIO, 2 * UNIT_BYTES]);
      const at = history.seenAt[3]!;
      assert.deepEqual([...history.seen.subarray(at, at + 2)], [1, 1], `${backend}, ${shortTransfer}`);
    }
  }
});

test('where the fsync fails that a flag asks for, so does the write: before its data, or behind them', () => {
  const write = { submitter: 0, kind: WRITE, device: 0, unit: 0, units: 1, after: [] };
  for (const backend of ['sync', 'uring'] as const) {
    for (const [flags, begins] of [
      [FUA, true],
      [PREFLUSH, false],
    ] as const) {
      const operations = [{ ...write, flags }];
      const program: Program = { operations, submitters: 1, devices: 1, depth: 1, backend, failedFsync: 0 };
      const { history } = simulate(designOf('single-wq'), program, randomly(seededRandom(1)));
      assert.equal(history.result[0], -EIO);
      assert.equal(history.st[0]! > 0, begins, `${backend}, flags ${flags}`);
    }
  }
});
