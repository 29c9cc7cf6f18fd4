/** A runtime for strategies alone: given operations, queues that nothing was pushed into, a table that stays as it is, words that count. */
import { type Layout, NONE, type Runtime } from '../../strategies/types.ts';

export interface Operation {
  kind: number;
  cpu: number;
  device: number;
  cgroup: number;
  /** 0 unless it says otherwise. */
  tries?: number;
  /** 0 unless it says otherwise. */
  step?: number;
}

/** Operation i has row i. */
export function runtimeOf(operations: readonly Operation[], layout: Layout): Runtime {
  const words = new Int32Array(layout.words ?? 0);
  return {
    ops: {
      kind: Uint8Array.from(operations, ({ kind }) => kind),
      flags: new Uint8Array(operations.length),
      cpu: Uint16Array.from(operations, ({ cpu }) => cpu),
      device: Uint16Array.from(operations, ({ device }) => device),
      cgroup: Uint16Array.from(operations, ({ cgroup }) => cgroup),
      tries: Uint8Array.from(operations, ({ tries = 0 }) => tries),
      step: Uint8Array.from(operations, ({ step = 0 }) => step),
      offset: new Float64Array(operations.length),
      length: new Uint32Array(operations.length),
    },
    words: {
      load: (word) => words[word]!,
      add(word, value) {
        words[word]! += value;
      },
    },
    depth: () => 0,
    pop: () => NONE,
    table: (slot) => layout.table![slot],
    publish: () => true,
  };
}
