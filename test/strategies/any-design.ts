/**
 * A design that is any of them, so that the threads of one crew try them all: starting threads for each takes minutes. The
 * strategy looks up its number in the topology's cgroups, which no strategy asks for, and the policies then speak
 * for those of that design. So a design is tried before the next one is opened.
 */
import { headOf, variantsOf } from '../../benchmarks/designs.ts';
import {
  FRONTS,
  ORDER_POLICIES as ORDERS,
  FLUSH_POLICIES as POLICIES,
  STRATEGIES as REAL,
} from '../../strategies/index.ts';
import { type GatePolicy, GO, type Strategy } from '../../strategies/types.ts';

export { FRONTS };

interface Case {
  strategy: Strategy;
  parameter: number;
  flush: GatePolicy;
  order: GatePolicy | undefined;
  /** What it is called on the command line, without a front. */
  name: string;
}

/** Every strategy with every variant that it has, or a small number, and with every policy. */
export const CASES: readonly Case[] = REAL.flatMap((strategy) => {
  const { parameter } = strategy;
  const small = parameter !== undefined && !parameter.choices && !parameter.flags;
  return (small ? [2] : variantsOf(strategy)).flatMap((value) => {
    const head = headOf(strategy, value);
    return POLICIES.flatMap((flush) =>
      [undefined, ...ORDERS].map((order) => {
        const name = [head, flush.name, order?.name ?? 'none'].join('+');
        return { strategy, parameter: value, flush, order, name };
      }),
    );
  });
});

const SAYS = { summary: 'any of them', source: 'test/strategies/any-design.ts', claims: [] };
let now: Case = CASES[0]!;

export const STRATEGIES: readonly Strategy[] = [
  {
    name: 'any',
    ...SAYS,
    open(_parameter, topology) {
      now = CASES[topology.cgroups]!;
      return now.strategy.open(now.parameter, topology);
    },
  },
];

/** The policy that `real` finds in the design at hand; where there is none, one that lets all pass. */
const any = (real: () => GatePolicy | undefined): GatePolicy => ({
  name: 'any',
  ...SAYS,
  get words() {
    return real()?.words ?? 0;
  },
  get label() {
    return real()?.label as NonNullable<GatePolicy['label']>;
  },
  submit: (op, gate) => real()?.submit(op, gate) ?? GO,
  settle: (op, gate, result) => real()?.settle(op, gate, result),
});

export const FLUSH_POLICIES: readonly GatePolicy[] = [any(() => now.flush)];
export const ORDER_POLICIES: readonly GatePolicy[] = [any(() => now.order)];
