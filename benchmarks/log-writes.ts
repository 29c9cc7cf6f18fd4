/**
 * A trial's writes as a dm-log-writes log: first what the device's file holds before the trial, up to a flush and the mark `start`; then the
 * trial in the order of ordering/log-writes.ts. The data of a write is made again from its stamps.
 */
import { closeSync, openSync, readSync } from 'node:fs';
import { InputError } from '../datasets/errors.ts';
import { LOG_DISCARD, LOG_FLUSH, LOG_FUA, type LogWriter } from '../datasets/formats/dm-log-writes.ts';
import { stamp } from '../engine/stamps.ts';
import type { World } from '../ordering/check.ts';
import { DISCARD, DSYNC, type History, WRITE, WRITE_ZEROES } from '../ordering/history.ts';
import { logOrder } from '../ordering/log-writes.ts';
import type { Companion } from './companion.ts';

/** A log is longer by one sector for each entry than what it replays; what goes beyond this is left out, and said. */
export const MOST_LOG_BYTES = 4 * 2 ** 30;
const CHUNK = 1 << 20;

export interface LoggedWrites {
  /** Entries of the trial that were logged, and those that there were. */
  logged: number;
  of: number;
  flushes: number;
}

/** Logs one device of the next trial; `done` is told of it. */
export function logWrites(log: LogWriter, device: number, done: (logged: LoggedWrites) => void): Companion {
  let trial = 0;
  return {
    async accompany(at, over) {
      trial = at.trial;
      const file = at.files[device];
      if (file === undefined) {
        throw new InputError(`no device ${device}: the workload has devices 0 to ${at.files.length - 1}`);
      }
      if (at.cipher !== undefined) {
        throw new InputError(
          'the design encrypts, and a log is made of what was written in the clear: choose another',
        );
      }
      copyBefore(log, file.path, file.bytes);
      // The trial ends when its companion does.
      if (!over.aborted)
        await new Promise((resolve) => over.addEventListener('abort', resolve, { once: true }));
    },
    judge(record, history, world) {
      if (record.failure === undefined) done(writeTrial(log, history, world, device, trial));
    },
  };
}

function copyBefore(log: LogWriter, path: string, bytes: number): void {
  const fd = openSync(path, 'r');
  try {
    const chunk = Buffer.alloc(CHUNK);
    let fits = true;
    for (let at = 0; at < bytes && fits; ) {
      const read = readSync(fd, chunk, 0, Math.min(CHUNK, bytes - at), at);
      if (read === 0) throw new Error(`${path} ends at ${at} of ${bytes} bytes`);
      fits = log.put(0, at, read, chunk.subarray(0, read));
      at += read;
    }
    if (fits && log.put(LOG_FLUSH, 0, 0) && log.mark('start')) return;
  } finally {
    closeSync(fd);
  }
  throw new InputError(`a log of writes has at most ${MOST_LOG_BYTES / 2 ** 30} GiB: make size= smaller`);
}

function writeTrial(
  log: LogWriter,
  history: History,
  world: World,
  device: number,
  trial: number,
): LoggedWrites {
  const rows = logOrder(history, world, device);
  const data = new Uint32Array((0xffff * world.unitBytes) / 4);
  let logged = 0;
  let flushes = 0;
  for (const row of rows) {
    const kind = history.kind[row]!;
    const bytes = history.units[row]! * world.unitBytes;
    const offset = history.unit[row]! * world.unitBytes;
    let fits: boolean;
    if (kind === DISCARD) {
      fits = log.put(LOG_DISCARD, offset, bytes);
    } else if (kind === WRITE || kind === WRITE_ZEROES) {
      const words = data.subarray(0, bytes / 4).fill(0);
      if (kind === WRITE) stamp(words, 0, bytes, offset, trial, history.device[row]!, row + 1);
      const fua = (history.flags[row]! & DSYNC) !== 0 ? LOG_FUA : 0;
      fits = log.put(fua, offset, bytes, new Uint8Array(data.buffer, 0, bytes));
    } else {
      fits = log.put(LOG_FLUSH, 0, 0);
      if (fits) flushes++;
    }
    if (!fits) break;
    logged++;
  }
  return { logged, of: rows.length, flushes };
}
