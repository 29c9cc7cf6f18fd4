/** The smallest violation of each rule that a design broke, as lanes in time: what was where when the write escaped. */

import { exercised, type Group } from '../benchmarks/summary.ts';
import type { Contract, Verdict, WitnessOperation } from '../ordering/contracts.ts';
import type { Chart, ChartData, TopLevelSpec, View } from './chart.ts';
import { AXIS, framed } from './frame.ts';
import { cellName, FONT_SIZE, plural, WIDTH, widest, wrap } from './look.ts';
import { MONO } from './text-width.ts';

export const witness: Chart = {
  name: 'witness',
  summary: 'The smallest violation of each rule that a design broke: lanes of its operations over time.',
  needs: 'npx loopwq run --designs single-wq,n-wq:4 --workloads flush-heavy',
  draw,
};

const STEP = 22;
/** Violations of a picture; the table has a sentence for every one. */
const MOST = 40;
/** Rules about when a write is durable: a write in their witness is the one that escaped. */
const DURABLE: readonly Contract[] = ['completed', 'submitted', 'barrier'];
const FILL: Record<string, string> = { FLUSH: '#0072b2', FSYNC: '#999999' };
const OTHERS = '#009e73';
const ESCAPED = '#d55e00';

interface Violation {
  design: string;
  contract: Contract;
  group: Group;
  claimed: boolean;
  verdict: Verdict;
  operations: WitnessOperation[];
  /** A rule that the same operations break. */
  also?: Violation;
}

/** A bar. All of a plot are rows of one mark: a facet whose axes differ takes no layers. */
interface Bar {
  design: string;
  /** The title of the plot, in lines. */
  plot: string;
  lane: string;
  what: string;
  from: number;
  to: number;
  color: string;
  thickness: number;
  opacity: number;
}

/** Whose two ends are one point: drawn by its outline. */
const LINE = { color: '#222222', thickness: STEP, opacity: 1 };
const THIN = { thickness: 4, opacity: 0.5 };
const THICK = { thickness: 13, opacity: 1 };

function draw(data: ChartData): TopLevelSpec | string {
  const found = violations(data);
  if (found.length === 0) return `no design broke a rule here; run ${witness.needs}`;
  const shown = found.slice(0, MOST);
  const rest = found.length - shown.length;
  const names = widest(shown.flatMap(({ operations }) => operations.map(laneOf)));
  const width = WIDTH - AXIS - names;
  const plots = shown.map((violation) => barsOf(violation, width));
  return framed({
    chart: witness,
    title: 'How a rule is broken',
    note:
      'The smallest witness of each rule that a design broke. Thin: from submission to acknowledgement. Thick: in the backend. ' +
      'Blue: the flush, and across all rows its acknowledgement; red: the write that escaped it; grey: the last fsync before; ' +
      `green: other operations.${rest > 0 ? ` ${plural(rest, 'more violation')} in the tables.` : ''}`,
    groups: [...new Set(shown.map(({ group }) => group))],
    styles: [],
    views: [view(plots, width)],
    columns: 1,
    width,
    words: shown.map(({ verdict }) => verdict.witness!.sentence).join(' '),
  });
}

/** One for each design and contract, of the workload that shows it best; broken claims first. */
function violations({ groups }: ChartData): Violation[] {
  const best = new Map<string, Violation>();
  for (const group of groups)
    for (const { design, claims, verdicts } of group.rows)
      for (const [name, verdict] of Object.entries(verdicts)) {
        const contract = name as Contract;
        const operations = verdict.witness?.operations ?? [];
        const claimed = claims.includes(contract);
        if (operations.length === 0 || (verdict.lost === 0 && !claimed)) continue;
        const violation: Violation = { design, contract, group, claimed, verdict, operations };
        const other = best.get(`${design}\n${contract}`);
        if (!other || rank(violation) < rank(other)) best.set(`${design}\n${contract}`, violation);
      }
  for (const violation of best.values()) {
    // `barrier` includes `submitted`.
    const narrower = best.get(`${violation.design}\nsubmitted`);
    if (violation.contract !== 'barrier' || !narrower || !sameOperations(violation, narrower)) continue;
    best.delete(`${violation.design}\nbarrier`);
    narrower.also = violation;
  }
  return [...best.values()].sort((a, b) => Number(b.claimed) - Number(a.claimed));
}

function sameOperations(a: Violation, b: Violation): boolean {
  return JSON.stringify(a.operations) === JSON.stringify(b.operations);
}

/** Lower is easier to believe: lost before unproved, few operations before many, two queues before one. */
function rank({ verdict, operations }: Violation): number {
  return (verdict.lost > 0 ? 0 : 1000) + operations.length * 2 + (verdict.witness!.crossesQueues ? 0 : 1);
}

