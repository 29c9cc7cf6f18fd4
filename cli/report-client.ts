/**
 * What runs in a report's page: charts become interactive when they come near the window, and designs can be left out. Without
 * it the page shows the same tables, and the charts as they were drawn. This file is inlined; it imports nothing.
 */

/** As much of a browser as is used here: its types would come into every other file as well. */
interface Element {
  id: string;
  hidden: boolean;
  checked: boolean;
  textContent: string;
  value: string;
  dataset: Record<string, string | undefined>;
  querySelector(selector: string): Element;
  querySelectorAll(selector: string): Iterable<Element>;
  replaceChildren(...children: Element[]): void;
  addEventListener(event: string, listener: () => void): void;
}
interface View {
  signal(name: string, value: unknown): View;
  runAsync(): Promise<View>;
}
declare const document: {
  querySelector(selector: string): Element;
  querySelectorAll(selector: string): Iterable<Element>;
  createElement(name: string): Element;
};
declare const IntersectionObserver: new (
  seen: (entries: { isIntersecting: boolean; target: Element }[]) => void,
  options: { rootMargin: string },
) => { observe(element: Element): void; unobserve(element: Element): void };
declare function vegaEmbed(element: Element, spec: unknown, options: unknown): Promise<{ view: View }>;

/** Fields of rows that place a mark and say nothing. */
const LAYOUT =
  /^(label|text|one|x|x2|y|y2|middle|end|at|turn|plot|color|thickness|opacity|order|index|Symbol.*)$/;
/** Nanoseconds. */
const DURATIONS = /latency|(?:^|_)ns$|Ns$/;
const SHARES = /share/;

const hidden = new Set<string>();
const views = new Map<Element, View>();

function tooltip(row: unknown): string {
  if (typeof row !== 'object' || row === null) return `<b>${escaped(row)}</b>`;
  const lines = Object.entries(row)
    .filter(([name, value]) => !LAYOUT.test(name) && value !== null && typeof value !== 'object')
    .map(([name, value]) => `<tr><td>${escaped(name)}</td><td>${escaped(written(name, value))}</td></tr>`);
  return `<table>${lines.join('')}</table>`;
}

function written(name: string, value: unknown): unknown {
  if (typeof value !== 'number') return value;
  if (SHARES.test(name)) return `${digits(value * 100)} %`;
  if (!DURATIONS.test(name)) return digits(value);
  const unit = value < 1e3 ? 0 : value < 1e6 ? 1 : value < 1e9 ? 2 : 3;
  return `${digits(value / 1000 ** unit)} ${['ns', 'us', 'ms', 's'][unit]}`;
}

/** Four significant digits, whole numbers whole. */
function digits(value: number): string {
  return Math.abs(value) >= 1000 ? String(Math.round(value)) : String(Number(value.toPrecision(4)));
}

function escaped(value: unknown): string {
  return String(value).replace(/[&<>]/g, (it) => `&#${it.charCodeAt(0)};`);
}

async function enliven(figure: Element): Promise<void> {
  figure.dataset.state = 'loading';
  try {
    const spec = JSON.parse(document.querySelector(`#spec-${figure.dataset.chart}`).textContent);
    const drawn = document.createElement('div');
    const { view } = await vegaEmbed(drawn, spec, {
      mode: 'vega-lite',
      renderer: 'svg',
      actions: false,
      // Errors alone. What was drawn once had no warning; a plot that is switched off warns of its empty axes.
      logLevel: 1,
      tooltip: { formatTooltip: tooltip },
    });
    views.set(figure, view);
    await show(view);
    figure.querySelector('.drawn').replaceChildren(drawn);
    figure.dataset.state = 'live';
  } catch (error) {
    // What was drawn stays.
    figure.dataset.state = 'failed';
    console.error(error);
  }
}

function show(view: View): Promise<View> {
  return view.signal('hidden', [...hidden]).runAsync();
}

const boxes = [...document.querySelectorAll('#designs input')];

async function chosen(): Promise<void> {
  hidden.clear();
  for (const box of boxes) if (!box.checked) hidden.add(box.value);
  for (const row of document.querySelectorAll('tr[data-design]'))
    row.hidden = hidden.has(row.dataset.design!);
  for (const view of views.values()) await show(view);
}

for (const box of boxes) box.addEventListener('change', chosen);
for (const button of document.querySelectorAll('#designs button')) {
  button.addEventListener('click', () => {
    const only = new Set(JSON.parse(button.value) as string[]);
    for (const box of boxes) box.checked = only.has(box.value);
    return chosen();
  });
}
document.querySelector('#designs').hidden = false;

const near = new IntersectionObserver(
  (entries) => {
    for (const { isIntersecting, target } of entries) {
      if (!isIntersecting) continue;
      near.unobserve(target);
      void enliven(target);
    }
  },
  { rootMargin: '300px' },
);
for (const figure of document.querySelectorAll('figure[data-chart]')) near.observe(figure);
