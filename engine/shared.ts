/**
 * The shared memory of one design on one workload: operations, queues, gates, sleep words, tables. `allocate` makes
 * it on the main thread, `attach` gives a thread its typed views. The object that travels between them carries a magic
 * number and the version of this layout.
 */
import type { Ops } from '../strategies/types.ts';
import { MachineError } from './errors.ts';
import type { Rcu } from './rcu.ts';
import { rcuWords } from './rcu.ts';
import { LINE, Rings, ringCapacity } from './rings.ts';

const MAGIC = 0x6c6f6f70;
const VERSION = 3;

/** Dispatch tables: the current one, and the old one while readers may still hold it. */
export const TABLES = 2;

export interface Sizes {
  submitters: number;
  workers: number;
  queues: number;
  devices: number;
  /** Tags of all submitters together and, behind them, the flush requests of a front. */
  tags: number;
  /** Flush requests: one for each instance of the front on each device, or 0 without a front. */
  flushRequests: number;
  /** Gate stages: 0 (no gate); a front and up to two policies. */
  stages: number;
  /** Words of policy state per device, all stages together. */
  policyWords: number;
  /** Slots of the dispatch table, 0 where the design has none. */
  slots: number;
  /** Submitters that may have to do I/O themselves: all of them, or 0. */
  inline: number;
  /** Words of the strategy's own. */
  words: number;
  /** Tags below others, in front of the flush requests: one for each other tag where devices are stacked, else absent. */
  nested?: number;
}

export interface SharedMemory {
  magic: number;
  version: number;
  sizes: Sizes;
  buffer: SharedArrayBuffer;
}

/** The columns of the operations in flight: what plug-ins may read, and what the engine keeps beside it. */
export interface EngineOps extends Ops {
  queue: Uint16Array;
  worker: Uint16Array;
  result: Int32Array;
  /** Which RCU counter the read section of its I/O uses. */
  section: Uint8Array;
  /** Data buffer of the tag, an address below 2^47. */
  address: Float64Array;
  /** When the gate let it go, as the history has it. */
  go: Float64Array;
  st: Float64Array;
  co: Float64Array;
  ak: Float64Array;
  /** The submitter that owns the tag. */
  submitter: Uint16Array;
}

export interface Shared {
  sizes: Sizes;
  ops: EngineOps;
  queues: Rings;
  completions: Rings;
  inboxes: Rings;
  /** Per submitter: what it has to do itself, 2 * tag, and 1 more where it must not wait. */
  inline: Rings;
  /** One line each: ASLEEP, WOKEN, or 0. Workers first, then submitters. */
  sleep: Int32Array;
  /** Word c of CONTROL. */
  control: Int32Array;
  /** Operations acknowledged per submitter, one line each: what the watchdog looks at. */
  acknowledged: Int32Array;
  /** Per device and line: lock word of the gate. */
  locks: Int32Array;
  /** Parked lists: per stage and tag the next tag, then per stage and device head and tail. */
  parkedNext: Int32Array;
  parkedEnds: Int32Array;
  /** Per stage and tag: a word that the stage's policy keeps beside the operation. */
  marks: Int32Array;
  policy: Int32Array;
  /** The strategy's. */
  words: Int32Array;
  /** Per tag below another: see stacked.ts. */
  nested: Int32Array;
  /** Backing file descriptor per device, -1 while detached; protected by `filesRcu`. */
  files: Int32Array;
  filesRcu: Rcu;
  /** Word 0: index of the current table. Then TABLES tables; protected by `tableRcu`. */
  table: Int32Array;
  tableRcu: Rcu;
}

/** Of a `sleep` word: the thread sleeps or is about to; a worker was woken and has not looked at its queues since. */
export const ASLEEP = 1;
export const WOKEN = 2;

/** Words of `control`. */
export const CONTROL = {
  /** 1: submitters begin. */
  go: 0,
  /** 1: submitters issue nothing more and wait for what is outstanding. */
  stopIssuing: 1,
  /** 1: workers leave; set when every submitter is done. */
  stopWorkers: 2,
  /** 1: everybody leaves at once, outstanding or not. */
  abort: 3,
  /** Jobs that have ended, for those behind a stonewall; after an abort more than there are. */
  ended: 4,
  /** 1: a ramp ends, whatever its job says of its length. */
  measure: 5,
  words: LINE,
} as const;

interface Plan {
  bytes: number;
  at: Record<string, number>;
}

/** Where each part stands, every part on a cache line of its own. */
function plan(s: Sizes): Plan {
  const capacity = ringCapacity(s.tags);
  const threads = s.workers + s.submitters;
  const parts: [string, number][] = [
    ['control', CONTROL.words * 4],
    ['sleep', threads * LINE * 4],
    ['acknowledged', s.submitters * LINE * 4],
    ['queues', Rings.words(s.queues, capacity) * 4],
    ['completions', Rings.words(s.submitters, capacity) * 4],
    ['inboxes', s.stages > 0 ? Rings.words(s.devices, capacity) * 4 : 0],
    ['inline', Rings.words(s.inline, capacity) * 4],
    ['locks', s.devices * LINE * 4],
    ['parkedNext', s.stages * s.tags * 4],
    ['parkedEnds', s.stages * s.devices * 2 * 4],
    ['marks', s.stages * s.tags * 4],
    ['policy', s.devices * s.policyWords * 4],
    ['words', s.words * 4],
    ['nested', (s.nested ?? 0) * 4],
    ['files', s.devices * 4],
    ['filesRcu', rcuWords(threads) * 4],
    ['table', (LINE + TABLES * s.slots) * 4],
    ['tableRcu', rcuWords(threads) * 4],
    ['kind', s.tags],
    ['flags', s.tags],
    ['cpu', s.tags * 2],
    ['device', s.tags * 2],
    ['cgroup', s.tags * 2],
    ['tries', s.tags],
    ['step', s.tags],
    ['offset', s.tags * 8],
    ['length', s.tags * 4],
    ['queue', s.tags * 2],
    ['worker', s.tags * 2],
    ['result', s.tags * 4],
    ['section', s.tags],
    ['address', s.tags * 8],
    ['go', s.tags * 8],
    ['st', s.tags * 8],
    ['co', s.tags * 8],
    ['ak', s.tags * 8],
    ['submitter', s.tags * 2],
  ];
  const at: Record<string, number> = {};
  let bytes = 0;
  for (const [name, size] of parts) {
    at[name] = bytes;
    // No bit operations: the sum may well be beyond 2^31.
    bytes += Math.ceil(size / 64) * 64;
  }
  return { bytes: Math.max(bytes, 64), at };
}

