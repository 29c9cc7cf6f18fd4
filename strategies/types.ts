/**
 * The plug-in: what a queue design is made of. A strategy says which queues and workers exist, into which queue an
 * operation goes and, where it cares, when its dispatch table changes; a gate policy says which operations must
 * wait for which. Nothing here blocks, allocates on the way of an operation, or reads a real clock, so the same code
 * runs on real threads and in a simulator.
 */
import type { Contract } from '../ordering/contracts.ts';

/**
 * Goes up with every change of this file after which a strategy, policy or front of before no longer means the same to the engine, or
 * one of now did not to the engine of before: `--against` then refuses to run them side by side.
 */
export const PLUGIN_INTERFACE = 1;

/** A request tag: the row of an operation in the columns of `Ops`. */
export type OpId = number;
export type QueueId = number;
export type WorkerId = number;
export const NONE = -1;

/** In place of a queue: the submitter itself does the I/O. */
export const INLINE = -2;
/**
 * In place of a queue: the submitter itself tries the I/O of a READ or WRITE, but does not wait (RWF_NOWAIT). Where that
 * can't be done the operation is routed again, with one more try.
 */
export const NOWAIT = -3;
/** In place of a queue, of a second step (`Layout.transform`): whoever did the first one does it at once. */
export const HERE = -4;

/** The operations in flight, one row each; columns over shared memory. Read-only to plug-ins. */
export interface Ops {
  /** READ 0, WRITE 1, FLUSH 2, DISCARD 3, WRITE_ZEROES 4, as in ordering/history.ts. */
  kind: Uint8Array;
  /** Of a WRITE: FUA 1, PREFLUSH 2. What the driver gets: a front takes away what it does itself. */
  flags: Uint8Array;
  /** The CPU that submitted, an index into the topology. */
  cpu: Uint16Array;
  device: Uint16Array;
  cgroup: Uint16Array;
  /** How often the I/O was tried and refused: see NOWAIT. */
  tries: Uint8Array;
  /** 0, or 1 before the second step: see `Layout.transform`. */
  step: Uint8Array;
  /** Bytes. */
  offset: Float64Array;
  length: Uint32Array;
}

export interface Topology {
  cpus: number;
  sockets: number;
  devices: number;
  cgroups: number;
  socketOf: Uint16Array;
}

export interface Layout {
  /** `maxActive`: work items of the queue that execute at one time; at least the number of workers that serve it. */
  queues: { maxActive?: number }[];
  /**
   * `serves`, its own queue first: of those who sleep a new operation wakes the one that has it foremost. `inFlight`: reads and
   * writes that it has in its ring at one time; 1 waits for each, as blocking I/O does, and without it there is no limit.
   */
  workers: { serves: QueueId[]; inFlight?: number }[];
  /** First state of the dispatch table, for designs that route through one. */
  table?: Int32Array;
  /** Some operations need no queue: `route` may return INLINE or NOWAIT. */
  inline?: boolean;
  /**
   * The file holds ciphertext, so reads and writes have two steps and are routed before each: a WRITE is encrypted and then
   * written, a READ is read and then decrypted. Whoever takes a step from a queue does it.
   */
  transform?: boolean;
  /** Shared words of the strategy's own, zero at the start of a trial. */
  words?: number;
}

/** Words that all threads see: each call is one atomic step. */
export interface Words {
  load(word: number): number;
  add(word: number, value: number): void;
}

/** What a strategy's hooks may ask of the engine. */
export interface Runtime {
  ops: Ops;
  words: Words;
  /** Entries in a queue: a hint, other threads move on. */
  depth(queue: QueueId): number;
  /** Takes the oldest operation of a queue, or NONE. For `next`: whoever takes it has to do it. */
  pop(queue: QueueId): OpId;
  /** The entry of the dispatch table, under the protection of the caller's RCU read section. */
  table(slot: number): QueueId;
  /** Replaces the table; the old one is given up after a grace period. False while too many old ones still wait. */
  publish(next: Int32Array): boolean;
}

