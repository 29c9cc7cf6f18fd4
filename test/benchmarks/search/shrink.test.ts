/** Small violations: still the same rule, at most six operations, and nothing left that could go. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseDesign } from '../../../benchmarks/designs.ts';
import { detect } from '../../../benchmarks/search/detection.ts';
import { judge, type Subject, search, trySeed } from '../../../benchmarks/search/search.ts';
import { type Failing, removals, shrink, stillFails } from '../../../benchmarks/search/shrink.ts';
import { replay } from '../../../engine/simulator/schedulers/replay.ts';
import { simulate } from '../../../engine/simulator/simulation.ts';
import type { Contract } from '../../../ordering/contracts.ts';
import { discardCrosses } from '../../broken/discard-crosses.ts';
import { lostWakeUp } from '../../broken/lost-wake-up.ts';
import { swallowedError } from '../../broken/swallowed-error.ts';

const MOST_OPERATIONS = 6;
const SEEDS = 400;

function failing(subject: Subject, seed: number): Failing {
  const { program, outcome } = trySeed(subject, { number: seed, scheduler: 'mixed' });
  return { subject, program, choices: outcome.choices };
}

function holds(from: Failing, rule: Contract): Failing {
  const before = judge(
    from.program,
    simulate(from.subject.design, from.program, replay(from.choices), from.subject.cast),
  );
  const small = shrink(from, rule);
  const { design, cast } = small.subject;
  const outcome = simulate(design, small.program, replay(small.choices), cast);
  const after = judge(small.program, outcome)[rule];
  const what = `${small.subject.name}, ${rule}`;
  assert.equal(after.lost > 0, before[rule].lost > 0, `${what}: a loss stays one`);
  assert.ok(after.lost + after.unproved > 0, what);
  assert.ok(small.program.operations.length <= MOST_OPERATIONS, what);
  assert.ok(small.choices.length < from.choices.length / 2, what);
  assert.deepEqual(outcome.choices.slice(0, small.choices.length), small.choices, 'each turn could be taken');
  for (const candidate of removals(small)) {
    const kept = stillFails(
      candidate,
      rule,
      (verdict) => (after.lost > 0 ? verdict.lost : verdict.lost + verdict.unproved) > 0,
    );
    assert.equal(kept, undefined, `${what}: ${JSON.stringify(candidate.program)}`);
  }
  return small;
}

for (const bug of [discardCrosses, lostWakeUp, swallowedError]) {
  test(`${bug.name} made small`, () => {
    const found = detect(bug, 1, SEEDS, 'mixed')!;
    holds(failing(bug, found.seed), found.rules[0]!);
  });
}

test("n-wq:4's loss of `submitted` is one write and one FLUSH on two queues", () => {
  const { name, crew, claims } = parseDesign('n-wq:4');
  const subject = { name, claims, design: { ...crew!, parameter: crew!.ref.parameter } };
  const { first } = search(subject, 1, SEEDS / 4, 'mixed');
  const small = holds(failing(subject, first.submitted!.seed), 'submitted');
  assert.equal(small.program.operations.length, 2);
  assert.equal(small.subject.name, 'n-wq:2');
});

test('what breaks no rule is not made small', () => {
  const { name, crew, claims } = parseDesign('n-wq:2+quiesce');
  const subject = { name, claims, design: { ...crew!, parameter: 2 } };
  assert.throws(() => shrink(failing(subject, 1), 'submitted'), /this run does not break submitted/);
});
