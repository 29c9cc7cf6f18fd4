/**
 * Both directions, on histories of designs: one that answers a flush with an fsync of its own never shows an illegal state
 * under `completed`, one that quiesces none under any contract, and planted ones do; and what the stamps' checker says of
 * the same history (proved, lost) goes with what the crash states show.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { check } from '../../../ordering/check.ts';
import { checkCrashes, JUDGED } from '../../../ordering/crash/check.ts';
import { newTrial, ROWS_EACH, type Trial, worldOf } from '../build.ts';
import { bruteCrash } from './brute.ts';

const WHOLE = { budget: 2 ** 40, seed: 1 };

interface Step {
  job: number;
  flush: boolean;
  unit: number;
  units: number;
  /** Time from the submission to the call, of the call, and to the acknowledgement. */
  wait: number;
  call: number;
  settle: number;
  /** Time until the job's next submission: 0 submits without waiting for this one. */
  gap: number;
}

const step: fc.Arbitrary<Step> = fc.record({
  job: fc.nat(2),
  flush: fc.integer({ min: 0, max: 2 }).map((n) => n === 0),
  unit: fc.nat(3),
  units: fc.integer({ min: 1, max: 2 }),
  wait: fc.nat(12),
  call: fc.integer({ min: 1, max: 9 }),
  settle: fc.nat(3),
  gap: fc.nat(6),
});
const steps = fc.array(step, { minLength: 3, maxLength: 13 });

/** What a design makes of a step; by default calls are made when they are, and acknowledged after their return. */
type Design = (at: [number, number, number, number, number], step: Step, trial: Trial) => void;

function run(all: readonly Step[], design: Design): Trial {
  const trial = newTrial();
  for (const one of all) {
    const { job, flush, unit, units, wait, call, settle, gap } = one;
    const last = job * ROWS_EACH + trial.history.count[job] - 1;
    const sb = trial.history.count[job] === 0 ? 1 + job : trial.history.se[last] / 1000 + gap;
    const st = sb + 1 + wait;
    const at: [number, number, number, number, number] = [sb, sb + 1, st, st + call, st + call + settle];
    design(at, one, trial);
    if (flush) trial.flush({ job, queue: job, at });
    else trial.write({ job, queue: job, unit, units, at });
  }
  return trial;
}

const sound: Design = () => {};

/** One operation at a time, in the order of submission: what quiesce comes to, at its strictest. */
const serial = (): Design => {
  let free = 0;
  return (at) => {
    const shift = Math.max(0, free - at[0] + 1);
    for (let i = 0; i < 5; i++) at[i] += shift;
    free = at[4];
  };
};

const PLANTED: Record<string, Design> = {
  'early acknowledgement': (at, { flush }) => {
    if (!flush) at[4] = at[1];
  },
  'skipped flush': (at, { flush }) => {
    if (flush) at[2] = at[3] = 0;
  },
  'joins an fsync that runs': (at, { flush, wait }) => {
    if (flush) at[2] = Math.max(1, at[0] - wait) - 0.5;
  },
};

function illegalOf(trial: Trial): number[] {
  const { contracts } = checkCrashes(trial.history, worldOf(), WHOLE);
  return JUDGED.map((contract) => contracts[contract].illegal);
}

test('a sound design shows no illegal state under `completed`, and some under `submitted` and `barrier`', () => {
  const shown = [0, 0, 0];
  fc.assert(
    fc.property(steps, (all) => {
      const illegal = illegalOf(run(all, sound));
      assert.equal(illegal[0], 0);
      illegal.forEach((n, c) => {
        if (n > 0) shown[c]++;
      });
    }),
    { numRuns: 400, seed: 20220319 },
  );
  assert.ok(shown[1] > 50 && shown[2] > 50, String(shown));
});

test('one operation at a time shows none under any contract', () => {
  fc.assert(
    fc.property(steps, (all) => {
      assert.deepEqual(illegalOf(run(all, serial())), [0, 0, 0]);
    }),
    { numRuns: 300, seed: 20220319 },
  );
});

for (const [name, design] of Object.entries(PLANTED)) {
  test(`planted: ${name} is found under \`completed\`, with the write that is lost`, () => {
    let found = 0;
    fc.assert(
      fc.property(steps, (all) => {
        const trial = run(all, design);
        const { completed } = checkCrashes(trial.history, worldOf(), WHOLE).contracts;
        assert.equal(completed.illegal > 0, bruteCrash(trial.history, worldOf()).anySector[0]);
        if (completed.witness === undefined) return;
        found++;
        const [lost, by] = completed.witness.rows;
        assert.ok(trial.history.ak[lost!]! < trial.history.sb[by!]!, completed.witness.sentence);
      }),
      { numRuns: 300, seed: 20220415 },
    );
    assert.ok(found > 20, `${found} of 300 histories`);
  });
}

test('stamps and crash states agree: what is lost shows, and what is proved does not', () => {
  const met = { lost: 0, proved: 0 };
  const designs = fc.constantFrom(sound, ...Object.values(PLANTED));
  fc.assert(
    fc.property(steps, designs, (all, design) => {
      const trial = run(all, design);
      const verdicts = check(trial.history, worldOf());
      illegalOf(trial).forEach((illegal, c) => {
        const { lost, unproved, proved } = verdicts[JUDGED[c]!];
        if (lost > 0) assert.ok(illegal > 0, `${JUDGED[c]}: ${verdicts[JUDGED[c]!].witness?.sentence}`);
        if (lost > 0) met.lost++;
        // Of a write that returned before the flush came and was acknowledged after, `submitted` counts no window as open.
        if (c > 0 && design === PLANTED['joins an fsync that runs']) return;
        if (lost + unproved === 0) assert.equal(illegal, 0, JUDGED[c]);
        if (lost + unproved === 0 && proved > 0) met.proved++;
      });
    }),
    { numRuns: 800, seed: 20220414 },
  );
  assert.ok(met.lost > 100 && met.proved > 100, JSON.stringify(met));
});
