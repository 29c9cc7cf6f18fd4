/** The sweeps against the definitions: random small histories, where both must say the same of every contract. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { check, type World } from '../../ordering/check.ts';
import { CONTRACTS, type Verdict } from '../../ordering/contracts.ts';
import { DSYNC, FUA, PREFLUSH } from '../../ordering/history.ts';
import { brute, type Judgement } from './brute.ts';
import { newTrial, ROWS_EACH, type Seen, type Trial, worldOf } from './build.ts';

const SMALL_RUNS = 6000;
const LONG_RUNS = 200;

/** Of writes; DSYNC with its FUA, as a backend sets it. */
const FLAGS = [FUA, PREFLUSH, PREFLUSH | FUA, FUA | DSYNC];

interface Choice {
  job: number;
  kind: number;
  device: number;
  queue: number;
  unit: number;
  units: number;
  flags: number;
  end: number;
  steps: number[];
  shape: number;
  sees: number[];
}

const choice: fc.Arbitrary<Choice> = fc.record({
  job: fc.nat(2),
  kind: fc.nat(12),
  device: fc.nat(2),
  queue: fc.nat(1),
  unit: fc.nat(2),
  units: fc.integer({ min: 1, max: 2 }),
  flags: fc.nat(8),
  end: fc.nat(11),
  steps: fc.array(fc.nat(4), { minLength: 5, maxLength: 5 }),
  shape: fc.nat(15),
  sees: fc.array(fc.nat(19), { minLength: 2, maxLength: 2 }),
});

/** Devices 0 and 1 share a file, or each has its own, or all share one. */
const inodes = fc.constantFrom([7, 7, 9], [7, 8, 9], [7, 7, 7]);

const world: fc.Arbitrary<Partial<World>> = fc.record({
  dataHeld: fc.integer({ min: 0, max: 9 }).map((n) => n > 0),
  inodeOf: inodes.map((files) => (device: number) => files[device]),
});

/** How a history is stretched: blocks so far apart that they are numbered by a sort, times of many magnitudes. */
const stretch = fc.record({
  blocks: fc.constantFrom(1, 900_000),
  times: fc.constantFrom(1, 977.25, 86_400_000_003),
});

/** Most operations behave; some are acknowledged early, join an fsync that runs already, or were never begun. */
function add(trial: Trial, choice: Choice, blocks: number, times: number): void {
  const { device, queue, unit, units, end, steps, shape, sees } = choice;
  // Notes of fsyncs have a job of their own.
  const kind = choice.kind;
  const job = kind === 12 ? 3 : choice.job;
  const { count, sb: submits } = trial.history;
  const lastRow = job * ROWS_EACH + count[job] - 1;
  const previous = count[job] === 0 ? 1 : Math.round(submits[lastRow] / 1000 / times);
  const sb = previous + steps[0];
  let st = sb + steps[1] + steps[2];
  let co = st + steps[3];
  let ak = co + steps[4];
  if (shape === 0) ak = sb + steps[1];
  if (shape === 1) st = Math.max(1, sb - steps[2]);
  if (shape === 2) st = co = 0;
  if (shape === 3) co = ak += 9;
  const status = ({ 0: 'pending', 1: 'failed', 2: 'short' } as const)[end];
  const operation = {
    job,
    device,
    queue,
    unit: unit * blocks,
    units,
    ...(kind < 4 && choice.flags < FLAGS.length ? { flags: FLAGS[choice.flags] } : {}),
    at: [sb * times, (sb + steps[1]) * times, st * times, co * times, ak * times] as const,
    ...(status === undefined ? {} : { end: status }),
    sees: sees.slice(0, units).map((pick) => toSeen(pick, trial)),
  };
  if (kind < 4) trial.write(operation);
  else if (kind < 7) trial.flush(operation);
  else if (kind < 10) trial.read(operation);
  else if (kind < 11) trial.discard(operation);
  else if (kind < 12) trial.writeZeroes(operation);
  else if (status !== 'pending' && st > 0) trial.fsync(operation);
}

