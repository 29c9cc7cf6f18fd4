import type { TrialRecord } from '../../datasets/schema.ts';

/** A field in which two sides differ, with the values of each. */
export interface Difference {
  field: string;
  base: string;
  new: string;
}

/** What of a trial is known before it is made. */
export type Conditions = Pick<TrialRecord, 'host' | 'topology' | 'settings' | 'workload' | 'load'>;

type Fields = Record<string, unknown>;

/** Why the results of two kernels are compared: it alone may differ. */
const MAY_DIFFER = 'host.kernel';

/**
 * What keeps two sides from being comparable: fields of the host's fingerprint other than the kernel's release, of the
 * topology, of the harness's settings and of a workload that both have. A side that is mixed in itself has several values.
 */
export function differences(base: readonly Conditions[], other: readonly Conditions[]): Difference[] {
  const sides = [base, other].map((records) => {
    const values = new Map<string, Set<string>>();
    for (const { host, topology, settings, workload, load } of records)
      for (const [room, fields] of Object.entries<Fields>({
        host: { ...host },
        topology,
        settings,
        // A job file may change and keep its name.
        [`load of ${workload}`]: { ...load },
      }))
        for (const [name, value] of Object.entries(fields)) {
          const field = `${room}.${name}`;
          values.set(field, (values.get(field) ?? new Set()).add(String(value)));
        }
    return values;
  });
  const [old, now] = [sides[0]!, sides[1]!];
  const told = (values: Set<string>): string => [...values].sort().join(' and ');
  // What one side alone says is no difference: older results lack fields, and a workload may be missing.
  return [...old.keys()]
    .filter((field) => field !== MAY_DIFFER && now.has(field))
    .map((field) => ({ field, base: told(old.get(field)!), new: told(now.get(field)!) }))
    .filter((it) => it.base !== it.new);
}
