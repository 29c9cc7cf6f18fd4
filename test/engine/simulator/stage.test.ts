import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { seededRandom } from '../../../benchmarks/statistics/seeded-random.ts';
import { pct } from '../../../engine/simulator/schedulers/pct.ts';
import { randomly } from '../../../engine/simulator/schedulers/random.ts';
import { replay } from '../../../engine/simulator/schedulers/replay.ts';
import { roundRobin } from '../../../engine/simulator/schedulers/round-robin.ts';
import type { Scheduler } from '../../../engine/simulator/schedulers/scheduler.ts';
import { type Body, Stage } from '../../../engine/simulator/stage.ts';

/** Two actors that each note three steps. */
function play(scheduler: Scheduler): { log: string; choices: number[] } {
  const stage = new Stage(scheduler, 1000);
  let log = '';
  function* body(name: string): Body {
    for (let i = 1; i <= 3; i++) {
      log += `${name}${i} `;
      yield;
    }
  }
  stage.add('a', body('a'));
  stage.add('b', body('b'));
  assert.ok(stage.play());
  return { log: log.trim(), choices: stage.choices };
}

/** The lost update: two actors add one to a word, by a load and a store with a point between, within one call. */
function lostUpdate(scheduler: Scheduler): boolean {
  const stage = new Stage(scheduler, 1000);
  let word = 0;
  function* body(): Body {
    yield;
    const was = word;
    stage.point();
    word = was + 1;
  }
  stage.add('a', body());
  stage.add('b', body());
  stage.play();
  return word === 1;
}

test('round-robin takes turns', () => {
  assert.equal(play(roundRobin()).log, 'a1 b1 a2 b2 a3 b3');
});

test('pct without a change of priority runs one to its end, and with one changes once', () => {
  const logs = (depth: number): Set<string> =>
    new Set(Array.from({ length: 200 }, (_, seed) => play(pct(seededRandom(seed), depth, 5)).log));
  assert.deepEqual(logs(1), new Set(['a1 a2 a3 b1 b2 b3', 'b1 b2 b3 a1 a2 a3']));
  // A change before the first step only swaps the two; later ones cut the first one's three steps.
  assert.deepEqual(
    logs(2),
    new Set([
      'a1 a2 a3 b1 b2 b3',
      'b1 b2 b3 a1 a2 a3',
      'a1 b1 b2 b3 a2 a3',
      'b1 a1 a2 a3 b2 b3',
      'a1 a2 b1 b2 b3 a3',
      'b1 b2 a1 a2 a3 b3',
    ]),
  );
});

test('random finds all 20 ways to interleave two times three steps', () => {
  const logs = new Set(Array.from({ length: 2000 }, (_, seed) => play(randomly(seededRandom(seed))).log));
  assert.equal(logs.size, 20);
});

test('the choices of a run replay it', () => {
  fc.assert(
    fc.property(fc.nat(), (seed) => {
      const first = play(randomly(seededRandom(seed)));
      assert.deepEqual(play(replay(first.choices)), first);
    }),
  );
});

test('a replay that has run out lets whoever ran go on', () => {
  assert.equal(play(replay([0, 1])).log, 'a1 b1 b2 b3 a2 a3');
});

test('others come between at a point inside a call', () => {
  const found = Array.from({ length: 100 }, (_, seed) => lostUpdate(randomly(seededRandom(seed))));
  assert.ok(found.includes(true) && found.includes(false));
  // Of depth 2: 1 / (n k^(d-1)) = 1 / (2 * 4), and here it is a good deal more.
  const byPct = Array.from({ length: 400 }, (_, seed) => lostUpdate(pct(seededRandom(seed), 2, 4)));
  assert.ok(byPct.filter((lost) => lost).length >= 400 / 8);
});

test('who waits is not chosen, and the play ends when nobody can go on', () => {
  const stage = new Stage(roundRobin(), 1000);
  let open = false;
  let passed = false;
  function* waits(): Body {
    yield () => open;
    passed = true;
    yield () => false;
    assert.fail('nobody may come here');
  }
  function* opens(): Body {
    yield;
    open = true;
  }
  stage.add('waits', waits());
  stage.add('opens', opens());
  assert.ok(stage.play());
  assert.ok(passed);
});

test('a play that goes round in circles is given up', () => {
  const stage = new Stage(roundRobin(), 50);
  function* circles(): Body {
    for (;;) yield;
  }
  stage.add('circles', circles());
  assert.equal(stage.play(), false);
  assert.equal(stage.turns, 50);
});
