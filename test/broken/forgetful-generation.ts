/**
 * A flush that has returned is taken to hold every generation there is by then, not those that it found when it began. A write that
 * completed while it ran is forgotten, and the next FLUSH skipped.
 *
 * Source: why QEMU's bdrv_co_flush() takes its snapshot of `write_gen` before the flush.
 */
import { generation } from '../../strategies/flush/generation.ts';
import { plant } from './planted.ts';

const WRITTEN = 0;
const FLUSH = 2;

export const forgetfulGeneration = plant({
  name: 'forgetful-generation',
  breaks: ['completed'],
  on: 'n-wq:2+generation',
  parts: {
    flush: {
      ...generation,
      settle(op, gate, result) {
        if (gate.ops.kind[op] === FLUSH) gate.setMark(op, gate.load(WRITTEN));
        generation.settle(op, gate, result);
      },
    },
  },
});
