/** What a design takes only to exist, counted without starting anything; and the limit at which a run of it is refused. */

import type { TopologySpec } from '../engine/messages.ts';
import { ringBytes, WORKER_RING } from '../engine/ring.ts';
import { ringCapacity } from '../engine/rings.ts';
import { bytesOf } from '../engine/shared.ts';
import { sizesOf } from '../engine/sizes.ts';
import type { Design } from './designs.ts';
import { layoutSize } from './layout.ts';
import { descriptorLimit, type Limit, threadLimits, tightest } from './limits.ts';
import { MAX_THREADS } from './plan.ts';
import { demandOf, tooLow } from './requirements.ts';

export interface Cost {
  design: string;
  queues: number;
  workers: number;
  /** False where the layout is so large that it was not made: the numbers go on in a straight line. */
  exact: boolean;
  /** Of queues, gates, tables and operations. */
  sharedBytes: number;
  /** Of the rings of workers, and of submitters that do I/O themselves, with direct I/O. */
  ringBytes: number;
  /** Of the workers' isolates. */
  threadBytes: number;
  /** Data buffers of the requests in flight. */
  bufferBytes: number;
  /** Of threads, eventfds, rings and backing files. */
  descriptors: number;
  /** Why a run of this design alone is refused; undefined where it is not. */
  refused: string | undefined;
}

/** One submitter with so many requests of 4 KiB in flight, as every design is asked for the same. */
export const COST_TAGS = 32;
const SUBMITTERS = 1;
const BLOCK = 4096;
/** Of a parked thread, as MAX_THREADS says. */
const ISOLATE_BYTES = 10 * 2 ** 20;

export interface Limits {
  threads: Limit | undefined;
  descriptors: Limit | undefined;
}

export function limitsHere(): Limits {
  return { threads: tightest(threadLimits()), descriptors: descriptorLimit() };
}

/**
 * What `design` takes on a machine.
 *
 * @throws what a layout that can't be is refused with (benchmarks/layout.ts)
 */
export function costOf(design: Design, topology: TopologySpec, limits: Limits): Cost {
  const { queues, workers, slots, words, inline, exact } = layoutSize(design, topology);
  const { devices } = topology;
  const rings = inline ? SUBMITTERS : 0;
  const asked = {
    submitters: SUBMITTERS,
    devices,
    tags: COST_TAGS,
    queues,
    workers,
    slots,
    words,
    inline: rings,
  };
  const { threads, descriptors } = demandOf([{ submitters: SUBMITTERS, workers }], devices);
  return {
    design: design.name,
    queues,
    workers,
    exact,
    sharedBytes: bytesOf(sizesOf(design.crew, topology.cpus, asked)),
    // A submitter's ring has one entry for its eventfd as well.
    ringBytes: workers * ringBytes(WORKER_RING) + rings * ringBytes(ringCapacity(COST_TAGS + 1)),
    threadBytes: workers * ISOLATE_BYTES,
    bufferBytes: COST_TAGS * BLOCK,
    descriptors,
    refused:
      (threads > MAX_THREADS ? `${threads} threads, a run has ${MAX_THREADS} at most` : undefined) ??
      tooLow(limits.threads, threads, `${threads} threads`) ??
      tooLow(limits.descriptors, descriptors, `${threads} threads and ${devices} files`),
  };
}
