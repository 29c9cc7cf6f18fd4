import type { Contract, Verdict } from '../ordering/contracts.ts';

/** The result schema. A results file is JSON Lines: one `TrialRecord` a line, appended and fsynced per trial. */
export const SCHEMA = 'loopwq.trial';
export const SCHEMA_VERSION = 1;

export type BackendName = 'uring' | 'sync' | 'null';

/** What must be equal before two results are compared; `kernel` alone may differ on purpose. */
export interface Host {
  hostname: string;
  kernel: string;
  cpuModel: string;
  cores: number;
  sockets: number;
  memoryBytes: number;
  node: string;
  loopwq: string;
  /** File system type and mount options of the folder that held the backing files. */
  fileSystem: string;
  clockSource: string;
}

/** Latencies of one kind of operation, in nanoseconds. */
export interface LatencyRecord {
  n: number;
  min: number;
  max: number;
  mean: number;
  /** hdr-histogram V2, compressed, base64; 3 significant digits. Merge these, never the percentiles. */
  histogram: string;
}

/** The same of anything that is counted: operations, bytes. */
export type Distribution = LatencyRecord;

/**
 * Where operations waited and what flushes met, of what was acknowledged in the measured window: computed from the history after the
 * trial. A part is absent where there was nothing that it could tell of.
 */
export interface Waits {
  /** Of FLUSHes: from the submission until the gate let it go, the wait in a front included; all of one that needed no fsync. */
  gate?: LatencyRecord;
  /** Of FLUSHes: the backend call. */
  device?: LatencyRecord;
  /** Of FLUSHes: from the call's return to the acknowledgement. */
  settle?: LatencyRecord;
  /** By kind: from where the gate let it go, else from the submission, to the beginning of the backend call. */
  queue: { read?: LatencyRecord; write?: LatencyRecord; flush?: LatencyRecord };
  /** When an fsync began: writes of its device that were let go and had not completed. */
  inFlight?: Distribution;
  /** When an fsync began: bytes of completed writes to its device that no fsync covered yet. */
  dirtyBytes?: Distribution;
  /** Reads that found a FLUSH of another job outstanding when they began, whatever its device, and reads that found none. */
  readsBeside?: LatencyRecord;
  readsAlone?: LatencyRecord;
  /** Head-of-line blocking, as sums over operations. */
  headOfLine?: {
    /** Nanoseconds in queues. */
    queued: number;
    /** Of these, while the worker that then took the operation was in a call for another device; absent with one device. */
    device?: number;
    /** The same for another cgroup. */
    cgroup?: number;
  };
}

/** What a workload asked of the devices: sweeps are drawn over these. */
export interface Load {
  submitters: number;
  /** Operations that all submitters together may have outstanding. */
  depth: number;
  /** Reads and writes that an open loop offered, a second; absent where a submitter waits for its own. */
  rate?: number;
  /** Seconds that the longest timed job runs: shorter trials are not the same load. Absent where all jobs end by count. */
  seconds?: number;
}

/**
 * When operations of one kind were acknowledged and how long they had taken: counts on a grid of at most 64 columns of
 * time and 40 rows of latency. Widths of columns are powers of two, so that grids of several trials can be added up.
 */
export interface LatencyGrid {
  kind: 'read' | 'write' | 'flush';
  /** Milliseconds of a column; the first one begins with the measured window. */
  columnMs: number;
  /** Row i holds latencies from 2^((low + i) / 2) ns on, the lowest row all shorter ones too. */
  low: number;
  /** By column, by row from the lowest; zeros at a column's end are left out, and empty columns at the end. */
  counts: number[][];
}

