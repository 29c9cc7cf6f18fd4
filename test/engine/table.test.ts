import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Worker } from 'node:worker_threads';
import { enter, leave, poll, type Rcu, rcuWords } from '../../engine/rcu.ts';
import { LINE } from '../../engine/rings.ts';
import { TABLES } from '../../engine/shared.ts';
import { type Publisher, publish, tableBase, tableEntry } from '../../engine/table.ts';
import { beginsTooEarly, foundTooEarly, inPlace, noGracePeriod, type Publish } from '../broken/publish.ts';
import { stall } from './stall.ts';
import type { TableTask } from './table-thread.ts';

const SLOTS = 3;

function newPublisher(readers: number, slots: number): Publisher {
  const rcu: Rcu = { words: new Int32Array(new SharedArrayBuffer(4 * rcuWords(readers))), readers };
  const words = new Int32Array(new SharedArrayBuffer(4 * (LINE + TABLES * slots)));
  return { words, slots, rcu, grace: { left: 0, draining: 0 } };
}

/** A table all of whose entries carry one generation number. */
const generation = (n: number): Int32Array => new Int32Array(SLOTS).fill(n);

function entries({ words, slots }: Publisher): number[] {
  const base = tableBase(words, slots);
  return Array.from(words.subarray(base, base + slots));
}

test('what was published is what is found, entry by entry', () => {
  const publisher = newPublisher(1, SLOTS);
  assert.deepEqual(entries(publisher), [0, 0, 0]);
  for (let turn = 1; turn < 5; turn++) {
    assert.equal(publish(publisher, Int32Array.of(turn, 10 * turn, 100 * turn)), true);
    assert.deepEqual(entries(publisher), [turn, 10 * turn, 100 * turn]);
    assert.deepEqual(
      [0, 1, 2].map((slot) => tableEntry(publisher.words, SLOTS, slot)),
      entries(publisher),
    );
  }
});

test('the published table is a copy', () => {
  const publisher = newPublisher(1, SLOTS);
  const next = generation(7);
  publish(publisher, next);
  next.fill(8);
  assert.deepEqual(entries(publisher), [7, 7, 7]);
});

test('a table of another size is refused', () => {
  for (const slots of [SLOTS - 1, SLOTS + 1]) {
    assert.throws(() => publish(newPublisher(1, SLOTS), new Int32Array(slots)), RangeError);
  }
});

test('a second publication waits for whoever may hold the first table, and does nothing until then', () => {
  const publisher = newPublisher(2, SLOTS);
  const section = enter(publisher.rcu, 1);
  assert.equal(publish(publisher, generation(1)), true);
  assert.equal(publish(publisher, generation(2)), false);
  assert.deepEqual(entries(publisher), [1, 1, 1]);
  leave(publisher.rcu, 1, section);
  assert.equal(publish(publisher, generation(2)), true);
  assert.deepEqual(entries(publisher), [2, 2, 2]);
});

test('a publisher that was inside a section of its own can publish again once it has left it', () => {
  const publisher = newPublisher(1, SLOTS);
  for (let turn = 1; turn < 6; turn++) {
    const section = enter(publisher.rcu, 0);
    assert.equal(publish(publisher, generation(turn)), true, `turn ${turn}`);
    leave(publisher.rcu, 0, section);
  }
});

/** What a reader that reads a table entry by entry finds when it meets the publisher: the worst over all meetings. */
function meet(publishWith: Publish): string | undefined {
  for (let publications = 1; publications <= 3; publications++) {
    for (let at = 0; at <= SLOTS; at++) {
      const trouble =
        readerStops(publishWith, publications, at) ?? publisherStops(publishWith, publications, at);
      if (trouble !== undefined) return `${trouble}; ${publications} publications before entry ${at}`;
    }
  }
  return undefined;
}

/** The reader stops before entry `at`, the publisher publishes as often as it may, the reader goes on. */
function readerStops(publishWith: Publish, publications: number, at: number): string | undefined {
  const publisher = newPublisher(1, SLOTS);
  publish(publisher, generation(100));
  const section = enter(publisher.rcu, 0);
  const base = tableBase(publisher.words, SLOTS);
  const seen: number[] = [];
  for (let slot = 0; slot <= SLOTS; slot++) {
    if (slot === at) for (let n = 1; n <= publications; n++) publishWith(publisher, generation(100 + n));
    if (slot < SLOTS) seen.push(publisher.words[base + slot]);
  }
  const again = Array.from(publisher.words.subarray(base, base + SLOTS));
  leave(publisher.rcu, 0, section);
  if (new Set(seen).size > 1) return `mixed: ${seen}`;
  return new Set([...seen, ...again]).size > 1
    ? `changed under its reader: ${seen}, then ${again}`
    : undefined;
}

/** The publisher is stalled before each of its steps; a reader comes in, reads `at` entries, and the rest afterwards. */
function publisherStops(publishWith: Publish, publications: number, at: number): string | undefined {
  for (let step = 0, more = true; more; step++) {
    const publisher = newPublisher(1, SLOTS);
    for (let n = 0; n < publications; n++) publishWith(publisher, generation(100 + n));
    let section = -1;
    let base = -1;
    const seen: number[] = [];
    more = stall(
      step,
      () => void publishWith(publisher, generation(200)),
      () => {
        section = enter(publisher.rcu, 0);
        base = tableBase(publisher.words, SLOTS);
        for (let slot = 0; slot < at; slot++) seen.push(publisher.words[base + slot]);
      },
    );
    if (!more) return undefined;
    publishWith(publisher, generation(201));
    for (let slot = at; slot < SLOTS; slot++) seen.push(publisher.words[base + slot]);
    leave(publisher.rcu, 0, section);
    if (new Set(seen).size > 1) return `mixed: ${seen}`;
    if (!poll(publisher.rcu, publisher.grace)) return 'the grace period does not end';
  }
  return undefined;
}

test('whenever reader and publisher meet, the reader finds one table that stays as it is', () => {
  assert.equal(meet(publish), undefined);
});

test('each way to publish without that protection is found out', () => {
  assert.match(meet(noGracePeriod) ?? '', /mixed|changed/);
  assert.match(meet(inPlace) ?? '', /mixed|changed/);
  assert.match(meet(beginsTooEarly) ?? '', /mixed|changed/);
  assert.match(meet(foundTooEarly) ?? '', /mixed|changed/);
});

test('threads: no reader sees two generations in one table', { timeout: 60_000 }, async () => {
  // As many threads as a small machine has cores: a third would make each grace period wait for a time slice.
  const READERS = 1;
  const GENERATIONS = 500;
  const publisher = newPublisher(READERS, 64);
  const stop = new Int32Array(new SharedArrayBuffer(4));
  const ends = Array.from({ length: READERS }, (_, reader) => {
    const task: TableTask = { words: publisher.words, slots: 64, rcu: publisher.rcu, reader, stop };
    const worker = new Worker(new URL('./table-thread.js', import.meta.url), { workerData: task });
    const ready = new Promise((resolve) => worker.once('message', resolve));
    const end = new Promise<string>((resolve, reject) => {
      worker.on('message', (message: string) => message !== 'ready' && resolve(message));
      worker.on('error', reject);
    });
    return { ready, end };
  });
  await Promise.all(ends.map(({ ready }) => ready));
  const next = new Int32Array(64);
  for (let n = 1; n <= GENERATIONS; n++) {
    next.fill(n);
    while (!publish(publisher, next));
  }
  Atomics.store(stop, 0, 1);
  for (const { end } of ends) assert.equal(await end, 'one table at a time');
});
