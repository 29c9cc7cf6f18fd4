/**
 * How a design looks, the same in every chart. Hue and shape say the strategy, dash and fill the flush policy, and
 * lightness the strategy's parameter; references are thin and grey. So each difference is visible twice, once
 * without colour.
 *
 * Colour, dash and fill follow from the name alone, so a design that is missing changes no other one. So does the
 * shape of the plainest design of a strategy that is listed here; in a sweep of its parameter, and with an order
 * policy or a front, the others take shapes that no other design of the run has.
 */

export interface DesignStyle {
  design: string;
  reference: boolean;
  /** `#rrggbb` */
  color: string;
  /** Lengths of stroke and gap; [1, 0] is a solid line. */
  dash: number[];
  /** A symbol of vega, or the path of one. */
  shape: string;
  /** False draws the shape hollow. */
  filled: boolean;
}

/** A row of a table or a record: whatever has a design's name. */
export interface Named {
  design: string;
  reference: boolean;
}

/**
 * The place in this list fixes a strategy's hue and shape for good: append, never insert. The thread's designs come
 * first, then what kernels shipped, then the siblings; behind them presets, whose names say neither strategy nor policy.
 */
export const STRATEGIES = [
  'single-wq',
  'per-socket',
  'n-wq',
  'shared-pool',
  'blkcg',
  'nowait',
  'per-cpu',
  'thread',
  'mq-global',
  'mq-dev16',
  'kthread-worker',
  'hwq-kthread',
  'ublk',
  'dm-crypt',
  'inline',
  'zloop',
  'io-wq',
  'split',
  'affinity',
  'round-robin',
  'work-stealing',
  'linux-3.19',
  'linux-4.0',
  'linux-4.1',
  'linux-4.4',
  'linux-5.14',
  'thread-2022-a',
  'thread-2022-b',
  'thread-2022-c',
] as const;

/**
 * Okabe and Ito, "Color Universal Design", 2008, without its yellow, which a thin line on white loses. Black goes
 * to the first strategy, which is the base.
 */
const HUES = ['#000000', '#e69f00', '#0072b2', '#009e73', '#d55e00', '#cc79a7', '#56b4e9'];
/** Eight shapes against seven hues: the pair repeats only after 56 strategies. */
const SHAPES = [
  'circle',
  'square',
  'triangle-up',
  'diamond',
  'triangle-down',
  'cross',
  'triangle-right',
  'triangle-left',
];

const FLUSH_DASHES: Record<string, number[]> = {
  'pass-through': [1, 0],
  quiesce: [6, 3],
  epoch: [2, 2],
  generation: [9, 2, 2, 2],
};
/** Of a flush policy that is not named above. */
const OTHER_DASH = [4, 2, 1, 2, 1, 2];
const FLUSH_POLICIES = Object.keys(FLUSH_DASHES);
const ORDER_POLICIES = ['none', 'lba-affinity', 'range-lock'];

const REFERENCES = ['raw', 'kernel-loop'];
/** Open paths, which no design has. */
const TIMES = 'M-1.1,-1.1L1.1,1.1M-1.1,1.1L1.1,-1.1';
const PLUS = 'M-1.4,0L1.4,0M0,-1.4L0,1.4';
const STAR = `${TIMES}${PLUS}`;

/** The parameter whose colour is the hue itself; smaller ones are lighter and larger ones darker. */
const PLAIN_PARAMETER = 4;

interface Parts {
  strategy: string;
  parameter: string | undefined;
  flush: string;
  /** The front, the order policy and a flush policy of the user's own, where there are any. */
  frills: string[];
  /** All but the flush policy. */
  identity: string;
}

/** Names in an order that no shuffled round and no missing design changes; references last. */
export function designOrder(rows: readonly Named[]): string[] {
  const distinct = [...new Map(rows.map((row) => [row.design, row])).values()];
  const keyed = distinct.map((row) => ({ design: row.design, key: orderKey(row) }));
  keyed.sort((a, b) => compare(a.key, b.key));
  return keyed.map((row) => row.design);
}

/** The looks of a run's designs, in the order given. */
export function designStyles(rows: readonly Named[]): DesignStyle[] {
  const shapes = designShapes(rows);
  return rows.map((row) => (row.reference ? referenceStyle(row.design) : styleOf(row.design, shapes)));
}

/**
 * One shape per design without its flush policy, as long as there are enough: the plainest of a strategy takes the
 * strategy's own (`n-wq:4` in a sweep too), the others what is free then.
 */
