/** Where a trial's operations waited, for its record. Nothing of it is computed while the trial runs. */
import type { LatencyRecord, Waits } from '../../datasets/schema.ts';
import type { Workload } from '../../datasets/workload.ts';
import type { History } from '../../ordering/history.ts';
import { latencyRecord } from '../latency.ts';
import { besideFlushes } from './beside-flushes.ts';
import { flushIssue } from './flush-issue.ts';
import { flushParts } from './flush-parts.ts';
import { headOfLine } from './head-of-line.ts';
import type { FsyncCalls, Measured } from './measured.ts';
import { queueWaits } from './queue-waits.ts';

/** @param rings whether reads and writes went through rings, so that only the rest were blocking calls of their worker */
export function waitsOf(
  history: History,
  { jobs, files, cgroups }: Workload,
  measured: Measured,
  calls: FsyncCalls,
  rings: boolean,
): Waits {
  const parts = flushParts(history, measured);
  const queue = queueWaits(history, measured);
  const issue = flushIssue(history, jobs.length, calls);
  const reads = besideFlushes(history, jobs.length, measured);
  const line = headOfLine(history, measured, calls, {
    jobs: jobs.length,
    cgroupOf: (job) => jobs[job]!.cgroup ?? job,
    rings,
  });
  const several = (cgroups?.length ?? jobs.length) > 1;
  return {
    ...recorded('gate', parts.gate),
    ...recorded('device', parts.device),
    ...recorded('settle', parts.settle),
    queue: {
      ...recorded('read', queue.read),
      ...recorded('write', queue.write),
      ...recorded('flush', queue.flush),
    },
    ...recorded('inFlight', issue.inFlight),
    ...recorded('dirtyBytes', issue.dirtyBytes),
    ...recorded('readsBeside', reads.beside),
    ...recorded('readsAlone', reads.alone),
    ...(line.queued > 0
      ? {
          headOfLine: {
            queued: Math.round(line.queued),
            ...(files.length > 1 ? { device: Math.round(line.behindDevice) } : {}),
            ...(several ? { cgroup: Math.round(line.behindCgroup) } : {}),
          },
        }
      : {}),
  };
}

function recorded<N extends string>(name: N, values: number[]): { [K in N]?: LatencyRecord } {
  // Stamps of two threads that are the same instant may be in either order.
  const record = latencyRecord(values.map((value) => Math.max(0, value)));
  return record === undefined ? {} : ({ [name]: record } as { [K in N]?: LatencyRecord });
}
