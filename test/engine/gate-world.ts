/**
 * A gate with a backend played by hand. It follows every operation and notes whatever breaks a rule. The rules are those
 * of `quiesce`, in words of the contracts; the last one says that nothing waits without a reason, so that an operation
 * that nobody would ever release is found at once.
 */
import { type GateExits, Gates, parkedAt, wordsOf } from '../../engine/gate.ts';
import { allocate, attach, reset, type Shared } from '../../engine/shared.ts';
import { FLUSH, READ } from '../../ordering/history.ts';
import type { GatePolicy, OpId } from '../../strategies/types.ts';

export interface Setting {
  policies: readonly GatePolicy[];
  devices?: number;
  tags?: number;
  /** Threads that submit and settle, each with gates of its own over the one shared memory. */
  threads?: number;
  /** What a thread takes for the shared memory: the place to plant a bug of the gate itself. */
  seenBy?: (shared: Shared) => Shared;
  /** True when a policy lets one operation of a device execute at a time. */
  serial?: boolean;
  /** False for pass-through: a FLUSH waits for nothing. */
  flushWaits?: boolean;
}

interface Followed {
  kind: number;
  device: number;
  /** Settles from inside its dispatch, as with the null backend. */
  inline: boolean;
  /** Logical times; those of what has not happened are Infinity. */
  began: number;
  ended: number;
  dispatched: number;
  settled: number;
}

export class GateWorld {
  readonly shared: Shared;
  readonly troubles: string[] = [];
  private readonly gates: Gates[];
  private readonly setting: Setting;
  /** By tag, from its submission to its acknowledgement. */
  private readonly byTag: (Followed | undefined)[];
  private clock = 0;
  private thread = 0;

  constructor(setting: Setting) {
    this.setting = setting;
    const { policies, devices = 1, tags = 16, threads = 1, seenBy = (shared) => shared } = setting;
    this.shared = attach(
      allocate({
        submitters: 1,
        workers: 1,
        queues: 1,
        devices,
        tags,
        flushRequests: 0,
        stages: policies.length,
        policyWords: policies.reduce((sum, policy) => sum + wordsOf(policy, tags), 0),
        slots: 0,
        inline: 0,
        words: 0,
      }),
    );
    reset(this.shared, new Int32Array(devices), undefined);
    const exits: GateExits = {
      dispatch: (op) => this.dispatch(op),
      acknowledge: (op) => this.acknowledge(op),
      now: () => 0,
    };
    this.gates = Array.from({ length: threads }, () => new Gates(seenBy(this.shared), policies, exits));
    this.byTag = new Array(tags).fill(undefined);
  }

  /** False when there is no tag. */
  submit(thread: number, kind: number, device: number, inline = false): boolean {
    const op = this.byTag.indexOf(undefined);
    if (op === -1) return false;
    const followed: Followed = {
      kind,
      device,
      inline,
      began: this.clock++,
      ended: Infinity,
      dispatched: Infinity,
      settled: Infinity,
    };
    this.byTag[op] = followed;
    this.shared.ops.kind[op] = kind;
    this.shared.ops.device[op] = device;
    this.as(thread, () => this.gates[thread].submit(op));
    followed.ended = this.clock++;
    return true;
  }

  /** The backend returns the n-th operation that it has. False when it has none. */
  complete(thread: number, n: number): boolean {
    const inFlight = this.tags((o) => o.dispatched < Infinity && o.settled === Infinity);
    if (inFlight.length === 0) return false;
    this.settle(thread, inFlight[n % inFlight.length]);
    return true;
  }

  /** The backend returns all it has until it has nothing more. Then nothing may be left. */
  finish(): void {
    while (this.complete(0, 0)) this.nothingIdles();
    for (const op of this.tags(() => true)) this.trouble('lost', op);
    for (let device = 0; device < this.shared.sizes.devices; device++) {
      if (parkedAt(this.shared, device, 1).length > 0)
        this.troubles.push(`lost: device ${device} holds a parked one`);
    }
  }

  /**
   * While no thread is inside the gate: whatever is not dispatched waits for something that is in flight, or stands behind
   * one that does. Of operations that were submitted at the same time any may stand first.
   */
  nothingIdles(): void {
    for (let device = 0; device < this.shared.sizes.devices; device++) {
      const waiting = this.tags((o) => o.device === device && o.dispatched === Infinity);
      const first = waiting.filter((op) => !waiting.some((o) => precedes(this.byTag[o]!, this.byTag[op]!)));
      if (first.length > 0 && !first.some((op) => this.mustWait(this.byTag[op]!)))
        this.trouble('idle', first[0]);
    }
    for (const op of this.tags((o) => o.settled < Infinity)) this.trouble('unacknowledged', op);
  }

  private mustWait(it: Followed): boolean {
    const { serial = false, flushWaits = true } = this.setting;
    return this.others(it, (o) => o.dispatched < Infinity).some(
      (o) => serial || (flushWaits && (o.kind === FLUSH || (it.kind === FLUSH && o.kind !== READ))),
    );
  }

  private dispatch(op: OpId): void {
    const it = this.byTag[op];
    if (it === undefined || it.dispatched < Infinity) {
      this.trouble('twice', op);
      return;
    }
    const { serial = false, flushWaits = true } = this.setting;
    const inFlight = this.others(it, (o) => o.dispatched < Infinity);
    if (flushWaits) {
      if (inFlight.some((o) => o.kind === FLUSH)) this.trouble('alone', op);
      if (it.kind === FLUSH && inFlight.some((o) => o.kind !== READ)) this.trouble('alone', op);
      if (it.kind === FLUSH && this.others(it, (o) => o.kind !== READ && precedes(o, it)).length > 0) {
        this.trouble('submitted', op);
      }
      if (this.others(it, (o) => o.kind === FLUSH && precedes(o, it)).length > 0) this.trouble('barrier', op);
    }
    if (serial && inFlight.length > 0) this.trouble('serial', op);
    if (this.others(it, (o) => o.dispatched === Infinity && precedes(o, it)).length > 0)
      this.trouble('fifo', op);
    it.dispatched = this.clock++;
    if (it.inline) this.settle(this.thread, op);
  }

  private settle(thread: number, op: OpId): void {
    this.byTag[op]!.settled = this.clock++;
    this.as(thread, () => this.gates[thread].settle(op));
  }

  private acknowledge(op: OpId): void {
    const it = this.byTag[op];
    if (it === undefined || it.settled === Infinity) this.trouble('acknowledged unasked', op);
    this.byTag[op] = undefined;
  }

  /** Others of its device that have not settled. */
  private others(it: Followed, which: (o: Followed) => boolean): Followed[] {
    return this.byTag.filter(
      (o): o is Followed =>
        o !== undefined && o !== it && o.device === it.device && o.settled === Infinity && which(o),
    );
  }

  private tags(which: (o: Followed) => boolean): OpId[] {
    return this.byTag.flatMap((o, op) => (o !== undefined && which(o) ? [op] : []));
  }

  private as(thread: number, body: () => void): void {
    const before = this.thread;
    this.thread = thread;
    body();
    this.thread = before;
  }

  private trouble(rule: string, op: OpId): void {
    this.troubles.push(`${rule}: tag ${op}, kind ${this.byTag[op]?.kind}, device ${this.byTag[op]?.device}`);
  }
}

/** The submission of a ended before that of b began. */
function precedes(a: Followed, b: Followed): boolean {
  return a.ended < b.began;
}
