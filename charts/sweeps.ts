/** Workloads that are one series, such as scale-1, scale-2 and scale-4: what differs in their load is the axis of a chart. */
import type { Group } from '../benchmarks/summary.ts';
import type { Load } from '../datasets/schema.ts';
import { type ChartData, collect } from './chart.ts';
import { hostConditions, modeOf, plotHeading } from './look.ts';

export interface Sweep {
  /** `scale-1 to scale-8, direct` */
  name: string;
  /** At least two, by rising `at`, which differ. */
  steps: { at: number; group: Group }[];
}

/**
 * The series of the results, direct and buffered apart. A series has workloads whose names differ in the number at their end
 * alone, and whose loads differ in what is asked for.
 *
 * @param of what the axis shows of a load; undefined for a load that has no place on it
 * @param alike what must be the same in all loads of a series
 */
export function sweepsOver(
  { groups, trials }: ChartData,
  of: (load: Load) => number | undefined,
  alike: (load: Load) => unknown = () => undefined,
): Sweep[] {
  const numbered = groups.filter(({ workload }) => /\D\d+$/.test(workload));
  const families = collect(
    numbered,
    ({ workload, direct, backend }) => `${workload.replace(/\d+$/, '')}\n${direct}\n${backend}`,
  );
  return [...families.values()].flatMap((family): Sweep[] => {
    const loads = family.map((group) => trials(group)[0]?.load);
    const steps = family.flatMap((group, i) => {
      const at = loads[i] && of(loads[i]);
      return at === undefined ? [] : [{ at, group }];
    });
    const likenesses = new Set(loads.map((load) => load && alike(load)));
    const distinct = new Set(steps.map((step) => step.at));
    if (steps.length < 2 || distinct.size < steps.length || likenesses.size > 1) return [];
    steps.sort((a, b) => a.at - b.at);
    const [first, last] = [steps[0]!.group, steps.at(-1)!.group];
    return [{ name: `${first.workload} to ${last.workload}, ${modeOf(first)}`, steps }];
  });
}

export function groupsOf(sweeps: readonly Sweep[]): Group[] {
  return sweeps.flatMap(({ steps }) => steps.map(({ group }) => group));
}

/** Designs of a series in the order of its first table. */
export function designsOf({ steps }: Sweep): { design: string; reference: boolean }[] {
  const rows = steps.flatMap(({ group }) => group.rows);
  return [...new Map(rows.map((row) => [row.design, row])).values()];
}

export function sweepHeading({ name, steps }: Sweep, note: string, width: number) {
  const rounds = steps.map(({ group }) => group.rounds);
  const [least, most] = [Math.min(...rounds), Math.max(...rounds)];
  const facts = [
    `${steps[0]!.group.backend} backend`,
    least === most ? `${most} round${most === 1 ? '' : 's'} each` : `${least} to ${most} rounds`,
    ...new Set(steps.flatMap(({ group }) => hostConditions(group))),
  ];
  return plotHeading(name, facts.join(', ') + note, width);
}