function toSeen(pick: number, trial: Trial): Seen {
  if (pick < 4) return 'old';
  if (pick < 8) return (['zeroes', 'torn', 'foreign', 'unchecked'] as const)[pick - 4];
  // Any row of the first few, so that the version may name a later write, another kind, or nothing.
  return (pick % 3) * ROWS_EACH + (pick % Math.max(1, trial.history.count[pick % 3]));
}

function agree(choices: readonly Choice[], world: World, blocks: number, times: number): void {
  const trial = newTrial();
  for (const one of choices) add(trial, one, blocks, times);
  const verdicts = check(trial.history, world);
  const judgements = brute(trial.history, world);
  for (const contract of CONTRACTS) {
    const { witness, ...counts } = verdicts[contract];
    assert.deepEqual(counts, countOf(judgements[contract]), contract);
    agreeOnWitness(contract, verdicts[contract], judgements[contract], trial);
    for (const outcome of judgements[contract].outcomes.values()) reached.add(`${contract} ${outcome}`);
  }
}

/** Which verdicts the random histories have reached: those that they never reach they do not test. */
const reached = new Set<string>();

test('the sweeps agree with the definitions on small histories', () => {
  const histories = fc.array(choice, { minLength: 1, maxLength: 12 });
  fc.assert(
    fc.property(histories, world, stretch, (choices, changes, { blocks, times }) => {
      agree(choices, worldOf(changes), blocks, times);
    }),
    { numRuns: SMALL_RUNS, seed: 20220319, includeErrorInReport: true },
  );
});

test('the sweeps agree with the definitions on longer histories', () => {
  const histories = fc.array(choice, { minLength: 40, maxLength: 60, size: 'max' });
  fc.assert(
    fc.property(histories, world, stretch, (choices, changes, { blocks, times }) => {
      const stuck = { deadlineSeconds: 2, dump: 'queue 0: 1 waiting' };
      agree(choices, worldOf({ ...changes, progress: stuck }), blocks, times);
    }),
    { numRuns: LONG_RUNS, seed: 20220415, includeErrorInReport: true, endOnFailure: true },
  );
});

test('the random histories reach every verdict that there is', () => {
  const missing = CONTRACTS.flatMap((contract) =>
    ['proved', 'unproved', 'lost', 'notExercised'].map((outcome) => `${contract} ${outcome}`),
  ).filter((verdict) => !reached.has(verdict));
  assert.deepEqual(missing, ['integrity unproved', 'progress unproved']);
});

function countOf({ outcomes }: Judgement): Omit<Verdict, 'witness'> {
  const count = { proved: 0, unproved: 0, lost: 0, notExercised: 0 };
  for (const outcome of outcomes.values()) count[outcome]++;
  return count;
}

function agreeOnWitness(contract: string, verdict: Verdict, judgement: Judgement, trial: Trial): void {
  const worst = verdict.lost > 0 ? 'lost' : 'unproved';
  assert.equal(verdict.witness !== undefined, verdict.lost + verdict.unproved > 0, `${contract}: witness`);
  if (verdict.witness === undefined) return;
  const { rows, sentence, crossesQueues } = verdict.witness;
  assert.doesNotMatch(sentence, /undefined|NaN|Infinity/);
  if (contract === 'integrity') {
    assert.equal(judgement.outcomes.get(rows[0]), 'lost');
    return;
  }
  assert.equal(judgement.witnesses.get(rows.join()), worst, `${contract}: ${sentence}`);
  // Beyond four situations not every one is looked at.
  if (verdict.lost + verdict.unproved > 4) return;
  const queues = (names: string): number =>
    new Set(names.split(',').map((row) => trial.history.queue[+row])).size;
  const anyCrosses = [...judgement.witnesses].some(
    ([names, outcome]) => outcome === worst && queues(names) > 1,
  );
  assert.equal(crossesQueues, anyCrosses, `${contract}: ${sentence}`);
}
