/** A report as one HTML page that needs nothing beside it: no network, and for the tables and pictures no script. */
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import type { Group } from '../benchmarks/summary.ts';
import type { ChartData } from '../charts/chart.ts';
import { CHARTS, type Drawing, type Picture } from '../charts/index.ts';
import { interactive } from '../charts/interactive.ts';
import { swatch } from '../charts/swatch.ts';
import type { Host, TrialRecord } from '../datasets/schema.ts';
import type { ReportRun } from './report-data.ts';
import { escapeHtml, facts, inScript, jsonInScript } from './report-html.ts';
import { STYLE } from './report-style.ts';
import { belowTables, groupTables, verdictLine } from './report-tables.ts';
import { shellWords } from './shell-words.ts';
import { plural } from './table-text.ts';

/** The builds that make a specification live, in the order in which they need each other. */
const SCRIPTS = [
  ['vega', 'vega.min.js'],
  ['vega-lite', 'vega-lite.min.js'],
  ['vega-embed', 'vega-embed.min.js'],
] as const;

/** Nothing is fetched, whatever a specification says. vega makes functions of its expressions, hence unsafe-eval. */
const POLICY =
  "default-src 'none'; script-src 'unsafe-inline' 'unsafe-eval'; style-src 'unsafe-inline'; img-src data:";

export interface Report {
  runs: readonly ReportRun[];
  data: ChartData;
  drawings: readonly Drawing[];
  /** A picture of the violations of a workload, where there is one beside the chart of all. */
  lanes?: ReadonlyMap<Group, string>;
}

export function reportPage({ runs, data, drawings, lanes }: Report): string {
  const { groups, records, styles } = data;
  const swatches = new Map(styles.map((style) => [style.design, swatch(style)]));
  const workloads = [...new Set(groups.map((group) => group.workload))].join(', ');
  const pictures = drawings.filter((drawing): drawing is Picture => 'svg' in drawing);
  const title = `loopwq: ${workloads}`;
  return `<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="${POLICY}">
<title>${escapeHtml(title)}</title>
<style>${STYLE}</style>
</head>
<body>
<h1>${escapeHtml(title)}</h1>
<p>${escapeHtml(subtitle(records, styles.length))}</p>
${verdictLine(groups)}
<nav><a href="#verdict">Verdict</a> <a href="#charts">Charts</a> <a href="#method">Method</a> <a href="#host">Host</a> <a href="#again">Run it again</a></nav>
${chooser(data, swatches)}
<h2 id="verdict">Verdict</h2>
${groups.map((group, at) => groupTables(group, swatches, inPage(lanes?.get(group) ?? '', `lanes-${at}`))).join('\n')}
${belowTables(groups)}
<h2 id="charts">Charts</h2>
<nav>${pictures.map(({ name }) => `<a href="#${name}">${name}</a>`).join(' ')}</nav>
${drawings.map(figure).join('\n')}
<h2 id="method">Method</h2>
${facts(method(records))}
<h2 id="host">Host</h2>
${hosts(records)}
<h2 id="again">Run it again</h2>
${runs.map(again).join('\n')}
${pictures.map(({ name, spec }) => `<script type="application/json" id="spec-${name}">${jsonInScript(interactive(spec))}</script>`).join('\n')}
${pictures.length > 0 ? scripts() : ''}
</body>
</html>
`;
}

function subtitle(records: readonly TrialRecord[], designs: number): string {
  const trials = records.filter((record) => record.skipped === undefined).length;
  const hosts = new Set(records.map(({ host }) => `${host.hostname}, Linux ${host.kernel}`));
  const days = [...new Set(records.map(({ started }) => started.slice(0, 10)))].sort();
  const when = days.length > 1 ? `${days[0]} to ${days.at(-1)}` : days[0];
  return `${plural(designs, 'design')}, ${plural(trials, 'trial')} on ${[...hosts].join('; ')}, ${when}.`;
}

/** Hidden where no script shows it. */
function chooser({ styles, groups }: ChartData, swatches: ReadonlyMap<string, string>): string {
  const all = styles.map(({ design }) => design);
  const base = groups[0]?.base;
  const button = (name: string, designs: readonly string[]) =>
    `<button type="button" value="${escapeHtml(JSON.stringify(designs))}">${name}</button>`;
  const boxes = styles.map(
    ({ design }) =>
      `<label><input type="checkbox" value="${escapeHtml(design)}" checked autocomplete="off">${swatches.get(design)}${escapeHtml(design)}</label>`,
  );
  return `<div id="designs" hidden>${button('all', all)}${base === undefined ? '' : button('base alone', [base])}
${boxes.join('\n')}</div>`;
}

