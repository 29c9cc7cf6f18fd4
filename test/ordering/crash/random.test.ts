/** The sweep against the definitions: random small histories, in which both must count the same illegal states. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { checkCrashes, JUDGED } from '../../../ordering/crash/check.ts';
import { DSYNC, FUA, PREFLUSH } from '../../../ordering/history.ts';
import { newTrial, ROWS_EACH, type Trial, worldOf } from '../build.ts';
import { bruteCrash } from './brute.ts';

interface Choice {
  job: number;
  kind: number;
  device: number;
  unit: number;
  units: number;
  end: number;
  flags: number;
  steps: number[];
  shape: number;
}

/** Steps of 0 make equal stamps, shapes make early acknowledgements, calls never made and flushes that joined a running fsync. */
const choice: fc.Arbitrary<Choice> = fc.record({
  job: fc.nat(2),
  kind: fc.nat(9),
  device: fc.nat(1),
  unit: fc.nat(2),
  units: fc.integer({ min: 1, max: 2 }),
  end: fc.nat(13),
  flags: fc.nat(15),
  steps: fc.array(fc.nat(4), { minLength: 5, maxLength: 5 }),
  shape: fc.nat(15),
});

function add(trial: Trial, { job, kind, device, unit, units, end, flags, steps, shape }: Choice): void {
  const { count, sb: submits } = trial.history;
  const sb = (count[job] === 0 ? 1 : submits[job * ROWS_EACH + count[job] - 1] / 1000) + steps[0];
  let st = sb + steps[1] + steps[2];
  let co = st + steps[3];
  let ak = co + steps[4];
  if (shape === 0) ak = sb + steps[1];
  if (shape === 1) st = Math.max(1, sb - steps[2]);
  if (shape === 2) st = co = 0;
  if (shape === 3) co = ak += 9;
  const status = ({ 0: 'pending', 1: 'failed', 2: 'short' } as const)[end];
  const ended = status === undefined ? {} : { end: status };
  const at = [sb, sb + steps[1], st, co, ak] as const;
  if (kind === 9) trial.fsync({ job: 3, device, at, ...ended });
  else if (kind >= 6) trial.flush({ job, device, at, ...ended });
  else {
    const row = (kind < 5 ? trial.write : trial.discard)({ job, device, unit, units, at, ...ended });
    if (flags < 3) trial.history.flags[row] = [FUA, PREFLUSH, FUA | PREFLUSH | DSYNC][flags];
  }
}

const world = fc.constantFrom([7, 7], [7, 8]).map((files) => worldOf({ inodeOf: (d) => files[d] }));
const histories = fc.array(choice, { minLength: 1, maxLength: 11 });
const WHOLE = { budget: 2 ** 40, seed: 1 };

test('windows, states and illegal states are those of the definitions', () => {
  const reached = { illegal: [0, 0, 0], legal: 0 };
  fc.assert(
    fc.property(histories, world, (choices, where) => {
      const trial = newTrial();
      for (const one of choices) add(trial, one);
      const wanted = bruteCrash(trial.history, where);
      const found = checkCrashes(trial.history, where, WHOLE);
      assert.equal(found.explored, wanted.states);
      assert.equal(found.possible, wanted.states);
      assert.deepEqual(
        JUDGED.map((contract) => found.contracts[contract].illegal),
        wanted.illegal,
      );
      for (const [c, contract] of JUDGED.entries()) {
        const { witness, illegal } = found.contracts[contract];
        assert.equal(witness !== undefined, illegal > 0, contract);
        if (witness) assert.doesNotMatch(witness.sentence, /undefined|NaN|Infinity/);
        if (illegal > 0) reached.illegal[c]++;
      }
      if (wanted.illegal[2] === 0) reached.legal++;
    }),
    { numRuns: 2500, seed: 20220319, includeErrorInReport: true },
  );
  assert.ok(Math.min(...reached.illegal) > 100 && reached.legal > 100, JSON.stringify(reached));
});
