/** `loopwq compare`: is NEW better, worse or the same as BASE, cell by cell. */
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { type CompareOptions, type Comparison, compare, type Source } from '../benchmarks/compare/compare.ts';
import { thresholdFrom } from '../benchmarks/compare/threshold.ts';
import { readAa } from '../datasets/aa-file.ts';
import { InputError } from '../datasets/errors.ts';
import { looksLikeFio, readFioResults } from '../datasets/formats/fio-results.ts';
import { RESULTS_FILE, RESULTS_PACKED, readResults } from '../datasets/results.ts';
import { readRunFile, runFileBeside } from '../datasets/run-file.ts';
import type { TrialRecord } from '../datasets/schema.ts';
import { renderComparison, renderCsv, renderMarkdown } from './compare-text.ts';
import { EXIT } from './exit.ts';
import { renderMail } from './mail.ts';
import { percent, readOptions } from './options.ts';

export const COMPARE_HELP = `loopwq compare [options] BASE NEW
loopwq compare [options] RESULTS [--base DESIGN --new DESIGN]

Says for every workload, design and metric whether NEW is better, worse or the same as BASE, or that the rounds can't tell
(inconclusive). BASE and NEW are results (a folder of \`loopwq run\`, or its results.jsonl), or what fio wrote with
--output-format=json+: a file, or a folder of files, one per round, named WORKLOAD[.ROUND].json. Of one RESULTS, two designs
are compared, paired by round. The two must come from one machine; only the kernel's release may differ.

  --base DESIGN, --new DESIGN   the designs to compare, where not every one is compared with itself
  --threshold PERCENT           the least change that matters (what loopwq aa found here, else 5)
  --waits                       also where operations waited: gate, queue and call of flushes, queues, reads beside flushes
  --cross-host                  compare what was measured on different machines or with different settings, and say so
  --seed N                      of the bootstrap (1)
  --strict                      exit 3 when a cell is inconclusive, or only one of the two has it
  --json, --markdown, --csv     other forms than text
  --mail                        plain text for below a patch: 72 columns, the downsides stated
  --no-color

Exit codes: 0; 1 when something is worse; 2 when the two can't be compared; 3 inconclusive, under --strict.
`;

const OPTIONS = {
  base: { type: 'string' },
  new: { type: 'string' },
  threshold: { type: 'string' },
  waits: { type: 'boolean' },
  'cross-host': { type: 'boolean' },
  seed: { type: 'string' },
  strict: { type: 'boolean' },
  json: { type: 'boolean' },
  markdown: { type: 'boolean' },
  csv: { type: 'boolean' },
  mail: { type: 'boolean' },
  'no-color': { type: 'boolean' },
} as const;

const FORMS = ['json', 'markdown', 'csv', 'mail'] as const;

export async function compareCommand(args: string[]): Promise<number> {
  const { values, positionals } = readOptions(args, OPTIONS, true);
  const [base, other, ...more] = positionals;
  if (base === undefined || more.length > 0)
    throw new InputError(`compare takes BASE and NEW, or one RESULTS; got ${positionals.length} paths`);
  const asked = FORMS.filter((form) => values[form]);
  if (asked.length > 1) throw new InputError(`--${asked.join(' and --')}: one form at a time`);
  const threshold = percent('threshold', values.threshold);
  const old = readSource(base);
  const now = other === undefined ? undefined : readSource(other);
  const told = now ?? old;
  if (values.mail && told.records.length === 0)
    throw new InputError(`--mail: ${told.path} is no result of loopwq, and a mail is made of one`);
  const chosen = threshold === undefined ? usualThreshold(told.records, now === undefined) : { threshold };
  const comparison = compare(old, now, {
    designs: { base: values.base, new: values.new },
    crossHost: values['cross-host'] === true,
    waits: values.waits === true,
    seed: seedOf(values.seed),
    ...chosen,
  });
  const color = values['no-color'] !== true && process.stdout.isTTY === true && !process.env.NO_COLOR;
  process.stdout.write(
    asked[0] === 'mail'
      ? renderMail(told.records, { comparison, order: told.designs, rerun: told.argv })
      : render(comparison, asked[0], color),
  );
  return exitCode(comparison, values.strict === true);
}

/** What an A/A run found on the host of these records; as options of a comparison. */
export function usualThreshold(
  records: readonly TrialRecord[],
  paired: boolean,
): Pick<CompareOptions, 'threshold' | 'notes'> {
  const hostname = records[0]?.host.hostname;
  const { threshold, note } = thresholdFrom(
    hostname === undefined ? undefined : readAa(hostname),
    records,
    paired,
  );
  return { threshold, notes: [note] };
}

function render(
  comparison: Comparison,
  form: 'json' | 'markdown' | 'csv' | undefined,
  color: boolean,
): string {
  if (form === 'json') return `${JSON.stringify(comparison)}\n`;
  if (form === 'markdown') return renderMarkdown(comparison);
  if (form === 'csv') return renderCsv(comparison);
  return renderComparison(comparison, { color, width: process.stdout.columns || 160 });
}

/** What is worse is worse, whatever else is unclear. */
export function exitCode({ judgement, broken }: Comparison, strict: boolean): number {
  const { verdicts, missing } = judgement;
  if (broken.length > 0 || verdicts.some(({ answer }) => answer === 'worse')) return EXIT.violated;
  const unclear = missing.length > 0 || verdicts.some(({ answer }) => answer === 'inconclusive');
  return strict && unclear ? EXIT.inconclusive : EXIT.fine;
}

/**
 * Results of loopwq, or outputs of fio.
 *
 * @throws InputError when the path holds neither
 */
export function readSource(path: string): Source {
  const files = fioFiles(path);
  if (files === undefined) {
    const { path: file, records, truncated } = readResults(path);
    const run = readRunFile(runFileBeside(file));
    const designs = run && [run.base, ...run.designs.filter((design) => design !== run.base)];
    return {
      path,
      records,
      runs: [],
      ...(designs ? { designs } : {}),
      ...(run?.argv.length ? { argv: run.argv } : {}),
      truncated,
    };
  }
  return { path, records: [], runs: files.map((file) => readFioResults(file, readFileSync(file, 'utf8'))) };
}

/** The outputs of fio that a path names; undefined when it is no such path, and the reader of results has to say why. */
function fioFiles(path: string): string[] | undefined {
  const stat = statSync(path, { throwIfNoEntry: false });
  if (stat?.isFile()) return looksLikeFio(readFileSync(path, 'utf8')) ? [path] : undefined;
  if (!stat?.isDirectory()) return undefined;
  const names = readdirSync(path).sort();
  if (names.includes(RESULTS_FILE) || names.includes(RESULTS_PACKED)) return undefined;
  const files = names.filter((name) => name.endsWith('.json')).map((name) => join(path, name));
  return files.length > 0 ? files : undefined;
}

function seedOf(text: string | undefined): number {
  if (text === undefined) return 1;
  const value = Number(text);
  if (!/^\d+$/.test(text) || !Number.isSafeInteger(value))
    throw new InputError(`--seed is a whole number from 0, not '${text}'`);
  return value;
}
