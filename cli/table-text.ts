/** How numbers and lines are written in tables: three significant digits, plain ASCII units, no colour unless asked. */

export type Style = 'bold' | 'dim' | 'red' | 'green' | 'yellow';
export type Paint = (text: string, style?: Style) => string;

/** What lines are fitted into: a number of characters, and colours or none. */
export interface Page {
  width: number;
  paint: Paint;
}

const ANSI: Record<Style, [on: number, off: number]> = {
  bold: [1, 22],
  dim: [2, 22],
  red: [31, 39],
  green: [32, 39],
  yellow: [33, 39],
};

/** Paints line by line, so that a style never runs over the padding of a table's cell. */
export function painter(color: boolean): Paint {
  return (text, style) => {
    if (!color || style === undefined) return text;
    const [on, off] = ANSI[style];
    const lines = text.split('\n');
    return lines.map((line) => (line === '' ? '' : `\x1b[${on}m${line}\x1b[${off}m`)).join('\n');
  };
}

/** A number of things or things a second: 850, 12.3k, 4.00M. */
export function count(value: number): string {
  return value < 999.5 ? String(Math.round(value)) : scaled(value / 1000, ['k', 'M', 'G', 'T']);
}

/** A duration given in nanoseconds: 850 ns, 12.3 us, 4.20 ms, 1.50 s. */
export function duration(nanoseconds: number): string {
  return nanoseconds < 999.5
    ? `${Math.round(nanoseconds)} ns`
    : scaled(nanoseconds / 1000, [' us', ' ms', ' s']);
}

/** An amount of data: 512 B, 32.0 KiB, 1.20 MiB. */
export function bytes(value: number): string {
  const units = [' B', ' KiB', ' MiB', ' GiB', ' TiB'];
  let rest = value;
  let unit = 0;
  while (rest >= 999.5 && unit < units.length - 1) {
    rest /= 1024;
    unit++;
  }
  return unit === 0 ? `${Math.round(rest)} B` : `${threeDigits(rest)}${units[unit]}`;
}

/** A cost per operation or a ratio: 0.0123, 0.93, 12.3, 123. */
export function decimal(value: number): string {
  if (value > 0 && value < 0.0995) return value < 0.0005 ? '<0.001' : value.toFixed(3);
  return value < 9.995 ? value.toFixed(2) : threeDigits(value);
}

/** `1 round`, `5 rounds`. */
export function plural(number: number, noun: string): string {
  return `${number} ${noun}${number === 1 ? '' : 's'}`;
}

/** Breaks at spaces to lines of at most `width` characters; all but the first are indented. */
export function wrap(text: string, width: number, indent: number): string[] {
  const lines: string[] = [];
  let line = text.match(/^ */)![0];
  let fresh = true;
  for (const word of text.trim().split(/ +/)) {
    if (!fresh && line.length + 1 + word.length > width) {
      lines.push(line);
      line = ' '.repeat(indent);
      fresh = true;
    }
    line += fresh ? word : ` ${word}`;
    fresh = false;
  }
  return [...lines, line];
}

/** A label and a text that hangs beside it. */
export function item(label: string, text: string, page: Page, style: Style): string[] {
  const indent = 13;
  const lines = wrap(`${' '.repeat(indent)}${text}`, page.width, indent);
  lines[0] = `  ${page.paint(label, style)}${lines[0]!.slice(2 + label.length)}`;
  return lines;
}

/** A design's name on lines of at most 40 characters, broken before a `+` and indented from the second on. */
export function breakName(design: string): string {
  if (design.length <= 40) return design;
  const lines = [''];
  for (const part of design.split(/(?=\+)/)) {
    if (lines.at(-1) !== '' && lines.at(-1)!.length + part.length > 40) lines.push('  ');
    lines[lines.length - 1] += part;
  }
  return lines.join('\n');
}

/** Divides by 1,000 until three digits are left of the point at most, after rounding: 999,999 is 1.00M. */
function scaled(value: number, units: readonly string[]): string {
  let rest = value;
  let unit = 0;
  while (rest >= 999.5 && unit < units.length - 1) {
    rest /= 1000;
    unit++;
  }
  return `${threeDigits(rest)}${units[unit]}`;
}

function threeDigits(value: number): string {
  return value.toFixed(value < 9.995 ? 2 : value < 99.95 ? 1 : 0);
}
