/**
 * The gate of a device: the serial place where policies decide. Submissions and completions go into the device's
 * inbox; whoever wins one compare-and-swap drains it, unlocks and looks again, and nobody waits. So a policy is plain
 * serial code, and the parked lists need no locks of their own.
 *
 * Stages run in order: the front, which keeps lists of its own; then the flush policy before the order policy, as a write
 * parked for order must already be counted by the flush. What is parked at a stage goes on to the next one when it is
 * released.
 */
import { FLUSH, NO_QUEUE } from '../ordering/history.ts';
import {
  type Front,
  type FrontGate,
  type Gate,
  type GatePolicy,
  GO,
  NONE,
  type OpId,
  SKIP,
} from '../strategies/types.ts';
import { LINE } from './rings.ts';
import type { Shared } from './shared.ts';

/** What the gate does with an operation that no policy holds back, and with one whose policies have settled it. */
export interface GateExits {
  dispatch(op: OpId): void;
  acknowledge(op: OpId): void;
  /** Nanoseconds. */
  now(): number;
}

export class Gates {
  private readonly shared: Shared;
  private readonly policies: readonly GatePolicy[];
  private readonly exits: GateExits;
  /** views[stage * devices + device]: made once, so that a decision allocates nothing. */
  private readonly views: Gate[] = [];

  private readonly front: Front | undefined;
  /** frontViews[device * instances + instance]. */
  private readonly frontViews: FrontGate[] = [];
  /** Of the front, on each device. */
  private readonly instances: number;
  /** The first of the flush requests, which stand behind the submitters' tags. */
  private readonly firstRequest: OpId;
  /** What this thread submits at present, until it is held back: gone straight through, it needs no stamp of when it went. */
  private straight: OpId = NONE;

  constructor(shared: Shared, policies: readonly GatePolicy[], exits: GateExits, front?: Front) {
    this.shared = shared;
    this.policies = policies;
    this.exits = exits;
    this.front = front;
    this.firstRequest = shared.sizes.tags - shared.sizes.flushRequests;
    this.instances = front ? shared.sizes.flushRequests / shared.sizes.devices : 0;
    let words = (front?.words ?? 0) * this.instances;
    if (front) {
      for (let at = 0; at < shared.sizes.flushRequests; at++) this.frontViews.push(this.frontView(front, at));
    }
    for (let stage = 0; stage < policies.length; stage++) {
      for (let device = 0; device < shared.sizes.devices; device++) {
        this.views.push(this.view(stage, device, device * shared.sizes.policyWords + words));
      }
      words += wordsOf(policies[stage]!, shared.sizes.tags);
    }
  }

  submit(op: OpId): void {
    const device = this.shared.ops.device[op]!;
    this.straight = op;
    this.shared.inboxes.push(device, op << 1);
    this.drain(device);
    this.straight = NONE;
  }

  /** The backend call of `op` has returned. */
  settle(op: OpId): void {
    const device = this.shared.ops.device[op]!;
    this.shared.inboxes.push(device, (op << 1) | 1);
    this.drain(device);
  }

  private drain(device: number): void {
    const { inboxes, locks } = this.shared;
    while (!inboxes.empty(device)) {
      if (Atomics.compareExchange(locks, device * LINE, 0, 1) !== 0) return;
      for (let event = inboxes.pop(device); event !== NONE; event = inboxes.pop(device)) {
        if ((event & 1) === 0) this.begin(event >> 1, device);
        else this.settled(event >> 1, device);
      }
      Atomics.store(locks, device * LINE, 0);
    }
  }

  private begin(op: OpId, device: number): void {
    if (this.front) this.front.submit(op, this.frontViews[this.instanceOf(op, device)]!);
    else this.arrive(op, device, 0);
  }

  private arrive(op: OpId, device: number, from: number): void {
    for (let stage = from; stage < this.policies.length; stage++) {
      const decision = this.policies[stage]!.submit(
        op,
        this.views[stage * this.shared.sizes.devices + device]!,
      );
      if (decision === GO) continue;
      if (decision === SKIP) this.skipped(op, 0);
      else this.park(op, device, stage);
      return;
    }
    this.letGo(op);
  }

  /** A clock read costs 54 ns: only what may have waited pays it, and every FLUSH, whose wait is what is asked. */
  private letGo(op: OpId): void {
    const { ops } = this.shared;
    if (op !== this.straight || ops.kind[op] === FLUSH) ops.go[op] = this.exits.now();
    this.exits.dispatch(op);
  }

  private settled(op: OpId, device: number): void {
    const result = this.shared.ops.result[op]!;
    for (let stage = 0; stage < this.policies.length; stage++) {
      this.policies[stage]!.settle(op, this.views[stage * this.shared.sizes.devices + device]!, result);
    }
    this.answered(op, device, result);
  }

  /** The driver is done with an operation. */
  private answered(op: OpId, device: number, result: number): void {
    if (this.front) this.front.settle(op, this.frontViews[this.instanceOf(op, device)]!, result);
    else this.exits.acknowledge(op);
  }

  /** The place of the view for an operation: of its CPU's instance, or the one whose flush request it is. */
  private instanceOf(op: OpId, device: number): number {
    if (op >= this.firstRequest) return op - this.firstRequest;
    return device * this.instances + (this.instances > 1 ? this.shared.ops.cpu[op]! % this.instances : 0);
  }

  /**
   * Ends an operation that needs no I/O, or that shares the failure of another one: it never reached the stages below, so nothing has to be settled. Its stamps say
   * that it never began: with others it would pass for an fsync, and prove itself and flushes beside it.
   */
  private skipped(op: OpId, result: number): void {
    const { ops } = this.shared;
    ops.result[op] = result;
    ops.queue[op] = NO_QUEUE;
    ops.worker[op] = NO_QUEUE;
    ops.go[op] = ops.st[op] = ops.co[op] = 0;
    this.answered(op, ops.device[op]!, result);
  }

