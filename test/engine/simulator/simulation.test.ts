import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseDesign } from '../../../benchmarks/designs.ts';
import { drawProgram } from '../../../benchmarks/search/programs.ts';
import { seededRandom } from '../../../benchmarks/statistics/seeded-random.ts';
import type { Program } from '../../../engine/simulator/program.ts';
import { randomly } from '../../../engine/simulator/schedulers/random.ts';
import { replay } from '../../../engine/simulator/schedulers/replay.ts';
import { type Outcome, type SimulatedDesign, simulate } from '../../../engine/simulator/simulation.ts';
import { submitterOf } from '../../../ordering/history.ts';

function designOf(name: string): SimulatedDesign {
  const { crew } = parseDesign(name);
  return { ...crew!, parameter: crew!.ref.parameter };
}

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
        const failed = history.result[row]! < 0;
        assert.ok(!failed || (program.replaced !== undefined && history.result[row] === -19), `seed ${seed}`);
      }
    }
  }
  assert.ok(replaced > 10 && reads > 500);
});
