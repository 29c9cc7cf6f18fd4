/** A picture without its texts is worse than none, and resvg drops them without a word: so the ink itself is looked for. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { inflateSync } from 'node:zlib';
import { Resvg } from '@resvg/resvg-js';
import { chartData } from '../../charts/chart.ts';
import { CHARTS, drawFrom } from '../../charts/index.ts';
import { renderPng } from '../../charts/png.ts';
import { SAMPLES } from './sample.ts';
import { texts } from './spec.ts';

interface Picture {
  width: number;
  height: number;
  /** Red, green, blue and alpha of each pixel, row by row. */
  pixels: Uint8Array;
}

/** What resvg writes: 8 bits a channel, red, green, blue, alpha, no interlacing (ISO/IEC 15948, 9 and 11). */
function readPng(bytes: Buffer): Picture {
  assert.equal(bytes.toString('latin1', 1, 4), 'PNG');
  const data: Buffer[] = [];
  for (let at = 8; at < bytes.length; at += 12 + bytes.readUInt32BE(at))
    if (bytes.toString('latin1', at + 4, at + 8) === 'IDAT')
      data.push(bytes.subarray(at + 8, at + 8 + bytes.readUInt32BE(at)));
  const width = bytes.readUInt32BE(16);
  const height = bytes.readUInt32BE(20);
  assert.deepEqual([...bytes.subarray(24, 29)], [8, 6, 0, 0, 0]);
  const lines = inflateSync(Buffer.concat(data));
  const stride = width * 4;
  const pixels = new Uint8Array(stride * height);
  for (let y = 0; y < height; y++) {
    const row = y * stride;
    const filter = lines[y * (stride + 1)]!;
    for (let x = 0; x < stride; x++) {
      const left = x < 4 ? 0 : pixels[row + x - 4]!;
      const up = y === 0 ? 0 : pixels[row - stride + x]!;
      const corner = x < 4 || y === 0 ? 0 : pixels[row - stride + x - 4]!;
      let guess = 0;
      if (filter === 1) guess = left;
      else if (filter === 2) guess = up;
      else if (filter === 3) guess = (left + up) >> 1;
      else if (filter === 4) guess = paeth(left, up, corner);
      pixels[row + x] = lines[row + y + 1 + x]! + guess;
    }
  }
  return { width, height, pixels };
}

function paeth(left: number, up: number, corner: number): number {
  const guess = left + up - corner;
  const a = Math.abs(guess - left);
  const b = Math.abs(guess - up);
  const c = Math.abs(guess - corner);
  return a <= b && a <= c ? left : b <= c ? up : corner;
}

/** Every colour that there is, as 0xrrggbb. */
function colours({ pixels }: Picture): Set<number> {
  const found = new Set<number>();
  for (let at = 0; at < pixels.length; at += 4)
    found.add((pixels[at]! << 16) | (pixels[at + 1]! << 8) | pixels[at + 2]!);
  return found;
}

/** The same picture with a colour of its own for each text. */
function inColours(svg: string): { svg: string; colours: number[] } {
  const used: number[] = [];
  const painted = svg.replace(/<text (?=[^>]*>(?!<\/text>))/g, () => {
    used.push(0xfe0000 + used.length);
    return `<text style="fill:#${used.at(-1)!.toString(16)};fill-opacity:1;opacity:1" `;
  });
  return { svg: painted, colours: used };
}

test('every text of every chart leaves ink of its own, and nothing does where there is no font', async () => {
  for (const chart of CHARTS) {
    const [drawing] = await drawFrom(chartData(SAMPLES[chart.name]!()), [chart]);
    assert.ok(drawing && 'svg' in drawing);
    const { svg, colours: expected } = inColours(drawing.svg);
    assert.ok(expected.length >= 10 && texts(svg).length >= expected.length, chart.name);
    const ink = colours(readPng(await renderPng(svg)));
    for (const [at, colour] of expected.entries())
      assert.ok(ink.has(colour), `${drawing.name} without '${texts(svg)[at]}'`);
    const bare = new Resvg(svg, { background: 'white', font: { loadSystemFonts: false } });
    const without = colours(readPng(bare.render().asPng()));
    assert.ok(expected.every((colour) => !without.has(colour)));
  }
});

test('a text stands where the SVG says, in its own face, at twice the size', async () => {
  const svg = (family: string) =>
    `<svg xmlns="http://www.w3.org/2000/svg" width="100" height="60"><text x="20" y="40" font-size="20" font-family="${family}">iiii</text></svg>`;
  const extent = async (family: string) => {
    const { width, height, pixels } = readPng(await renderPng(svg(family)));
    assert.deepEqual([width, height], [200, 120]);
    const inked = Array.from({ length: width }, (_, x) => x).filter((x) =>
      Array.from({ length: height }, (_, y) => pixels[(y * width + x) * 4]!).some((red) => red < 128),
    );
    return [inked[0]!, inked.at(-1)!];
  };
  const [sans, mono] = [await extent('DejaVu Sans, sans-serif'), await extent('DejaVu Sans Mono, monospace')];
  // Advance widths in thousandths of an em: i of DejaVu Sans 278, any letter of DejaVu Sans Mono 602.
  assert.ok(sans[0]! >= 40 && sans[1]! <= 40 + 4 * 0.278 * 40, `${sans}`);
  assert.ok(mono[1]! > 40 + 3 * 0.602 * 40 && mono[1]! <= 40 + 4 * 0.602 * 40, `${mono}`);
  // A face that nobody has is drawn with one that there is, and never with none.
  assert.deepEqual(await extent('Helvetica Neue'), sans);
});