/** Bytes of shared memory for these sizes. */
export function bytesOf(sizes: Sizes): number {
  return plan(sizes).bytes;
}

/** Zeroed memory for these sizes. Throws MachineError when the process can't have it. */
export function allocate(sizes: Sizes): SharedMemory {
  const { bytes } = plan(sizes);
  try {
    return { magic: MAGIC, version: VERSION, sizes, buffer: new SharedArrayBuffer(bytes) };
  } catch (error) {
    throw new MachineError(
      `no memory for ${sizes.queues} queues and ${sizes.devices} devices, ${Math.ceil(bytes / 2 ** 20)} MiB: ` +
        `${(error as Error).message}. Choose fewer devices, or make iodepth= or numjobs= smaller`,
    );
  }
}

/** The views of one thread. Throws when the memory is of another layout. */
export function attach(memory: SharedMemory): Shared {
  if (memory.magic !== MAGIC || memory.version !== VERSION) {
    throw new Error(`shared memory of layout ${memory.version}, this engine has ${VERSION}`);
  }
  const s = memory.sizes;
  const { at } = plan(s);
  const { buffer } = memory;
  const capacity = ringCapacity(s.tags);
  const threads = s.workers + s.submitters;
  const i32 = (name: string, length: number): Int32Array => new Int32Array(buffer, at[name], length);
  const u16 = (name: string): Uint16Array => new Uint16Array(buffer, at[name], s.tags);
  const f64 = (name: string): Float64Array => new Float64Array(buffer, at[name], s.tags);
  const queueWords = Rings.words(s.queues, capacity);
  const inboxes = s.stages > 0 ? s.devices : 0;
  return {
    sizes: s,
    control: i32('control', CONTROL.words),
    sleep: i32('sleep', threads * LINE),
    acknowledged: i32('acknowledged', s.submitters * LINE),
    queues: new Rings(i32('queues', queueWords), s.queues, capacity),
    completions: new Rings(i32('completions', Rings.words(s.submitters, capacity)), s.submitters, capacity),
    inboxes: new Rings(i32('inboxes', Rings.words(inboxes, capacity)), inboxes, capacity),
    inline: new Rings(i32('inline', Rings.words(s.inline, capacity)), s.inline, capacity),
    locks: i32('locks', s.devices * LINE),
    parkedNext: i32('parkedNext', s.stages * s.tags),
    parkedEnds: i32('parkedEnds', s.stages * s.devices * 2),
    marks: i32('marks', s.stages * s.tags),
    policy: i32('policy', s.devices * s.policyWords),
    words: i32('words', s.words),
    nested: i32('nested', s.nested ?? 0),
    files: i32('files', s.devices),
    filesRcu: { words: i32('filesRcu', rcuWords(threads)), readers: threads },
    table: i32('table', LINE + TABLES * s.slots),
    tableRcu: { words: i32('tableRcu', rcuWords(threads)), readers: threads },
    ops: {
      kind: new Uint8Array(buffer, at.kind, s.tags),
      flags: new Uint8Array(buffer, at.flags, s.tags),
      cpu: u16('cpu'),
      device: u16('device'),
      cgroup: u16('cgroup'),
      tries: new Uint8Array(buffer, at.tries, s.tags),
      step: new Uint8Array(buffer, at.step, s.tags),
      offset: f64('offset'),
      length: new Uint32Array(buffer, at.length, s.tags),
      queue: u16('queue'),
      worker: u16('worker'),
      result: i32('result', s.tags),
      section: new Uint8Array(buffer, at.section, s.tags),
      address: f64('address'),
      go: f64('go'),
      st: f64('st'),
      co: f64('co'),
      ak: f64('ak'),
      submitter: u16('submitter'),
    },
  };
}

/** Puts everything back to the state before the first operation. Only while every thread is parked. */
export function reset(shared: Shared, files: ArrayLike<number>, table: Int32Array | undefined): void {
  const { sizes: s } = shared;
  for (let q = 0; q < s.queues; q++) shared.queues.reset(q);
  for (let i = 0; i < s.submitters; i++) shared.completions.reset(i);
  if (s.stages > 0) for (let d = 0; d < s.devices; d++) shared.inboxes.reset(d);
  for (let i = 0; i < s.inline; i++) shared.inline.reset(i);
  const { control, sleep, acknowledged, locks, policy } = shared;
  for (const words of [control, sleep, acknowledged, locks, policy, shared.words, shared.nested])
    words.fill(0);
  shared.filesRcu.words.fill(0);
  shared.tableRcu.words.fill(0);
  shared.parkedEnds.fill(-1);
  shared.parkedNext.fill(-1);
  shared.files.set(Array.from(files));
  shared.table.fill(0);
  if (table) shared.table.set(table, LINE);
}
