/** Small texts beside points, where there is room. */
import type { LogAxis } from './axis.ts';
import { collect, type Layer } from './chart.ts';
import { SANS, textWidth } from './text-width.ts';

const FONT_SIZE = 9;

/** Pixels from the upper left corner of the plot. */
interface Spot {
  x: number;
  y: number;
  text: string;
}

export interface Offset {
  dx: number;
  dy: number;
}

interface Box {
  left: number;
  right: number;
  top: number;
  bottom: number;
}

/** Half of a point, in pixels. */
const POINT = 4;

/** Pixels between the places on a line that a text avoids. */
const ALONG = 4;

/**
 * From each point to the middle of its text: the first of eight places round it that keeps off points, earlier texts and lines, or
 * at least off points and texts; undefined where there is none inside of the plot.
 *
 * @param lines from the first point of each to its last
 */
export function placed(
  spots: readonly Spot[],
  { width, height }: { width: number; height: number },
  lines: readonly (readonly { x: number; y: number }[])[] = [],
): (Offset | undefined)[] {
  const drawn = lines.flatMap(alongLine);
  const taken: Box[] = spots.map(({ x, y }) => around(x, y, POINT, POINT));
  return spots.map(({ x, y, text }) => {
    const [wide, high] = [textWidth(text, FONT_SIZE) / 2 + 1, FONT_SIZE / 2];
    const up = POINT + high + 1;
    const beside = POINT + wide + 1;
    const offsets = [
      { dx: 0, dy: -up },
      { dx: 0, dy: up },
      { dx: beside, dy: 0 },
      { dx: -beside, dy: 0 },
      { dx: wide + 2, dy: -up },
      { dx: wide + 2, dy: up },
      { dx: -wide - 2, dy: -up },
      { dx: -wide - 2, dy: up },
    ].map((offset) => ({ offset, box: around(x + offset.dx, y + offset.dy, wide, high) }));
    const possible = offsets.filter(
      ({ box }) =>
        box.left >= 0 &&
        box.right <= width &&
        box.top >= 0 &&
        box.bottom <= height &&
        taken.every((other) => !overlap(box, other)),
    );
    const clear = possible.find(({ box }) => drawn.every((other) => !overlap(box, other)));
    const found = (clear ?? possible[0])?.offset;
    if (found) taken.push(around(x + found.dx, y + found.dy, wide, high));
    return found;
  });
}

function alongLine(line: readonly { x: number; y: number }[]): Box[] {
  return line.slice(1).flatMap((to, at) => {
    const from = line[at]!;
    const steps = Math.ceil(Math.hypot(to.x - from.x, to.y - from.y) / ALONG);
    return Array.from({ length: steps }, (_, step) =>
      around(from.x + ((to.x - from.x) * step) / steps, from.y + ((to.y - from.y) * step) / steps, 1, 1),
    );
  });
}

function around(x: number, y: number, wide: number, high: number): Box {
  return { left: x - wide, right: x + wide, top: y - high, bottom: y + high };
}

function overlap(a: Box, b: Box): boolean {
  return a.left < b.right && b.left < a.right && a.top < b.bottom && b.top < a.bottom;
}

/** What a text says of a point, on two logarithmic axes. */
export interface Labelled {
  /** Whose points, in this order, are joined by a line. */
  design?: string;
  x: number;
  y: number;
  text: string;
}

/** The texts of points that find a place beside them. */
export function pointLabels(
  points: readonly Labelled[],
  across: LogAxis,
  up: LogAxis,
  { width, height }: { width: number; height: number },
  x: object,
  y: object,
): Layer {
  const spots = points.map((point) => ({
    x: shareOf(point.x, across) * width,
    y: (1 - shareOf(point.y, up)) * height,
    text: point.text,
  }));
  const lines = collect(
    points.map(({ design }, at) => ({ design, ...spots[at]! })).filter(({ design }) => design !== undefined),
    ({ design }) => design!,
  );
  const values = placed(spots, { width, height }, [...lines.values()]).flatMap((offset, at) => {
    if (offset === undefined) return [];
    // A text has no offset on a continuous axis, so it stands at the values that lie there.
    return {
      ...points[at]!,
      textX: valueAt((spots[at]!.x + offset.dx) / width, across),
      textY: valueAt(1 - (spots[at]!.y + offset.dy) / height, up),
    };
  });
  return {
    data: { values },
    mark: {
      type: 'text',
      font: SANS,
      fontSize: FONT_SIZE,
      color: '#333333',
      baseline: 'middle',
      tooltip: null,
    },
    encoding: {
      x: { ...x, field: 'textX' },
      y: { ...y, field: 'textY' },
      text: { field: 'text', type: 'nominal' },
    },
  } as unknown as Layer;
}

function shareOf(value: number, { domain: [low, high] }: LogAxis): number {
  return Math.log(value / low) / Math.log(high / low);
}

function valueAt(share: number, { domain: [low, high] }: LogAxis): number {
  return low * (high / low) ** share;
}
