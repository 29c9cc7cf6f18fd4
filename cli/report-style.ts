/** The look of a report's page: plain, dense, the same faces as the charts, nothing to load. */
export const STYLE = `
:root { color-scheme: light; --rule: #d0d0d0; --dim: #666; --bad: #b00020; --warn: #8a5a00; --good: #1d6b34; }
* { box-sizing: border-box; }
body { font: 13px/1.4 "DejaVu Sans", Verdana, sans-serif; color: #222; background: #fff; margin: 0 auto; padding: 0 12px 40px; max-width: 1240px; }
h1 { font-size: 19px; margin: 16px 0 4px; }
h2 { font-size: 16px; margin: 28px 0 6px; border-bottom: 1px solid var(--rule); }
h3 { font-size: 13px; margin: 18px 0 2px; }
h4 { font-size: 12px; font-weight: normal; color: var(--dim); margin: 12px 0 2px; }
h3 small { font-size: 12px; font-weight: normal; color: var(--dim); }
p { margin: 3px 0; max-width: 110ch; }
code, pre, td, tbody th { font-family: "DejaVu Sans Mono", monospace; font-size: 12px; }
pre { background: #f5f5f5; border: 1px solid var(--rule); padding: 6px 8px; overflow-x: auto; margin: 4px 0; }
.note, .dim, .skipped { color: var(--dim); font-size: 12px; }
.verdict { font-size: 14px; }
.red { color: var(--bad); font-weight: bold; }
.yellow { color: var(--warn); }
.green { color: var(--good); }
.wide { overflow-x: auto; margin: 4px 0; }
table { border-collapse: collapse; font-variant-numeric: tabular-nums; }
th { font-weight: normal; text-align: left; white-space: nowrap; }
thead th { color: var(--dim); font-size: 11px; vertical-align: bottom; border-bottom: 1px solid var(--rule); }
thead th.right, td.right { text-align: right; }
td, th { padding: 1px 9px 1px 0; vertical-align: baseline; }
td { white-space: nowrap; }
tbody tr:hover { background: #f2f5fa; }
tbody tr[hidden] { display: none; }
.facts td, .witnesses td:last-child { white-space: normal; min-width: 40ch; max-width: 100ch; font-size: 12px; }
.facts th { color: var(--dim); vertical-align: top; font-family: inherit; }
.items { list-style: none; padding: 0; margin: 6px 0; font-size: 12px; max-width: 130ch; }
.items li { margin: 3px 0; padding-left: 9em; text-indent: -9em; }
.items b { display: inline-block; width: 9em; text-indent: 0; }
details { margin: 4px 0; }
summary { cursor: pointer; color: #234a8a; font-size: 12px; }
.swatch { vertical-align: -1px; margin-right: 6px; overflow: visible; }
.swatch path { fill-rule: evenodd; }
#designs { position: sticky; top: 0; z-index: 2; background: #fff; border-bottom: 1px solid var(--rule); padding: 5px 0; margin-top: 8px; max-height: 32vh; overflow-y: auto; }
#designs label { display: inline-block; margin: 1px 16px 1px 0; white-space: nowrap; font-family: "DejaVu Sans Mono", monospace; font-size: 12px; cursor: pointer; }
#designs input { vertical-align: -2px; margin: 0 5px 0 0; }
#designs button { font: inherit; font-size: 12px; padding: 0 8px; margin-right: 6px; }
figure { margin: 10px 0 22px; }
figure .drawn { overflow-x: auto; }
figure svg.marks, figure .drawn > svg { display: block; }
#vg-tooltip-element.vg-tooltip { font: 11px "DejaVu Sans Mono", monospace; padding: 4px 6px; border: 1px solid #999; border-radius: 2px; box-shadow: none; background: #fffffff2; color: #222; }
#vg-tooltip-element table td { padding: 0 8px 0 0; font-size: 11px; text-align: left; }
nav { font-size: 12px; margin: 4px 0; }
nav a { margin-right: 12px; color: #234a8a; }
@media (max-width: 700px) { body { padding: 0 6px 30px; } #designs { position: static; max-height: none; } .items li { padding-left: 0; text-indent: 0; } .items b { width: auto; margin-right: 6px; } }
@media print { #designs, nav { display: none; } figure, section { break-inside: avoid; } body { max-width: none; } }
`;
