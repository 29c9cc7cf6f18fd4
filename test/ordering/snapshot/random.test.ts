/** The rule against its definition, on random small histories: images that one instant can have, and images of anything. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { World } from '../../../ordering/check.ts';
import {
  DSYNC,
  FUA,
  PREFLUSH,
  SEEN_FOREIGN,
  SEEN_TORN,
  SEEN_UNCHECKED,
  SEEN_ZEROES,
} from '../../../ordering/history.ts';
import { checkSnapshots, type Image, SNAPSHOT_CONTRACTS } from '../../../ordering/snapshot/check.ts';
import { newTrial, ROWS_EACH, type Trial, worldOf } from '../build.ts';
import { bruteSnapshot } from './brute.ts';

const UNITS = 4;
const RUNS = 2500;

const choice = fc.record({
  job: fc.nat(2),
  kind: fc.nat(11),
  device: fc.nat(1),
  unit: fc.nat(2),
  units: fc.integer({ min: 1, max: 2 }),
  end: fc.nat(17),
  flags: fc.nat(11),
  steps: fc.array(fc.nat(4), { minLength: 5, maxLength: 5 }),
  shape: fc.nat(17),
});
type Choice = typeof choice extends fc.Arbitrary<infer T> ? T : never;

function add(trial: Trial, { job, kind, device, unit, units, end, flags, steps, shape }: Choice): void {
  const { count, sb: submits } = trial.history;
  const sb = (count[job] === 0 ? 1 : submits[job * ROWS_EACH + count[job]! - 1]! / 1000) + steps[0]!;
  let st = sb + steps[1]! + steps[2]!;
  let co = st + steps[3]!;
  let ak = co + steps[4]!;
  if (shape === 0) ak = sb + steps[1]!;
  if (shape === 1) st = Math.max(1, sb - steps[2]!);
  if (shape === 2) st = co = 0;
  if (shape === 3) co = ak += 9;
  const status = ({ 0: 'pending', 1: 'failed', 2: 'short' } as const)[end];
  const ended = status === undefined ? {} : { end: status };
  const at = [sb, sb + steps[1]!, st, co, ak] as const;
  if (kind === 11) trial.fsync({ job: 3, device, at, ...ended });
  else if (kind >= 7) trial.flush({ job, device, at, ...ended });
  else {
    const row = (kind < 6 ? trial.write : trial.discard)({ job, device, unit, units, at, ...ended });
    if (flags < 3) trial.history.flags[row] = [FUA, PREFLUSH, FUA | PREFLUSH | DSYNC][flags]!;
  }
}

const ODD = [SEEN_ZEROES, SEEN_TORN, SEEN_FOREIGN, SEEN_UNCHECKED];
const shot = fc.record({
  device: fc.nat(2),
  begin: fc.nat(30),
  length: fc.nat(4),
  picks: fc.array(fc.nat(39), { minLength: UNITS, maxLength: UNITS }),
});

/** Any version of the unit in most cases, now and then one of another unit, or a word. */
function imageOf(
  trial: Trial,
  { device, begin, length, picks }: typeof shot extends fc.Arbitrary<infer T> ? T : never,
): Image {
  const { history } = trial;
  const seen = new Uint32Array(UNITS);
  for (const [unit, pick] of picks.entries()) {
    const rows: number[] = [];
    for (let job = 0; job < 3; job++) {
      for (let i = 0; i < history.count[job]!; i++) {
        const row = job * ROWS_EACH + i;
        if (pick === 4 || (history.unit[row]! <= unit && unit < history.unit[row]! + history.units[row]!)) {
          rows.push(row);
        }
      }
    }
    if (pick < 4) seen[unit] = ODD[pick]!;
    else if (pick > 12 && rows.length > 0) seen[unit] = rows[pick % rows.length]! + 1;
  }
  return { device, begin: begin * 1000, end: (begin + length) * 1000, seen };
}

