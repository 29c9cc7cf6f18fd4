/** IOPS from commit to commit, or from kernel to kernel: what several results together tell. */
import { median } from 'simple-statistics';
import { orderStatisticInterval } from '../benchmarks/statistics/order-statistic-interval.ts';
import type { Group } from '../benchmarks/summary.ts';
import type { TrialRecord } from '../datasets/schema.ts';
import { largest } from './axis.ts';
import { type Chart, type ChartData, collect, type TopLevelSpec, type View } from './chart.ts';
import {
  designBars,
  designLines,
  designPoints,
  framed,
  fromZero,
  grid,
  HEIGHT,
  rowsOf,
  type Sheet,
  sheets,
  stylesOf,
} from './frame.ts';
import { cellHeading, cellName, widest } from './look.ts';
import { MONO } from './text-width.ts';

export const history: Chart = {
  name: 'history',
  summary: 'IOPS from commit to commit, with the interval over rounds, per design and workload.',
  needs:
    'npx loopwq run --out results/a at one commit or kernel and the same with results/b at another, then ' +
    'npx loopwq report results/a results/b',
  draw,
};

/** Commits of a chart; the latest are drawn. */
const MOST_COMMITS = 40;
/** The part of a commit's place on the axis that its designs take. */
const SPREAD = 0.6;

interface Point {
  design: string;
  commit: string;
  iops: number;
  low: number;
  high: number;
}

interface Cell {
  group: Group;
  points: Point[];
  /** Labels, the earliest first. */
  commits: string[];
}

function draw(data: ChartData): TopLevelSpec | string {
  const kernels = new Set(data.records.map(({ host }) => host.kernel));
  const cells = data.groups
    .map((group) => cellOf(group, data, kernels.size > 1))
    .filter(({ commits }) => commits.length > 1);
  if (cells.length === 0) return `all results are of one commit and one kernel; run ${history.needs}`;
  const drawn = stylesOf(
    data.styles,
    cells.flatMap(({ points }) => points),
  );
  const pages = cells.flatMap((cell) => sheets(drawn, cell.points).map((sheet) => ({ cell, sheet })));
  const { width } = grid(pages.length);
  return framed({
    chart: history,
    title: `IOPS by ${kernels.size > 1 ? 'commit and kernel' : 'commit'}`,
    note:
      'Point: median over the rounds of a commit; bar: its interval. In the order of the first trial. The runs were not ' +
      'interleaved: what the machine did in between is in here too.',
    groups: cells.map(({ group }) => group),
    styles: drawn,
    views: pages.map(({ cell, sheet }) => view(cell, sheet, width)),
    words: cells.map(inWords).join(' '),
  });
}

function cellOf(group: Group, { trials }: ChartData, withKernel: boolean): Cell {
  const byCommit = [...collect(trials(group), (record) => commitOf(record, withKernel))]
    .map(([commit, records]) => ({
      commit,
      records,
      since: records.map(({ started }) => started).sort()[0]!,
    }))
    .sort((a, b) => (a.since < b.since ? -1 : 1))
    .slice(-MOST_COMMITS);
  const points = byCommit.flatMap(({ commit, records }) => {
    const byDesign = collect(records, ({ design }) => design);
    return group.rows.flatMap(({ design }): Point[] => {
      const values = (byDesign.get(design) ?? []).map(({ metrics }) => metrics.iops);
      if (values.length === 0) return [];
      const iops = median(values);
      const interval = values.length > 1 ? orderStatisticInterval(values) : { low: iops, high: iops };
      return [{ design, commit, iops, low: interval.low, high: interval.high }];
    });
  });
  return { group, points, commits: byCommit.map(({ commit }) => commit) };
}

/** A full name is too long for an axis; `-dirty` tells that it is none of that commit. Outside of a checkout, the version. */
function commitOf({ revision, host }: TrialRecord, withKernel: boolean): string {
  const commit = (revision ?? `loopwq ${host.loopwq}`).replace(/^([0-9a-f]{10})[0-9a-f]+/, '$1');
  return withKernel ? `${commit}, ${host.kernel}` : commit;
}

function view({ group, points: all, commits }: Cell, sheet: Sheet, width: number): View {
  const points = rowsOf(all, sheet);
  const designs = sheet.styles.map(({ design }) => design).filter((design) => sheet.designs.has(design));
  // Side by side, or the bars would lie on each other.
  const shift = (design: string): number => ((designs.indexOf(design) + 0.5) / designs.length - 0.5) * SPREAD;
  const placed = points.map((point) => ({
    ...point,
    x: commits.indexOf(point.commit) + shift(point.design),
  }));
  const x = {
    field: 'x',
    type: 'quantitative',
    scale: { domain: [-0.5, commits.length - 0.5], nice: false, zero: false },
    axis: {
      title: null,
      grid: false,
      values: commits.map((_, at) => at),
      labelExpr: `${JSON.stringify(commits)}[datum.value]`,
      labelFont: MONO,
      labelAngle: widest(commits) * commits.length > width ? -40 : 0,
    },
  };
  const y = fromZero('iops', 'IOPS', largest(all.map(({ high }) => high)));
  return {
    title: cellHeading(group, sheet.note, width),
    width,
    height: HEIGHT,
    layer: [
      designBars(placed, x, { ...y, field: 'low' }, 'high', sheet.styles),
      designLines(placed, x, y, sheet.styles),
      designPoints(placed, x, y, sheet.styles),
    ],
  };
}

function inWords({ group, commits }: Cell): string {
  return `${cellName(group)}: ${commits.join(', ')}.`;
}
