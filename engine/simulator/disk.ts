/**
 * The disk under the workers: files of units, each of which holds the version of the write that was last done there, and
 * the I/Os in flight. An I/O is done all at once, at the moment that the schedule chooses, between the beginning and the
 * return of its call. What survives a crash is not its business: crash states are made from the history.
 */
import {
  DISCARD,
  FLUSH,
  READ,
  SEEN_FOREIGN,
  SEEN_ZEROES,
  WRITE,
  WRITE_ZEROES,
} from '../../ordering/history.ts';
import { UNIT_BYTES } from './program.ts';

const IDLE = 0;
const IN_FLIGHT = 1;
const DONE = 2;

const EBADF = 9;

interface File {
  device: number;
  /** By unit: the version that it holds; a unit that is not here holds version 0. */
  held: Map<number, number>;
}

/** One call, in flight or done. */
interface Call {
  state: typeof IDLE | typeof IN_FLIGHT | typeof DONE;
  kind: number;
  descriptor: number;
  unit: number;
  units: number;
  /** The device whose data a WRITE carries, and its version. */
  device: number;
  version: number;
  result: number;
  /** Of a READ: what it saw, unit by unit. */
  seen: number[];
}

export class Disk {
  readonly calls: Call[];
  /** By descriptor, the lowest free one first, as open(2) gives them. */
  private readonly files: (File | undefined)[] = [];
  /** By version that was written: the device that it was meant for. */
  private readonly meantFor = new Map<number, number>();

  /** `calls`: I/Os that may be in flight at one time, one for each tag. */
  constructor(calls: number) {
    this.calls = Array.from({ length: calls }, () => ({
      state: IDLE,
      kind: 0,
      descriptor: -1,
      unit: 0,
      units: 0,
      device: 0,
      version: 0,
      result: 0,
      seen: [],
    }));
  }

  /** Opens the file of a device; the same contents whenever it is the same device's. */
  open(device: number): number {
    const free = this.files.indexOf(undefined);
    const descriptor = free === -1 ? this.files.length : free;
    this.files[descriptor] = { device, held: new Map() };
    return descriptor;
  }

  close(descriptor: number): void {
    this.files[descriptor] = undefined;
  }

  begin(call: number, io: Pick<Call, 'kind' | 'descriptor' | 'unit' | 'units' | 'device' | 'version'>): void {
    Object.assign(this.calls[call]!, io, { state: IN_FLIGHT, result: 0, seen: [] });
  }

  inFlight(call: number): boolean {
    return this.calls[call]!.state === IN_FLIGHT;
  }

  /** True while another call is in flight on the same file. */
  isBusy(descriptor: number, call: number): boolean {
    return this.calls.some((io, i) => i !== call && io.state === IN_FLIGHT && io.descriptor === descriptor);
  }

  isDone(call: number): boolean {
    return this.calls[call]!.state === DONE;
  }

  /** Does the I/O. */
  finish(call: number): void {
    const io = this.calls[call]!;
    io.state = DONE;
    io.result = this.execute(io);
  }

  /** Takes the completion of a call: bytes, 0 for a FLUSH, or -errno. */
  take(call: number): number {
    this.calls[call]!.state = IDLE;
    return this.calls[call]!.result;
  }

  /** What a unit of a device's file holds, for whoever reads it after all is over. */
  holds(descriptor: number, unit: number, device: number): number {
    const version = this.files[descriptor]?.held.get(unit) ?? 0;
    return (this.meantFor.get(version) ?? device) === device ? version : SEEN_FOREIGN;
  }

  private execute(io: Call): number {
    const file = this.files[io.descriptor];
    if (file === undefined) return -EBADF;
    if (io.kind === FLUSH) return 0;
    if (io.kind === READ) {
      io.seen = Array.from({ length: io.units }, (_, i) => this.holds(io.descriptor, io.unit + i, io.device));
      return io.units * UNIT_BYTES;
    }
    const zeroes = io.kind === DISCARD || io.kind === WRITE_ZEROES;
    if (!zeroes && io.kind !== WRITE) throw new Error(`the disk knows no operation of kind ${io.kind}`);
    if (!zeroes) this.meantFor.set(io.version, io.device);
    for (let i = 0; i < io.units; i++) file.held.set(io.unit + i, zeroes ? SEEN_ZEROES : io.version);
    return io.units * UNIT_BYTES;
  }
}
