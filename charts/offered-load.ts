/** The knee: how late the slowest operations are under a load that does not wait for them. */
import { decadeAxis, stepAxis } from './axis.ts';
import type { Chart, ChartData, TopLevelSpec, View } from './chart.ts';
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
import { groupsOf, type Sweep, sweepHeading, sweepsOver } from './sweeps.ts';

export const offeredLoad: Chart = {
  name: 'offered-load',
  summary: 'The p99 of reads and writes by the load that an open loop offers, per design.',
  needs: 'npx loopwq run --workloads rate-1000,rate-4000,rate-8000,rate-16000,rate-32000',
  draw,
};

interface Point {
  design: string;
  offered: number;
  p99_ns: number;
}

function draw(data: ChartData): TopLevelSpec | string {
  const sweeps = sweepsOver(data, ({ rate }) => rate)
    .map((sweep) => ({ sweep, points: pointsOf(sweep, data) }))
    .filter(({ points }) => points.length > 0);
  if (sweeps.length === 0)
    return `no series of workloads with different rates (rate_iops) was measured; run ${offeredLoad.needs}`;
  const drawn = stylesOf(
    data.styles,
    sweeps.flatMap(({ points }) => points),
  );
  const pages = sweeps.flatMap(({ sweep, points }) =>
    sheets(drawn, points).map((sheet) => ({ sweep, points, sheet })),
  );
  const { width } = grid(pages.length);
  return framed({
    chart: offeredLoad,
    title: 'Latency under a load that does not wait',
    note:
      'p99 of reads and writes, from when an operation was due to its acknowledgement, all rounds together. Lower is better; ' +
      'where a line turns up the design has fallen behind. A point needs 368 operations.',
    groups: groupsOf(sweeps.map(({ sweep }) => sweep)),
    styles: drawn,
    views: pages.map(({ sweep, points, sheet }) => view(sweep, points, sheet, width)),
    words: sweeps.map(inWords).join(' '),
  });
}

function pointsOf({ steps }: Sweep, { latencies }: ChartData): Point[] {
  return steps.flatMap(({ at, group }) =>
    group.rows.flatMap(({ design }) => {
      const p99 = latencies(group, design, 'io').percentile(0.99);
      return p99 === undefined ? [] : [{ design, offered: at, p99_ns: Math.max(1, p99) }];
    }),
  );
}

function view(sweep: Sweep, all: readonly Point[], sheet: Sheet, width: number): View {
  const points = rowsOf(all, sheet);
  const x = logPosition(
    'offered',
    'offered, reads and writes a second',
    stepAxis(sweep.steps.map(({ at }) => at)),
    {
      format: '~s',
    },
  );
  const latencyAxis = decadeAxis(
    all.map((point) => point.p99_ns),
    Math.floor(HEIGHT / 30),
  );
  const y = logPosition('p99_ns', 'p99', latencyAxis, DURATION);
  return {
    title: sweepHeading(sweep, sheet.note, width),
    width,
    height: HEIGHT,
    layer: [designLines(points, x, y, sheet.styles), designPoints(points, x, y, sheet.styles)],
  };
}

function inWords({ sweep, points }: { sweep: Sweep; points: readonly Point[] }): string {
  const last = sweep.steps.at(-1)!.at;
  const ends = points.filter(({ offered }) => offered === last);
  return `${sweep.name}, at ${last} a second: ${ends.map(({ design, p99_ns }) => `${design} ${Math.round(p99_ns / 1000)} us`).join(', ')}.`;
}