function designShapes(rows: readonly Named[]): Map<string, string> {
  const designs = designOrder(rows.filter((row) => !row.reference)).map(parts);
  const strategies = [...new Set(designs.map((design) => design.strategy))];
  designs.sort(
    (a, b) =>
      strategies.indexOf(a.strategy) - strategies.indexOf(b.strategy) ||
      a.frills.length - b.frills.length ||
      distance(a) - distance(b),
  );
  const shapes = new Map<string, string>();
  const free = new Set(SHAPES);
  for (const { strategy, identity } of designs) {
    const own = SHAPES[slot(strategy) % SHAPES.length]!;
    if (!shapes.has(identity) && free.delete(own)) shapes.set(identity, own);
  }
  for (const { strategy, identity } of designs) {
    if (shapes.has(identity)) continue;
    const own = slot(strategy) % SHAPES.length;
    const turn = [...SHAPES.slice(own), ...SHAPES.slice(0, own)];
    shapes.set(identity, turn.find((shape) => free.delete(shape)) ?? turn[0]!);
  }
  return shapes;
}

function styleOf(design: string, shapes: ReadonlyMap<string, string>): DesignStyle {
  const { strategy, parameter, flush, identity } = parts(design);
  return {
    design,
    reference: false,
    color: shade(HUES[slot(strategy) % HUES.length]!, parameter),
    dash: FLUSH_DASHES[flush] ?? OTHER_DASH,
    shape: shapes.get(identity)!,
    filled: flush === FLUSH_POLICIES[0],
  };
}

function referenceStyle(design: string): DesignStyle {
  const { strategy, parameter } = parts(design);
  const kernel = strategy === 'kernel-loop';
  return {
    design,
    reference: true,
    color: kernel ? '#666666' : '#999999',
    dash: kernel ? [7, 2, 1, 2] : [1, 2],
    shape: kernel ? (parameter === undefined ? PLUS : STAR) : TIMES,
    filled: true,
  };
}

/** `[front>]strategy[:parameter][+flush][+order]` */
function parts(design: string): Parts {
  const front = design.slice(0, design.indexOf('>') + 1);
  const [head = '', ...policies] = design.slice(front.length).split('+');
  const [strategy = '', parameter] = head.split(':');
  // A policy that is known by neither list is a user's own: of flushes, unless the design has one of those already.
  const flush =
    policies.find((policy) => FLUSH_POLICIES.includes(policy)) ??
    policies.find((policy) => !ORDER_POLICIES.includes(policy)) ??
    FLUSH_POLICIES[0]!;
  // All such share one dash, so a shape tells them apart.
  const frills = [front, ...policies].filter((it) => it !== '' && !FLUSH_POLICIES.includes(it));
  return { strategy, parameter, flush, frills, identity: [head, ...frills].join(' ') };
}

/** Doublings between a design's parameter and the plain one. */
function distance({ parameter }: Parts): number {
  const value = Number(parameter);
  return value > 0 ? Math.abs(Math.log2(value / PLAIN_PARAMETER)) : 0;
}

/** The place in STRATEGIES, or for a stranger one that follows from its name. */
function slot(strategy: string): number {
  const at = (STRATEGIES as readonly string[]).indexOf(strategy);
  if (at >= 0) return at;
  let hash = 0;
  for (const letter of strategy) hash = (hash * 31 + letter.codePointAt(0)!) % 1_000_003;
  return hash;
}

/** Mixes a hue with white or black, one step per doubling of the parameter, two steps at most. */
function shade(hue: string, parameter: string | undefined): string {
  const value = Number(parameter);
  if (!(value > 0)) return hue;
  const steps = Math.max(-2, Math.min(2, Math.log2(value / PLAIN_PARAMETER)));
  const [target, share] = steps < 0 ? [255, -steps * 0.28] : [0, steps * 0.28];
  const channels = [1, 3, 5].map((at) => Number.parseInt(hue.slice(at, at + 2), 16));
  const mixed = channels.map((channel) => Math.round(channel + (target - channel) * share));
  return `#${mixed.map((channel) => channel.toString(16).padStart(2, '0')).join('')}`;
}

function orderKey({ design, reference }: Named): (number | string)[] {
  const { strategy, parameter, flush } = parts(design);
  const place = (list: readonly string[], name: string): number => {
    const at = list.indexOf(name);
    return at < 0 ? list.length : at;
  };
  const value = Number(parameter ?? 0);
  return [
    Number(reference),
    place(reference ? REFERENCES : STRATEGIES, strategy),
    strategy,
    Number.isFinite(value) ? value : Number.MAX_VALUE,
    place(FLUSH_POLICIES, flush),
    design,
  ];
}

function compare(a: readonly (number | string)[], b: readonly (number | string)[]): number {
  for (const [at, mine] of a.entries()) {
    const other = b[at]!;
    if (mine !== other) return mine < other ? -1 : 1;
  }
  return 0;
}
