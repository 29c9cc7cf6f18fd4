/**
 * A range lock that looks at what is in flight and not at who waits: exclusion, and no order. A later write of the same block slips
 * past an earlier one that waits for somebody else.
 *
 * Source: why the thread's 2a asks for ordering of *dependent* I/Os; lib/range locks without a queue have this hole.
 */
import { rangeLock } from '../../strategies/order/range-lock.ts';
import { NONE } from '../../strategies/types.ts';
import { plant } from './planted.ts';

export const unfairRangeLock = plant({
  name: 'unfair-range-lock',
  breaks: ['dependent'],
  on: 'n-wq:2+none+range-lock',
  parts: {
    order: {
      ...rangeLock,
      submit: (op, gate) => rangeLock.submit(op, { ...gate, parked: () => NONE }),
    },
  },
});
