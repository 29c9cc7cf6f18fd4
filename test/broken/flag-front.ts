/** `blk-flush` that gets to know something else of an operation's flags than its submitter said. */
import { blkFlush } from '../../strategies/front/blk-flush.ts';
import type { Front } from '../../strategies/types.ts';

export function flagFront(name: string, changed: (flags: number) => number): Front {
  return {
    ...blkFlush,
    name,
    submit(op, gate) {
      gate.setFlags(op, changed(gate.ops.flags[op]!));
      blkFlush.submit(op, gate);
    },
  };
}
