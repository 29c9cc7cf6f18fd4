/** A design's queues and workers on a machine: opened, looked at, and counted before anybody has to hold them. */
import { InputError } from '../datasets/errors.ts';
import { DesignError, MachineError } from '../engine/errors.ts';
import type { TopologySpec } from '../engine/messages.ts';
import type { Layout } from '../strategies/types.ts';
import type { Design } from './designs.ts';

export interface LayoutSize {
  queues: number;
  workers: number;
  /** Slots of the dispatch table. */
  slots: number;
  /** Words of the strategy's own. */
  words: number;
  /** Submitters do I/O themselves. */
  inline: boolean;
  /** The file holds ciphertext. */
  transform: boolean;
  /** False where the layout would be so large that it was not made, and the numbers are those of a straight line. */
  exact: boolean;
}

/** Queues, workers and slots that are still made only to be counted: some 100 MB for a moment. */
const MOST_ENTRIES = 2 ** 21;

/**
 * Counts a design's layout; nothing for a reference row. One of millions of entries is not made: its size goes on in the line
 * that one device and two devices begin.
 *
 * @throws what `layoutOf` throws
 */
export function layoutSize(design: Design, topology: TopologySpec): LayoutSize {
  if (!design.crew) return { ...count({ queues: [], workers: [] }), exact: true };
  const { devices, cpus } = topology;
  if (devices > 2 && devices * cpus > 2 ** 16) {
    const [one, two] = [1, 2].map((few) => count(layoutOf(design, { ...topology, devices: few })));
    const along = (field: 'queues' | 'workers' | 'slots' | 'words'): number =>
      one![field] + (two![field] - one![field]) * (devices - 1);
    const size = {
      queues: along('queues'),
      workers: along('workers'),
      slots: along('slots'),
      words: along('words'),
      inline: one!.inline,
      transform: one!.transform,
      exact: false,
    };
    if (size.queues + size.workers + size.slots > MOST_ENTRIES) return size;
  }
  return { ...count(layoutOf(design, topology)), exact: true };
}

function count(layout: Layout): Omit<LayoutSize, 'exact'> {
  const { queues, workers, table, words = 0, inline = false, transform = false } = layout;
  return {
    queues: queues.length,
    workers: workers.length,
    slots: table?.length ?? 0,
    words,
    inline,
    transform,
  };
}

/**
 * Opens a design's strategy for its layout alone.
 *
 * @throws MachineError when the layout can't run, InputError when it is no layout, DesignError when the strategy's code throws
 */
export function layoutOf(design: Design, topology: TopologySpec): Layout {
  const { crew } = design;
  if (!crew) return { queues: [], workers: [] };
  const label = crew.label ?? design.name;
  const hooks = attempt(label, () =>
    crew.strategy.open(crew.ref.parameter, { ...topology, socketOf: Uint16Array.from(topology.socketOf) }),
  );
  if (typeof hooks?.route !== 'function') {
    throw new InputError(`${label}: open() returns hooks without a function 'route'`);
  }
  const { queues, workers, table } = Object(hooks.layout) as Partial<Layout>;
  if (!Array.isArray(queues) || !Array.isArray(workers)) {
    throw new InputError(`${label}: open() returns a layout without lists of 'queues' and 'workers'`);
  }
  if (table !== undefined && !(table instanceof Int32Array)) {
    throw new InputError(`${label}: the layout's table is no Int32Array`);
  }
  requireServed(design, { queues, workers });
  const strayed = table?.findIndex((queue) => !(queue in queues)) ?? -1;
  if (strayed >= 0) {
    throw new InputError(
      `${label}: slot ${strayed} of the table is queue ${table![strayed]}, the layout has ${queues.length}`,
    );
  }
  return hooks.layout;
}

function attempt<T>(label: string, call: () => T): T {
  try {
    return call();
  } catch (error) {
    throw new DesignError(`design ${label}: thrown in open(): ${(error as Error)?.stack ?? error}`);
  }
}

/** Every queue has a worker, and no more of them than may be active. */
function requireServed({ name, crew }: Design, { queues, workers }: Layout): void {
  const label = crew?.label ?? name;
  const serversOf = new Uint32Array(queues.length);
  for (const [w, worker] of workers.entries()) {
    if (!Array.isArray(worker?.serves)) throw new InputError(`${label}: worker ${w} has no list 'serves'`);
    const { inFlight = 1 } = worker;
    if (!Number.isInteger(inFlight) || inFlight < 1)
      throw new InputError(`${label}: worker ${w} has inFlight ${inFlight}, which is a whole number from 1`);
    for (const queue of worker.serves) {
      if (!(queue in queues))
        throw new InputError(`${label}: worker ${w} serves queue ${queue}, the layout has ${queues.length}`);
      serversOf[queue]!++;
    }
  }
  queues.forEach((queue, q) => {
    const servers = serversOf[q]!;
    if (servers === 0 || servers > (queue.maxActive ?? servers)) {
      throw new MachineError(
        `${label}: queue ${q} has ${servers} workers, maxActive ${queue.maxActive ?? 'unset'}`,
      );
    }
  });
}