export interface Hooks {
  layout: Layout;
  /** Where an operation goes: a queue, or with `layout.inline` also INLINE or NOWAIT; with `layout.transform` also HERE. */
  route(op: OpId, rt: Runtime): QueueId;
  /**
   * What a worker does next, or NONE; without this it takes turns between the queues that it serves. Only from queues that it
   * serves: an operation in one of them wakes it, and keeps it awake until somebody takes it.
   */
  next?(worker: WorkerId, rt: Runtime): OpId;
  /** A worker has done the I/O of an operation, which nobody else knows yet. */
  done?(op: OpId, rt: Runtime): void;
  /** Called by one submitter every few hundred operations of its own; may publish a new table. */
  retune?(rt: Runtime): void;
}

/**
 * A whole number; or, where it has `choices`, one of these words, and the number is its place among them; or, where it has
 * `flags`, any of these words joined by colons, and the number has a bit for each.
 */
export interface Parameter {
  name: string;
  default: number;
  least: number;
  most: number;
  choices?: readonly string[];
  flags?: readonly string[];
}

export interface Strategy {
  name: string;
  summary: string;
  /** The mail or commit that it stands for. */
  source: string;
  /** The parameter behind the colon of a design's name, where the strategy has one. */
  parameter?: Parameter;
  claims: readonly Contract[];
  open(parameter: number, topology: Topology): Hooks;
}

/** What a policy says of an operation: it may go, it waits, or it is done without any I/O (a flush with nothing to flush). */
export const PARK = 0;
export const GO = 1;
export const SKIP = 2;
export type Decision = typeof PARK | typeof GO | typeof SKIP;

/**
 * One device's gate as a policy sees it. The engine calls policies of one device serially and owns the parked
 * list: an operation that was told to PARK waits there, oldest first, until the policy releases it.
 */
export interface Gate {
  ops: Ops;
  load(word: number): number;
  store(word: number, value: number): void;
  /** A word of the policy's own beside each operation; whatever it was when the operation arrives. */
  mark(op: OpId): number;
  setMark(op: OpId, value: number): void;
  /** The oldest parked operation, or NONE. */
  parked(): OpId;
  /** The one parked next after `op`, or NONE. */
  behind(op: OpId): OpId;
  /** Lets a parked operation go on: the oldest, or `op`. */
  release(op?: OpId): void;
  /** Ends a parked operation without any I/O: with success, or with the failure of what it waited for (-errno). */
  skip(op: OpId, result?: number): void;
}

/** One device's gate as an instance of a front sees it; serial, like a policy's. */
export interface FrontGate {
  ops: Ops;
  load(word: number): number;
  store(word: number, value: number): void;
  /** A word of the front's own beside each operation. */
  mark(op: OpId): number;
  setMark(op: OpId, value: number): void;
  /** The instance's own flush request. */
  flushRequest: OpId;
  /** What of an operation's flags the driver is left to do: DSYNC (8) has a write written through. */
  setFlags(op: OpId, flags: number): void;
  /** A clock, below 2^31. */
  milliseconds(): number;
  /** Hands an operation down to the driver: its policies, then the strategy. */
  issue(op: OpId): void;
  /** Hands the flush request down, as if it came from where `like` came from. */
  issueFlush(like: OpId): void;
  /** Answers an operation: with an error, or with what the driver said of its data. A FLUSH that ends while the flush request's result is at hand has that request's times. */
  end(op: OpId, result: number): void;
}

/** What stands between the submitters and the driver. */
export interface Front {
  name: string;
  summary: string;
  source: string;
  claims: readonly Contract[];
  /** What no policy behind it can keep, whatever it claims. */
  voids: readonly Contract[];
  /** Words of state per instance, zero at the start. */
  words: number;
  /** True with one instance for each hardware queue, that is CPU, of a device; else a device has one. */
  perQueue: boolean;
  submit(op: OpId, gate: FrontGate): void;
  /** The driver has answered an operation, or the instance's flush request. */
  settle(op: OpId, gate: FrontGate, result: number): void;
}

export interface GatePolicy {
  name: string;
  summary: string;
  source: string;
  claims: readonly Contract[];
  /** Words of state per device, zero at the start; a policy that keeps something per tag gets their number. */
  words: number | ((tags: number) => number);
  /** What stands in for the submitter's CPU and cgroup when the strategy routes; NONE leaves them. */
  label?(op: OpId, ops: Ops): number;
  submit(op: OpId, gate: Gate): Decision;
  /** The operation's backend call has returned `result`: bytes, 0 for a flush, or -errno. */
  settle(op: OpId, gate: Gate, result: number): void;
}
