/** A/A: a design beside itself, under a second name, so that whatever differs between the two is the machine's doing. */
import { namedAt } from './compare/gate.ts';
import type { Design } from './designs.ts';

const ITSELF = 'itself';

export function itself(design: Design): Design {
  return { ...design, name: nameOfItself(design.name) };
}

/** `n-wq:4@itself`. */
export function nameOfItself(design: string): string {
  return namedAt(design, ITSELF);
}
