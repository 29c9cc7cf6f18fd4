/** What a deeper queue buys in IOPS, and what the slowest operations pay for it. */
import { decadeAxis } from './axis.ts';
import type { Chart, ChartData, Layer, TopLevelSpec, View } from './chart.ts';
import {
  DURATION,
  designLines,
  designPoints,
  framed,
  grid,
  HEIGHT,
  logPosition,
  rowsOf,
  type Sheet,
  sheets,
  stylesOf,
} from './frame.ts';
import { pointLabels } from './placed.ts';
import { groupsOf, type Sweep, sweepHeading, sweepsOver } from './sweeps.ts';

export const tradeOff: Chart = {
  name: 'trade-off',
  summary: 'The p99 of reads and writes against IOPS, a point for each depth of the queue, per design.',
  needs: 'npx loopwq run --workloads depth-1,depth-4,depth-16,depth-64',
  draw,
};

interface Point {
  design: string;
  depth: number;
  iops: number;
  p99_ns: number;
}

function draw(data: ChartData): TopLevelSpec | string {
  const sweeps = sweepsOver(
    data,
    ({ rate, depth, submitters }) => (rate === undefined ? depth / submitters : undefined),
    ({ submitters }) => submitters,
  )
    .map((sweep) => ({ sweep, points: pointsOf(sweep, data) }))
    .filter(({ points }) => points.length > 0);
  if (sweeps.length === 0)
    return `no series of workloads with different depths (iodepth) was measured; run ${tradeOff.needs}`;
  const drawn = stylesOf(
    data.styles,
    sweeps.flatMap(({ points }) => points),
  );
  const pages = sweeps.flatMap(({ sweep, points }) =>
    sheets(drawn, points).map((sheet) => ({ sweep, points, sheet })),
  );
  const { width } = grid(pages.length);
  return framed({
    chart: tradeOff,
    title: 'IOPS against latency, by depth',
    note:
      'IOPS: median over rounds. p99 of reads and writes, all rounds together. The number at a point is how many operations ' +
      'each submitter may have outstanding; some are left out where they would lie on each other. Right and below is better.',
    groups: groupsOf(sweeps.map(({ sweep }) => sweep)),
    styles: drawn,
    views: pages.map(({ sweep, points, sheet }) => view(sweep, points, sheet, width)),
    words: sweeps.map(inWords).join(' '),
  });
}

function pointsOf({ steps }: Sweep, { latencies }: ChartData): Point[] {
  return steps.flatMap(({ at, group }) =>
    group.rows.flatMap(({ design, iops }) => {
      const p99 = latencies(group, design, 'io').percentile(0.99);
      if (p99 === undefined || !(iops && iops.value > 0)) return [];
      return [{ design, depth: at, iops: iops.value, p99_ns: Math.max(1, p99) }];
    }),
  );
}

function view(sweep: Sweep, all: readonly Point[], sheet: Sheet, width: number): View {
  const points = rowsOf(all, sheet);
  const across = decadeAxis(
    all.map(({ iops }) => iops),
    Math.floor(width / 40),
  );
  const up = decadeAxis(
    all.map((point) => point.p99_ns),
    Math.floor(HEIGHT / 30),
  );
  const x = logPosition('iops', 'IOPS', across, { format: '~s' });
  const y = logPosition('p99_ns', 'p99', up, DURATION);
  const order = { field: 'depth', type: 'quantitative' } as const;
  const lines = designLines(points, x, y, sheet.styles);
  return {
    title: sweepHeading(sweep, sheet.note, width),
    width,
    height: HEIGHT,
    layer: [
      // Along the depth: IOPS may fall again.
      { ...lines, encoding: { ...lines.encoding, order } } as Layer,
      designPoints(points, x, y, sheet.styles),
      pointLabels(
        points.map(({ design, iops, p99_ns, depth }) => ({ design, x: iops, y: p99_ns, text: `${depth}` })),
        across,
        up,
        { width, height: HEIGHT },
        x,
        y,
      ),
    ],
  };
}

function inWords({ sweep, points }: { sweep: Sweep; points: readonly Point[] }): string {
  const best = new Map<string, Point>();
  for (const point of points)
    if (point.iops > (best.get(point.design)?.iops ?? 0)) best.set(point.design, point);
  const told = [...best.values()].map(
    ({ design, iops, depth }) => `${design} ${Math.round(iops)} at depth ${depth}`,
  );
  return `${sweep.name}, most IOPS: ${told.join(', ')}.`;
}
