import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { NONE } from '../../engine/rings.ts';
import { allocate, attach, reset, type Shared, type Sizes } from '../../engine/shared.ts';

const sizes: fc.Arbitrary<Sizes> = fc.record({
  submitters: fc.integer({ min: 1, max: 5 }),
  workers: fc.nat(6),
  queues: fc.nat(6),
  devices: fc.integer({ min: 1, max: 5 }),
  tags: fc.integer({ min: 1, max: 70 }),
  stages: fc.nat(2),
  flushRequests: fc.constant(0),
  policyWords: fc.nat(9),
  slots: fc.nat(20),
  inline: fc.nat(5),
  words: fc.nat(5),
});

/** Every typed array of the shared memory, by name; those of the rings are found inside them. */
function arraysOf(shared: Shared): Map<string, ArrayBufferView & { BYTES_PER_ELEMENT: number }> {
  const found = new Map<string, ArrayBufferView & { BYTES_PER_ELEMENT: number }>();
  const visit = (name: string, value: unknown): void => {
    if (ArrayBuffer.isView(value)) found.set(name, value as Int32Array);
    else if (typeof value === 'object' && value !== null) {
      for (const [key, inner] of Object.entries(value)) visit(`${name}.${key}`, inner);
    }
  };
  for (const [key, value] of Object.entries(shared)) visit(key, value);
  return found;
}

test('no two parts of the shared memory overlap, nor share a cache line', () => {
  fc.assert(
    fc.property(sizes, (of) => {
      const parts = [...arraysOf(attach(allocate(of)))]
        .filter(([, array]) => array.byteLength > 0)
        .sort(([, a], [, b]) => a.byteOffset - b.byteOffset);
      assert.ok(parts.length > 20);
      for (const [i, [name, array]] of parts.entries()) {
        assert.equal(array.byteOffset % 64, 0, name);
        const [next, after] = parts[i + 1] ?? ['the end', { byteOffset: array.buffer.byteLength }];
        assert.ok(array.byteOffset + array.byteLength <= after.byteOffset, `${name} reaches into ${next}`);
      }
    }),
  );
});

test('what one thread writes another one reads in the same place', () => {
  fc.assert(
    fc.property(sizes, (of) => {
      const memory = allocate(of);
      const [here, there] = [arraysOf(attach(memory)), arraysOf(attach(memory))];
      assert.deepEqual([...here.keys()], [...there.keys()]);
      let value = 1;
      for (const array of here.values()) (array as Int32Array).fill(value++ % 251);
      for (const [name, array] of here) assert.deepEqual(there.get(name), array, name);
    }),
    { numRuns: 20 },
  );
});

test('each column has a row for each tag, and each ring an entry for each tag', () => {
  fc.assert(
    fc.property(sizes, (of) => {
      const shared = attach(allocate(of));
      for (const [name, column] of Object.entries(shared.ops)) assert.equal(column.length, of.tags, name);
      reset(shared, new Int32Array(of.devices), undefined);
      const rings = [
        [shared.queues, of.queues],
        [shared.completions, of.submitters],
        [shared.inboxes, of.stages > 0 ? of.devices : 0],
        [shared.inline, of.inline],
      ] as const;
      for (const [ring, count] of rings) {
        for (let r = 0; r < count; r++) for (let tag = 0; tag < of.tags; tag++) ring.push(r, tag);
        for (let r = 0; r < count; r++)
          for (let tag = 0; tag < of.tags; tag++) assert.equal(ring.pop(r), tag);
      }
    }),
  );
});

test('reset leaves nothing of a trial behind', () => {
  fc.assert(
    fc.property(sizes, (of) => {
      const memory = allocate(of);
      const shared = attach(memory);
      const files = Int32Array.from({ length: of.devices }, (_, device) => 40 + device);
      const table = of.slots > 0 ? Int32Array.from({ length: of.slots }, (_, slot) => slot % 3) : undefined;
      reset(shared, files, table);
      const clean = [...arraysOf(shared)].map(
        ([name, array]) => [name, Array.from(array as Int32Array)] as const,
      );
      // The columns of the operations and the marks are written before they are read.
      const kept = /^(ops|marks)\b/;
      for (const [name, array] of arraysOf(shared)) if (!kept.test(name)) (array as Int32Array).fill(7);
      reset(shared, files, table);
      for (const [name, before] of clean) {
        const array = Array.from(arraysOf(shared).get(name) as Int32Array);
        if (name === 'table') {
          // The other table is written as a whole before anybody can find it.
          assert.deepEqual(array.slice(0, 16 + of.slots), before.slice(0, 16 + of.slots));
        } else if (name.endsWith('.words') && !name.includes('Rcu')) {
          // Rings: the values in empty cells are never read, and that all are empty is asserted below.
        } else if (!kept.test(name)) assert.deepEqual(array, before, name);
      }
      for (let q = 0; q < of.queues; q++) assert.equal(shared.queues.pop(q), NONE);
      for (let i = 0; i < of.submitters; i++) assert.equal(shared.completions.pop(i), NONE);
      if (of.stages > 0) for (let d = 0; d < of.devices; d++) assert.equal(shared.inboxes.pop(d), NONE);
      assert.deepEqual(Array.from(shared.files), Array.from(files));
    }),
    { numRuns: 30 },
  );
});

test('memory of another layout is refused', () => {
  const memory = allocate({
    submitters: 1,
    workers: 1,
    queues: 1,
    devices: 1,
    tags: 1,
    stages: 0,
    flushRequests: 0,
    policyWords: 0,
    slots: 0,
    inline: 0,
    words: 0,
  });
  assert.throws(() => attach({ ...memory, version: memory.version + 1 }), /layout/);
  assert.throws(() => attach({ ...memory, magic: 0 }), /layout/);
});
