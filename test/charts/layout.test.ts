import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { sheets } from '../../charts/frame.ts';
import { designStyles } from '../../charts/palette.ts';
import { placed } from '../../charts/placed.ts';

test('too many designs for one plot are shown in several, each design once and the base in each', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 60 }), (count) => {
      const rows = Array.from({ length: count }, (_, at) => ({ design: `n-wq:${at + 1}`, reference: false }));
      const plots = sheets(designStyles(rows), rows);
      assert.equal(plots.length > 1, count > 12);
      const shown = plots.flatMap(({ designs }, at) => [...designs].slice(at === 0 ? 0 : 1));
      assert.deepEqual(
        shown,
        rows.map(({ design }) => design),
      );
      for (const { designs } of plots) assert.ok(designs.has('n-wq:1') && designs.size <= 12);
    }),
  );
});

test('texts beside points lie on no point, no other text, and inside of the plot', () => {
  const spot = fc.record({
    x: fc.integer({ min: 0, max: 300 }),
    y: fc.integer({ min: 0, max: 200 }),
    text: fc.stringMatching(/^[0-9]{1,3}$/),
  });
  fc.assert(
    fc.property(fc.array(spot, { maxLength: 40 }), (spots) => {
      const offsets = placed(spots, { width: 300, height: 200 });
      const boxes = spots.flatMap(({ x, y, text }, at) => {
        const offset = offsets[at];
        if (!offset) return [];
        // Narrower and lower than any digit of that size is drawn.
        const [wide, high] = [text.length * 2.5, 3];
        return [[x + offset.dx - wide, x + offset.dx + wide, y + offset.dy - high, y + offset.dy + high]];
      });
      for (const [at, [left, right, top, bottom]] of boxes.entries()) {
        assert.ok(left! >= 0 && right! <= 300 && top! >= 0 && bottom! <= 200);
        for (const { x, y } of spots)
          assert.ok(x < left! || x > right! || y < top! || y > bottom!, `a text on the point ${x} ${y}`);
        for (const [l, r, t, b] of boxes.slice(at + 1))
          assert.ok(r! <= left! || l! >= right! || b! <= top! || t! >= bottom!, 'two texts on each other');
      }
    }),
  );
  assert.ok(placed([{ x: 100, y: 100, text: '7' }], { width: 300, height: 200 })[0]);
});
