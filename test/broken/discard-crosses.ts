/**
 * A range lock that knows READ and WRITE alone: a DISCARD goes straight through, and crosses a write of the same blocks.
 *
 * Source: DISCARD is a request with a range and no data, and whoever tells writes by their data forgets it; loop's own
 * lo_fallocate() runs beside the writes of the other workers.
 */
import { rangeLock } from '../../strategies/order/range-lock.ts';
import { GO } from '../../strategies/types.ts';
import { plant } from './planted.ts';

const DISCARD = 3;

export const discardCrosses = plant({
  name: 'discard-crosses',
  breaks: ['dependent'],
  on: 'n-wq:2+none+range-lock',
  parts: {
    order: {
      ...rangeLock,
      submit: (op, gate) => (gate.ops.kind[op] === DISCARD ? GO : rangeLock.submit(op, gate)),
      settle(op, gate, result) {
        if (gate.ops.kind[op] !== DISCARD) rangeLock.settle(op, gate, result);
      },
    },
  },
});
