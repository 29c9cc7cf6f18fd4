import assert from 'node:assert/strict';
import { test } from 'node:test';
import { deflateSync, inflateSync } from 'node:zlib';
import fc from 'fast-check';
import {
  build,
  decodeFromCompressedBase64,
  encodeIntoCompressedBase64,
  type JsHistogram,
} from 'hdr-histogram-js';
import { addHistograms } from '../../benchmarks/histogram.ts';
import { HIGHEST_LATENCY } from '../../benchmarks/latency.ts';

const settings = {
  bitBucketSize: 32,
  autoResize: false,
  lowestDiscernibleValue: 1,
  highestTrackableValue: HIGHEST_LATENCY,
  numberOfSignificantValueDigits: 3,
} as const;

function encoded(counts: readonly (readonly [value: number, count: number])[], digits: 2 | 3 = 3): string {
  const histogram = build({ ...settings, numberOfSignificantValueDigits: digits });
  for (const [value, count] of counts) histogram.recordValueWithCount(value, count);
  return encodeIntoCompressedBase64(histogram);
}

/** The buckets of some histograms as hdr-histogram-js itself adds them up. */
function reference(histograms: readonly string[]): [value: number, count: number][] {
  const sum = build(settings) as JsHistogram;
  for (const histogram of histograms) sum.add(decodeFromCompressedBase64(histogram) as JsHistogram);
  const buckets: [number, number][] = [];
  const iterator = sum.recordedValuesIterator;
  iterator.reset();
  while (iterator.hasNext()) {
    const { valueIteratedTo, countAddedInThisIterationStep } = iterator.next();
    buckets.push([valueIteratedTo, countAddedInThisIterationStep]);
  }
  return buckets;
}

const totalOf = (counts: readonly (readonly [number, number])[]): number =>
  counts.reduce((sum, [, count]) => sum + count, 0);

test('whatever was recorded, the buckets are those of hdr-histogram-js', () => {
  const value = fc.oneof(
    fc.nat(3000),
    fc.nat(2 ** 30),
    fc.integer({ min: 0, max: HIGHEST_LATENCY }),
    // The edges of the octaves.
    fc.tuple(fc.nat(30), fc.integer({ min: -1, max: 1 })).map(([bit, off]) => 2048 * 2 ** bit + off),
  );
  const counts = fc.array(
    fc.tuple(value, fc.oneof(fc.constant(1), fc.integer({ min: 1, max: 2 ** 31 - 1 }))),
    {
      minLength: 1,
      maxLength: 30,
    },
  );
  // The library counts in words of 32 bits here, so one bucket may not get more than that.
  const distinct = counts.map((all) => [
    ...new Map(all.map((pair) => [Math.floor(Math.log2(pair[0] + 1) * 2000), pair])).values(),
  ]);
  fc.assert(
    fc.property(fc.array(distinct, { minLength: 1, maxLength: 3 }), (rounds) => {
      const histograms = rounds.map((round) => encoded(round));
      const { n, values, counts } = addHistograms(histograms, rounds.map(totalOf));
      assert.equal(n, totalOf(rounds.flat()));
      assert.deepEqual(
        Array.from(values, (value, at) => [value, counts[at]!]),
        reference(histograms),
      );
    }),
    { numRuns: 300 },
  );
});

test('several histograms add up, and nothing of one call is left in the next', () => {
  const rounds = [
    [
      [5, 2],
      [7_000_000, 1],
    ],
    [
      [5, 1],
      [90, 4],
    ],
    [[HIGHEST_LATENCY, 1]],
  ] as const;
  const histograms = rounds.map((round) => encoded(round));
  const sum = addHistograms(histograms, rounds.map(totalOf));
  assert.equal(sum.n, 9);
  assert.deepEqual([...sum.counts], [3, 4, 1, 1]);
  assert.deepEqual(
    [...sum.values].map((value, at) => [value, sum.counts[at]]),
    reference(histograms),
  );
  assert.deepEqual(addHistograms([], []), { n: 0, values: new Float64Array(0), counts: new Float64Array(0) });
  assert.throws(() => addHistograms([histograms[0]!, 'AAAA'], [3, 1]));
  assert.deepEqual([...addHistograms([histograms[1]!], [5]).counts], [1, 4]);
});

test('what is no such histogram is refused, and said', () => {
  const good = encoded([[5, 300]]);
  const packed = Buffer.from(good, 'base64');
  const bytes = inflateSync(packed.subarray(8));
  /** The histogram with something done to its bytes, or with others in their place. */
  const spoiled = (spoil: (bytes: Buffer) => unknown): string => {
    const copy = Buffer.from(bytes);
    const other = spoil(copy);
    const body = deflateSync(Buffer.isBuffer(other) ? other : copy);
    const head = Buffer.from(packed.subarray(0, 8));
    head.writeInt32BE(body.length, 4);
    return Buffer.concat([head, body]).toString('base64');
  };
  const payload = bytes.readInt32BE(4);
  assert.equal(addHistograms([spoiled(() => undefined)], [300]).n, 300);
  const cases: [histogram: string, message: RegExp][] = [
    ['', /compressed V2/],
    [good.replace(/^H/, 'I'), /compressed V2/],
    [good.slice(0, 20), /unexpected end|incorrect/],
    [encoded([[5, 300]], 2), /2 digits/],
    [spoiled((it) => it.subarray(0, 30)), /V2 encoding/],
    [spoiled((it) => it.writeInt32BE(1)), /V2 encoding/],
    // 300 takes two bytes.
    [spoiled((it) => it.writeInt32BE(payload - 1, 4)), /within a count/],
    [
      spoiled((it) => it.writeInt32BE(payload + 1, 4) && Buffer.concat([it, Buffer.of(0x80)])),
      /within a count/,
    ],
  ];
  for (const [histogram, message] of cases) assert.throws(() => addHistograms([histogram], [300]), message);
  assert.throws(() => addHistograms([good], [299]), /says 299 latencies, its histogram 300/);
  // 2^20 empty buckets, then one value.
  const far = spoiled((it) => {
    const tail = Buffer.of(0xff, 0xff, 0x7f, 2);
    it.writeInt32BE(tail.length, 4);
    return Buffer.concat([it.subarray(0, 40), tail]);
  });
  assert.throws(() => addHistograms([far], [1]), /beyond an hour/);
});
