/**
 * The way of an operation between its submitter and its worker, as one thread sees it: gate, route, queue, and back.
 * Every thread of a design has a pipeline of its own over the same shared memory.
 */
import { READ, WRITE } from '../ordering/history.ts';
import {
  type Front,
  type GatePolicy,
  HERE,
  type Hooks,
  INLINE,
  NONE,
  NOWAIT,
  type OpId,
  type Runtime,
} from '../strategies/types.ts';
import { now } from './clock.ts';
import { type GateExits, Gates, stagesOf } from './gate.ts';
import { enter, leave } from './rcu.ts';
import { LINE } from './rings.ts';
import { ASLEEP, type Shared, WOKEN } from './shared.ts';
import { ANSWERED, firstNested } from './stacked.ts';
import { publish, tableEntry } from './table.ts';

/** Wakes worker `w`, which sleeps: by its eventfd where it waits in a ring, else through its sleep word. */
export type Wake = (worker: number) => void;
/** The same for submitter `s`. */
export type WakeSubmitter = (submitter: number) => void;

export class Pipeline {
  readonly shared: Shared;
  readonly hooks: Hooks;
  readonly rt: Runtime;
  /** Of the topology. */
  readonly cpus: number;
  /** Index of this thread among the readers of the dispatch table: workers first, then submitters. */
  private readonly reader: number;
  private readonly servers: Int32Array[];
  private readonly gates: Gates | undefined;
  private readonly hasTable: boolean;
  private readonly firstNested: OpId;
  private readonly transform: boolean;
  /** The policy that says by which label an operation is routed, where one does. */
  private readonly labels: GatePolicy | undefined;
  private wakeWorker!: Wake;
  private wakeSubmitter!: WakeSubmitter;
  private clock!: () => number;

  constructor(
    shared: Shared,
    hooks: Hooks,
    policies: readonly GatePolicy[],
    reader: number,
    cpus: number,
    front?: Front,
  ) {
    this.cpus = cpus;
    this.shared = shared;
    this.wakeBy(() => {});
    this.hooks = hooks;
    this.reader = reader;
    const { queues, workers } = hooks.layout;
    this.servers = queues.map((_, queue) => {
      const place = (w: number): number => workers[w]!.serves.indexOf(queue);
      const servers = [...workers.keys()].filter((w) => place(w) >= 0);
      return Int32Array.from(servers.sort((a, b) => place(a) - place(b)));
    });
    this.hasTable = shared.sizes.slots > 0;
    this.firstNested = firstNested(shared.sizes);
    this.transform = hooks.layout.transform === true;
    const exits: GateExits = {
      dispatch: (op) => void this.dispatch(op),
      acknowledge: (op) => this.acknowledge(op),
      now: () => this.clock(),
    };
    const stages = stagesOf(policies);
    this.gates = stages.length > 0 || front ? new Gates(shared, stages, exits, front) : undefined;
    this.labels = policies.find((policy) => policy.label);
    const grace = { left: 0, draining: 0 };
    const slots = shared.sizes.slots;
    this.rt = {
      ops: shared.ops,
      words: {
        load: (word) => Atomics.load(shared.words, word),
        add: (word, value) => void Atomics.add(shared.words, word, value),
      },
      depth: (queue) => shared.queues.depth(queue),
      pop: (queue) => shared.queues.pop(queue),
      table: (slot) => tableEntry(shared.table, slots, slot),
      publish: (next) => publish({ words: shared.table, slots, rcu: shared.tableRcu, grace }, next),
    };
  }

  /** How sleeping threads are woken in the coming trial, and what its clock is. Submitters wake by their sleep words unless it says otherwise. */
  wakeBy(worker: Wake, clock: () => number = now, submitter?: WakeSubmitter): void {
    const { sleep, sizes } = this.shared;
    this.wakeWorker = worker;
    this.clock = clock;
    this.wakeSubmitter = submitter ?? ((s) => void Atomics.notify(sleep, (sizes.workers + s) * LINE, 1));
  }

  submit(op: OpId): void {
    if (this.labels) this.label(op, this.labels);
    if (this.gates) this.gates.submit(op);
    else this.dispatch(op);
  }

  /** The submitter could not do `op` without waiting: it is routed again. */
  punt(op: OpId): void {
    this.shared.ops.tries[op]!++;
    this.dispatch(op);
  }

  /** True when the step at hand is to encrypt or decrypt the data of `op`, and not its I/O. */
  transforms(op: OpId): boolean {
    if (!this.transform) return false;
    const { kind, step } = this.shared.ops;
    return kind[op] === (step[op] === 0 ? WRITE : READ);
  }

  /**
   * A worker has done a step of `op`; `ops.result` and `ops.co` are set once that was its I/O. True when the worker has to do
   * the next one; else that has gone elsewhere, or there is none.
   */
  done(op: OpId): boolean {
    if (this.hasNext(op)) return this.goOn(op);
    this.hooks.done?.(op, this.rt);
    this.settle(op);
    return false;
  }

  /** The same for a step that a submitter has done. */
  doneInline(op: OpId): boolean {
    if (this.hasNext(op)) return this.goOn(op);
    this.settle(op);
    return false;
  }

  private hasNext(op: OpId): boolean {
    if (!this.transform) return false;
    const { kind, step, result } = this.shared.ops;
    return step[op] === 0 && (kind[op] === WRITE || (kind[op] === READ && result[op]! > 0));
  }

