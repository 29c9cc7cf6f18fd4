/** The order of a log of writes, held to the two sequences in which dm-log-writes is known to be right and wrong. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { DSYNC } from '../../ordering/history.ts';
import { logOrder } from '../../ordering/log-writes.ts';
import { JOBS, newTrial, type Operation, type Times, worldOf } from './build.ts';

/** An operation whose backend call lasts from `st` to `co`. */
const lasting = (st: number, co: number): Times => [st, st, st, co, co];

test("the kernel's own example: W1,W2,W3,C3,C2,Wflush,C1,Cflush logs as W3,W2,flush,W1", () => {
  const trial = newTrial();
  const w1 = trial.write({ unit: 1, at: lasting(1, 7) });
  const w2 = trial.write({ unit: 2, at: lasting(2, 5) });
  const w3 = trial.write({ unit: 3, at: lasting(3, 4) });
  const flush = trial.flush({ at: lasting(6, 8) });
  assert.deepEqual(logOrder(trial.history, worldOf(), 0), [w3, w2, flush, w1]);
});

test('a flush that overtakes an earlier one logs what that one holds, so that no stale write comes after', () => {
  const trial = newTrial();
  const old = trial.write({ at: lasting(1, 2) });
  const first = trial.flush({ at: lasting(3, 8) });
  const young = trial.write({ at: lasting(4, 5) });
  const second = trial.flush({ at: lasting(6, 7) });
  assert.deepEqual(logOrder(trial.history, worldOf(), 0), [old, young, second, first]);
});

test('a flush leaves alone what a later one holds, and what completes as it begins', () => {
  const trial = newTrial();
  const before = trial.write({ unit: 1, at: lasting(1, 2) });
  const first = trial.flush({ at: lasting(3, 7) });
  const between = trial.write({ unit: 2, at: lasting(4, 5) });
  const second = trial.flush({ at: lasting(6, 9) });
  const late = trial.write({ unit: 3, at: lasting(6, 6) });
  assert.deepEqual(logOrder(trial.history, worldOf(), 0), [before, first, between, second, late]);
});

test('a write with FUA is logged when it completes, after what it overwrites and before anything else', () => {
  const trial = newTrial();
  const under = trial.write({ unit: 4, units: 2, at: lasting(1, 2) });
  const beside = trial.write({ unit: 7, at: lasting(1, 3) });
  const flush = trial.flush({ at: lasting(4, 9) });
  const fua = trial.write({ unit: 5, flags: DSYNC, at: lasting(5, 6) });
  assert.deepEqual(logOrder(trial.history, worldOf(), 0), [under, fua, beside, flush]);
});

test('fsyncs that no FLUSH tells of count, other files and failures do not', () => {
  const trial = newTrial();
  const write = trial.write({ unit: 1, at: lasting(1, 2) });
  trial.write({ unit: 1, device: 1, at: lasting(1, 2) });
  trial.flush({ device: 1, at: lasting(3, 4) });
  trial.flush({ end: 'failed', at: lasting(3, 4) });
  trial.write({ unit: 2, end: 'pending', at: [3, 3, 0, 0, 0] });
  const note = trial.fsync({ job: 1, at: lasting(5, 6) });
  assert.deepEqual(logOrder(trial.history, worldOf(), 0), [write, note]);
});

test('whatever happens: each once, writes of one unit as they completed, and a flush behind all that it covers', () => {
  const operation = fc.record({
    what: fc.constantFrom('write', 'write', 'flush'),
    fua: fc.boolean(),
    unit: fc.nat(4),
    job: fc.nat(JOBS - 1),
    st: fc.integer({ min: 1, max: 60 }),
    lasts: fc.integer({ min: 1, max: 30 }),
  });
  fc.assert(
    fc.property(fc.array(operation, { maxLength: 30 }), (all) => {
      const trial = newTrial();
      const made = all
        .sort((a, b) => a.st - b.st)
        // No two complete together: their order would be anyone's.
        .map(({ what, fua, unit, job, st, lasts }, i) => {
          const asked: Operation = { job, at: lasting(st, st + lasts + i / 64) };
          const isFlush = what === 'flush';
          const row = isFlush
            ? trial.flush(asked)
            : trial.write({ ...asked, unit, units: 2, flags: fua ? DSYNC : 0 });
          return { row, isFlush, unit, st, co: st + lasts + i / 64 };
        });
      const log = logOrder(trial.history, worldOf(), 0);
      assert.deepEqual(
        log.toSorted((a, b) => a - b),
        made.map(({ row }) => row).toSorted((a, b) => a - b),
      );
      const place = (row: number): number => log.indexOf(row);
      for (const a of made) {
        for (const b of made) {
          if (a.isFlush || a.co >= b.co) continue;
          const shares = !b.isFlush && Math.abs(a.unit - b.unit) < 2;
          if (shares || (b.isFlush && a.co < b.st)) assert.ok(place(a.row) < place(b.row));
        }
      }
    }),
  );
});
