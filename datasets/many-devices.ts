/** The same jobs on another number of devices: what `run --devices N` makes of a workload. */
import { InputError } from './errors.ts';
import { isOwnFile } from './fio.ts';
import type { Job, Workload } from './workload.ts';

/**
 * Shares the bytes of a workload's files among `count` devices, each of one block at least. As with nrfiles in fio, a job goes round
 * its devices in turn: job i of n has the devices i, i + n and so on, and where there are fewer devices than jobs, jobs share them.
 *
 * @throws InputError for jobs that say where on a file they are, or end with it
 */
export function withDevices(workload: Workload, count: number): Workload {
  const { files, jobs, path, name } = workload;
  const refuse = (job: Job | undefined, why: string): void => {
    if (job) throw new InputError(`--devices ${count}: job '${job.name}' of ${path} ${why}`);
  };
  const foreign = files.find((file) => !isOwnFile(file.name));
  if (foreign)
    throw new InputError(`--devices ${count}: ${foreign.name} of ${path} is no file that the run makes`);
  refuse(
    jobs.find((job) => job.client !== undefined),
    'is a client, which knows what lies where on its files',
  );
  refuse(
    jobs.find((job) => job.offset !== undefined),
    'has an offset',
  );
  refuse(
    jobs.find((job) => job.runtime === 0 || job.count > 0 || job.bytes !== undefined),
    'ends with its size: make it time_based',
  );
  const block = Math.max(...jobs.map((job) => job.bs));
  const total = files.reduce((sum, { bytes }) => sum + bytes, 0);
  const bytes = Math.max(1, Math.floor(total / count / block)) * block;
  return {
    ...workload,
    name: `${name}-${count}dev`,
    files: Array.from({ length: count }, (_, device) => ({ name: `d${device}`, bytes })),
    jobs: jobs.map((job, i) => ({ ...job, size: bytes, files: share(i, jobs.length, count) })),
  };
}

function share(job: number, jobs: number, count: number): number[] {
  const first = job % count;
  return Array.from({ length: Math.max(1, Math.ceil((count - first) / jobs)) }, (_, k) => first + k * jobs);
}