  /** Takes a parked operation out of its list. */
  private unpark(op: OpId, device: number, stage: number): void {
    const { parkedNext, parkedEnds, sizes } = this.shared;
    const ends = 2 * (stage * sizes.devices + device);
    const base = stage * sizes.tags;
    let before = NONE;
    let at = parkedEnds[ends]!;
    while (at !== op && at !== NONE) {
      before = at;
      at = parkedNext[base + at]!;
    }
    if (op === NONE || at === NONE) {
      throw new Error(`policy ${this.policies[stage]!.name} released an operation it had not parked`);
    }
    if (before === NONE) parkedEnds[ends] = parkedNext[base + op]!;
    else parkedNext[base + before] = parkedNext[base + op]!;
    if (parkedEnds[ends + 1] === op) parkedEnds[ends + 1] = before;
  }

  private park(op: OpId, device: number, stage: number): void {
    const { parkedNext, parkedEnds, sizes } = this.shared;
    const ends = 2 * (stage * sizes.devices + device);
    if (op === this.straight) this.straight = NONE;
    parkedNext[stage * sizes.tags + op] = NONE;
    if (parkedEnds[ends] === NONE) parkedEnds[ends] = op;
    else parkedNext[stage * sizes.tags + parkedEnds[ends + 1]!] = op;
    parkedEnds[ends + 1] = op;
  }

  private frontView(front: Front, at: number): FrontGate {
    const { marks, policy, sizes, ops } = this.shared;
    const device = Math.floor(at / this.instances);
    const base = device * sizes.policyWords + (at % this.instances) * front.words;
    // The front's marks stand behind those of the policies' stages.
    const markBase = this.policies.length * sizes.tags;
    const flushRequest = this.firstRequest + at;
    return {
      ops,
      load: (word) => policy[base + word]!,
      store: (word, value) => {
        policy[base + word] = value;
      },
      mark: (op) => marks[markBase + op]!,
      setMark: (op, value) => {
        marks[markBase + op] = value;
      },
      flushRequest,
      setFlags: (op, flags) => {
        ops.flags[op] = flags;
      },
      milliseconds: () => Math.floor(this.exits.now() / 1e6) % 2 ** 31,
      issue: (op) => this.arrive(op, device, 0),
      issueFlush: (like) => {
        ops.kind[flushRequest] = FLUSH;
        ops.flags[flushRequest] = 0;
        ops.tries[flushRequest] = 0;
        ops.step[flushRequest] = 0;
        ops.device[flushRequest] = device;
        ops.offset[flushRequest] = 0;
        ops.length[flushRequest] = 0;
        ops.cpu[flushRequest] = ops.cpu[like]!;
        ops.cgroup[flushRequest] = ops.cgroup[like]!;
        ops.submitter[flushRequest] = ops.submitter[like]!;
        this.arrive(flushRequest, device, 0);
      },
      end: (op, result) => {
        if (result < 0) ops.result[op] = result;
        // Its data never began: an earlier step failed.
        if (ops.st[op] === 0) {
          ops.co[op] = 0;
          ops.worker[op] = NO_QUEUE;
        }
        if (ops.kind[op] === FLUSH) {
          ops.result[op] = result;
          ops.queue[op] = ops.queue[flushRequest]!;
          ops.worker[op] = ops.worker[flushRequest]!;
          ops.go[op] = ops.go[flushRequest]!;
          ops.st[op] = ops.st[flushRequest]!;
          ops.co[op] = ops.co[flushRequest]!;
        }
        this.exits.acknowledge(op);
      },
    };
  }

  private view(stage: number, device: number, base: number): Gate {
    const { parkedNext, parkedEnds, marks, policy, sizes, ops } = this.shared;
    const tagBase = stage * sizes.tags;
    const head = 2 * (stage * sizes.devices + device);
    return {
      ops,
      load: (word) => policy[base + word]!,
      store: (word, value) => {
        policy[base + word] = value;
      },
      parked: () => parkedEnds[head]!,
      behind: (op) => parkedNext[tagBase + op]!,
      mark: (op) => marks[tagBase + op]!,
      setMark: (op, value) => {
        marks[tagBase + op] = value;
      },
      release: (op = parkedEnds[head]!) => {
        this.unpark(op, device, stage);
        this.arrive(op, device, stage + 1);
      },
      skip: (op, result = 0) => {
        this.unpark(op, device, stage);
        this.skipped(op, result);
      },
    };
  }
}

/** The policies that hold anything back: `pass-through` keeps nothing in mind, and costs no stage. */
export function stagesOf(policies: readonly GatePolicy[]): GatePolicy[] {
  return policies.filter((policy) => policy.words !== 0);
}

/** Instances of a front on each device. */
export function instancesOf(front: Front | undefined, cpus: number): number {
  if (front === undefined) return 0;
  return front.perQueue ? cpus : 1;
}

/** Words per device that a policy asks for. */
export function wordsOf(policy: GatePolicy, tags: number): number {
  return typeof policy.words === 'number' ? policy.words : policy.words(tags);
}

/** Operations parked at a device, all stages together, oldest first: for the dump of a stalled trial. */
export function parkedAt(shared: Shared, device: number, limit: number): OpId[] {
  const found: OpId[] = [];
  for (let stage = 0; stage < shared.sizes.stages; stage++) {
    let op = shared.parkedEnds[2 * (stage * shared.sizes.devices + device)]!;
    while (op !== NONE && found.length < limit) {
      found.push(op);
      op = shared.parkedNext[stage * shared.sizes.tags + op]!;
    }
  }
  return found;
}
