/**
 * After a trial the harness reads a part of what was written, through the same descriptors, and notes the reads as one more
 * submitter of the history: so `integrity` is put to the test also where a workload never reads what it wrote.
 */
import type { Workload } from '../datasets/workload.ts';
import { now } from '../engine/clock.ts';
import type { SectorCipher } from '../engine/crypt.ts';
import { type Mapping, pread, viewOf } from '../engine/libc.ts';
import { versionOf } from '../engine/stamps.ts';
import { type History, NO_QUEUE, READ, WRITE } from '../ordering/history.ts';
import { READ_BACK } from './plan.ts';

/** Reads the first unit of up to READ_BACK writes, spread evenly over the history, each unit once. `cipher`: of an encrypted file. */
export function readBack(
  history: History,
  workload: Workload,
  files: readonly number[],
  data: Mapping,
  base: number,
  trial: number,
  cipher?: SectorCipher,
): void {
  const reader = workload.jobs.length;
  const first = reader * history.rowsEach;
  const words = new Uint32Array(viewOf(data));
  const { unitBytes } = workload;
  let written = 0;
  for (let s = 0; s < reader; s++) written += history.count[s]!;
  const step = Math.max(1, Math.ceil(written / READ_BACK));
  const done = new Set<number>();
  let row = first;
  for (let s = 0; s < reader; s++) {
    for (let at = s * history.rowsEach; at < s * history.rowsEach + history.count[s]!; at += step) {
      if (history.kind[at] !== WRITE || row - first >= READ_BACK) continue;
      const device = history.device[at]!;
      const unit = history.unit[at]!;
      const key = device * 2 ** 32 + unit;
      if (done.has(key)) continue;
      done.add(key);
      const offset = unit * unitBytes;
      const begun = now();
      const result = pread(files[device]!, data.address, unitBytes, offset);
      const ended = now();
      cipher?.decrypt(words, 0, unitBytes, offset);
      history.kind[row] = READ;
      history.device[row] = device;
      history.unit[row] = unit;
      history.units[row] = 1;
      history.result[row] = result;
      history.queue[row] = NO_QUEUE;
      history.worker[row] = NO_QUEUE;
      history.sb[row] = begun;
      history.se[row] = begun;
      history.st[row] = begun;
      history.co[row] = ended;
      history.ak[row] = ended;
      history.seenAt[row] = reader * history.seenEach + (row - first);
      history.seen[history.seenAt[row]!] = versionOf(words, 0, unitBytes, offset, base, trial, device);
      row++;
    }
  }
  history.count[reader] = row - first;
}
