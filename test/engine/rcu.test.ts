import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { begin, enter, type Grace, leave, poll, type Rcu, rcuWords } from '../../engine/rcu.ts';
import { stall } from './stall.ts';

function newRcu(readers: number): { rcu: Rcu; grace: Grace } {
  const words = new Int32Array(new SharedArrayBuffer(4 * rcuWords(readers)));
  return { rcu: { words, readers }, grace: { left: 0, draining: 0 } };
}

test('a section that is open at begin holds the grace period up until it ends', () => {
  for (const reader of [0, 1, 2]) {
    const { rcu, grace } = newRcu(3);
    const section = enter(rcu, reader);
    begin(rcu, grace);
    for (let i = 0; i < 5; i++) assert.equal(poll(rcu, grace), false);
    leave(rcu, reader, section);
    assert.equal(poll(rcu, grace), true);
    assert.equal(poll(rcu, grace), true, 'over stays over');
  }
});

test('it does so whichever of the two counters it is in', () => {
  const { rcu, grace } = newRcu(2);
  const indexes = new Set<number>();
  for (let period = 0; period < 6; period++) {
    const section = enter(rcu, 1);
    indexes.add(section);
    begin(rcu, grace);
    assert.equal(poll(rcu, grace), false, `period ${period}`);
    leave(rcu, 1, section);
    assert.equal(poll(rcu, grace), true, `period ${period}`);
  }
  assert.equal(indexes.size, 2);
});

test('sections that begin after it do not hold it up, those of the same reader included', () => {
  const { rcu, grace } = newRcu(2);
  const old = enter(rcu, 0);
  begin(rcu, grace);
  enter(rcu, 0);
  enter(rcu, 1);
  assert.equal(poll(rcu, grace), false);
  leave(rcu, 0, old);
  assert.equal(poll(rcu, grace), true);
});

test('overlapping sections of one reader each count', () => {
  const { rcu, grace } = newRcu(1);
  const first = enter(rcu, 0);
  const second = enter(rcu, 0);
  begin(rcu, grace);
  leave(rcu, 0, first);
  assert.equal(poll(rcu, grace), false);
  leave(rcu, 0, second);
  assert.equal(poll(rcu, grace), true);
});

test('a stream of short sections that never pauses does not keep it from ending', () => {
  const { rcu, grace } = newRcu(1);
  let open = enter(rcu, 0);
  begin(rcu, grace);
  let polls = 0;
  while (!poll(rcu, grace)) {
    assert.ok(++polls <= 3);
    const next = enter(rcu, 0);
    leave(rcu, 0, open);
    open = next;
  }
});

test('without readers, or with none inside, it is over at once', () => {
  for (const readers of [0, 3]) {
    const { rcu, grace } = newRcu(readers);
    begin(rcu, grace);
    assert.equal(poll(rcu, grace), true);
  }
});

const READERS = 3;

/** What `step` does: enter a section, leave the n-th open one, begin (when none is under way), poll. */
const step = fc.oneof(
  { weight: 4, arbitrary: fc.record({ type: fc.constant('enter' as const), n: fc.nat(READERS - 1) }) },
  { weight: 4, arbitrary: fc.record({ type: fc.constant('leave' as const), n: fc.nat(20) }) },
  { weight: 2, arbitrary: fc.record({ type: fc.constant('begin' as const), n: fc.constant(0) }) },
  { weight: 3, arbitrary: fc.record({ type: fc.constant('poll' as const), n: fc.constant(0) }) },
);

interface Section {
  reader: number;
  index: number;
}

const anyOf = (sections: readonly Section[], open: readonly Section[]): boolean =>
  sections.some((section) => open.includes(section));

test('random sections: never over too early, and over as soon as nothing old can be left', () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
      const { rcu, grace } = newRcu(READERS);
      const open: Section[] = [];
      let over = true;
      /** Open when the grace period began: they must end first. */
      let old: Section[] = [];
      /** Open at a poll after all those had ended. That poll may have met them; nothing that began later may matter. */
      let met: Section[] | undefined;
      for (const { type, n } of steps) {
        if (type === 'enter') open.push({ reader: n, index: enter(rcu, n) });
        else if (type === 'leave' && open.length > 0) {
          const [section] = open.splice(n % open.length, 1);
          leave(rcu, section.reader, section.index);
        } else if (type === 'begin' && over) {
          begin(rcu, grace);
          over = false;
          old = [...open];
          met = undefined;
        } else if (type === 'poll' && !over) {
          over = poll(rcu, grace);
          if (over) assert.ok(!anyOf(old, open), 'over while an old section is open');
          else assert.ok(met === undefined || anyOf(met, open), 'not over although nothing old is left');
          if (!anyOf(old, open)) met ??= [...open];
        }
      }
    }),
    { numRuns: 3000 },
  );
});

test('a reader stalled anywhere on its way in is safe: what it finds then is not freed under it', () => {
  for (const periods of [0, 1, 2, 3]) {
    for (let step = 0, more = true; more; step++) {
      const { rcu, grace } = newRcu(2);
      // Versions of a pointer: the current one, and the latest that was freed.
      let current = 0;
      let freed = -1;
      const update = (): void => {
        if (!poll(rcu, grace)) return;
        freed = current - 1;
        current++;
        begin(rcu, grace);
      };
      let section = -1;
      more = stall(
        step,
        () => {
          section = enter(rcu, 0);
        },
        () => {
          for (let i = 0; i < periods; i++) update();
        },
      );
      const held = current;
      for (let i = 0; i < 8; i++) update();
      assert.ok(held > freed, `step ${step}, ${periods} periods: version ${held} freed, up to ${freed}`);
      assert.equal(current, held + 1, 'one publication, then it has to wait');
      leave(rcu, 0, section);
      update();
      assert.equal(current, held + 2);
    }
  }
});
