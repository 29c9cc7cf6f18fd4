/**
 * The disk under the workers: files of units, each of which holds the version of the write that was last done there, and
 * the I/Os in flight. An I/O is done all at once, at the moment that the schedule chooses, between the beginning and the
 * return of its call, so I/Os in flight are done in any order, as by NCQ.
 *
 * It has a volatile cache. A write is in the cache when it is done, a FLUSH puts what its file has there on the medium, and a
 * write that goes through is on the medium when it is done. `crash` draws what a loss of power would leave at that moment.
 * A run goes on as if nothing had happened: it may be asked as often as one likes.
 */
import {
  crashDraw,
  LANDED,
  type Preset,
  pageFate,
  SECTOR_BYTES,
  sectorLands,
  TORN,
} from '../../ordering/crash/odds.ts';
import { FLUSH, isMod, READ, SEEN_FOREIGN, SEEN_ZEROES, WRITE } from '../../ordering/history.ts';
import { UNIT_BYTES } from './program.ts';

const IDLE = 0;
const IN_FLIGHT = 1;
const DONE = 2;

const EIO = 5;
const EBADF = 9;

/** Where the disk fails, in the order of what it does: see Program. */
export interface Faults {
  shortTransfer?: number | undefined;
  failedFsync?: number | undefined;
}

interface File {
  device: number;
  /** By unit: the version that it holds; a unit that is not here holds version 0. */
  held: Map<number, number>;
  /** By unit: the version on the medium; the same. */
  medium: Map<number, number>;
  /** What was done and is not on the medium, the oldest first. */
  cache: Cached[];
}

/** A version in the cache, and the units that it would put on the medium. */
interface Cached {
  version: number;
  units: Set<number>;
}

/** What a crash leaves of a file: by unit that was ever written, the version in each of its sectors. */
export type Image = Map<number, number[]>;

/** All of a unit has one version, and a sector of it is what lands whole or not at all. */
const SECTORS = UNIT_BYTES / SECTOR_BYTES;

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
  /** On the medium when it is done. */
  through: boolean;
  result: number;
  /** Of a READ: what it saw, unit by unit, all of its calls together. */
  seen: number[];
}

type Io = Omit<Call, 'state' | 'result' | 'seen'>;

export class Disk {
  readonly calls: Call[];
  /** By descriptor, the lowest free one first, as open(2) gives them. */
  private readonly files: (File | undefined)[] = [];
  /** By version that was written: the device that it was meant for. */
  private readonly meantFor = new Map<number, number>();
  private readonly faults: Faults;
  private transfers = 0;
  private fsyncs = 0;

  /** By call that was left: who wants to know when it ends. */
  private readonly left = new Map<number, () => void>();

  /** `calls`: I/Os that may be in flight at one time, one for each tag, and behind them some to be left. */
  constructor(calls: number, faults: Faults = {}) {
    this.faults = faults;
    this.calls = Array.from({ length: calls }, () => ({
      state: IDLE,
      kind: 0,
      descriptor: -1,
      unit: 0,
      units: 0,
      device: 0,
      version: 0,
      through: false,
      result: 0,
      seen: [],
    }));
  }

  /** Opens the file of a device; the same contents whenever it is the same device's. */
  open(device: number): number {
    const free = this.files.indexOf(undefined);
    const descriptor = free === -1 ? this.files.length : free;
    this.files[descriptor] = { device, held: new Map(), medium: new Map(), cache: [] };
    return descriptor;
  }

  close(descriptor: number): void {
    this.files[descriptor] = undefined;
  }

  /** `onwards`: the rest of a transfer that was short. */
  begin(call: number, io: Io, onwards = false): void {
    const { seen } = this.calls[call]!;
    Object.assign(this.calls[call]!, io, { state: IN_FLIGHT, result: 0, seen: onwards ? seen : [] });
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
    const ended = this.left.get(call);
    if (ended === undefined) return;
    io.state = IDLE;
    this.left.delete(call);
    ended();
  }

  /** An I/O in flight gives its call back and goes on in a spare one, as nobody waits for it any more. */
  leave(call: number, ended: () => void): void {
    const spare = this.calls.findLastIndex(({ state }) => state === IDLE);
    Object.assign(this.calls[spare]!, this.calls[call]!);
    this.calls[call]!.state = IDLE;
    this.left.set(spare, ended);
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

  /**
   * What a file holds if the power goes now. Of what is in the cache each page lands, or does not, or is torn, as the preset's
   * odds have it; so does what is in flight, behind what is in the cache.
   */
  crash(descriptor: number, preset: Preset, random: () => number): Image {
    const file = this.files[descriptor]!;
    const draw = crashDraw(preset, random);
    const image: Image = new Map();
    const under = this.calls.filter(
      (io) => io.state === IN_FLIGHT && io.descriptor === descriptor && isMod(io.kind),
    );
    const unsafe = [...file.cache, ...under.map((io) => ({ version: versionOf(io), units: unitsOf(io) }))];
    for (const unit of [...file.held.keys(), ...unsafe.flatMap(({ units }) => [...units])])
      image.set(unit, new Array<number>(SECTORS).fill(file.medium.get(unit) ?? 0));
    for (const { version, units } of unsafe) {
      for (const unit of units) {
        const fate = pageFate(preset, draw, random);
        const sectors = image.get(unit)!;
        for (let i = 0; i < SECTORS; i++)
          if (fate === LANDED || (fate === TORN && sectorLands(draw, random))) sectors[i] = version;
      }
    }
    return image;
  }

  private execute(io: Call): number {
    const file = this.files[io.descriptor];
    if (file === undefined) return -EBADF;
    if (io.kind === FLUSH) return this.fsync(file);
    const units = this.unitsMoved(io);
    if (io.kind === READ) {
      for (let i = 0; i < units; i++) io.seen.push(this.holds(io.descriptor, io.unit + i, io.device));
      return units * UNIT_BYTES;
    }
    if (!isMod(io.kind)) throw new Error(`the disk knows no operation of kind ${io.kind}`);
    if (io.kind === WRITE) this.meantFor.set(io.version, io.device);
    const version = versionOf(io);
    const moved = unitsOf(io, units);
    for (const unit of moved) file.held.set(unit, version);
    if (io.through) {
      for (const unit of moved) file.medium.set(unit, version);
      // What was there before it can't come back.
      for (const cached of file.cache) for (const unit of moved) cached.units.delete(unit);
    } else file.cache.push({ version, units: moved });
    return units * UNIT_BYTES;
  }

  /** One that fails leaves all in the cache, as a file system does that keeps its pages dirty. */
  private fsync(file: File): number {
    if (this.fsyncs++ === this.faults.failedFsync) return -EIO;
    for (const { version, units } of file.cache) for (const unit of units) file.medium.set(unit, version);
    file.cache = [];
    return 0;
  }

  /** A transfer of a single unit is never short: it would be torn, and fallocate does all or nothing. */
  private unitsMoved({ kind, units }: Call): number {
    if ((kind !== READ && kind !== WRITE) || units < 2) return units;
    return this.transfers++ === this.faults.shortTransfer ? 1 : units;
  }
}

/** What a mod leaves in its units. */
function versionOf({ kind, version }: Call): number {
  return kind === WRITE ? version : SEEN_ZEROES;
}

function unitsOf({ unit, units }: Call, moved = units): Set<number> {
  return new Set(Array.from({ length: moved }, (_, i) => unit + i));
}
