/**
 * What the main thread and a design's threads say to each other, between trials only. A thread sleeps on its bell word;
 * the main thread posts and then rings. Nothing here is sent per operation.
 */
import type { MessagePort } from 'node:worker_threads';
import type { BackendName } from '../datasets/schema.ts';
import type { Job } from '../datasets/workload.ts';
import type { Mapping } from './libc.ts';
import type { SubmitterReport } from './recorder.ts';
import type { SharedMemory } from './shared.ts';

/** What names a design to a thread: the module that lists it, and its parts. */
export interface DesignRef {
  /** URL of a module that exports STRATEGIES, FLUSH_POLICIES and, where it has any, ORDER_POLICIES and FRONTS. */
  module: string;
  strategy: string;
  parameter: number;
  flush: string;
  /** Undefined where the design has no order policy. */
  order: string | undefined;
  /** Undefined where nothing stands in front of the driver. */
  front: string | undefined;
}

export interface TopologySpec {
  cpus: number;
  sockets: number;
  devices: number;
  cgroups: number;
  socketOf: number[];
}

/** Given to a thread when it starts. */
export interface ThreadTask {
  role: 'submitter' | 'worker' | 'raw';
  /** Index among the threads of its role. */
  index: number;
  design: DesignRef | undefined;
  port: MessagePort;
  /** Word 0 is rung for every message. */
  bell: SharedArrayBuffer;
  /** A worker's eventfd; a submitter is told its own when a workload is opened. */
  kickFd: number;
  /** Eventfds of all workers, for whoever has to wake one. */
  kickFds: number[];
  /** Data buffers and, behind them, 64 bytes per thread of scratch. */
  data: Mapping;
  scratch: Mapping;
  scratchAt: number;
}

/** Opens a workload: the thread attaches to its memory and opens the strategy's hooks once. */
export interface OpenMessage {
  type: 'open';
  key: string;
  memory: SharedMemory;
  topology: TopologySpec;
  /** Core to bind to, or -1. */
  core: number;
  /** Eventfds of the submitters, where the design has them do I/O. */
  submitterFds: number[];
}

export interface TrialMessage {
  type: 'trial';
  key: string;
  backend: BackendName;
  direct: boolean;
  spin: number;
  history: { buffer: SharedArrayBuffer; submitters: number; rowsEach: number; seenEach: number } | undefined;
  seed: number;
  base: number;
  trial: number;
  unitBytes: number;
  bufferBytes: number;
  /** For submitters. */
  job: Job | undefined;
  /**
   * Seconds that it runs at most, without its ramp; 0: as it says. It is no other job in a warm-up: one of another shape would be another
   * hidden class, and what V8 compiled in the warm-up was thrown away in the first trial that counts.
   */
  runtimeLimit: number;
  cpu: number;
  firstTag: number;
  files: number[];
  /** Devices are detached meanwhile. */
  detaches: boolean;
}

export interface CloseMessage {
  type: 'close';
}

export type ToThread = OpenMessage | TrialMessage | CloseMessage;

export type FromThread =
  | { type: 'started'; tid: number }
  | { type: 'opened' }
  | { type: 'ready' }
  | { type: 'done'; report: SubmitterReport | undefined; cpuUs: number; switches: number }
  | { type: 'failed'; machine: boolean; message: string }
  /** The last word: what the thread held of the kernel is given back. */
  | { type: 'closed' };
