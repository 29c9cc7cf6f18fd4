/** What a file system must show after a crash, against a second telling of the same rule, and by hand. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import {
  ABSENT,
  checkFiles,
  DAMAGED,
  type Fault,
  type Listing,
  type Step,
} from '../../../ordering/files/check.ts';

function faults(steps: Step[], begin: number, end: number, shows: Record<string, number>): [string, Fault][] {
  const listing: Listing = { begin, end, shows: new Map(Object.entries(shows)) };
  return checkFiles(steps, listing).map(({ name, fault }) => [name, fault]);
}

const created: Step = { name: 'a', state: 1, begun: 10, durable: 20, partial: true };

test('a file is there once its fsync had returned, and before that in any part', () => {
  assert.deepEqual(faults([created], 5, 9, {}), []);
  assert.deepEqual(faults([created], 5, 9, { a: 1 }), [['a', 'resurrected']]);
  for (const shows of [{}, { a: 1 }, { a: DAMAGED }]) assert.deepEqual(faults([created], 12, 15, shows), []);
  assert.deepEqual(faults([created], 21, 22, { a: 1 }), []);
  assert.deepEqual(faults([created], 21, 22, {}), [['a', 'lost']]);
  assert.deepEqual(faults([created], 21, 22, { a: DAMAGED }), [['a', 'damaged']]);
  assert.deepEqual(faults([created], 21, 22, { a: 1, b: 7 }), [['b', 'unknown']]);
});

test('an unlinked file does not come back, and a replaced one does not stay', () => {
  const unlinked = { name: 'a', state: ABSENT, begun: 30, durable: 40 };
  assert.deepEqual(faults([created, unlinked], 32, 35, { a: 1 }), []);
  assert.deepEqual(faults([created, unlinked], 32, 35, {}), []);
  assert.deepEqual(faults([created, unlinked], 41, 42, { a: 1 }), [['a', 'resurrected']]);
  const replaced = { name: 'a', state: 2, begun: 30, durable: 40 };
  assert.deepEqual(faults([created, replaced], 41, 42, { a: 1 }), [['a', 'stale']]);
  assert.deepEqual(faults([created, replaced], 32, 35, { a: DAMAGED }), [['a', 'damaged']]);
});

test('a rename is on both names or on neither', () => {
  const steps: Step[] = [
    created,
    { name: 'a', state: ABSENT, begun: 30, durable: 40, other: 'b' },
    { name: 'b', state: 1, begun: 30, durable: 40, other: 'a' },
  ];
  assert.deepEqual(faults(steps, 32, 35, { a: 1 }), []);
  assert.deepEqual(faults(steps, 32, 35, { b: 1 }), []);
  assert.deepEqual(faults(steps, 32, 35, {}), [['a', 'half renamed']]);
  assert.deepEqual(faults(steps, 32, 35, { a: 1, b: 1 }), [['a', 'half renamed']]);
  assert.deepEqual(faults(steps, 41, 42, {}), [['b', 'lost']]);
  const gone = { name: 'b', state: ABSENT, begun: 41, durable: 50 };
  assert.deepEqual(
    faults([...steps, gone], 32, 45, {}),
    [],
    'a long clone, and b was unlinked before its end',
  );
});

test('whatever one instant shows is fine, and what it must show is missed when it is taken away', () => {
  const life = fc.array(
    fc.record({ state: fc.nat(3), steps: fc.array(fc.nat(5), { minLength: 3, maxLength: 3 }) }),
    {
      minLength: 1,
      maxLength: 6,
    },
  );
  fc.assert(
    fc.property(
      fc.array(life, { minLength: 1, maxLength: 3 }),
      fc.nat(60),
      fc.nat(3),
      fc.nat(3),
      (lives, at, before, after) => {
        const steps: Step[] = [];
        const shows = new Map<string, number>();
        const must = new Map<string, number>();
        for (const [i, one] of lives.entries()) {
          let clock = 1;
          for (const { state, steps: gaps } of one) {
            const begun = clock + gaps[0]! + 1;
            const effect = begun + gaps[1]!;
            const durable = effect + gaps[2]!;
            clock = durable;
            steps.push({ name: `${i}`, state, begun, durable });
            if (effect <= at) shows.set(`${i}`, state);
            if (durable < at - before) must.set(`${i}`, state);
          }
        }
        for (const [name, state] of shows) if (state === ABSENT) shows.delete(name);
        const listing = { begin: at - before, end: at + after, shows };
        assert.deepEqual(checkFiles(steps, listing), []);
        for (const [name, state] of must) {
          const since = steps.filter((step) => step.name === name && step.durable >= listing.begin);
          if (state === ABSENT || since.some((step) => step.begun <= listing.end)) continue;
          const without = new Map(shows);
          without.delete(name);
          const found = checkFiles(steps, { ...listing, shows: without });
          assert.deepEqual(
            found.map(({ fault }) => fault),
            ['lost'],
          );
        }
      },
    ),
    { seed: 20220415 },
  );
});
