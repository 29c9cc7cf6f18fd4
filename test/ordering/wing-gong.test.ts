/** `integrity` against a search for a linear order: whatever the sweep calls lost, no order of the operations explains. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseDesign } from '../../benchmarks/designs.ts';
import { type Subject, type Trial, trySeed } from '../../benchmarks/search/search.ts';
import { FLUSH, FSYNC, isMod, READ, SEEN_ZEROES, WRITE } from '../../ordering/history.ts';
import { earlyAcknowledgement } from '../broken/early-acknowledgement.ts';
import { zeroFilledRead } from '../broken/zero-filled-read.ts';
import { isLinearizable, type Step } from './wing-gong.ts';

const SEEDS = 250;

test('the search itself: a read may return what runs beside it, and nothing that is over', () => {
  const write = (writes: number, begin: number, end: number): Step => ({ writes, begin, end });
  const read = (reads: number, begin: number, end: number): Step => ({ reads, begin, end });
  assert.ok(isLinearizable([write(1, 1, 4), read(0, 2, 3)], 0));
  assert.ok(isLinearizable([write(1, 1, 4), read(1, 2, 3)], 0));
  assert.ok(!isLinearizable([write(1, 1, 2), read(0, 3, 4)], 0));
  assert.ok(!isLinearizable([write(1, 3, 4), read(1, 1, 2)], 0));
  // Two reads one after the other can't see two writes in an order and back.
  assert.ok(isLinearizable([write(1, 1, 9), write(2, 1, 9), read(1, 2, 3), read(2, 4, 5)], 0));
  assert.ok(
    !isLinearizable([write(1, 1, 9), write(2, 1, 9), read(1, 2, 3), read(2, 4, 5), read(1, 6, 7)], 0),
  );
});

/** By device and unit; undefined where an operation failed or never ended, which a register does not know. */
function registersOf({ outcome: { history } }: Trial): Map<string, Step[]> | undefined {
  const registers = new Map<string, Step[]>();
  for (let s = 0; s < history.submitters; s++) {
    for (let row = s * history.rowsEach; row < s * history.rowsEach + history.count[s]!; row++) {
      const kind = history.kind[row]!;
      if (kind === FSYNC || kind === FLUSH) continue;
      if (history.result[row]! < history.units[row]! * 4096) return undefined;
      // What was answered before it returned counts as over: nobody may rely on less.
      const span = { begin: history.st[row]!, end: Math.min(history.co[row]!, history.ak[row]!) };
      for (let i = 0; i < history.units[row]!; i++) {
        const key = `${history.device[row]} ${history.unit[row]! + i}`;
        const steps = registers.get(key) ?? [];
        registers.set(key, steps);
        if (isMod(kind)) steps.push({ ...span, writes: kind === WRITE ? row + 1 : SEEN_ZEROES });
        else if (kind === READ) steps.push({ ...span, reads: history.seen[history.seenAt[row]! + i]! });
      }
    }
  }
  return registers;
}

/** How many histories were compared, and how many of them the sweep found a loss in. */
function compare(subject: Subject): { compared: number; lost: number; neither: number } {
  const sums = { compared: 0, lost: 0, neither: 0 };
  for (let seed = 1; seed <= SEEDS; seed++) {
    const trial = trySeed(subject, { number: seed, scheduler: 'mixed' });
    const registers = registersOf(trial);
    if (registers === undefined || trial.outcome.stalled !== undefined) continue;
    const linear = [...registers.values()].every((steps) => isLinearizable(steps, 0));
    const lost = trial.verdicts.integrity.lost > 0;
    assert.ok(!(lost && linear), `${subject.name}, seed ${seed}: lost, and yet there is an order`);
    sums.compared++;
    if (lost) sums.lost++;
    else if (linear) sums.neither++;
  }
  return sums;
}

test('of sound designs there is always an order, and never a loss', () => {
  for (const text of ['n-wq:2', 'shared-pool:2+quiesce', 'zloop:2']) {
    const { name, crew, claims } = parseDesign(text);
    const sums = compare({ name, claims, design: { ...crew!, parameter: crew!.ref.parameter } });
    assert.ok(sums.compared > SEEDS / 2, name);
    assert.deepEqual(sums, { compared: sums.compared, lost: 0, neither: sums.compared }, name);
  }
});

test('what a planted bug loses has no order', () => {
  for (const bug of [earlyAcknowledgement, zeroFilledRead]) {
    const { lost, compared } = compare(bug);
    assert.ok(lost > 0 && compared > SEEDS / 2, `${bug.name}: ${lost} of ${compared}`);
  }
});
