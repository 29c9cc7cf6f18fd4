/** A specification to SVG, without a browser. vega and vega-lite are loaded at the first call: they cost 0.2 s. */
import type { TopLevelSpec } from 'vega-lite';
import { textWidth } from './text-width.ts';

/** What vega measures texts with; its types leave it out. */
interface TextMetrics {
  width(item: TextItem, text: unknown): number;
}
interface TextItem {
  font?: string;
  fontSize?: number;
  fontWeight?: string | number;
}

/**
 * @returns a standing-alone SVG image whose texts are texts
 * @throws {Error} when the specification has no description, or vega or vega-lite warn about anything: a warning
 *   is a chart that shows something else than was meant
 */
export async function renderSvg(spec: TopLevelSpec): Promise<string> {
  const [vega, vegaLite] = await Promise.all([import('vega'), import('vega-lite')]);
  const { description } = spec;
  if (typeof description !== 'string' || description === '')
    throw new Error('a chart needs a description, for those who do not see it');
  measureTexts((vega as unknown as { textMetrics: TextMetrics }).textMetrics);
  const complaints: string[] = [];
  const logger = collector(complaints);
  // vega notes numbers of its own on the rows that it is given.
  const copy = structuredClone(spec);
  const view = new vega.View(vega.parse(vegaLite.compile(copy, { logger }).spec), {
    renderer: 'none',
    logger,
  });
  try {
    const svg = await view.toSVG();
    if (complaints.length > 0) throw new Error(`the chart was drawn with warnings: ${complaints.join('; ')}`);
    return described(rounded(numbered(svg)), description);
  } finally {
    view.finalize();
  }
}

/**
 * Without a canvas vega takes every letter for 0.8 em wide, which puts titles far from their axes and a margin of a
 * third beside the picture. `textMetrics.width` is its door for who knows better.
 */
function measureTexts(metrics: TextMetrics): void {
  metrics.width = (item, text) => {
    const bold = item.fontWeight === 'bold' || Number(item.fontWeight) >= 600;
    return text === null || text === undefined
      ? 0
      : textWidth(String(text), item.fontSize ?? 11, item.font, bold);
  };
}

/** Places to a hundredth of a pixel: vega writes 15 digits, which are half of a picture. */
function rounded(svg: string): string {
  return svg.replace(/ (?:d|transform|x2?|y2?)="[^"]*"/g, (attribute) =>
    attribute.replace(/\d+\.\d{3,}/g, (number) => String(Math.round(Number(number) * 100) / 100)),
  );
}

/** Gradients by their place in the picture: vega counts on from one picture to the next. */
function numbered(svg: string): string {
  const names = new Map<string, string>();
  return svg.replace(/\bgradient_\d+\b/g, (name) => {
    if (!names.has(name)) names.set(name, `gradient_${names.size}`);
    return names.get(name)!;
  });
}

/** The description as the image's own, since an SVG that vega writes has none. */
function described(svg: string, description: string): string {
  const text = description.replace(/[&<>]/g, (it) => ({ '&': '&amp;', '<': '&lt;', '>': '&gt;' })[it]!);
  return svg.replace(/^<svg([^>]*)>/, (_, attributes) => `<svg${attributes} role="img"><desc>${text}</desc>`);
}

/** A logger of vega that keeps warnings and errors and drops the rest. */
function collector(complaints: string[]) {
  const keep = (...words: readonly unknown[]) => {
    complaints.push(words.map(String).join(' '));
    return logger;
  };
  const drop = () => logger;
  const logger = {
    level: (_?: number) => logger,
    error: keep,
    warn: keep,
    info: drop,
    debug: drop,
  };
  return logger as unknown as import('vega').LoggerInterface;
}
