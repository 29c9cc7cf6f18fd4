/** Fonts, sizes and words that all charts share. */
import type { Config } from 'vega-lite';
import type { Group } from '../benchmarks/summary.ts';
import type { DesignStyle } from './palette.ts';
import { MONO, SANS, textWidth } from './text-width.ts';

/** Of a whole chart without its padding, in pixels: fits a web page. */
export const WIDTH = 960;
export const FONT_SIZE = 11;
const INK = '#222222';
const FAINT = '#e3e3e3';

/** Pixels of the widest of some texts in MONO. */
export function widest(texts: readonly string[]): number {
  return Math.max(...texts.map((text) => textWidth(text, FONT_SIZE, MONO)));
}

export const CONFIG: Config = {
  font: SANS,
  // The description of the whole says more to who does not see it than the name of each mark.
  aria: false,
  background: 'white',
  padding: 12,
  view: { stroke: '#bbbbbb' },
  axis: {
    gridColor: FAINT,
    domainColor: '#888888',
    tickColor: '#888888',
    labelColor: INK,
    labelFontSize: FONT_SIZE,
    labelLimit: 0,
    titleColor: INK,
    titleFontSize: FONT_SIZE,
    titleFontWeight: 'normal',
  },
  title: {
    anchor: 'start',
    frame: 'group',
    color: INK,
    fontSize: 12,
    subtitleColor: '#555555',
    subtitleFontSize: FONT_SIZE,
    subtitlePadding: 3,
  },
};

/** A title over the whole chart, in lines of at most that width in pixels. */
export function heading(text: string, notes: readonly string[], width: number) {
  return { text, fontSize: 15, offset: 14, subtitle: notes.flatMap((note) => wrap(note, width)) };
}

/** A title over one cell. */
export function cellHeading(group: Group, note: string, width: number) {
  return plotHeading(cellName(group), conditions(group) + note, width);
}

/** A title over one plot, and under which conditions it was measured. */
export function plotHeading(text: string, note: string, width: number) {
  // The name is bold and a size larger than what the lines are measured for.
  return { text: wrap(text, width / 1.25), subtitle: wrap(note, width), offset: 6 };
}

/** Without I/O everything is faster by orders of magnitude: such cells have axes of their own. */
export function isFloor({ backend }: Group): boolean {
  return backend === 'null';
}

/** `flush-heavy, direct`: what was asked of the designs, without the conditions of the run. */
export function cellName(group: Group): string {
  return `${group.workload}, ${modeOf(group)}`;
}

/** `direct`, `buffered` or `null backend`. */
export function modeOf({ direct, backend }: Pick<Group, 'direct' | 'backend'>): string {
  return backend === 'null' ? 'null backend' : direct ? 'direct' : 'buffered';
}

/** Under which conditions one cell was measured, and what they forbid to conclude. */
function conditions(group: Group): string {
  const facts = [
    isFloor(group) ? 'the floor of the harness, no I/O' : `${group.backend} backend`,
    plural(group.rounds, 'round'),
    plural(group.submitters, 'submitter'),
    ...hostConditions(group),
  ];
  return facts.join(', ');
}

/** What forbids conclusions whatever was asked; mostly nothing. */
export function hostConditions({ host, mixed }: Group): string[] {
  return [
    ...(/^(tmpfs|ramfs)\b/.test(host.fileSystem) ? ['files in memory: a flush means nothing'] : []),
    ...(mixed.length > 0 ? [`MIXED: records differ in ${mixed.join(', ')}`] : []),
  ];
}

/** Where all of it was measured. */
export function hostNote(groups: readonly Group[]): string {
  const hosts = [
    ...new Set(groups.map(({ host }) => `${host.cpuModel}, ${plural(host.cores, 'core')}, ${host.kernel}`)),
  ];
  const oneSocket = groups.every(({ host }) => host.sockets === 1);
  return `${hosts.join('; ')}${oneSocket ? '. One socket: says nothing about sockets.' : ''}`;
}

/** Every design once, in the order of the styles. */
export function scales(styles: readonly DesignStyle[]) {
  const domain = styles.map((style) => style.design);
  return {
    color: { domain, range: styles.map((style) => style.color) },
    dash: { domain, range: styles.map((style) => style.dash) },
    shape: { domain, range: styles.map((style) => style.shape) },
    // White and not transparent: a hollow shape stays readable on the line that it stands on.
    fill: { domain, range: styles.map((style) => (style.filled ? style.color : 'white')) },
  };
}

/** A condition and no scale, which knows no width when there is one design alone. */
export function lineWidth(styles: readonly DesignStyle[]) {
  const references = styles.filter((style) => style.reference).map((style) => style.design);
  return { condition: { test: { field: 'design', oneOf: references }, value: 1.2 }, value: 1.8 };
}

/** `1 round`, `5 rounds`. */
export function plural(number: number, noun: string): string {
  return `${number} ${noun}${number === 1 ? '' : 's'}`;
}

/** Breaks at spaces. */
export function wrap(text: string, width: number): string[] {
  const lines = [''];
  for (const word of text.split(' ')) {
    const line = lines.at(-1)!;
    const longer = line === '' ? word : `${line} ${word}`;
    if (line !== '' && textWidth(longer, FONT_SIZE) > width) lines.push(word);
    else lines[lines.length - 1] = longer;
  }
  return lines;
}
