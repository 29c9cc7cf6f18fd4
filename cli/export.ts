/** `loopwq export`: results in the formats of other tools. */
import { writeFileSync } from 'node:fs';
import { exportData } from '../benchmarks/compare/export-data.ts';
import { InputError, unknownName } from '../datasets/errors.ts';
import { FORMATS } from '../datasets/formats/index.ts';
import { readResults } from '../datasets/results.ts';
import { EXIT } from './exit.ts';
import { readOptions } from './options.ts';
import { wrap } from './table-text.ts';

export const EXPORT_HELP = `loopwq export RESULTS --format NAME [--out FILE]

Writes results in the format of another tool, to stdout or to a file that is not there yet. Trials that failed or were skipped
are left out. Formats:

${FORMATS.flatMap(({ name, summary }) => wrap(`  ${name}: ${summary}`, 110, 6)).join('\n')}
`;

const OPTIONS = { format: { type: 'string' }, out: { type: 'string' } } as const;

export async function exportCommand(args: string[]): Promise<number> {
  const { values, positionals } = readOptions(args, OPTIONS, true);
  const [path, ...more] = positionals;
  if (path === undefined || more.length > 0)
    throw new InputError(`export takes one RESULTS, got ${positionals.length} paths`);
  const names = FORMATS.map(({ name }) => name);
  if (values.format === undefined) throw new InputError(`--format is missing. Valid: ${names.join(', ')}`);
  const format = FORMATS.find(({ name }) => name === values.format);
  if (format === undefined) throw unknownName('format', values.format, names);
  const { path: file, records, truncated } = readResults(path);
  if (truncated) process.stderr.write(`${file}: the last line was cut off, and its trial is left out\n`);
  const text = format.write(exportData(records));
  if (values.out === undefined) process.stdout.write(text);
  else writeNew(values.out, text);
  return EXIT.fine;
}

function writeNew(path: string, text: string): void {
  try {
    writeFileSync(path, text, { flag: 'wx' });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    throw new InputError(`--out ${path}: exists, and is not overwritten`);
  }
}