function figure(drawing: Drawing): string {
  const { name } = drawing;
  const summary = CHARTS.find((chart) => chart.name === name)?.summary ?? '';
  if ('reason' in drawing)
    return `<p class="skipped"><code>${name}</code>: ${escapeHtml(summary)} Not drawn: ${escapeHtml(drawing.reason)}.</p>`;
  return `<figure id="${name}" data-chart="${name}"><div class="drawn">${inPage(drawing.svg, name)}</div></figure>`;
}

/** Several pictures of one page share their names for what they cut out. */
function inPage(svg: string, name: string): string {
  return svg.replace(/(id="|url\(#)(?=(?:clip|gradient_)\d)/g, `$1${name}-`);
}

function method(records: readonly TrialRecord[]): [name: string, html: string][] {
  const distinct = (of: (record: TrialRecord) => unknown) => [...new Set(records.map(of).map(String))];
  const rounds = new Set(records.map((record) => `${record.run} ${record.round}`)).size;
  const versions = distinct(({ host, revision }) => host.loopwq + (revision ? ` (${revision})` : ''));
  const settings = distinct(
    ({ settings: { spin, pinned, recording } }) =>
      `spin ${spin}, ${pinned ? 'pinned' : 'not pinned'}, histories ${recording ? 'recorded' : 'not recorded'}`,
  );
  const pairs: [string, string][] = [
    ['rounds', `${rounds}; every round runs each design once, in shuffled order, on the same seed`],
    ['settings', `${settings.join('; ')}: the same for every design of a run`],
    ['loopwq', versions.join('; ')],
    [
      'ratio',
      'median over rounds of the quotient to the base within a round; its interval is that of order statistics, exact ' +
        'whatever the distribution (Thompson 1936), of at least 95 % or, below 6 rounds, the range',
    ],
    [
      'latency',
      'from submission to acknowledgement, in an open loop from when the operation was due; histograms of all rounds are ' +
        'added up, percentiles are never averaged, and one with too few samples to bound it is not printed',
    ],
    [
      'contracts',
      'checked in every trial on the stamps of every operation and on what reads brought: proved, unproved (the window was ' +
        'open, no harm seen), LOST (a crash at the acknowledgement loses data); * marks what the design claims',
    ],
    ['meaning', 'ratios between designs on this machine; not the IOPS of a kernel'],
  ];
  return pairs.map(([name, text]) => [name, escapeHtml(text)]);
}

function hosts(records: readonly TrialRecord[]): string {
  const distinct = new Map<string, { host: Host; topology: TrialRecord['topology'] }>();
  for (const { host, topology } of records)
    distinct.set(JSON.stringify({ host, topology }), { host, topology });
  return [...distinct.values()]
    .map(({ host, topology }) =>
      facts(
        (
          [
            ['name', host.hostname],
            ['kernel', host.kernel],
            [
              'processor',
              `${host.cpuModel}, ${plural(host.cores, 'core')}, ${plural(host.sockets, 'socket')}`,
            ],
            [
              'submitters play',
              `${plural(topology.sockets, 'socket')}, ${topology.cpus} CPUs${topology.virtual ? ' (virtual: says nothing about sockets)' : ''}`,
            ],
            ['memory', `${(host.memoryBytes / 2 ** 30).toFixed(1)} GiB`],
            ['backing files on', host.fileSystem],
            ['clock source', host.clockSource],
            ['Node', host.node],
          ] as const
        ).map(([name, text]) => [name, escapeHtml(text)] as const),
      ),
    )
    .join('\n');
}

function again({ path, file }: ReportRun): string {
  const said = file ? `${path}: run ${file.run}, seed ${file.seed}` : path;
  const words =
    file && file.argv.length > 0 ? `<pre>npx loopwq ${escapeHtml(shellWords(file.argv))}</pre>` : '';
  const without = 'Its command was not kept: there is no run.json beside it.';
  return `<p class="note">${escapeHtml(said)}</p>\n${words || `<p class="note">${without}</p>`}`;
}

function scripts(): string {
  const { resolve } = createRequire(import.meta.url);
  const libraries = SCRIPTS.map(([name, file]) =>
    // The map is not in the page, and a browser's tools would ask for it.
    readFileSync(join(dirname(resolve(name)), file), 'utf8').replace(/^\/\/# sourceMappingURL=.*$/gm, ''),
  );
  const client = readFileSync(new URL('./report-client.js', import.meta.url), 'utf8');
  return [
    ...libraries.map((code) => `<script>${inScript(code)}</script>`),
    `<script type="module">${inScript(client)}</script>`,
  ].join('\n');
}
