/** Why nothing was at stake for a claim in a whole run. */
import type { Contract } from '../ordering/contracts.ts';
import type { Group } from './summary.ts';

/** What a workload with FLUSHes lacks, by the rule that it put to no test. */
const LACKED: Record<Contract, string> = {
  integrity: 'nothing was written that could be read back',
  completed: 'no FLUSH came after the acknowledgement of a write',
  submitted: 'every write had ended when a FLUSH after it was submitted',
  barrier: 'no FLUSH had a write under way before it and another one behind it',
  dependent: 'no two operations that overlap were under way at one time',
  progress: 'nothing was acknowledged',
};
const OF_A_FLUSH: readonly Contract[] = ['completed', 'submitted', 'barrier'];

/** Why `contract`, which `design` claims, was put to no test in any of the groups. */
export function whyUntested(groups: readonly Group[], design: string, contract: Contract): string {
  const rows = groups.flatMap((group) => group.rows).filter((row) => row.design === design);
  const skipped = rows.find((row) => row.skipped !== undefined);
  if (skipped && rows.every((row) => row.rounds === 0)) return `skipped: ${skipped.skipped}`;
  if (rows.every((row) => row.rounds === 0)) return 'none of its trials is a measurement';
  const flushed = rows.some((row) => row.fsyncsPerFlush !== undefined);
  if (OF_A_FLUSH.includes(contract) && !flushed) return 'no workload has a FLUSH';
  if (contract === 'integrity' && groups.every(({ backend }) => backend === 'null'))
    return 'on the null backend a read brings no data';
  return LACKED[contract];
}