function barsOf(violation: Violation, width: number): Bar[] {
  const { design, contract, operations } = violation;
  const plot = titleOf(violation, width);
  const begin = Math.min(...operations.map(({ sb }) => sb));
  const stamps = operations.flatMap(({ sb, se, st, co, ak }) => [sb, se ?? sb, st ?? sb, co ?? sb, ak ?? sb]);
  // What never came back lasts until the end of the picture.
  const end = Math.max(...stamps) + (Math.max(...stamps) - begin) * 0.03 + 0.1;
  const since = (stamp: number): number => Math.round((stamp - begin) * 10) / 10;
  const durable = DURABLE.includes(contract);
  const flush = durable ? operations.find(({ kind }) => kind === 'FLUSH') : undefined;
  const flushed = flush?.ak;
  // Under `barrier` one that came after the flush stands beside it.
  const escaped = ({ sb }: WitnessOperation): boolean => durable && !(flush && sb > flush.sb);
  const ordered = [...operations].sort((a, b) => (a.queue ?? -1) - (b.queue ?? -1) || a.sb - b.sb);
  return ordered.flatMap((it, at): Bar[] => {
    const row = { design, plot, lane: laneOf(it, at) };
    const color = FILL[it.kind] ?? (escaped(it) ? ESCAPED : OTHERS);
    const bar = (what: string, from: number, to: number, look: typeof THIN): Bar => ({
      ...row,
      what,
      from: since(from),
      to: since(to),
      color,
      ...look,
    });
    return [
      // Whose fsync it was does not matter here, its call does.
      ...(it.kind === 'FSYNC' ? [] : [bar('submitted to acknowledged', it.sb, it.ak ?? end, THIN)]),
      ...(it.st === undefined ? [] : [bar('in the backend', it.st, it.co ?? end, THICK)]),
      ...(flushed === undefined ? [] : [bar('the flush is acknowledged', flushed, flushed, LINE)]),
    ];
  });
}

/** `1 queue 0: WRITE of block 14611, job 2`; the number tells two alike apart. */
function laneOf({ kind, queue, submitter, unit, units }: WitnessOperation, at: number): string {
  const where = queue === undefined ? 'no queue' : `queue ${queue}`;
  const blocks = units > 1 ? ` of blocks ${unit}-${unit + units - 1}` : ` of block ${unit}`;
  const what = kind === 'FLUSH' || kind === 'FSYNC' ? kind : kind + blocks;
  return `${at + 1} ${where}: ${what}, job ${submitter}`;
}

function titleOf(violation: Violation, width: number): string {
  const { design, group, verdict, also } = violation;
  const head = `${design}, ${[violation, also ?? []].flat().map(countOf).join(', ')}; ${cellName(group)}`;
  return [...wrap(head, width), ...wrap(verdict.witness!.sentence, width)].join('\n');
}

function countOf({ contract, claimed, verdict }: Violation): string {
  const [count, word] = verdict.lost > 0 ? [verdict.lost, 'lost'] : [verdict.unproved, 'unproved'];
  return `${contract}${claimed ? ' (claimed)' : ''}: ${word} ${count} of ${exercised(verdict)}`;
}

function view(plots: readonly Bar[][], width: number): View {
  const own = (field: string, type: string) => ({ field, type, scale: null });
  return {
    data: { values: plots.flat() },
    columns: 1,
    spacing: 26,
    facet: {
      field: 'plot',
      type: 'nominal',
      sort: plots.map((bars) => bars[0]!.plot),
      header: {
        title: null,
        labelExpr: "split(datum.value, '\\n')",
        labelAnchor: 'start',
        labelAlign: 'left',
        labelFontSize: FONT_SIZE,
        labelLimit: 0,
        labelPadding: 4,
      },
    },
    resolve: { scale: { x: 'independent', y: 'independent' } },
    spec: {
      width,
      height: { step: STEP },
      mark: { type: 'bar', strokeWidth: 1 },
      encoding: {
        x: {
          field: 'from',
          type: 'quantitative',
          scale: { zero: true, nice: false },
          axis: { title: 'us since the first of them was submitted', tickCount: 8 },
        },
        x2: { field: 'to' },
        y: {
          field: 'lane',
          type: 'nominal',
          // In the order of the rows.
          sort: null,
          axis: { title: null, labelFont: MONO, ticks: false, domain: false, labelPadding: 8, grid: true },
        },
        size: own('thickness', 'quantitative'),
        fill: own('color', 'nominal'),
        stroke: own('color', 'nominal'),
        opacity: own('opacity', 'quantitative'),
      },
    },
  } as unknown as View;
}
