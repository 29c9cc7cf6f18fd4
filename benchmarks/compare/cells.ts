/** Samples to cells: one metric of one design on one workload, with its value in each round. */
import { median } from 'simple-statistics';
import { ALL_METRICS, type MetricName, type Sample } from '../../datasets/sample.ts';
import type { Interval } from '../statistics/interval.ts';
import { orderStatisticInterval } from '../statistics/order-statistic-interval.ts';

export interface CellName {
  workload: string;
  direct: boolean;
  backend: Sample['backend'];
  /** Of NEW; of BASE as well, unless two designs of one run are compared. */
  design: string;
  metric: MetricName;
}

export interface Side {
  median: number;
  /** Of the median; absent with one round. */
  interval?: Interval;
  rounds: number;
}

export interface Values {
  rounds: string[];
  values: number[];
}

/** By metric, then by workload as they come, then by the design's name: rounds are shuffled, so that its order is none. */
export function cellsOf(samples: readonly Sample[]): (CellName & { values: Values })[] {
  const groups = [...new Set(samples.map(groupOf))];
  const sorted = [...samples].sort(
    (a, b) =>
      groups.indexOf(groupOf(a)) - groups.indexOf(groupOf(b)) ||
      a.design.localeCompare(b.design, 'en', { numeric: true }),
  );
  const cells = new Map<string, CellName & { values: Values }>();
  for (const { name: metric } of ALL_METRICS)
    for (const { workload, direct, backend, design, round, values } of sorted) {
      const value = values[metric];
      if (value === undefined) continue;
      const key = [workload, direct, backend, design, metric].join('\n');
      const cell = cells.get(key) ?? {
        ...{ workload, direct, backend, design, metric },
        values: { rounds: [], values: [] },
      };
      cells.set(key, cell);
      cell.values.rounds.push(round);
      cell.values.values.push(value);
    }
  return [...cells.values()];
}

function groupOf({ workload, direct, backend }: Sample): string {
  return `${workload}\n${direct}\n${backend}`;
}

export function nameOf({ workload, direct, backend, design, metric }: CellName): CellName {
  return { workload, direct, backend, design, metric };
}

/** The median over rounds, and its order-statistic interval. */
export function sideOf(values: readonly number[]): Side {
  const side: Side = { median: median([...values]), rounds: values.length };
  if (values.length > 1) side.interval = orderStatisticInterval(values);
  return side;
}
