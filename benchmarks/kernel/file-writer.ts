/**
 * A thread that makes, renames and unlinks small files in a folder of its own, waits for each step as a careful program does
 * (fsync of the file, fsync of the folder), and notes when. A name is used once. Ends when it is told to, and then tells all.
 */
import { closeSync, fsyncSync, openSync, renameSync, unlinkSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { parentPort, workerData } from 'node:worker_threads';
import { now } from '../../engine/clock.ts';
import { ABSENT, type Step } from '../../ordering/files/check.ts';
import { seededRandom } from '../statistics/seeded-random.ts';
import { contentOf, MOST_WORDS } from './content.ts';

export interface WriterTask {
  folder: string;
  /** Before each name, and in each content. */
  index: number;
  seed: number;
  /** Word 0 is 1 when the writer has to end. */
  stop: SharedArrayBuffer;
  /** False has it claim what it did not wait for: what that loses must be found. */
  waits: boolean;
}

/** Files that a writer has at a time. */
const MOST_FILES = 32;
const IDS_EACH = 2 ** 24;

function write({ folder, index, seed, stop, waits }: WriterTask): Step[] {
  const stopped = new Int32Array(stop);
  const random = seededRandom(seed);
  const below = (n: number): number => Math.floor(random() * n);
  const directory = openSync(folder, 'r');
  const steps: Step[] = [];
  const living: { name: string; state: number }[] = [];
  const sync = (fd: number): number => {
    if (waits) fsyncSync(fd);
    return now();
  };
  const create = (name: string, state: number): void => {
    const begun = now();
    const fd = openSync(join(folder, name), 'wx');
    writeSync(fd, contentOf(state, 1 + below(MOST_WORDS)));
    steps.push({ name: nameOf(name), state, begun, durable: sync(fd), partial: true });
    closeSync(fd);
    living.push({ name, state });
  };
  const rename = (from: { name: string; state: number }, name: string): void => {
    const begun = now();
    renameSync(join(folder, from.name), join(folder, name));
    const durable = sync(directory);
    const [old, fresh] = [nameOf(from.name), nameOf(name)];
    steps.push({ name: old, state: ABSENT, begun, durable, other: fresh });
    steps.push({ name: fresh, state: from.state, begun, durable, other: old });
    living.push({ name, state: from.state });
  };
  const unlink = ({ name }: { name: string }): void => {
    const begun = now();
    unlinkSync(join(folder, name));
    steps.push({ name: nameOf(name), state: ABSENT, begun, durable: sync(directory) });
  };
  const nameOf = (name: string): string => `${index}/${name}`;

  for (let n = 1; Atomics.load(stopped, 0) === 0; n++) {
    const what = random();
    if (living.length < 2 || (what < 0.5 && living.length < MOST_FILES))
      create(`f${n}`, index * IDS_EACH + n);
    else {
      const [chosen] = living.splice(below(living.length), 1);
      if (what < 0.7) rename(chosen!, `r${n}`);
      else unlink(chosen!);
    }
  }
  closeSync(directory);
  return steps;
}

parentPort?.postMessage(write(workerData as WriterTask));
