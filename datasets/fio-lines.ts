import { parse } from 'ini';
import { InputError } from './errors.ts';

/** One meaningful line of a job file: a section header, or a key with its value (undefined for a bare key). */
export type Line =
  | { line: number; section: string }
  | { line: number; key: string; value: string | undefined };

/**
 * Splits a job file into its lines. The `ini` package reads them one at a time: given the whole text, it would lose
 * the line numbers, merge sections of one name and nest those with a dot in it.
 *
 * @param path for messages only
 * @throws InputError for a line that is neither header, `key`, `key=value` nor comment
 */
export function readLines(text: string, path: string): Line[] {
  const lines: Line[] = [];
  text.split(/\r\n|\r|\n/).forEach((full, index) => {
    const line = index + 1;
    // As fio does it: a comment begins at the first ; or # and nothing can escape it.
    const bare = full.replace(/[;#].*$/s, '').trim();
    if (bare === '') return;
    if (bare.startsWith('[')) {
      const header = /^\[([^[\]]+)\]$/.exec(bare);
      if (header === null)
        throw new InputError(`${path}:${line}: '${bare}' is no section header: write [name].`);
      lines.push({ line, section: header[1]! });
      return;
    }
    // fio has no escapes in values either; doubled backslashes come back single from ini.
    const entries = Object.entries(parse(bare.replaceAll('\\', '\\\\'), { bracketedArray: false }));
    if (entries.length !== 1) {
      throw new InputError(`${path}:${line}: '${bare}' is neither a section header nor key=value.`);
    }
    const [key, value] = entries[0]!;
    const raw = bare.includes('=') ? bare.slice(bare.indexOf('=') + 1).trim() : undefined;
    // To fio a quote is a character like any other; ini would take it off and read what is inside as JSON.
    lines.push({ line, key, value: raw === undefined || /^["']/.test(raw) ? raw : String(value) });
  });
  return lines;
}

/**
 * The text of the comment that a job file begins with, one line of text per line of comment; '' without one.
 * Blank lines before it do not count, the first other line ends it.
 */
export function leadingComment(text: string): string {
  const comment: string[] = [];
  for (const line of text.split(/\r\n|\r|\n/)) {
    const match = /^\s*[;#]+\s?(.*)$/.exec(line);
    if (match === null && (comment.length > 0 || line.trim() !== '')) break;
    if (match !== null) comment.push(match[1]!.trimEnd());
  }
  return comment.join('\n').trim();
}
