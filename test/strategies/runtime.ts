/** A runtime for strategies alone: given operations, queues without depth, a table that stays as it is. */
import type { Layout, Runtime } from '../../strategies/types.ts';

export interface Operation {
  kind: number;
  cpu: number;
  device: number;
  cgroup: number;
}

/** Operation i has row i. */
export function runtimeOf(operations: readonly Operation[], layout: Layout): Runtime {
  return {
    ops: {
      kind: Uint8Array.from(operations, ({ kind }) => kind),
      cpu: Uint16Array.from(operations, ({ cpu }) => cpu),
      device: Uint16Array.from(operations, ({ device }) => device),
      cgroup: Uint16Array.from(operations, ({ cgroup }) => cgroup),
      offset: new Float64Array(operations.length),
      length: new Uint32Array(operations.length),
    },
    depth: () => 0,
    table: (slot) => layout.table![slot],
    publish: () => true,
  };
}
