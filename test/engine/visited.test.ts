import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { Permutation } from '../../engine/permutation.ts';
import { Visited } from '../../engine/visited.ts';

test('a map of visits does what a set does', () => {
  const steps = fc.array(fc.tuple(fc.nat(299), fc.integer({ min: 1, max: 40 })), { maxLength: 200 });
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 300 }), steps, (blocks, all) => {
      const visited = new Visited(blocks);
      const seen = new Set<number>();
      for (const [from, most] of all) {
        if (seen.size === blocks) seen.clear();
        let first = from % blocks;
        while (seen.has(first)) first = (first + 1) % blocks;
        visited.seek(from % blocks);
        assert.equal(visited.first, first);
        let count = 0;
        while (count < most && first + count < blocks && !seen.has(first + count)) seen.add(first + count++);
        assert.equal(visited.take(most), count);
      }
    }),
  );
});

test('a full map of many blocks is passed in steps of a word', () => {
  const blocks = 2 ** 22;
  const visited = new Visited(blocks);
  visited.seek(1);
  assert.equal(visited.take(blocks), blocks - 1);
  const begun = performance.now();
  visited.seek(1);
  assert.equal(visited.first, 0);
  // 131,072 words; 4 million single steps take about 20 times as long.
  assert.ok(performance.now() - begun < 100);
});

test('within is a bijection of every size', () => {
  const words = fc.integer({ min: 0, max: 2 ** 32 - 1 });
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 700 }), words, words, (size, a, b) => {
      const permutation = new Permutation(size, a, b);
      const all = Array.from({ length: size }, (_, i) => permutation.within(i)).sort((x, y) => x - y);
      assert.deepEqual(
        all,
        all.map((_, i) => i),
      );
    }),
  );
});
