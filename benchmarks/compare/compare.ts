/** What `loopwq compare` compares: two results, two designs of one run, or an output of fio; and what there is to say beside the verdicts. */
import { InputError, unknownName } from '../../datasets/errors.ts';
import type { FioRun } from '../../datasets/formats/fio-results.ts';
import type { Sample } from '../../datasets/sample.ts';
import type { TrialRecord } from '../../datasets/schema.ts';
import { claimFailures, summarize } from '../summary.ts';
import { type Difference, differences } from './conditions.ts';
import { type Judgement, type JudgeOptions, judgeSamples, type Verdict } from './judge.ts';
import { fioSamples, samplesOf } from './samples.ts';

/** The reference that runs no design: where it changes, the machine did. */
export const CONTROL = 'raw';

export interface Source {
  /** As the user named it. */
  path: string;
  records: readonly TrialRecord[];
  /** Of fio; a source has these or records. */
  runs: readonly FioRun[];
  /** Designs as the run had them, its base first; absent where nobody wrote that down. */
  designs?: readonly string[];
  /** The words behind `loopwq` that made it, where that is known. */
  argv?: readonly string[];
  /** The last line of the results was cut off: that trial is not among the records. */
  truncated?: boolean;
}

/** Something that NEW has and BASE has not, and that is no matter of degree. */
export interface Broken {
  workload: string;
  direct: boolean;
  design: string;
  /** In words. */
  what: string;
}

export interface Comparison {
  base: string;
  new: string;
  judgement: Judgement;
  /** Of `raw` on both sides, by itself: no verdict on a design. */
  control: Verdict[];
  /** Claims that hold on the one side and not on the other, and designs whose trials fail now. */
  broken: Broken[];
  /** Accepted by --cross-host. */
  differences: Difference[];
  /** What a reader must know to read the figures right. */
  notes: string[];
}

export interface CompareOptions extends Omit<JudgeOptions, 'paired'> {
  /** Designs of BASE and of NEW, when two different ones are compared. */
  designs?: { base?: string | undefined; new?: string | undefined };
  crossHost?: boolean;
  /** What is to be said of the options, beside what is found. */
  notes?: readonly string[];
}

/**
 * Compares two sources, or two designs of one.
 *
 * @param other undefined: both designs come from `base`, and are paired by round
 * @throws InputError when the two were not measured under the same conditions, when a design is unknown or it is not
 *   clear which are meant, or when there is no cell that both have
 */
export function compare(base: Source, other: Source | undefined, options: CompareOptions): Comparison {
  if (other === undefined) return compareDesigns(base, options);
  const differing = differences(base.records, other.records);
  if (differing.length > 0 && !options.crossHost) throw notOneMachine(base, other, differing);
  const { designs = {} } = options;
  const fio = base.runs.length > 0 || other.runs.length > 0;
  const chosen = fio || designs.base !== undefined || designs.new !== undefined;
  const names = chosen ? [oneDesign(base, 'base', designs.base), oneDesign(other, 'new', designs.new)] : [];
  const sides = [base, other].map((source, i) =>
    samplesFrom(source, options.waits)
      .filter(({ design }) => (chosen ? design === names[i] : design !== CONTROL))
      .map((sample) => ({
        ...sample,
        ...(chosen ? { design: names[1]! } : {}),
        ...(fio ? { backend: 'fio' as const } : {}),
      })),
  );
  const judgement = judgeSamples(sides[0]!, sides[1]!, options);
  requireCells(judgement, base.path, other.path);
  const [old, now] = [base, other].map((source) =>
    samplesOf(source.records.filter((it) => it.design === CONTROL)),
  );
  const label = (source: Source, i: number) =>
    names[i] && !fio ? `${names[i]} of ${source.path}` : source.path;
  return {
    base: label(base, 0),
    new: label(other, 1),
    judgement,
    control: chosen ? [] : judgeSamples(old!, now!, options).verdicts,
    broken: chosen ? [] : brokenBy(base.records, other.records),
    differences: differing,
    notes: [
      ...cutOff([base, other]),
      ...kernels(base, other),
      ...aboutFio([base, other]),
      ...(options.notes ?? []),
    ],
  };
}

function compareDesigns(source: Source, options: CompareOptions): Comparison {
  const { designs = {} } = options;
  const known = designsOf(source).filter((design) => design !== CONTROL);
  const [first, second, ...more] = known;
  const unclear = designs.base === undefined || designs.new === undefined;
  if (unclear && (second === undefined || more.length > 0))
    throw new InputError(
      `${source.path} has ${known.length === 1 ? 'one design' : `${known.length} designs`}: name the two with --base and --new, or a second results file. There: ${known.join(', ')}`,
    );
  const base = oneDesign(source, 'base', designs.base ?? (designs.new === first ? second : first));
  const other = oneDesign(source, 'new', designs.new ?? (designs.base === second ? first : second));
  if (base === other) throw new InputError(`--base and --new are both ${base}`);
  const of = (name: string): Sample[] =>
    samplesFrom(source, options.waits).filter(({ design }) => design === name);
  const judgement = judgeSamples(of(base), of(other), { ...options, paired: true });
  requireCells(judgement, base, other);
  return {
    base,
    new: other,
    judgement,
    control: [],
    broken: [],
    differences: [],
    notes: [...cutOff([source]), `both of ${source.path}, paired by round`, ...(options.notes ?? [])],
  };
}

