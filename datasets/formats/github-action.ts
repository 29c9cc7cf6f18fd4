/**
 * github-action-benchmark's own format, `tool: customBiggerIsBetter` and `tool: customSmallerIsBetter`. Which way is better holds for a whole
 * file, hence two formats, one for rates and one for times and costs.
 *
 * Source: https://github.com/benchmark-action/github-action-benchmark, README "customBiggerIsBetter" and src/extract.ts.
 */
import { METRICS } from '../sample.ts';
import { benchmarkName, type Format } from './format.ts';

function format(name: string, tool: string, better: 'more' | 'less'): Format {
  const metrics = METRICS.filter((metric) => metric.better === better);
  return {
    name,
    summary: `github-action-benchmark, tool: ${tool}: ${metrics.map(({ title }) => title).join(', ')}`,
    write({ estimates }) {
      const entries = metrics.flatMap((metric) =>
        estimates
          .filter((it) => it.metric === metric.name)
          .map((it) => ({
            name: `${benchmarkName(it)}: ${metric.title}`,
            unit: metric.unit,
            value: it.value,
            ...(it.interval ? { range: halfWidth(it.value, it.interval) } : {}),
            extra: `median of ${it.rounds} ${it.rounds === 1 ? 'round' : 'rounds'}`,
          })),
      );
      return `${JSON.stringify(entries, undefined, 2)}\n`;
    },
  };
}

/** The charts draw `range` as it stands: ± the farther end of the interval. */
function halfWidth(value: number, { low, high }: { low: number; high: number }): string {
  return `± ${Number(Math.max(high - value, value - low).toPrecision(3))}`;
}

export const GITHUB_BIGGER = format('github-action-bigger', 'customBiggerIsBetter', 'more');
export const GITHUB_SMALLER = format('github-action-smaller', 'customSmallerIsBetter', 'less');