const world: fc.Arbitrary<World> = fc
  .record({ files: fc.constantFrom([7, 7, 7], [7, 8, 7], [7, 8, 9]), zeroes: fc.boolean() })
  .map(({ files, zeroes }) => worldOf({ inodeOf: (d) => files[d]!, zeroesAtStart: zeroes }));

test('verdicts are those of the definition', () => {
  const reached = new Map<string, number>();
  fc.assert(
    fc.property(
      fc.array(choice, { minLength: 1, maxLength: 10 }),
      fc.array(shot, { maxLength: 3 }),
      world,
      (ops, shots, where) => {
        const trial = newTrial();
        for (const op of ops) add(trial, op);
        const images = shots.map((one) => imageOf(trial, one));
        const verdicts = checkSnapshots(trial.history, where, images);
        const wanted = images.map((image) => bruteSnapshot(trial.history, where, image));
        for (const [c, contract] of SNAPSHOT_CONTRACTS.entries()) {
          const { witness, ...sum } = verdicts[contract];
          const count = (outcome: string): number =>
            wanted.filter((outcomes) => outcomes[c] === outcome).length;
          const expected = {
            proved: count('proved'),
            lost: count('lost'),
            notExercised: count('notExercised'),
          };
          assert.deepEqual(sum, { ...expected, unproved: 0 }, contract);
          for (const outcomes of wanted) {
            const key = `${contract} ${outcomes[c]}`;
            reached.set(key, (reached.get(key) ?? 0) + 1);
          }
          assert.equal(witness !== undefined, expected.lost > 0, contract);
          if (witness) assert.doesNotMatch(witness.sentence, /undefined|NaN|Infinity/);
        }
      },
    ),
    { numRuns: RUNS, seed: 20220415, includeErrorInReport: true },
  );
  const least = SNAPSHOT_CONTRACTS.flatMap((contract) =>
    ['proved', 'lost', 'notExercised'].map((outcome) => reached.get(`${contract} ${outcome}`) ?? 0),
  );
  assert.ok(Math.min(...least) > 100, JSON.stringify([...reached]));
});

test('what a file held at one instant never breaks `integrity`, and `submitted` only where a flush was early', () => {
  const moment = fc.record({ at: fc.nat(40), before: fc.nat(3), after: fc.nat(3) });
  const early = { submitted: 0 };
  fc.assert(
    fc.property(fc.array(choice, { minLength: 3, maxLength: 10 }), moment, (ops, { at, before, after }) => {
      const trial = newTrial();
      // Writes that behave, each with its effect half-way through its call; some wait long in a queue, flushes do not.
      for (const op of ops) {
        const kind = op.kind === 11 || op.kind === 6 ? 0 : op.kind;
        const steps = op.steps.map((step, i) => (i === 2 && kind < 7 ? 3 * step : step));
        add(trial, { ...op, kind, steps, end: 17, shape: 17, flags: 11 });
      }
      const { history } = trial;
      const effects: { time: number; row: number }[] = [];
      for (let job = 0; job < 3; job++) {
        for (let i = 0; i < history.count[job]!; i++) {
          const row = job * ROWS_EACH + i;
          if (history.units[row]! > 0 && history.device[row] === 0) {
            effects.push({ time: (history.st[row]! + history.co[row]!) / 2, row });
          }
        }
      }
      const seen = new Uint32Array(UNITS);
      for (const { time, row } of effects.sort((a, b) => a.time - b.time || a.row - b.row)) {
        if (time > at * 1000) continue;
        seen.fill(row + 1, history.unit[row]!, history.unit[row]! + history.units[row]!);
      }
      const image = { device: 0, begin: (at - before) * 1000, end: (at + after) * 1000, seen };
      const verdicts = checkSnapshots(history, worldOf(), [image]);
      assert.equal(verdicts.integrity.lost, 0, verdicts.integrity.witness?.sentence);
      assert.equal(verdicts.completed.lost, 0, verdicts.completed.witness?.sentence);
      early.submitted += verdicts.submitted.lost;
    }),
    { numRuns: RUNS, seed: 20220415, includeErrorInReport: true },
  );
  assert.ok(early.submitted > 20, `${early.submitted}`);
});
