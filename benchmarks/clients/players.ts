/** The clients that a workload's jobs play, as the recovery of a trial's crash states wants to know them. */
import type { Workload } from '../../datasets/workload.ts';
import { CLIENTS } from '../../ordering/clients/index.ts';
import type { Player } from '../../ordering/clients/recovery.ts';

export { CLIENTS };

/** None where other jobs cut the file into smaller units than a client's. */
export function playersOf({ jobs, unitBytes }: Workload): Player[] {
  return jobs.flatMap((job, submitter) => {
    const client = CLIENTS.find(({ name }) => name === job.client);
    if (client === undefined || unitBytes !== 4096) return [];
    return [{ client, submitter, unit: (job.offset ?? 0) / unitBytes }];
  });
}
