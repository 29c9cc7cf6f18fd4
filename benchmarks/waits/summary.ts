/** The waits of several trials as one: histograms are added up, percentiles never averaged. */
import type { WaitName } from '../../datasets/sample.ts';
import type { LatencyRecord, Waits } from '../../datasets/schema.ts';
import { type MergedLatencies, mergeLatencies, type Percentile, percentileOf } from '../latency.ts';

/** What is no duration: writes in flight and bytes not covered when an fsync begins. */
export type IssueName = 'inFlightP50' | 'inFlightP95' | 'dirtyBytesP50' | 'dirtyBytesP95';

export interface WaitSummary {
  percentiles: Partial<Record<WaitName | IssueName, Percentile>>;
  /** Shares of the time in queues that an operation's worker spent with another device, or another cgroup; undefined with one. */
  behindDevice: number | undefined;
  behindCgroup: number | undefined;
}

/** What each percentile is taken from. */
const FROM: readonly [
  of: (waits: Waits) => LatencyRecord | undefined,
  names: [WaitName | IssueName, number][],
][] = [
  [
    ({ gate }) => gate,
    [
      ['flushGateP50', 0.5],
      ['flushGateP95', 0.95],
    ],
  ],
  [
    ({ queue }) => queue.flush,
    [
      ['flushQueueP50', 0.5],
      ['flushQueueP95', 0.95],
    ],
  ],
  [
    ({ device }) => device,
    [
      ['flushCallP50', 0.5],
      ['flushCallP95', 0.95],
    ],
  ],
  [
    ({ queue }) => queue.read,
    [
      ['readQueueP50', 0.5],
      ['readQueueP95', 0.95],
    ],
  ],
  [
    ({ queue }) => queue.write,
    [
      ['writeQueueP50', 0.5],
      ['writeQueueP95', 0.95],
    ],
  ],
  [({ readsBeside }) => readsBeside, [['readBesideP99', 0.99]]],
  [({ readsAlone }) => readsAlone, [['readAloneP99', 0.99]]],
  [
    ({ inFlight }) => inFlight,
    [
      ['inFlightP50', 0.5],
      ['inFlightP95', 0.95],
    ],
  ],
  [
    ({ dirtyBytes }) => dirtyBytes,
    [
      ['dirtyBytesP50', 0.5],
      ['dirtyBytesP95', 0.95],
    ],
  ],
];

/** @throws {Error} when a histogram is broken */
export function waitSummary(trials: readonly Waits[]): WaitSummary | undefined {
  if (trials.length === 0) return undefined;
  const percentiles: WaitSummary['percentiles'] = {};
  for (const [of, names] of FROM) {
    const merged: MergedLatencies = mergeLatencies(trials.flatMap((waits) => of(waits) ?? []));
    for (const [name, q] of names) {
      const percentile = percentileOf(merged, q);
      if (percentile !== undefined) percentiles[name] = percentile;
    }
  }
  return { percentiles, behindDevice: share(trials, 'device'), behindCgroup: share(trials, 'cgroup') };
}

function share(trials: readonly Waits[], of: 'device' | 'cgroup'): number | undefined {
  let queued = 0;
  let behind = 0;
  for (const { headOfLine } of trials) {
    if (headOfLine?.[of] === undefined) continue;
    queued += headOfLine.queued;
    behind += headOfLine[of];
  }
  return queued > 0 ? behind / queued : undefined;
}
