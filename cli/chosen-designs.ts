/** The words of `--designs` to the rows of a run. */
import {
  allDesigns,
  type Catalogue,
  type Design,
  parseDesign,
  STANDARD_DESIGNS,
} from '../benchmarks/designs.ts';
import { InputError } from '../datasets/errors.ts';

/** The designs asked for, or the standard ones; the user's own strategies that no name asks for; the reference row. */
export function chosenDesigns(asked: readonly string[] | undefined, catalogue: Catalogue): Design[] {
  const names = asked?.flatMap((name) => (name === 'all' ? allDesigns() : [name]));
  const designs = (names ?? [...STANDARD_DESIGNS, 'kernel-loop']).map((text) => parseDesign(text, catalogue));
  const used = new Set(
    designs.flatMap(({ crew }) => [crew?.strategy.name, crew?.flush.name, crew?.order?.name]),
  );
  for (const [name, file] of catalogue.users ?? []) {
    if (used.has(name)) continue;
    if (!catalogue.strategies.some((strategy) => strategy.name === name)) {
      throw new InputError(
        `--design ${file}: no design has the policy '${name}'. Say --designs n-wq:4+${name}, for example`,
      );
    }
    designs.push(parseDesign(name, catalogue));
  }
  if (!designs.some((design) => design.name === 'raw')) designs.push(parseDesign('raw'));
  return designs;
}
