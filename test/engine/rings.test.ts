import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Worker } from 'node:worker_threads';
import fc from 'fast-check';
import { LINE, NONE, Rings, ringCapacity } from '../../engine/rings.ts';
import type { RingsTask } from './rings-thread.ts';
import { stall } from './stall.ts';

const COUNT = 3;

/** `COUNT` empty rings whose indexes begin at `start`, as after 2^32 - start further operations. */
function ringsAt(start: number, capacity: number): { rings: Rings; words: Int32Array } {
  const words = new Int32Array(new SharedArrayBuffer(4 * Rings.words(COUNT, capacity)));
  const rings = new Rings(words, COUNT, capacity);
  const stride = words.length / COUNT;
  for (let r = 0; r < COUNT; r++) {
    rings.reset(r);
    words[r * stride] = start;
    words[r * stride + LINE] = start;
    for (let i = 0; i < capacity; i++)
      words[r * stride + 2 * LINE + 2 * ((start + i) & (capacity - 1))] = start + i;
  }
  return { rings, words };
}

/** Near the ends of both signed and unsigned 32-bit numbers, and zero. */
const starts = fc.constantFrom(0, 2 ** 31 - 5, 2 ** 31 - 1, -5, -1);
const capacities = fc.constantFrom(2, 4, 8);

test('rings are queues, each for itself, also where the indexes wrap', () => {
  const step = fc.record({ ring: fc.nat(COUNT - 1), push: fc.boolean() });
  fc.assert(
    fc.property(starts, capacities, fc.array(step, { maxLength: 80 }), (start, capacity, steps) => {
      const { rings } = ringsAt(start, capacity);
      const models = Array.from({ length: COUNT }, (): number[] => []);
      steps.forEach(({ ring, push }, value) => {
        const model = models[ring];
        if (push && model.length === capacity) assert.throws(() => rings.push(ring, value), /overflowed/);
        else if (push) {
          rings.push(ring, value);
          model.push(value);
        } else assert.equal(rings.pop(ring), model.shift() ?? NONE);
        for (let r = 0; r < COUNT; r++) {
          assert.equal(rings.empty(r), models[r].length === 0);
          assert.equal(rings.depth(r), models[r].length);
        }
      });
    }),
    { numRuns: 500 },
  );
});

test('reset empties a ring wherever it stood, and no other', () => {
  const { rings } = ringsAt(2 ** 31 - 2, 4);
  for (const r of [0, 1]) for (const value of [7, 8, 9]) rings.push(r, value);
  rings.reset(0);
  assert.ok(rings.empty(0));
  assert.equal(rings.pop(0), NONE);
  for (const value of [1, 2, 3, 4]) rings.push(0, value);
  assert.deepEqual(
    [0, 0, 0, 0, 1].map((r) => rings.pop(r)),
    [1, 2, 3, 4, 7],
  );
});

test('a ring refuses a capacity that is no power of two, and memory that is too small', () => {
  for (const capacity of [0, 1, 3, 6])
    assert.throws(() => new Rings(new Int32Array(1000), 1, capacity), RangeError);
  assert.throws(() => new Rings(new Int32Array(Rings.words(2, 4) - 1), 2, 4), RangeError);
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 70_000 }), (n) => {
      const capacity = ringCapacity(n);
      assert.ok(capacity >= n && capacity >= 2 && (capacity === 2 || capacity < 2 * n));
      assert.equal(capacity & (capacity - 1), 0);
    }),
  );
});

/** What the others do while one thread is stalled: true pushes, false pops. */
const script = fc.array(fc.boolean(), { maxLength: 12 });

/**
 * Runs a script on ring 0 and notes what it did. It pushes only while the entries that are in the ring or in the
 * stalled thread's hands leave a tag: `live` counts them.
 */
function play(rings: Rings, steps: boolean[], live: number, capacity: number, log: Event[]): void {
  let held = live;
  for (const push of steps) {
    if (push && held < capacity) {
      const value = 100 + log.length;
      rings.push(0, value);
      log.push({ push: value });
      held++;
    } else if (!push) {
      const value = rings.pop(0);
      log.push({ pop: value });
      if (value !== NONE) held--;
    }
  }
}

type Event = { push: number } | { pop: number };

/** True when a queue that began with `initial` answers like this. */
function isQueue(initial: readonly number[], log: readonly Event[]): boolean {
  const queue = [...initial];
  return log.every((event) =>
    'push' in event ? queue.push(event.push) : (queue.shift() ?? NONE) === event.pop,
  );
}

function drain(rings: Rings, log: Event[]): void {
  for (let value = rings.pop(0); value !== NONE; value = rings.pop(0)) log.push({ pop: value });
  assert.ok(rings.empty(0));
  assert.equal(rings.depth(0), 0);
}

/** The stalled thread's event took effect somewhere between the others' events from `from` on. */
function fitsSomewhere(initial: readonly number[], log: readonly Event[], event: Event): boolean {
  return [...log, undefined].some((_, at) =>
    isQueue(initial, [...log.slice(0, at), event, ...log.slice(at)]),
  );
}

function eachStep(body: (step: number) => boolean): void {
  for (let step = 0; body(step); step++) assert.ok(step < 100, 'no end of steps');
}

