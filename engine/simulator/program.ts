/** What the simulator runs: a handful of operations, who submits them, and what each waits for. */

export interface Operation {
  /** The submitter; its operations are submitted in the order in which they stand here. */
  submitter: number;
  /** READ, WRITE, FLUSH, DISCARD or WRITE_ZEROES of ordering/history.ts. */
  kind: number;
  /** Of a WRITE: FUA, PREFLUSH. */
  flags?: number;
  /** The CPU that it is submitted on, where that is not its submitter's own: threads of a file system move about. */
  cpu?: number;
  device: number;
  /** First unit and the number of units; 0 of a FLUSH. */
  unit: number;
  units: number;
  /** Operations, by their place here, that have to be acknowledged before this one is submitted. */
  after: readonly number[];
}

export interface Program {
  operations: readonly Operation[];
  submitters: number;
  devices: number;
  /** CPUs of the machine, an even number of which each of two sockets has half; as many as submitters, if not said. */
  cpus?: number;
  /** Operations that a submitter may have outstanding. */
  depth: number;
  /** `sync`: a worker blocks in its I/O. `uring`: it submits and goes on, and only an fsync blocks. */
  backend: 'sync' | 'uring';
  /**
   * One device's file is closed while operations are under way, and a new device's is opened, which may get the same
   * descriptor; undefined where none is. The new device is the last one, which until then has no file.
   */
  replaced?: number;
  /** Each device's file is served by another device, of a number behind all of these: see stacked.ts. For `sync` alone. */
  stacked?: boolean;
  /** The READ or WRITE call of several units, counted from 0 in the order in which the disk does them, that moves only one. */
  shortTransfer?: number;
  /** The fsync, counted in the same way, that fails with EIO. */
  failedFsync?: number;
}

export const UNIT_BYTES = 4096;
/** The units of a device's file. */
export const UNITS = 1024;
