/** What ships, and a strategy that is slow on purpose by a known amount: what `npm run bench:power` has to find. */
import * as shipped from '../../strategies/index.ts';
import type { Strategy } from '../../strategies/types.ts';

const inline = shipped.STRATEGIES.find(({ name }) => name === 'inline')!;

/** `inline` whose route takes so many turns of a loop more: nobody waits for anybody, so the time of an operation grows by just that. */
export const slowed: Strategy = {
  name: 'slowed',
  summary: 'inline, slower by a number of turns of a loop: planted, to be found',
  source: 'none: it stands for a regression',
  parameter: { name: 'turns', default: 0, least: 0, most: 65_536 },
  claims: ['integrity', 'completed', 'progress'],

  open(turns, topology) {
    const { layout, route } = inline.open(0, topology);
    let sink = 1;
    return {
      layout,
      route(op, rt) {
        // Each turn needs the one before, and the next call the last one: no compiler leaves them out.
        for (let i = 0; i < turns; i++) sink = (Math.imul(sink, 1_664_525) + 1_013_904_223) | 0;
        return route(op, rt);
      },
    };
  },
};

export const STRATEGIES: readonly Strategy[] = [...shipped.STRATEGIES, slowed];
export const { FRONTS, FLUSH_POLICIES, ORDER_POLICIES } = shipped;