test('a consumer stalled anywhere holds up nobody, and the ring stays a queue', () => {
  fc.assert(
    fc.property(starts, capacities, fc.nat(8), script, (start, capacity, fill, steps) => {
      const initial = Array.from({ length: Math.min(fill, capacity) }, (_, i) => i);
      eachStep((step) => {
        const { rings } = ringsAt(start, capacity);
        for (const value of initial) rings.push(0, value);
        const log: Event[] = [];
        let popped = NONE;
        const reached = stall(
          step,
          () => {
            popped = rings.pop(0);
          },
          () => play(rings, steps, initial.length, capacity, log),
        );
        if (!reached) return false;
        drain(rings, log);
        assert.ok(
          fitsSomewhere(initial, log, { pop: popped }),
          JSON.stringify({ step, initial, log, popped }),
        );
        return true;
      });
    }),
    { numRuns: 300 },
  );
});

test('a producer stalled anywhere holds up nobody; until it has filled its cell it may hide what is behind', () => {
  fc.assert(
    fc.property(starts, capacities, fc.nat(7), script, (start, capacity, fill, steps) => {
      const initial = Array.from({ length: Math.min(fill, capacity - 1) }, (_, i) => i);
      eachStep((step) => {
        const { rings } = ringsAt(start, capacity);
        for (const value of initial) rings.push(0, value);
        const log: Event[] = [];
        const reached = stall(
          step,
          () => rings.push(0, 50),
          () => play(rings, steps, initial.length + 1, capacity, log),
        );
        if (!reached) return false;
        drain(rings, log);
        const seen = log.filter((event) => !('pop' in event && event.pop === NONE));
        assert.ok(fitsSomewhere(initial, seen, { push: 50 }), JSON.stringify({ step, initial, log }));
        return true;
      });
    }),
    { numRuns: 300 },
  );
});

test('with two threads stalled, one inside the other, every entry comes out once', () => {
  fc.assert(
    fc.property(
      starts,
      capacities,
      fc.boolean(),
      fc.boolean(),
      fc.nat(5),
      script,
      (start, capacity, a, b, inner, steps) => {
        const initial = [0, 1];
        eachStep((step) => {
          const { rings } = ringsAt(start, capacity);
          for (const value of initial) rings.push(0, value);
          const log: Event[] = [];
          let live = initial.length;
          const one = (push: boolean, value: number) => (): void => {
            if (!push) log.push({ pop: rings.pop(0) });
            else if (live < capacity) {
              live++;
              rings.push(0, value);
              log.push({ push: value });
            }
          };
          const reached = stall(step, one(a, 50), () => {
            stall(inner, one(b, 51), () => play(rings, steps, live, capacity, log));
          });
          drain(rings, log);
          const pushed = log.flatMap((event) => ('push' in event ? [event.push] : []));
          const popped = log.flatMap((event) => ('pop' in event && event.pop !== NONE ? [event.pop] : []));
          assert.deepEqual(popped.sort(), [...initial, ...pushed].sort());
          return reached;
        });
      },
    ),
    { numRuns: 200 },
  );
});

test('the stalled consumer of the header: others go round the ring to the cell that it took', () => {
  eachStep((step) => {
    const { rings } = ringsAt(0, 2);
    rings.push(0, 1);
    return stall(
      step,
      () => {
        assert.notEqual(rings.pop(0), NONE);
      },
      () => {
        for (let lap = 0; lap < 6; lap++) {
          rings.push(0, 10 + lap);
          assert.notEqual(rings.pop(0), NONE);
        }
      },
    );
  });
});

test('threads: each value comes out once, and in the order of its producer', {
  timeout: 60_000,
}, async () => {
  const PRODUCERS = 3;
  const CONSUMERS = 2;
  const EACH = 30_000;
  const CAPACITY = 256;
  const memory = new SharedArrayBuffer(4 * Rings.words(1, CAPACITY));
  new Rings(new Int32Array(memory), 1, CAPACITY).reset(0);
  const canaries = new Uint8Array(new SharedArrayBuffer(PRODUCERS * EACH));
  const credits = new Int32Array(new SharedArrayBuffer(4 * PRODUCERS * LINE));
  for (let p = 0; p < PRODUCERS; p++) credits[p * LINE] = Math.floor(CAPACITY / PRODUCERS);
  const done = new Int32Array(new SharedArrayBuffer(4));
  const ends = Array.from({ length: PRODUCERS + CONSUMERS }, (_, i) => {
    const task: RingsTask = {
      producer: i < PRODUCERS ? i : undefined,
      producers: PRODUCERS,
      each: EACH,
      capacity: CAPACITY,
      memory,
      canaries,
      credits,
      done,
    };
    const worker = new Worker(new URL('./rings-thread.js', import.meta.url), { workerData: task });
    return new Promise<string | undefined>((resolve, reject) => {
      worker.on('message', resolve);
      worker.on('error', (error) => {
        // The others would wait for this thread for ever.
        Atomics.store(done, 0, -1000);
        reject(error);
      });
    });
  });
  assert.deepEqual(
    (await Promise.all(ends)).filter((trouble) => trouble !== undefined),
    [],
  );
  assert.equal(
    canaries.findIndex((times) => times !== 1),
    -1,
  );
});