function samplesFrom({ records, runs }: Source, waits = false): Sample[] {
  return [...samplesOf(records, waits), ...fioSamples(runs)];
}

/** In the order of the run; where that is not known, `single-wq` first and the rest by name, since rounds are shuffled. */
function designsOf(source: Source): string[] {
  const names = [...new Set(samplesFrom(source).map(({ design }) => design))].sort();
  const first = source.designs ?? ['single-wq'];
  return [...first.filter((name) => names.includes(name)), ...names.filter((name) => !first.includes(name))];
}

function oneDesign(source: Source, side: 'base' | 'new', name: string | undefined): string {
  const known = designsOf(source);
  if (name !== undefined) {
    if (!known.includes(name)) throw unknownName('design', name, known, source.path);
    return name;
  }
  const [only, ...more] = known.length > 1 ? known.filter((design) => design !== CONTROL) : known;
  if (only === undefined || more.length > 0)
    throw new InputError(
      `${source.path}: name one design with --${side}. There: ${known.join(', ') || 'none with a trial that is a measurement'}`,
    );
  return only;
}

function requireCells({ verdicts, missing }: Judgement, base: string, other: string): void {
  if (verdicts.length > 0) return;
  const has = (from: 'base' | 'new'): string =>
    [
      ...new Set(
        missing
          .filter((it) => it.from === from)
          .map((it) => `${it.workload}, ${it.direct ? 'direct' : 'buffered'}, ${it.backend}, ${it.design}`),
      ),
    ].join('; ') || 'no trial that is a measurement';
  throw new InputError(`nothing that both have. ${base}: ${has('base')}. ${other}: ${has('new')}`);
}

export function notOneMachine(
  base: Pick<Source, 'path'>,
  other: Pick<Source, 'path'>,
  differing: readonly Difference[],
): InputError {
  const told = differing.map((it) => `${it.field} (${it.base}; ${it.new})`);
  return new InputError(
    `${base.path} and ${other.path} were not measured under the same conditions, so a difference would say nothing: ${told.join(', ')}. ` +
      '--cross-host compares them all the same',
  );
}

/** Claims that fail in NEW and held in BASE, and designs that no longer bring a trial to its end. */
export function brokenBy(base: readonly TrialRecord[], other: readonly TrialRecord[]): Broken[] {
  const failuresOf = (records: readonly TrialRecord[]) =>
    summarize(records).flatMap((group) =>
      [
        ...claimFailures(group).map(({ design, contract, kind, verdict }) => ({
          design,
          what: `${contract}, which it claims, is ${kind} (${verdict[kind]})${verdict.witness ? `: ${verdict.witness.sentence}` : ''}`,
          key: `${design} ${contract}`,
        })),
        ...group.rows
          .filter(({ failures }) => failures.length > 0)
          .map(({ design, failures }) => ({
            design,
            what: `${failures.length} ${failures.length === 1 ? 'trial' : 'trials'} failed, first in round ${failures[0]!.round}: ${failures[0]!.reason}`,
            key: `${design} failed`,
          })),
      ].map((it) => ({
        ...it,
        workload: group.workload,
        direct: group.direct,
        key: `${group.workload} ${group.direct} ${group.backend} ${it.key}`,
      })),
    );
  const known = new Set(failuresOf(base).map(({ key }) => key));
  return failuresOf(other)
    .filter(({ key }) => !known.has(key))
    .map(({ key: _, ...it }) => it);
}

function cutOff(sources: readonly Source[]): string[] {
  return sources
    .filter(({ truncated }) => truncated)
    .map(({ path }) => `${path}: the last line was cut off, and its trial is left out`);
}

function kernels(base: Source, other: Source): string[] {
  const of = ({ records }: Source): string =>
    [...new Set(records.map(({ host }) => host.kernel))].sort().join(' and ');
  const [old, now] = [of(base), of(other)];
  return old && now && old !== now ? [`Linux ${old} against ${now}`] : [];
}

function aboutFio(sources: readonly Source[]): string[] {
  const runs = sources.flatMap((source) => source.runs);
  if (runs.length === 0) return [];
  const versions = [...new Set(runs.map(({ version }) => version))].join(' and ');
  const notes = [
    `${versions}: its output carries no fingerprint, so nothing shows that the machine was the same`,
  ];
  if (sources.some(({ records }) => records.length > 0) && runs.some(({ fromSubmission }) => !fromSubmission))
    notes.push(
      'fio counts clat from after the submission, loopwq from before it: lat_percentiles=1 makes fio do the same',
    );
  return notes;
}
