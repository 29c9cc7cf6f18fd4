/**
 * What a planted bug is: a sound design with one mistake in one of its parts, and the rules that the mistake breaks. The checker has
 * to reject it by one of these names, and by no other: planted.test.ts and `npm run detection` hold it to that.
 */
import { parseDesign } from '../../benchmarks/designs.ts';
import type { Subject } from '../../benchmarks/search/search.ts';
import { ENGINE, type SimulatedDesign } from '../../engine/simulator/simulation.ts';
import type { Cast } from '../../engine/simulator/world.ts';
import { CONTRACTS, type Contract } from '../../ordering/contracts.ts';

export interface Planted extends Subject {
  breaks: readonly Contract[];
}

interface Plan {
  name: string;
  breaks: readonly Contract[];
  /** The sound design that the mistake is made in. */
  on: string;
  parts?: Partial<SimulatedDesign>;
  cast?: Partial<Cast>;
}

export function plant({ name, breaks, on, parts = {}, cast = {} }: Plan): Planted {
  const { crew, claims } = parseDesign(on);
  const design = { ...crew!, parameter: crew!.ref.parameter, ...parts };
  const { flush, order, front } = parts;
  const claimed = [flush, order, front].flatMap((part) => part?.claims ?? []);
  return {
    name,
    breaks,
    design,
    claims: CONTRACTS.filter((contract) => [...claims, ...claimed].includes(contract)),
    cast: { ...ENGINE, ...cast },
  };
}
