import type { DesignStyle } from './palette.ts';

/** Pixels. */
const WIDTH = 34;
const HEIGHT = 12;
/** Half of a mark: the root of what vega calls its size, which is 45 in the charts, halved. */
const RADIUS = 3.35;

/** vega's symbols of radius 1, from its `pathSymbols`. */
const PATHS: Record<string, string> = {
  circle: 'M-1,0A1,1,0,1,1,1,0A1,1,0,1,1,-1,0Z',
  square: 'M-1,-1H1V1H-1Z',
  diamond: 'M-1,0L0,-1L1,0L0,1Z',
  cross: 'M-1,-.4V.4H-.4V1H.4V.4H1V-.4H.4V-1H-.4V-.4Z',
  'triangle-up': 'M0,-.87L-1,.87H1Z',
  'triangle-down': 'M0,.87L-1,-.87H1Z',
  'triangle-right': 'M.87,0L-.87,-1V1Z',
  'triangle-left': 'M-.87,0L.87,-1V1Z',
};

/** A piece of a design's line with its mark, as a small SVG for a page. */
export function swatch({ color, dash, shape, filled, reference }: DesignStyle): string {
  const middle = HEIGHT / 2;
  const stroke = reference ? 1.2 : 1.8;
  return (
    `<svg class="swatch" width="${WIDTH}" height="${HEIGHT}" aria-hidden="true">` +
    `<path d="M0,${middle}H${WIDTH}" stroke="${color}" stroke-width="${stroke}" stroke-dasharray="${dash}"/>` +
    `<path d="${PATHS[shape] ?? shape}" transform="translate(${WIDTH / 2},${middle}) scale(${RADIUS})" ` +
    `fill="${filled ? color : 'white'}" stroke="${color}" stroke-width="1.5" vector-effect="non-scaling-stroke"/></svg>`
  );
}
