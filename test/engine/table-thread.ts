/** A reader of the dispatch table, for table.test.ts. Up to three of its read sections overlap. */
import { parentPort, workerData } from 'node:worker_threads';
import { enter, leave, type Rcu } from '../../engine/rcu.ts';
import { tableBase } from '../../engine/table.ts';

export interface TableTask {
  words: Int32Array;
  slots: number;
  rcu: Rcu;
  reader: number;
  stop: Int32Array;
}

interface Section {
  index: number;
  base: number;
  generation: number;
}

const OVERLAP = 3;
const task = workerData as TableTask;
parentPort!.postMessage('ready');
parentPort!.postMessage(readTables() ?? 'one table at a time');

function readTables(): string | undefined {
  const { rcu, reader, stop } = task;
  const open: Section[] = [];
  let trouble: string | undefined;
  while (Atomics.load(stop, 0) === 0 && trouble === undefined) {
    open.push(read());
    trouble = check(open);
    if (open.length === OVERLAP) leave(rcu, reader, open.shift()!.index);
  }
  // Left in any case, or the publisher would wait for ever.
  for (const section of open) leave(rcu, reader, section.index);
  return trouble;
}

function read(): Section {
  const index = enter(task.rcu, task.reader);
  const base = tableBase(task.words, task.slots);
  return { index, base, generation: task.words[base] };
}

function check(open: readonly Section[]): string | undefined {
  let latest = 0;
  for (const { base, generation } of open) {
    if (generation < latest) return `generation ${generation} after ${latest}`;
    latest = generation;
    for (let slot = 0; slot < task.slots; slot++) {
      const found = task.words[base + slot];
      if (found !== generation) return `entry ${slot} is of ${found}, others of ${generation}`;
    }
  }
  return undefined;
}
