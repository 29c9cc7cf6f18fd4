/** How far the model can be believed: its ratio beside the kernel's for a step that both can take, workload by workload. */
import { type Step, stepOf } from '../benchmarks/fidelity/step.ts';
import type { Group } from '../benchmarks/summary.ts';
import { type LogAxis, ratioAxis } from './axis.ts';
import type { Chart, ChartData, TopLevelSpec, View } from './chart.ts';
import { AXIS, framed, logPosition } from './frame.ts';
import { cellName, FONT_SIZE, isFloor, WIDTH } from './look.ts';
import { pointLabels } from './placed.ts';
import { MONO } from './text-width.ts';

export const fidelity: Chart = {
  name: 'fidelity',
  summary:
    "The model's ratio against the kernel's for the step from 1 to 4 cgroups, a point for each workload.",
  needs:
    "npx loopwq run --designs 'blk-flush>blkcg:1,blk-flush>blkcg:4,kernel-loop:cgroups=1,kernel-loop:cgroups=4' " +
    '--workloads flush-heavy,mixed,loop-mq-randread,loop-mq-randwrite (as root)',
  draw,
};

const SIDE = 420;
/** Pixels. */
const INDENT = 14;
/** The error of a ratio that still tells a gain from a loss. */
const NEAR = 1.25;

interface Point {
  /** At the point, and before the name in the list beside the plot. */
  number: number;
  cell: string;
  direct: boolean;
  kernel: number;
  kernelLow: number;
  kernelHigh: number;
  model: number;
  modelLow: number;
  modelHigh: number;
}

function draw({ groups, trials }: ChartData): TopLevelSpec | string {
  const steps = groups.flatMap((group) => {
    const step = isFloor(group) ? undefined : stepOf(trials(group));
    return step ? [{ group, step }] : [];
  });
  if (steps.length === 0)
    return `no round measured the model's blkcg and the kernel, each with 1 and 4 cgroups; run ${fidelity.needs}`;
  const points = steps.map(({ group, step }, at) => point(at + 1, group, step));
  return framed({
    chart: fidelity,
    title: 'The model beside the kernel',
    note:
      'IOPS with 4 cgroups over IOPS with 1, which gives the driver 4 workers over 1: across the real /dev/loopN, up the model. ' +
      'Points: medians over rounds; bars: their intervals. On the line both say the same; between the dashes they differ by ' +
      '25 % at most. Filled: direct; hollow: buffered.',
    groups: steps.map(({ group }) => group),
    styles: [],
    views: [view(points), key(points)],
    columns: 2,
    words: points
      .map(({ cell, kernel, model }) => `${cell}: kernel ${kernel.toFixed(2)}, model ${model.toFixed(2)}.`)
      .join(' '),
  });
}

function point(number: number, group: Group, { kernel, model }: Step): Point {
  return {
    number,
    cell: cellName(group),
    direct: group.direct,
    kernel: kernel.value,
    kernelLow: kernel.interval?.low ?? kernel.value,
    kernelHigh: kernel.interval?.high ?? kernel.value,
    model: model.value,
    modelLow: model.interval?.low ?? model.value,
    modelHigh: model.interval?.high ?? model.value,
  };
}

function view(points: readonly Point[]): View {
  const axis = ratioAxis(
    points.flatMap((it) => [it.kernelLow, it.kernelHigh, it.modelLow, it.modelHigh]),
    SIDE,
  );
  const x = logPosition('kernel', 'kernel, 4 cgroups over 1', axis, { format: '~g' });
  const y = logPosition('model', 'model, 4 cgroups over 1', axis, { format: '~g' });
  const bar = { mark: { type: 'rule', color: '#aaaaaa', strokeWidth: 1.2 } };
  return {
    width: SIDE,
    height: SIDE,
    data: { values: [...points] },
    layer: [
      diagonal(axis, 1, [1, 0], x, y),
      diagonal(axis, NEAR, [4, 3], x, y),
      diagonal(axis, 1 / NEAR, [4, 3], x, y),
      { ...bar, encoding: { x: { ...x, field: 'kernelLow' }, x2: { field: 'kernelHigh' }, y } },
      { ...bar, encoding: { x, y: { ...y, field: 'modelLow' }, y2: { field: 'modelHigh' } } },
      {
        mark: { type: 'point', size: 60, opacity: 1, stroke: '#0072b2' },
        encoding: {
          x,
          y,
          fill: { condition: { test: 'datum.direct', value: '#0072b2' }, value: 'white' },
        },
      },
      pointLabels(
        points.map(({ number, kernel, model }) => ({ x: kernel, y: model, text: `${number}` })),
        axis,
        axis,
        { width: SIDE, height: SIDE },
        x,
        y,
      ),
    ],
  } as unknown as View;
}

/** What the numbers stand for. */
function key(points: readonly Point[]): View {
  const cells = points.map(({ number, cell }) => `${number} ${cell}`);
  const inNumbers = (value: number, low: number, high: number): string =>
    `${value.toFixed(2)} [${low.toFixed(2)}, ${high.toFixed(2)}]`;
  const values = points.flatMap((it, at) => [
    { row: 3 * at, indent: 0, text: cells[at]! },
    { row: 3 * at + 1, indent: INDENT, text: `kernel ${inNumbers(it.kernel, it.kernelLow, it.kernelHigh)}` },
    { row: 3 * at + 2, indent: INDENT, text: `model ${inNumbers(it.model, it.modelLow, it.modelHigh)}` },
  ]);
  return {
    data: { values },
    width: WIDTH - AXIS - SIDE - 24,
    height: values.length * 15,
    view: { stroke: null },
    mark: { type: 'text', align: 'left', baseline: 'middle', font: MONO, fontSize: FONT_SIZE, tooltip: null },
    encoding: {
      x: { field: 'indent', type: 'quantitative', axis: null, scale: null },
      y: {
        field: 'row',
        type: 'quantitative',
        axis: null,
        scale: { domain: [values.length - 0.5, -0.5], nice: false },
      },
      text: { field: 'text', type: 'nominal' },
    },
  } as unknown as View;
}

/** Where the model's ratio is so many times the kernel's. */
function diagonal({ domain: [low, high] }: LogAxis, factor: number, dash: number[], x: object, y: object) {
  const ends = [Math.max(low, low / factor), Math.min(high, high / factor)];
  return {
    data: { values: ends.map((kernel) => ({ x: kernel, y: kernel * factor })) },
    mark: { type: 'line', color: '#999999', strokeWidth: 1, strokeDash: dash, tooltip: null },
    encoding: { x: { ...x, field: 'x' }, y: { ...y, field: 'y' } },
  };
}