export interface Metrics {
  /** Seconds from the first submitter's start until the last one stopped issuing. */
  seconds: number;
  /** Acknowledged, those after the last issue included. */
  reads: number;
  writes: number;
  flushes: number;
  /** Everything acknowledged from beginning to end, ramp and closing flushes included: what cpu* and switches* paid for. */
  operations: number;
  /** FLUSHes that reached the backing file as an fsync; for kernel-loop, that the driver executed. */
  fsyncs: number;
  /** Reads and writes acknowledged before their submitter stopped issuing, divided by seconds. */
  iops: number;
  bytes: number;
  /** CPU time of the whole machine (/proc/stat: user, nice, system, irq, softirq), microseconds. */
  cpuSystemUs: number;
  /** CPU time of the submitters and workers alone, microseconds. */
  cpuTasksUs: number;
  /** Context switches of the whole machine (/proc/stat ctxt). */
  switchesSystem: number;
  /** Context switches of the submitters and workers, voluntary and not. */
  switchesTasks: number;
  /** Threads of the kernel's io-wq that stood under the process at the end: work that io_uring did not do inline. */
  ioWqThreads: number;
  /**
   * Operations that rings left to io-wq, from beginning to end, by the kernel's own count; absent where no ring was used, nobody
   * asked (`--waits`), or nothing could be counted: that takes root and tracefs.
   */
  ioWqPunts?: number;
  /** Share of the measured time in which a submitter waited and had no free tag, the mean of all; absent in earlier versions. */
  blocked?: number;
  submitters: number;
  workers: number;
  /** Operations that their submitters tried without waiting (RWF_NOWAIT) and had to leave to a queue; only designs that try. */
  punts?: number;
  /** True when a submitter stopped early because the history was full. */
  cut: boolean;
}

/** Reads and writes over time, for a chart of the steady state. */
export interface Series {
  /** Length of a window. */
  seconds: number;
  /** Acknowledged in each window from the beginning of the first job on; divided by `seconds` it is IOPS. */
  operations: number[];
  /** Seconds from that beginning until the measured window began: 0 without a warm-up. */
  warmUp: number;
  /** Whether the warm-up ended in a steady state; absent where there was none. */
  steady?: boolean;
}

export interface Replaced {
  devices: number;
  /** Operations that found their device detached (ENODEV): they count as no reads, writes or flushes. */
  refused: number;
  /** How long nobody could have the device because somebody might still have its old file; absent with `devices` 0. */
  grace?: LatencyRecord;
}

export interface TrialRecord {
  schema: typeof SCHEMA;
  version: typeof SCHEMA_VERSION;
  /** One id per `loopwq run`. */
  run: string;
  /** 0-based; every round has every design once. */
  round: number;
  /** Position inside the shuffled round. */
  position: number;
  /** `[front>]strategy[:parameter][+flush][+order]`, or the name of a reference row. */
  design: string;
  reference: boolean;
  /** The parameters that the design was opened with, defaults included. */
  parameters: Record<string, number | string>;
  /** Contracts that the design claims. */
  claims: Contract[];
  workload: string;
  direct: boolean;
  backend: BackendName;
  topology: { sockets: number; cpus: number; virtual: boolean };
  seed: number;
  host: Host;
  /** Harness settings that held for every design of the run. */
  settings: { spin: number; pinned: boolean; recording: boolean; replaceMs?: number; stacked?: boolean };
  /** ISO 8601, UTC. */
  started: string;
  /** The commit that loopwq ran from, `-dirty` behind it where files had changed; absent outside of a git checkout. */
  revision?: string;
  load?: Load;
  metrics: Metrics;
  latency: { read?: LatencyRecord; write?: LatencyRecord; flush?: LatencyRecord };
  /** Absent where nothing was recorded, and in records of earlier versions. */
  waits?: Waits;
  /** Of flushes; of writes, else reads, where there was no flush. */
  grid?: LatencyGrid;
  /** Devices replaced under load; absent where `settings.replaceMs` asked for none. */
  replaced?: Replaced;
  verdicts: Record<Contract, Verdict>;
  /** Absent where nothing was recorded, and for a trial too short to have windows. */
  series?: Series;
  /** Why this machine could not run the row at all; everything measured is then zero. */
  skipped?: string;
  /** Why the trial is no measurement, when it failed; metrics then cover what was done until then. */
  failure?: string;
}
