/** How IOPS grow with the number of submitters: the first thing that one asks of a parallel queue. */
import { largest, stepAxis } from './axis.ts';
import type { Chart, ChartData, TopLevelSpec, View } from './chart.ts';
import {
  designBands,
  designBars,
  designLines,
  designPoints,
  framed,
  fromZero,
  grid,
  HEIGHT,
  logPosition,
  MOST_BANDS,
  rowsOf,
  type Sheet,
  sheets,
  stylesOf,
} from './frame.ts';
import { groupsOf, type Sweep, sweepHeading, sweepsOver } from './sweeps.ts';

export const scaling: Chart = {
  name: 'scaling',
  summary: 'IOPS by the number of submitters, with the interval over rounds as a band, per design.',
  needs: 'npx loopwq run --workloads scale-1,scale-2,scale-4,scale-8',
  draw,
};

/** Of one bar's place and the next. */
const BESIDE = 1.025;

interface Point {
  design: string;
  submitters: number;
  iops: number;
  low: number;
  high: number;
}

function draw(data: ChartData): TopLevelSpec | string {
  // In an open loop IOPS are what was offered.
  const sweeps = sweepsOver(data, ({ rate, submitters }) => (rate === undefined ? submitters : undefined))
    .map((sweep) => ({ sweep, points: pointsOf(sweep) }))
    .filter(({ points }) => points.length > 0);
  if (sweeps.length === 0)
    return `no series of workloads with different numbers of submitters was measured; run ${scaling.needs}`;
  const drawn = stylesOf(
    data.styles,
    sweeps.flatMap(({ points }) => points),
  );
  const pages = sweeps.flatMap(({ sweep, points }) =>
    sheets(drawn, points).map((sheet) => ({ sweep, points, sheet })),
  );
  const { width } = grid(pages.length);
  return framed({
    chart: scaling,
    title: 'IOPS by the number of submitters',
    note: 'Reads and writes a second: median over rounds, and as a band or a bar its interval. Higher is faster.',
    groups: groupsOf(sweeps.map(({ sweep }) => sweep)),
    styles: drawn,
    views: pages.map(({ sweep, points, sheet }) => view(sweep, points, sheet, width)),
    words: sweeps.map(inWords).join(' '),
  });
}

function pointsOf({ steps }: Sweep): Point[] {
  return steps.flatMap(({ at, group }) =>
    group.rows.flatMap(({ design, iops }) => {
      if (iops === undefined) return [];
      const { value, interval } = iops;
      return [
        { design, submitters: at, iops: value, low: interval?.low ?? value, high: interval?.high ?? value },
      ];
    }),
  );
}

function view(sweep: Sweep, all: readonly Point[], sheet: Sheet, width: number): View {
  const banded = sheet.designs.size <= MOST_BANDS;
  const designs = [...sheet.designs];
  // Bars stand beside each other: on a logarithmic axis that is a factor.
  const shift = (design: string): number =>
    banded ? 1 : BESIDE ** (designs.indexOf(design) - (designs.length - 1) / 2);
  const points = rowsOf(all, sheet).map((point) => ({
    ...point,
    at: point.submitters * shift(point.design),
  }));
  const ticks = sweep.steps.map(({ at }) => at);
  const x = logPosition('at', 'submitters', stepAxis(ticks));
  const y = fromZero('iops', 'IOPS', largest(all.map(({ high }) => high)));
  return {
    title: sweepHeading(sweep, sheet.note, width),
    width,
    height: HEIGHT,
    layer: [
      // Where bands would cover each other, the same as bars.
      banded
        ? designBands(points, x, { ...y, field: 'low' }, 'high', sheet.styles)
        : designBars(points, x, { ...y, field: 'low' }, 'high', sheet.styles),
      designLines(points, x, y, sheet.styles),
      designPoints(points, x, y, sheet.styles),
    ],
  };
}

function inWords({ sweep, points }: { sweep: Sweep; points: readonly Point[] }): string {
  const last = sweep.steps.at(-1)!.at;
  const ends = points.filter(({ submitters }) => submitters === last);
  return `${sweep.name}, at ${last} submitters: ${ends.map(({ design, iops }) => `${design} ${Math.round(iops)}`).join(', ')}.`;
}
