/** The names of all designs that can be made of what the catalogue lists. */
import { CATALOGUE, headOf, variantsOf } from '../designs.ts';

/** Each strategy with every variant that it has, or its usual number, behind each front and with each policy. */
export function everyDesign(): string[] {
  const { strategies, fronts, flushPolicies, orderPolicies } = CATALOGUE;
  return strategies.flatMap((strategy) => {
    const heads = variantsOf(strategy).map((value) => headOf(strategy, value));
    return ['none', ...fronts.map((front) => front.name)].flatMap((front) =>
      heads.flatMap((head) =>
        flushPolicies.flatMap((flush) =>
          ['none', ...orderPolicies.map((order) => order.name)].map(
            (order) => `${front}>${head}+${flush.name}+${order}`,
          ),
        ),
      ),
    );
  });
}