  private goOn(op: OpId): boolean {
    this.shared.ops.step[op] = 1;
    return this.dispatch(op);
  }

  /** The backend call of `op` has returned; `ops.result` and `ops.co` are set. */
  settle(op: OpId): void {
    if (this.gates) this.gates.settle(op);
    else this.acknowledge(op);
  }

  /**
   * Gives the strategy its chance to publish a new table. One submitter calls it, and as the only one that ever replaces the
   * table it needs no read section to read it: inside one, a grace period would wait for its own publisher.
   */
  retune(): void {
    this.hooks.retune?.(this.rt);
  }

  private label(op: OpId, { label }: GatePolicy): void {
    const { ops } = this.shared;
    const value = label!(op, ops);
    if (value === NONE) return;
    ops.cpu[op] = value % this.cpus;
    ops.cgroup[op] = value;
  }

  /** Routes an operation. True when it is for the caller to do. */
  private dispatch(op: OpId): boolean {
    const { shared } = this;
    let queue: number;
    if (this.hasTable) {
      const section = enter(shared.tableRcu, this.reader);
      queue = this.hooks.route(op, this.rt);
      leave(shared.tableRcu, this.reader, section);
    } else queue = this.hooks.route(op, this.rt);
    if ((queue === INLINE || queue === NOWAIT) && shared.sizes.inline > 0) {
      this.leaveToSubmitter(op, queue === NOWAIT);
      return false;
    }
    if (queue === HERE && shared.ops.step[op] === 1) return true;
    const servers = this.servers[queue];
    if (servers === undefined)
      throw new Error(`route returned queue ${queue}, the layout has ${this.servers.length}`);
    shared.ops.queue[op] = queue;
    shared.queues.push(queue, op);
    // Publish, then look for a sleeper: a worker sets its word, then looks at its queues. One of both sees the other.
    this.wakeOne(servers);
    return false;
  }

  /**
   * One sleeper at a time, as the kernel's kick_pool() wakes the first idle worker, which stays the first until it runs: who was
   * woken and has not looked yet finds what came meanwhile, and wakes the next one (`kick`). Waking one for each operation cost
   * `zloop:4` 1.6 and 2.3 x the CPU time of `single-wq` on `null`, in two runs; so it is 1.3 and 1.5 x.
   */
  private wakeOne(servers: Int32Array): void {
    const { sleep } = this.shared;
    for (let i = 0; i < servers.length; i++) {
      const word = servers[i]! * LINE;
      const state = Atomics.load(sleep, word);
      if (state === WOKEN) return;
      if (state === ASLEEP && Atomics.compareExchange(sleep, word, ASLEEP, WOKEN) === ASLEEP) {
        this.wakeWorker(servers[i]!);
        return;
      }
    }
  }

  /** Has another worker woken for each of these queues that holds something. */
  kick(queues: readonly number[]): void {
    for (let i = 0; i < queues.length; i++) {
      const queue = queues[i]!;
      if (!this.shared.queues.empty(queue)) this.wakeOne(this.servers[queue]!);
    }
  }

  /** The queues that a worker serves with others. */
  sharedQueues(worker: number): number[] {
    return this.hooks.layout.workers[worker]!.serves.filter((queue) => this.servers[queue]!.length > 1);
  }

  /** Whoever let the operation go, its submitter does the I/O: it may be another thread, and inside a gate. */
  private leaveToSubmitter(op: OpId, nowait: boolean): void {
    const { ops, inline } = this.shared;
    const submitter = ops.submitter[op]!;
    inline.push(submitter, (op << 1) | Number(nowait));
    this.wake(submitter);
  }

  private acknowledge(op: OpId): void {
    const { shared } = this;
    const nested = op - this.firstNested;
    if (nested >= 0 && nested < shared.nested.length) {
      Atomics.store(shared.nested, nested, ANSWERED);
      Atomics.notify(shared.nested, nested);
      return;
    }
    const submitter = shared.ops.submitter[op]!;
    shared.ops.ak[op] = this.clock();
    shared.completions.push(submitter, op);
    this.wake(submitter);
  }

  private wake(submitter: number): void {
    const { sleep, sizes } = this.shared;
    const word = (sizes.workers + submitter) * LINE;
    if (Atomics.load(sleep, word) === ASLEEP && Atomics.compareExchange(sleep, word, ASLEEP, 0) === ASLEEP) {
      this.wakeSubmitter(submitter);
    }
  }
}

/** What a worker takes next, or NONE: as the strategy says, else from its queues in turn. What it leaves is for others to take. */
export function takerOf(pipeline: Pipeline, worker: number): () => OpId {
  const { hooks, rt, shared } = pipeline;
  const { serves } = hooks.layout.workers[worker]!;
  const turn = { at: 0 };
  const take = hooks.next ? () => hooks.next!(worker, rt) : () => takeNext(shared, serves, turn);
  const shares = pipeline.sharedQueues(worker);
  if (shares.length === 0) return take;
  return () => {
    const op = take();
    if (op !== NONE) pipeline.kick(shares);
    return op;
  };
}

/** The next operation of the queues that a worker serves, taking turns between them; or NONE. */
export function takeNext(shared: Shared, serves: readonly number[], turn: { at: number }): OpId {
  for (let i = 0; i < serves.length; i++) {
    turn.at = turn.at + 1 < serves.length ? turn.at + 1 : 0;
    const op = shared.queues.pop(serves[turn.at]!);
    if (op !== NONE) return op;
  }
  return NONE;
}
